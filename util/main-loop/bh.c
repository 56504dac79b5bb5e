/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bottom halves: a queue for each context, filled from any thread, emptied by
 * the runner one at a time. What one needs is copied out before it is called,
 * so it may delete itself, and a oneshot is gone before it runs. A bottom half
 * that schedules itself runs in the next turn: a turn runs as many as were
 * queued when it began.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "aio-context.h"
#include "trace.h"

struct QEMUBH {
    AioContext *ctx;            /* a reference, except for a oneshot, which ctx itself owns */
    QEMUBHFunc *cb;
    void *opaque;
    const char *name;
    MemReentrancyGuard *guard;
    bool oneshot;
    bool queued;                /* bh_lock, like the link */
    QTAILQ_ENTRY(QEMUBH) next;
};

static void enqueue(QEMUBH *bh)
{
    AioContext *ctx = bh->ctx;

    if (!bh->queued) {
        bh->queued = true;
        QTAILQ_INSERT_TAIL(&ctx->bh_queue, bh, next);
        qatomic_set(&ctx->bh_count, ctx->bh_count + 1);
    }
}

static void dequeue(QEMUBH *bh)
{
    AioContext *ctx = bh->ctx;

    if (bh->queued) {
        bh->queued = false;
        QTAILQ_REMOVE(&ctx->bh_queue, bh, next);
        qatomic_set(&ctx->bh_count, ctx->bh_count - 1);
    }
}

QEMUBH *aio_bh_new_full(AioContext *ctx, QEMUBHFunc *cb, void *opaque, const char *name,
                        MemReentrancyGuard *reentrancy_guard)
{
    QEMUBH *bh = g_new0(QEMUBH, 1);

    aio_context_ref(ctx);
    bh->ctx = ctx;
    bh->cb = cb;
    bh->opaque = opaque;
    bh->name = name;
    bh->guard = reentrancy_guard;
    return bh;
}

void aio_bh_schedule_oneshot_full(AioContext *ctx, QEMUBHFunc *cb, void *opaque, const char *name)
{
    QEMUBH *bh = g_new0(QEMUBH, 1);

    bh->ctx = ctx;
    bh->cb = cb;
    bh->opaque = opaque;
    bh->name = name;
    bh->oneshot = true;
    WITH_QEMU_LOCK_GUARD(&ctx->bh_lock) {
        enqueue(bh);
    }
    aio_notify(ctx);
}

void qemu_bh_schedule(QEMUBH *bh)
{
    WITH_QEMU_LOCK_GUARD(&bh->ctx->bh_lock) {
        enqueue(bh);
    }
    aio_notify(bh->ctx);
}

void qemu_bh_schedule_idle(QEMUBH *bh)
{
    qemu_bh_schedule(bh);
}

void qemu_bh_cancel(QEMUBH *bh)
{
    QEMU_LOCK_GUARD(&bh->ctx->bh_lock);

    dequeue(bh);
}

void qemu_bh_delete(QEMUBH *bh)
{
    AioContext *ctx = bh->ctx;

    qemu_bh_cancel(bh);
    g_free(bh);
    aio_context_unref(ctx);
}

/* false: the queue is empty. *out is a copy, its queue state without meaning. */
static bool take_first(AioContext *ctx, QEMUBH *out)
{
    QEMUBH *bh;
    QEMU_LOCK_GUARD(&ctx->bh_lock);

    bh = QTAILQ_FIRST(&ctx->bh_queue);
    if (!bh) {
        return false;
    }
    dequeue(bh);
    *out = *bh;
    if (bh->oneshot) {
        g_free(bh);
    }
    return true;
}

/*
 * As in QEMU a guarded bottom half runs even if its device is engaged (it is
 * deferred work, not a recursion); the guard keeps what it does from coming back.
 */
static void call_guarded(const QEMUBH *bh)
{
    ReentrancyFrame frame;

    if (reentrancy_frame_enter(&frame, bh->guard)) {
        bh->cb(bh->opaque);
        reentrancy_frame_leave(&frame);
    } else {
        trace_bh_reentrant(bh->ctx, bh->name);
        bh->cb(bh->opaque);
    }
}

static void call_bh(AioContext *ctx, const QEMUBH *bh)
{
    qatomic_set(&ctx->stats.callbacks, ctx->stats.callbacks + 1);
    if (bh->guard) {
        call_guarded(bh);
    } else {
        bh->cb(bh->opaque);
    }
}

bool aio_bh_run(AioContext *ctx)
{
    uint64_t turn = ctx->turns;
    bool progress = false;
    QEMUBH bh;

    for (unsigned left = qatomic_read(&ctx->bh_count);
         left && ctx->turns == turn && take_first(ctx, &bh); left--) {
        call_bh(ctx, &bh);
        progress = true;
    }
    return progress;
}

/* Only oneshots can be left: the others hold references. */
void aio_bh_drop_all(AioContext *ctx)
{
    QEMUBH bh;

    while (take_first(ctx, &bh)) {
        g_assert(bh.oneshot);
    }
}

QEMUBH *qemu_bh_new_full(QEMUBHFunc *cb, void *opaque, const char *name,
                         MemReentrancyGuard *reentrancy_guard)
{
    return aio_bh_new_full(qemu_get_current_aio_context(), cb, opaque, name, reentrancy_guard);
}
