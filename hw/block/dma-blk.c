/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transfers between a scatter list and a disk, for models that leave both to
 * this. A piece of the list at a time is moved to or from a buffer, element by
 * element, and the buffer to or from the disk; so it does not matter whether the
 * memory is mapped or is reached by messages.
 *
 * Locking: the context of the device.
 */
#include "qemu/osdep.h"
#include "qemu/iov.h"
#include "qemu/memalign.h"
#include "qemu/units.h"
#include "sysemu/block-backend.h"
#include "sysemu/dma.h"

enum { PIECE_MAX = 1 * MiB };

typedef struct DMABlock {
    BlockAIOCB common;
    AioContext *ctx;
    QEMUSGList *sg;
    uint64_t offset;            /* on the disk, of the piece */
    uint32_t align;
    DMADirection dir;
    DMAIOFunc *io_func;
    void *io_opaque;

    uint8_t *buf;
    QEMUIOVector qiov;
    uint64_t left;              /* bytes of the list from the piece on */
    size_t piece, moved;        /* bytes of it, and how many have been moved by DMA */
    int element;
    dma_addr_t at;              /* in that element */

    DMARequest *dma;
    BlockAIOCB *io;
    bool moving;                /* move_memory() is on the stack */
    bool arrived;               /* what it has started has ended there already */
    bool ended;
    int ret;
} DMABlock;

static void complete(void *opaque)
{
    DMABlock *d = opaque;

    d->common.cb(d->common.opaque, d->ret);
    qemu_vfree(d->buf);
    qemu_aio_unref(d);
}

/* From the loop: the maker may be on the stack. */
static void end(DMABlock *d, int ret)
{
    if (!d->ended) {
        d->ended = true;
        d->ret = ret;
        aio_bh_schedule_oneshot(d->ctx, complete, d);
    }
}

static void begin_piece(DMABlock *d);
static void move_memory(DMABlock *d);

static void piece_done(DMABlock *d)
{
    d->offset += d->piece;
    d->left -= d->piece;
    begin_piece(d);
}

static void disk_done(void *opaque, int ret)
{
    DMABlock *d = opaque;

    d->io = NULL;
    if (ret < 0 || d->ended) {
        end(d, ret < 0 ? ret : -ECANCELED);
    } else if (d->dir == DMA_DIRECTION_TO_DEVICE) {
        piece_done(d);
    } else {
        move_memory(d);
    }
}

static void ask_disk(DMABlock *d)
{
    qemu_iovec_init_buf(&d->qiov, d->buf, d->piece);
    d->io = d->io_func(d->offset, &d->qiov, disk_done, d, d->io_opaque);
}

static void memory_moved(void *opaque, MemTxResult res)
{
    DMABlock *d = opaque;

    d->dma = NULL;
    if (res != MEMTX_OK) {
        end(d, -EIO);
    } else if (d->moving) {
        d->arrived = true;
    } else {
        move_memory(d);
    }
}

/* One element, or what of it belongs to the piece. */
static void move_element(DMABlock *d)
{
    const ScatterGatherEntry *sg = &d->sg->sg[d->element];
    dma_addr_t len = MIN(sg->len - d->at, d->piece - d->moved);
    dma_addr_t addr = sg->base + d->at;
    void *buf = d->buf + d->moved;

    d->moved += len;
    d->at += len;
    if (d->at == sg->len) {
        d->element++;
        d->at = 0;
    }
    d->arrived = false;
    if (len) {
        d->dma = dma_memory_rw_async(d->sg->as, addr, buf, len, d->dir, MEMTXATTRS_UNSPECIFIED,
                                     memory_moved, d);
    } else {
        d->arrived = true;
    }
}

/* Mapped memory answers at once, so this is a loop and not a recursion. */
static void move_memory(DMABlock *d)
{
    d->moving = true;
    do {
        if (d->moved == d->piece) {
            break;
        }
        move_element(d);
    } while (d->arrived);
    d->moving = false;
    if (d->ended || d->dma || d->moved < d->piece) {
        return;
    }
    if (d->dir == DMA_DIRECTION_TO_DEVICE) {
        ask_disk(d);
    } else {
        piece_done(d);
    }
}

static void begin_piece(DMABlock *d)
{
    d->piece = MIN(d->left, QEMU_ALIGN_DOWN(PIECE_MAX, d->align));
    d->moved = 0;
    if (!d->piece) {
        end(d, 0);
    } else if (d->dir == DMA_DIRECTION_TO_DEVICE) {
        move_memory(d);
    } else {
        ask_disk(d);
    }
}

static void cancel_async(BlockAIOCB *acb)
{
    DMABlock *d = container_of(acb, DMABlock, common);

    if (d->dma) {
        dma_request_cancel(g_steal_pointer(&d->dma));
        end(d, -ECANCELED);
    } else if (d->io) {
        blk_aio_cancel_async(d->io);
    }
}

static const AIOCBInfo dma_block_info = {
    .aiocb_size = sizeof(DMABlock),
    .cancel_async = cancel_async,
};

BlockAIOCB *dma_blk_io(AioContext *ctx, QEMUSGList *sg, uint64_t offset, uint32_t align,
                       DMAIOFunc *io_func, void *io_func_opaque, BlockCompletionFunc *cb,
                       void *opaque, DMADirection dir)
{
    DMABlock *d = qemu_aio_get(&dma_block_info, NULL, cb, opaque);

    d->ctx = ctx;
    d->sg = sg;
    d->offset = offset;
    d->align = CLAMP(align, 1, PIECE_MAX);
    d->dir = dir;
    d->io_func = io_func;
    d->io_opaque = io_func_opaque;
    d->left = sg->size;
    d->buf = qemu_try_memalign(4096, MAX(MIN(sg->size, PIECE_MAX), 1));
    if (d->buf) {
        begin_piece(d);
    } else {
        end(d, -ENOMEM);
    }
    return &d->common;
}

static BlockAIOCB *read_io(int64_t offset, QEMUIOVector *iov, BlockCompletionFunc *cb,
                           void *cb_opaque, void *opaque)
{
    return blk_aio_preadv(opaque, offset, iov, 0, cb, cb_opaque);
}

static BlockAIOCB *write_io(int64_t offset, QEMUIOVector *iov, BlockCompletionFunc *cb,
                            void *cb_opaque, void *opaque)
{
    return blk_aio_pwritev(opaque, offset, iov, 0, cb, cb_opaque);
}

BlockAIOCB *dma_blk_read(BlockBackend *blk, QEMUSGList *sg, uint64_t offset, uint32_t align,
                         BlockCompletionFunc *cb, void *opaque)
{
    return dma_blk_io(blk_get_aio_context(blk), sg, offset, align, read_io, blk, cb, opaque,
                      DMA_DIRECTION_FROM_DEVICE);
}

BlockAIOCB *dma_blk_write(BlockBackend *blk, QEMUSGList *sg, uint64_t offset, uint32_t align,
                          BlockCompletionFunc *cb, void *opaque)
{
    return dma_blk_io(blk_get_aio_context(blk), sg, offset, align, write_io, blk, cb, opaque,
                      DMA_DIRECTION_TO_DEVICE);
}

void dma_acct_start(BlockBackend *blk, BlockAcctCookie *cookie, QEMUSGList *sg,
                    enum BlockAcctType type)
{
    block_acct_start(blk_get_stats(blk), cookie, sg->size, type);
}
