/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that are waited for. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "qemu/defer-call.h"
#include "qemu/main-loop.h"

typedef struct Sync {
    BlockRequest req;
    int ret;
} Sync;

static void sync_done(BlockRequest *req, int ret)
{
    container_of(req, Sync, req)->ret = ret;
}

static int run(BlockBackend *blk, BlockOp op, int64_t offset, int64_t bytes,
               const QEMUIOVector *qiov, BdrvRequestFlags flags)
{
    Sync sync = { .req = blk_api_request(op, offset, bytes, qiov, flags, sync_done) };

    sync.ret = blk_submit_unwatched(blk, &sync.req);
    AIO_WAIT_WHILE(blk->ctx, (defer_call_flush(), sync.ret == BLOCK_PENDING));
    return sync.ret;
}

int blk_preadv(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
               BdrvRequestFlags flags)
{
    return bytes > (int64_t)qiov->size ? -EINVAL :
                                         run(blk, BLOCK_OP_READ, offset, bytes, qiov, flags);
}

int blk_pwritev(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                BdrvRequestFlags flags)
{
    return bytes > (int64_t)qiov->size ? -EINVAL :
                                         run(blk, BLOCK_OP_WRITE, offset, bytes, qiov, flags);
}

int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf, BdrvRequestFlags flags)
{
    QEMUIOVector qiov = QEMU_IOVEC_INIT_BUF(qiov, buf, bytes);

    return blk_preadv(blk, offset, bytes, &qiov, flags);
}

int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf,
               BdrvRequestFlags flags)
{
    QEMUIOVector qiov = QEMU_IOVEC_INIT_BUF(qiov, buf, bytes);

    return blk_pwritev(blk, offset, bytes, &qiov, flags);
}

int blk_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, BdrvRequestFlags flags)
{
    return run(blk, BLOCK_OP_WRITE_ZEROES, offset, bytes, NULL, flags);
}

int blk_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes)
{
    return run(blk, BLOCK_OP_DISCARD, offset, bytes, NULL, 0);
}

int blk_flush(BlockBackend *blk)
{
    return run(blk, BLOCK_OP_FLUSH, 0, 0, NULL, 0);
}
