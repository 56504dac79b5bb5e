/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One turn of the loop: sleep, or poll, or neither; then fds, bottom halves and
 * timers. The order and the reasons are in aio-context.c.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "aio-context.h"
#include "trace.h"
#include <sys/epoll.h>

enum {
    WAIT_FOR_TURN_MS = 10,
};

void aio_notify(AioContext *ctx)
{
    /* The work is published; the exchange orders that before the runner's look (aio-context.c). */
    if (qatomic_xchg(&ctx->loop_state, LOOP_AWAKE) == LOOP_ASLEEP) {
        event_notifier_set(&ctx->kick);
    }
}

void aio_kick(AioContext *ctx)
{
    qatomic_set(&ctx->kicked, true);
    aio_notify(ctx);
}

int64_t aio_turn_timeout_ns(AioContext *ctx, int64_t max_wait_ns)
{
    if (aio_bh_pending(ctx) || qatomic_read(&ctx->kicked)) {
        return 0;
    }
    return qemu_soonest_timeout(max_wait_ns, aio_timers_deadline_ns(ctx));
}

static int kernel_wait(AioContext *ctx, struct epoll_event *events, int64_t timeout_ns)
{
    static bool no_pwait2;      /* the kernel is older than 5.11, or a sandbox forbids it */
    struct timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };
    int n;

    if (timeout_ns > 0 && !qatomic_read(&no_pwait2)) {
        n = epoll_pwait2(ctx->epoll_fd, events, AIO_EVENTS_PER_TURN, &ts, NULL);
        if (n >= 0 || (errno != ENOSYS && errno != EPERM)) {
            return MAX(n, 0);
        }
        qatomic_set(&no_pwait2, true);
    }
    n = epoll_wait(ctx->epoll_fd, events, AIO_EVENTS_PER_TURN, qemu_timeout_ns_to_ms(timeout_ns));
    return MAX(n, 0);       /* EINTR: an empty turn */
}

/* Gives the lock up. loop_state says ASLEEP before the last look for work. */
static int sleep_for_events(AioContext *ctx, struct epoll_event *events, int64_t max_wait_ns)
{
    int64_t timeout_ns;
    uint32_t grants;
    int n;

    if (ctx->nr_pollers && !aio_pollers_fall_asleep(ctx, max_wait_ns)) {
        max_wait_ns = 0;
    }
    qatomic_set_mb(&ctx->loop_state, LOOP_ASLEEP);
    timeout_ns = aio_turn_timeout_ns(ctx, max_wait_ns);
    if (ctx->nr_pollers) {
        timeout_ns = qemu_soonest_timeout(timeout_ns, aio_pollers_timeout_ns(ctx));
    }
    grants = aio_unlock_runner(ctx);
    n = kernel_wait(ctx, events, timeout_ns);
    qatomic_set_mb(&ctx->loop_state, LOOP_AWAKE);
    aio_lock_runner(ctx, grants);
    if (timeout_ns) {
        qatomic_set(&ctx->stats.wakeups, ctx->stats.wakeups + 1);
        aio_window_slept(ctx, n);
    }
    return n;
}

static int fetch_events(AioContext *ctx, struct epoll_event *events, int64_t max_wait_ns)
{
    if (aio_turn_timeout_ns(ctx, max_wait_ns) == 0 && !aio_lock_wanted(ctx)) {
        return kernel_wait(ctx, events, 0);
    }
    return sleep_for_events(ctx, events, max_wait_ns);
}

/* ---- turns ---- */

static bool run_queued(AioContext *ctx, uint64_t turn)
{
    bool progress = aio_bh_run(ctx);

    if (progress) {
        aio_window_activity(ctx);
    }
    if (ctx->turns == turn) {
        progress |= aio_timers_run(ctx);
    }
    return progress;
}

static void announce_turn(AioContext *ctx)
{
    if (unlikely(ctx->turn_waiters)) {
        qemu_cond_broadcast(&ctx->turn_done);
    }
}

bool aio_turn(AioContext *ctx, int64_t max_wait_ns)
{
    struct epoll_event events[AIO_EVENTS_PER_TURN];
    uint64_t turn = ++ctx->turns;
    bool progress = aio_window_poll(ctx, &max_wait_ns);
    int n;

    if (ctx->turns == turn && (!progress || aio_window_must_ask_kernel(ctx))) {
        n = fetch_events(ctx, events, max_wait_ns);
        if (n && ctx->turns == turn) {
            aio_window_activity(ctx);
            progress |= aio_dispatch_events(ctx, events, n);
        }
    }
    if (ctx->turns == turn) {
        progress |= run_queued(ctx, turn);
    }
    /* Before the caller looks again at what it waits for, not before this turn's sleep. */
    if (unlikely(qatomic_read(&ctx->kicked))) {
        qatomic_set_mb(&ctx->kicked, false);
    }
    announce_turn(ctx);
    return progress;
}

void aio_run(AioContext *ctx)
{
    aio_context_enter(ctx);
    while (aio_is_runner(ctx) && !ctx->stopping) {
        aio_turn(ctx, -1);
    }
    if (aio_is_runner(ctx)) {
        ctx->runner = NULL;
        announce_turn(ctx);
    }
    if (--ctx->frames == 0) {
        qemu_cond_broadcast(&ctx->idle);
    }
    aio_context_leave(ctx);
    aio_context_unref(ctx);
}

/*
 * Somebody else's thread runs ctx: its next turn is what we wait for. What our
 * caller looks at may have changed, without the lock, just before we took it, and
 * the turn for it be over: hence a limit.
 */
static bool wait_for_turn(AioContext *ctx)
{
    uint64_t callbacks = ctx->stats.callbacks;

    ctx->turn_waiters++;
    qemu_cond_timedwait(&ctx->turn_done, &ctx->lock, WAIT_FOR_TURN_MS);
    ctx->turn_waiters--;
    return ctx->stats.callbacks != callbacks;
}

bool aio_poll(AioContext *ctx, bool blocking)
{
    const void *outer;
    bool progress;
    AIO_CONTEXT_GUARD(ctx);

    outer = ctx->runner;
    if (outer && outer != aio_thread_token()) {
        return blocking && wait_for_turn(ctx);
    }
    ctx->runner = aio_thread_token();
    progress = aio_turn(ctx, blocking ? -1 : 0);
    if (aio_is_runner(ctx)) {
        ctx->runner = outer;
    }
    return progress;
}
