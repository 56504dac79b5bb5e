/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes of the block layer, for those who find and keep them. Main context. */
#ifndef BLOCK_GLOBAL_STATE_H
#define BLOCK_GLOBAL_STATE_H

#include "block/block-common.h"
#include "qapi/error.h"

void bdrv_ref(BlockDriverState *bs);
/* NULL is accepted. */
void bdrv_unref(BlockDriverState *bs);
/* A name of -drive, or a node-name; NULL is none of the two. NULL with errp set. */
BlockDriverState *bdrv_lookup_bs(const char *device, const char *node_name, Error **errp);
BlockDriverState *bdrv_find_node(const char *node_name);
/* ours: at exit, after devices: nodes that -blockdev and blockdev-add have made go. */
void bdrv_close_all(void);
/* ours: of -blockdev and blockdev-add, which need a node-name. */
struct BlockdevOptions;
bool blockdev_add(const struct BlockdevOptions *options, Error **errp);

#endif
