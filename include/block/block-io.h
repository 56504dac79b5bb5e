/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to nodes, with their context entered. */
#ifndef BLOCK_IO_H
#define BLOCK_IO_H

#include "block/aio.h"
#include "block/block-common.h"

typedef struct BlockDriverInfo {
    int cluster_size;               /* bytes in which the medium is allocated; 0: unknown */
    int64_t vm_state_offset;        /* of images with snapshots: none here, 0 */
    bool is_dirty;
    bool discard_zeroes;            /* what a discard has freed reads as zeroes */
} BlockDriverInfo;

/*
 * What is at offset: BDRV_BLOCK_... of the next *pnum bytes, at most `bytes`;
 * -errno. Waits, as blk_pread() does: on the way of a guest's request it is
 * BLOCK_OP_STATUS (block/request.h).
 */
int bdrv_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum,
                      int64_t *map, BlockDriverState **file);
int bdrv_get_info(BlockDriverState *bs, BlockDriverInfo *bdi);
int64_t bdrv_getlength(BlockDriverState *bs);
int64_t bdrv_nb_sectors(BlockDriverState *bs);
int64_t bdrv_get_allocated_file_size(BlockDriverState *bs);
bool bdrv_is_read_only(BlockDriverState *bs);
AioContext *bdrv_get_aio_context(BlockDriverState *bs);
const char *bdrv_get_node_name(const BlockDriverState *bs);
const char *bdrv_get_device_name(const BlockDriverState *bs);
const char *bdrv_get_device_or_node_name(const BlockDriverState *bs);
size_t bdrv_opt_mem_align(BlockDriverState *bs);
size_t bdrv_min_mem_align(BlockDriverState *bs);

#endif
