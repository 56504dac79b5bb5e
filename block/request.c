/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a request into a driver and back.
 *
 * What is whole goes straight through: nothing is allocated, and a driver that
 * answers at once has cost its submitter a few comparisons. The rest becomes a
 * task (task.c), which makes whole requests of it.
 */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "block-int.h"
#include "order.h"
#include "task.h"

static inline bool inside(const BlockDriverState *bs, const BlockRequest *req)
{
    return req->offset >= 0 && req->bytes >= 0 && req->offset <= bs->length &&
           req->bytes <= bs->length - req->offset;
}

/* The driver takes it as it is. */
static inline bool is_whole(const BlockDriverState *bs, const BlockRequest *req)
{
    return (bs->plain_ops >> req->op & 1) && !(req->flags & bs->slow_flags) &&
           !((req->offset | req->bytes) & (bs->align - 1)) &&
           (uint64_t)req->bytes - 1 < bs->max_bytes;
}

int bdrv_submit_to_driver(BlockDriverState *bs, BlockRequest *req)
{
    int ret;

    req->bs = bs;
    req->take_back = NULL;
    ret = bs->drv->submit(bs, req);
    if (ret != BLOCK_PENDING) {
        req->bs = NULL;
    } else if (req->bs == bs) {     /* else a node below has counted it */
        bs->in_flight++;
    }
    return ret;
}

static int submit_ordered(BlockDriverState *bs, BlockRequest *req)
{
    int ret;

    req->range = (BlockRange) { .start = req->offset, .end = req->offset + req->bytes };
    if (!block_order_is_free(bs->order, &req->range)) {
        return block_task_submit(bs, req);
    }
    ret = bdrv_submit_to_driver(bs, req);
    if (ret == BLOCK_PENDING) {
        block_order_enter(bs->order, &req->range);
    }
    return ret;
}

static void note_write(BlockDriverState *bs, const BlockRequest *req)
{
    if (req->op == BLOCK_OP_WRITE && req->offset + req->bytes > bs->write_highest) {
        bs->write_highest = req->offset + req->bytes;
    }
}

/* Blocks mean nothing to it, and neither do limits and the order of writes. */
static int submit_status(BlockDriverState *bs, BlockRequest *req)
{
    int ret;

    req->flags = 0;
    req->status = BDRV_BLOCK_DATA;
    req->status_bytes = req->bytes;
    ret = req->bytes ? bdrv_submit_to_driver(bs, req) : 0;
    return ret == -ENOTSUP ? 0 : ret;
}

int bdrv_submit(BlockDriverState *bs, BlockRequest *req)
{
    if (req->op == BLOCK_OP_FLUSH) {
        return bs->no_flush ? 0 : bdrv_submit_to_driver(bs, req);
    }
    if (unlikely(!inside(bs, req))) {
        return -EIO;
    }
    if (unlikely(req->op == BLOCK_OP_STATUS)) {
        return submit_status(bs, req);
    }
    if (block_op_changes_medium(req->op)) {
        if (unlikely(bs->read_only)) {
            return -EPERM;
        }
        note_write(bs, req);
        req->flags &= ~bs->dropped_flags;
    }
    if (unlikely(!is_whole(bs, req))) {
        return req->bytes ? block_task_submit(bs, req) : 0;
    }
    if (bs->order && req->op != BLOCK_OP_READ) {
        return submit_ordered(bs, req);
    }
    return bdrv_submit_to_driver(bs, req);
}

/* The request leaves the node that has it. */
static void let_go(BlockRequest *req)
{
    BlockDriverState *bs = req->bs;

    req->take_back = NULL;
    if (bs) {
        g_assert(bs->in_flight > 0);
        bs->in_flight--;
        req->bs = NULL;
        if (req->range.listed) {
            block_order_leave(bs->order, &req->range);
        }
    }
}

static __thread unsigned completing;

bool block_is_completing(void)
{
    return completing > 0;
}

void block_request_done(BlockRequest *req, int ret)
{
    let_go(req);
    completing++;
    if (unlikely(ret < 0) && req->blk) {
        blk_request_failed(req, ret);
    } else {
        req->done(req, ret);
    }
    completing--;
}

void block_request_pass_on(BlockRequest *req)
{
    BlockDriverState *file = req->bs->file;
    int ret;

    let_go(req);
    ret = bdrv_submit(file, req);
    if (ret != BLOCK_PENDING) {
        block_request_done(req, ret);
    }
}

void block_request_cancel(BlockRequest *req)
{
    if (req->take_back) {
        req->take_back(req);
    } else if (req->bs) {
        req->bs->drv->cancel(req->bs, req);
    }
    let_go(req);
}
