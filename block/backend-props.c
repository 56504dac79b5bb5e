/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device asks its block back end about the medium, and sets. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "block/block.h"
#include "qemu/memalign.h"

int64_t blk_getlength(BlockBackend *blk)
{
    return blk_is_available(blk) ? blk->bs->length : -ENOMEDIUM;
}

int64_t blk_nb_sectors(BlockBackend *blk)
{
    int64_t length = blk_getlength(blk);

    return length < 0 ? length : length >> BDRV_SECTOR_BITS;
}

void blk_get_geometry(BlockBackend *blk, uint64_t *nb_sectors_ptr)
{
    *nb_sectors_ptr = MAX(blk_nb_sectors(blk), 0);
}

bool blk_is_writable(BlockBackend *blk)
{
    return blk->perm & BLK_PERM_WRITE;
}

bool blk_enable_write_cache(BlockBackend *blk)
{
    return blk->write_cache;
}

void blk_set_enable_write_cache(BlockBackend *blk, bool wce)
{
    blk->write_cache = wce;
}

AioContext *blk_get_aio_context(BlockBackend *blk)
{
    return blk ? blk->ctx : aio_context_main();
}

BlockAcctStats *blk_get_stats(BlockBackend *blk)
{
    return &blk->stats;
}

uint32_t blk_get_request_alignment(BlockBackend *blk)
{
    return blk->bs ? blk->bs->limits.request_alignment : BDRV_SECTOR_SIZE;
}

void blk_get_io_sizes(BlockBackend *blk, uint32_t *min_io, uint32_t *opt_io)
{
    if (blk->bs && !*min_io) {
        *min_io = blk->bs->limits.min_io;
    }
    if (blk->bs && !*opt_io) {
        *opt_io = blk->bs->limits.opt_io;
    }
}

/* The core cuts what a driver would not take; whole blocks of the node. */
uint32_t blk_get_max_transfer(BlockBackend *blk)
{
    return ROUND_DOWN(BDRV_REQUEST_MAX_BYTES, blk_get_request_alignment(blk));
}

uint64_t blk_get_max_hw_transfer(BlockBackend *blk)
{
    return blk_get_max_transfer(blk);
}

int blk_get_max_iov(BlockBackend *blk)
{
    return IOV_MAX;
}

void *blk_try_blockalign(BlockBackend *blk, size_t size)
{
    return qemu_try_memalign(blk->bs ? bdrv_opt_mem_align(blk->bs) : 4096, MAX(size, 1));
}

void *blk_blockalign(BlockBackend *blk, size_t size)
{
    return qemu_memalign(blk->bs ? bdrv_opt_mem_align(blk->bs) : 4096, MAX(size, 1));
}
