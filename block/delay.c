/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delay: requests go to the node below later: each by latency-ns, and not at
 * all while they are held (hold=on, x-blockdev-hold), until x-blockdev-release
 * lets them go, in the order in which they came.
 *
 * Locking: everything is under the lock of the node's context.
 */
#include "qemu/osdep.h"
#include "block-int.h"
#include "delay-line.h"
#include "filter.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-block-core.h"

typedef struct DelayState {
    int64_t latency_ns;
    bool hold, draining;
    int held_op;                /* a BlockOp: only this one is held; -1: all */
    unsigned nr_held;
    QTAILQ_HEAD(, BlockRequest) held;
    uint64_t to_release;        /* let go, and not gone yet */
    QEMUBH *bh;
    BlockDelayLine line;
} DelayState;

/* Which of the two has it: the line uses state[0] only. */
static void mark_held(BlockRequest *req, bool held)
{
    req->state[1] = held ? req : NULL;
}

static int delay_submit(BlockDriverState *bs, BlockRequest *req)
{
    DelayState *s = bs->opaque;

    if (s->hold && !s->draining && (s->held_op < 0 || s->held_op == (int)req->op)) {
        mark_held(req, true);
        QTAILQ_INSERT_TAIL(&s->held, req, link);
        s->nr_held++;
        return BLOCK_PENDING;
    }
    if (s->latency_ns) {
        mark_held(req, false);
        block_delay_line_add(&s->line, req, s->latency_ns);
        return BLOCK_PENDING;
    }
    return bdrv_submit(bs->file, req);
}

static void take_held(DelayState *s, BlockRequest *req)
{
    QTAILQ_REMOVE(&s->held, req, link);
    s->nr_held--;
    s->to_release = MIN(s->to_release, s->nr_held);
}

static void delay_cancel(BlockDriverState *bs, BlockRequest *req)
{
    DelayState *s = bs->opaque;

    if (req->state[1]) {
        take_held(s, req);
    } else {
        block_delay_line_remove(&s->line, req);
    }
}

static void delay_due(void *opaque, BlockRequest *req)
{
    block_request_pass_on(req);
}

static void release_bh(void *opaque)
{
    DelayState *s = opaque;

    while (s->to_release) {
        BlockRequest *req = QTAILQ_FIRST(&s->held);

        s->to_release--;
        take_held(s, req);
        block_request_pass_on(req);
    }
}

/* Whoever drains waits for all requests, in the main thread: nobody could release them then. */
static void delay_drain(BlockDriverState *bs, bool begin)
{
    DelayState *s = bs->opaque;

    s->draining = begin;
    if (begin && s->nr_held) {
        s->to_release = s->nr_held;
        qemu_bh_schedule(s->bh);
    }
}

static void delay_attach(BlockDriverState *bs, AioContext *ctx)
{
    DelayState *s = bs->opaque;

    s->bh = aio_bh_new(ctx, release_bh, s);
    block_delay_line_attach(&s->line, ctx);
}

static void delay_detach(BlockDriverState *bs)
{
    DelayState *s = bs->opaque;

    block_delay_line_detach(&s->line);
    g_clear_pointer(&s->bh, qemu_bh_delete);
}

static bool delay_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    const BlockdevOptionsDelay *o = &options->u.delay;
    DelayState *s = bs->opaque;

    if (o->has_latency_ns && o->latency_ns > INT64_MAX / 2) {
        error_setg(errp, "delay: 'latency-ns=%" PRIu64 "' is too long: use up to %" PRId64,
                   o->latency_ns, INT64_MAX / 2);
        return false;
    }
    s->latency_ns = o->has_latency_ns ? o->latency_ns : 0;
    s->hold = o->has_hold && o->hold;
    s->held_op = -1;
    QTAILQ_INIT(&s->held);
    block_delay_line_init(&s->line, delay_due, s);
    return filter_open(bs);
}

static const BlockDriver delay_driver = {
    .name = "delay",
    .kind = BLOCKDEV_DRIVER_DELAY,
    .state_size = sizeof(DelayState),
    .has_file = true,
    .is_filter = true,
    .open = delay_open,
    .attach = delay_attach,
    .detach = delay_detach,
    .submit = delay_submit,
    .cancel = delay_cancel,
    .drain = delay_drain,
    FILTER_PASSES_ON,
};
block_driver_init(delay_driver)

void qmp_x_blockdev_hold(const char *node_name, bool has_event, BlockErrorEvent event,
                         Error **errp)
{
    BlockDriverState *bs = filter_find(node_name, &delay_driver, errp);

    if (bs) {
        DelayState *s = bs->opaque;
        AIO_CONTEXT_GUARD(bs->ctx);

        s->hold = true;
        s->held_op = has_event ? (int)event : -1;
    }
}

void qmp_x_blockdev_release(const char *node_name, bool has_count, uint64_t count, Error **errp)
{
    BlockDriverState *bs = filter_find(node_name, &delay_driver, errp);

    if (bs) {
        DelayState *s = bs->opaque;
        AIO_CONTEXT_GUARD(bs->ctx);

        s->hold &= has_count;
        s->to_release = has_count ? MIN(s->nr_held, s->to_release + MIN(count, UINT_MAX))
                                  : s->nr_held;
        /* Requests end in the loop of their device. */
        if (s->to_release) {
            qemu_bh_schedule(s->bh);
        }
    }
}

BlockdevHeld *qmp_x_query_blockdev_held(const char *node_name, Error **errp)
{
    BlockDriverState *bs = filter_find(node_name, &delay_driver, errp);
    BlockdevHeld *answer;

    if (!bs) {
        return NULL;
    }
    answer = g_new0(BlockdevHeld, 1);
    WITH_AIO_CONTEXT_GUARD(bs->ctx) {
        DelayState *s = bs->opaque;

        answer->hold = s->hold;
        answer->held = s->nr_held;
    }
    return answer;
}
