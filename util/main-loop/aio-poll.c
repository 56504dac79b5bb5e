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
    POLL_START_NS = 4000,           /* first window after none */
    POLL_KERNEL_EVERY = 16,         /* hits in a row after which the kernel is asked all the same */
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

/* How long the loop may sleep, for what is known now. */
static int64_t turn_timeout_ns(AioContext *ctx, int64_t max_wait_ns)
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

    qatomic_set_mb(&ctx->loop_state, LOOP_ASLEEP);
    timeout_ns = turn_timeout_ns(ctx, max_wait_ns);
    grants = aio_unlock_runner(ctx);
    n = kernel_wait(ctx, events, timeout_ns);
    qatomic_set_mb(&ctx->loop_state, LOOP_AWAKE);
    aio_lock_runner(ctx, grants);
    if (timeout_ns) {
        qatomic_set(&ctx->stats.wakeups, ctx->stats.wakeups + 1);
    }
    return n;
}

static int fetch_events(AioContext *ctx, struct epoll_event *events, int64_t max_wait_ns)
{
    if (turn_timeout_ns(ctx, max_wait_ns) == 0 && !aio_lock_wanted(ctx)) {
        return kernel_wait(ctx, events, 0);
    }
    return sleep_for_events(ctx, events, max_wait_ns);
}

/* ---- adaptive polling ---- */

static void give_way(AioContext *ctx)
{
    uint32_t grants = aio_unlock_runner(ctx);

    aio_lock_runner(ctx, grants);
}

/*
 * Spins until a handler had work (true), the window is over, or somebody tells
 * us to look around: *notified, and whatever it was, the turn must not sleep.
 */
static bool poll_window(AioContext *ctx, int64_t window_ns, bool *notified)
{
    uint64_t turn = ctx->turns;
    int64_t end = get_clock() + window_ns;
    bool hit = false;

    qatomic_set_mb(&ctx->loop_state, LOOP_POLLING);
    while (!hit && !aio_bh_pending(ctx) && ctx->turns == turn && !ctx->stopping &&
           qatomic_read(&ctx->loop_state) == LOOP_POLLING) {
        hit = aio_poll_handlers_once(ctx);
        if (hit || get_clock() >= end) {
            break;
        }
        if (aio_lock_wanted(ctx)) {
            give_way(ctx);
        }
    }
    /* A hand-over in a handler has left the word to the new runner. */
    if (ctx->turns == turn) {
        *notified = qatomic_xchg(&ctx->loop_state, LOOP_AWAKE) != LOOP_POLLING;
    }
    return hit;
}

/* *max_wait_ns becomes 0 when the rest of the turn must not sleep. */
static bool try_polling(AioContext *ctx, int64_t *max_wait_ns)
{
    int64_t timeout_ns;
    bool notified = false;
    bool hit;

    if (!ctx->poll_ns || !ctx->nr_pollable) {
        return false;
    }
    timeout_ns = turn_timeout_ns(ctx, *max_wait_ns);
    if (timeout_ns == 0) {
        return false;
    }
    hit = poll_window(ctx, timeout_ns < 0 ? ctx->poll_ns : MIN(ctx->poll_ns, timeout_ns),
                      &notified);
    if (hit || notified) {
        *max_wait_ns = 0;
    }
    if (hit) {
        qatomic_set(&ctx->stats.polls_hit, ctx->stats.polls_hit + 1);
        ctx->poll_streak++;
    } else {
        qatomic_set(&ctx->stats.polls_miss, ctx->stats.polls_miss + 1);
        ctx->poll_streak = 0;
    }
    return hit;
}

static void shrink_window(AioContext *ctx)
{
    int64_t old = ctx->poll_ns;

    ctx->poll_ns = ctx->poll_shrink ? old / ctx->poll_shrink : 0;
    trace_aio_poll_shrink(ctx, old, ctx->poll_ns);
}

static void grow_window(AioContext *ctx)
{
    int64_t old = ctx->poll_ns;
    int64_t factor = ctx->poll_grow ? ctx->poll_grow : 2;

    /* Divided, because the operator's factor may be any number. */
    ctx->poll_ns = !old ? POLL_START_NS
                        : old > ctx->poll_max_ns / factor ? ctx->poll_max_ns : old * factor;
    ctx->poll_ns = MIN(ctx->poll_ns, ctx->poll_max_ns);
    trace_aio_poll_grow(ctx, old, ctx->poll_ns);
}

/* After `idle_ns` of polling in vain and sleeping: would a longer window have caught it? */
static void adapt_window(AioContext *ctx, int64_t idle_ns)
{
    if (idle_ns > ctx->poll_max_ns) {
        if (ctx->poll_ns) {
            shrink_window(ctx);
        }
    } else if (idle_ns > ctx->poll_ns && ctx->poll_ns < ctx->poll_max_ns) {
        grow_window(ctx);
    }
}

/* ---- turns ---- */

/* Sleeping part of a turn; the clock is read only for those who asked for polling. */
static int wait_for_events(AioContext *ctx, struct epoll_event *events, int64_t max_wait_ns)
{
    bool adaptive = ctx->poll_max_ns && ctx->nr_pollable && max_wait_ns;
    int64_t start = adaptive ? get_clock() : 0;
    int n = fetch_events(ctx, events, max_wait_ns);

    if (adaptive) {
        /* The polling that came before was in vain: the idle time began with it. */
        adapt_window(ctx, get_clock() - start + ctx->poll_ns);
    }
    return n;
}

/* Polling had work again: other fds, and other threads that want the lock, get their chance too. */
static bool must_ask_kernel(AioContext *ctx)
{
    return aio_lock_wanted(ctx) || ctx->poll_streak % POLL_KERNEL_EVERY == 0;
}

static bool run_queued(AioContext *ctx, uint64_t turn)
{
    bool progress = aio_bh_run(ctx);

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
    bool progress = try_polling(ctx, &max_wait_ns);
    int n;

    if (ctx->turns == turn && (!progress || must_ask_kernel(ctx))) {
        n = wait_for_events(ctx, events, max_wait_ns);
        if (n && ctx->turns == turn) {
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
