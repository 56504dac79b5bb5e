/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting inside a callback: hand the loop over, sleep on a condition of the
 * context's lock, go on where we were. See aio-context.c for why this is safe.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "aio-context.h"
#include "trace.h"

void aio_waiter_init(AioWaiter *w, AioContext *ctx)
{
    *w = (AioWaiter) { .ctx = ctx };
    qemu_cond_init(&w->cond);
}

void aio_waiter_destroy(AioWaiter *w)
{
    g_assert(!w->sleeping && !w->nested);
    qemu_cond_destroy(&w->cond);
}

/* Wakes the sleeper, who will ask for the lock: announced now, a busy runner makes room for it. */
static void rouse(AioWaiter *w)
{
    if (w->sleeping && !w->counted) {
        w->counted = true;
        aio_lock_announce(w->ctx);
        qemu_cond_signal(&w->cond);
    }
    if (w->nested) {
        aio_notify(w->ctx);
    }
}

void aio_waiter_wake(AioWaiter *w)
{
    g_assert(aio_context_entered(w->ctx));
    w->woken = true;
    rouse(w);
}

void aio_wake_suspended(AioContext *ctx)
{
    AioWaiter *w;

    QLIST_FOREACH(w, &ctx->suspended, next) {
        rouse(w);
    }
}

bool aio_hand_over(AioContext *ctx)
{
    const void *stand_in;

    if (!ctx->started || ctx->stopping) {
        return false;
    }
    stand_in = aio_worker_dispatch(ctx);
    if (!stand_in) {
        return false;
    }
    trace_aio_hand_over(ctx, ctx->name);
    ctx->runner = stand_in;
    ctx->turns++;
    qatomic_set(&ctx->stats.handovers, ctx->stats.handovers + 1);
    return true;
}

/* Absolute time on get_clock(), -1: never, which is also what a sum too large for it means. */
static int64_t deadline_of(int64_t timeout_ns)
{
    int64_t now = get_clock();

    return timeout_ns < 0 || timeout_ns > INT64_MAX - now ? -1 : now + timeout_ns;
}

static bool over(AioWaiter *w, int64_t deadline)
{
    return w->woken || w->ctx->stopping || (deadline >= 0 && get_clock() >= deadline);
}

/* Ends early when a callback within it found a thread to hand the loop over to. */
static void wait_nested(AioWaiter *w, int64_t deadline)
{
    AioContext *ctx = w->ctx;
    const void *outer = ctx->runner;

    trace_aio_wait_nested(ctx, ctx->name);
    w->nested = true;
    while (!over(w, deadline) && (!ctx->runner || aio_is_runner(ctx))) {
        ctx->runner = aio_thread_token();
        aio_turn(ctx, deadline < 0 ? -1 : MAX(deadline - get_clock(), 0));
        if (aio_is_runner(ctx)) {
            ctx->runner = outer;
        }
    }
    w->nested = false;
}

static void wait_asleep(AioWaiter *w, int64_t deadline)
{
    AioContext *ctx = w->ctx;
    struct timespec ts = {
        .tv_sec = deadline / NANOSECONDS_PER_SECOND,
        .tv_nsec = deadline % NANOSECONDS_PER_SECOND,
    };

    w->sleeping = true;
    while (!over(w, deadline)) {
        if (deadline < 0) {
            qemu_cond_wait(&w->cond, &ctx->lock);
        } else {
            pthread_cond_timedwait(&w->cond.cond, &ctx->lock.lock, &ts);
        }
    }
    w->sleeping = false;
    if (w->counted) {
        w->counted = false;
        aio_lock_arrived(ctx);
    }
}

/* Nobody else runs the loop, or will: then it is up to us. */
static bool must_run_nested(AioContext *ctx)
{
    return aio_is_runner(ctx) ? !aio_hand_over(ctx) : !ctx->runner;
}

bool aio_waiter_wait(AioWaiter *w, int64_t timeout_ns)
{
    AioContext *ctx = w->ctx;
    int64_t deadline = deadline_of(timeout_ns);
    ReentrancyFrame *guards;
    bool woken;

    g_assert(aio_context_entered(ctx));
    if (!over(w, deadline)) {
        guards = aio_thread_suspend_guards();
        QLIST_INSERT_HEAD(&ctx->suspended, w, next);
        if (must_run_nested(ctx)) {
            wait_nested(w, deadline);
        }
        wait_asleep(w, deadline);
        QLIST_REMOVE(w, next);
        aio_thread_resume_guards(guards);
    }
    woken = w->woken;
    w->woken = false;
    return woken;
}
