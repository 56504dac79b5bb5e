/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of a device to its node, and waiting for them. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "qemu/defer-call.h"
#include "qemu/main-loop.h"

static void take_back_queued(BlockRequest *req)
{
    BlockBackend *blk = req->state[0];

    QTAILQ_REMOVE(&blk->queued, req, link);
}

static int queue_request(BlockBackend *blk, BlockRequest *req)
{
    req->state[0] = blk;
    req->take_back = take_back_queued;
    QTAILQ_INSERT_TAIL(&blk->queued, req, link);
    return BLOCK_PENDING;
}

/* To the node, with what the drive asks for. */
static int pass(BlockBackend *blk, BlockRequest *req)
{
    BlockDriverState *bs = blk->bs;

    if (unlikely(!bs)) {
        return -ENOMEDIUM;
    }
    if (block_op_changes_medium(req->op)) {
        if (unlikely(!(blk->perm & BLK_PERM_WRITE))) {
            return -EPERM;
        }
        if (unlikely(!blk->write_cache) && req->op != BLOCK_OP_DISCARD) {
            req->flags |= BDRV_REQ_FUA;
        }
    }
    return bdrv_submit(bs, req);
}

static int start(BlockBackend *blk, BlockRequest *req)
{
    if (unlikely(blk->quiesced) && blk->bs) {
        return queue_request(blk, req);
    }
    if (unlikely(blk->throttle) && blk_throttle_hold(blk, req)) {
        return BLOCK_PENDING;
    }
    return pass(blk, req);
}

int blk_submit_unwatched(BlockBackend *blk, BlockRequest *req)
{
    req->blk = NULL;
    return start(blk, req);
}

int blk_submit(BlockBackend *blk, BlockRequest *req)
{
    int ret;

    req->blk = blk;
    req->start = req->offset;
    ret = start(blk, req);
    return likely(ret == 0 || ret == BLOCK_PENDING) ? ret : blk_submit_failed(blk, req, ret);
}

void blk_restart(BlockBackend *blk, BlockRequest *req)
{
    int ret;

    req->take_back = NULL;
    ret = start(blk, req);
    if (ret != BLOCK_PENDING) {
        block_request_done(req, ret);
    }
}

void blk_go_on(BlockBackend *blk, BlockRequest *req)
{
    int ret;

    req->take_back = NULL;
    ret = pass(blk, req);
    if (ret != BLOCK_PENDING) {
        block_request_done(req, ret);
    }
}

/* ---- waiting ---- */

void blk_inc_in_flight(BlockBackend *blk)
{
    blk->in_flight++;
}

void blk_dec_in_flight(BlockBackend *blk)
{
    g_assert(blk->in_flight > 0);
    blk->in_flight--;
}

static bool nodes_are_idle(const BlockDriverState *bs)
{
    while (bs && !bs->in_flight) {
        bs = bs->file;
    }
    return !bs;
}

bool blk_is_idle(BlockBackend *blk)
{
    return !blk->in_flight && nodes_are_idle(blk->bs) &&
           !(blk->dev_ops && blk->dev_ops->drained_poll &&
             blk->dev_ops->drained_poll(blk->dev_opaque));
}

/* Whoever holds requests back of his own will lets them go. */
static void drain_below(BlockBackend *blk, bool begin)
{
    if (blk->throttle) {
        blk_throttle_set_exempt(blk, begin);
    }
    for (BlockDriverState *bs = blk->bs; bs; bs = bs->file) {
        bool edge = begin ? bs->drains++ == 0 : bs->drains && --bs->drains == 0;

        if (edge && bs->drv->drain) {
            bs->drv->drain(bs, begin);
        }
    }
}

static void quiesce(BlockBackend *blk)
{
    if (blk->quiesced++ > 0) {
        return;
    }
    if (blk->dev_ops && blk->dev_ops->drained_begin) {
        blk->dev_ops->drained_begin(blk->dev_opaque);
    }
    drain_below(blk, true);
}

static void go_on(BlockBackend *blk)
{
    BlockRequest *req;

    if (--blk->quiesced > 0) {
        return;
    }
    drain_below(blk, false);
    if (blk->dev_ops && blk->dev_ops->drained_end) {
        blk->dev_ops->drained_end(blk->dev_opaque);
    }
    while (!blk->quiesced && (req = QTAILQ_FIRST(&blk->queued))) {
        QTAILQ_REMOVE(&blk->queued, req, link);
        blk_restart(blk, req);
    }
}

void blk_drain(BlockBackend *blk)
{
    blk_ref(blk);
    quiesce(blk);
    AIO_WAIT_WHILE(blk->ctx, (defer_call_flush(), !blk_is_idle(blk)));
    go_on(blk);
    blk_unref(blk);
}
