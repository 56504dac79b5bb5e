/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's asynchronous calls: an allocation and a bottom half over a BlockRequest. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "qemu/defer-call.h"
#include "qemu/main-loop.h"

typedef struct BlkAio {
    BlockAIOCB common;
    BlockBackend *blk;
    BlockRequest req;
    int ret;
    bool ended;             /* cb is called, or will be by a bottom half */
} BlkAio;

static void complete(BlkAio *aio)
{
    BlockBackend *blk = aio->blk;

    aio->common.cb(aio->common.opaque, aio->ret);
    blk_dec_in_flight(blk);
    qemu_aio_unref(aio);
    blk_unref(blk);
}

static void complete_bh(void *opaque)
{
    complete(opaque);
}

/* From the loop, and never inside the call that the caller has just made. */
static void complete_soon(BlkAio *aio, int ret)
{
    aio->ended = true;
    aio->ret = ret;
    aio_bh_schedule_oneshot(aio->blk->ctx, complete_bh, aio);
}

static void request_done(BlockRequest *req, int ret)
{
    BlkAio *aio = container_of(req, BlkAio, req);

    aio->ended = true;
    aio->ret = ret;
    complete(aio);
}

static void cancel_async(BlockAIOCB *acb)
{
    BlkAio *aio = container_of(acb, BlkAio, common);

    if (!aio->ended) {
        block_request_cancel(&aio->req);
        complete_soon(aio, -ECANCELED);
    }
}

static const AIOCBInfo blk_aio_info = {
    .aiocb_size = sizeof(BlkAio),
    .cancel_async = cancel_async,
};

void *blk_aio_get(const AIOCBInfo *aiocb_info, BlockBackend *blk, BlockCompletionFunc *cb,
                  void *opaque)
{
    return qemu_aio_get(aiocb_info, blk->bs, cb, opaque);
}

static BlkAio *new_aio(BlockBackend *blk, BlockCompletionFunc *cb, void *opaque)
{
    BlkAio *aio = blk_aio_get(&blk_aio_info, blk, cb, opaque);

    blk_ref(blk);
    blk_inc_in_flight(blk);
    aio->blk = blk;
    return aio;
}

static BlockAIOCB *submit(BlockBackend *blk, BlockOp op, int64_t offset, int64_t bytes,
                          const QEMUIOVector *qiov, BdrvRequestFlags flags,
                          BlockCompletionFunc *cb, void *opaque)
{
    BlkAio *aio = new_aio(blk, cb, opaque);
    int ret;

    aio->req = blk_api_request(op, offset, bytes, qiov, flags, request_done);
    ret = blk_submit_unwatched(blk, &aio->req);
    if (ret != BLOCK_PENDING) {
        complete_soon(aio, ret);
    }
    return &aio->common;
}

BlockAIOCB *blk_aio_preadv(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov,
                           BdrvRequestFlags flags, BlockCompletionFunc *cb, void *opaque)
{
    return submit(blk, BLOCK_OP_READ, offset, qiov->size, qiov, flags, cb, opaque);
}

BlockAIOCB *blk_aio_pwritev(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov,
                            BdrvRequestFlags flags, BlockCompletionFunc *cb, void *opaque)
{
    return submit(blk, BLOCK_OP_WRITE, offset, qiov->size, qiov, flags, cb, opaque);
}

BlockAIOCB *blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes,
                                  BdrvRequestFlags flags, BlockCompletionFunc *cb, void *opaque)
{
    return submit(blk, BLOCK_OP_WRITE_ZEROES, offset, bytes, NULL, flags, cb, opaque);
}

BlockAIOCB *blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes,
                             BlockCompletionFunc *cb, void *opaque)
{
    return submit(blk, BLOCK_OP_DISCARD, offset, bytes, NULL, 0, cb, opaque);
}

BlockAIOCB *blk_aio_flush(BlockBackend *blk, BlockCompletionFunc *cb, void *opaque)
{
    return submit(blk, BLOCK_OP_FLUSH, 0, 0, NULL, 0, cb, opaque);
}

BlockAIOCB *blk_abort_aio_request(BlockBackend *blk, BlockCompletionFunc *cb, void *opaque,
                                  int ret)
{
    BlkAio *aio = new_aio(blk, cb, opaque);

    complete_soon(aio, ret);
    return &aio->common;
}

void blk_aio_cancel_async(BlockAIOCB *acb)
{
    if (acb->aiocb_info->cancel_async) {
        acb->aiocb_info->cancel_async(acb);
    }
}

void blk_aio_cancel(BlockAIOCB *acb)
{
    qemu_aio_ref(acb);
    blk_aio_cancel_async(acb);
    AIO_WAIT_WHILE(qemu_get_current_aio_context(), (defer_call_flush(), acb->refcnt > 1));
    qemu_aio_unref(acb);
}
