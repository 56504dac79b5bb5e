/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adaptive polling: a loop that had work a moment ago spins instead of sleeping.
 *
 * The window is open until nothing has happened for window.ns. Each time that
 * work comes after the loop has fallen asleep, but within the most that the
 * operator allows, the window grows; when nothing came for longer than that it
 * shrinks. Timers are no work: they come in any case.
 *
 * Two kinds of things are looked at. io_poll of an fd is a system call as a
 * rule; a poller is a few loads. With pollers a round therefore looks at fds
 * only when such an fd had something to do a moment ago, and the kernel is
 * asked about all fds every now and then; the clock is read for every few
 * rounds, since it costs more than one. Without pollers there is nothing else to
 * do than to look at the fds in every round, and a hit ends the turn.
 */
#include "qemu/osdep.h"
#include <sched.h>
#include "qemu/main-loop.h"
#include "aio-context.h"
#include "trace.h"

enum {
    START_NS = 4000,            /* first window after none */
    STREAK_MOST = 16,           /* turns with hits in a row, after which the kernel is asked */
    KERNEL_EVERY_NS = 20000,    /* between two questions to the kernel beside pollers */
    FDS_HOT_NS = 200000,        /* after work for io_poll the next is looked for so long */
    CLOCK_EVERY = 16,           /* rounds without work between two looks at the clock */
    HIT_ROUNDS = 4,             /* a hit takes about so long */
};

/* ---- how long ---- */

static void shrink(AioContext *ctx)
{
    AioWindow *w = &ctx->window;
    int64_t old = w->ns;

    w->ns = w->shrink ? old / w->shrink : 0;
    trace_aio_poll_shrink(ctx, old, w->ns);
}

static void grow(AioContext *ctx)
{
    AioWindow *w = &ctx->window;
    int64_t factor = w->grow ? w->grow : 2;
    int64_t old = w->ns;

    /* Divided, because the operator's factor may be any number. */
    w->ns = !old ? START_NS : old > w->max_ns / factor ? w->max_ns : old * factor;
    w->ns = MIN(w->ns, w->max_ns);
    trace_aio_poll_grow(ctx, old, w->ns);
}

/* Work has come idle_ns after the last: would a longer window have caught it? */
static void adapt(AioContext *ctx, int64_t idle_ns)
{
    AioWindow *w = &ctx->window;

    if (idle_ns > w->max_ns) {
        if (w->ns) {
            shrink(ctx);
        }
    } else if (idle_ns > w->ns && w->ns < w->max_ns) {
        grow(ctx);
    }
}

/* What the last sleep has cost, if it is not accounted for yet. */
static void found_after_sleep(AioContext *ctx)
{
    AioWindow *w = &ctx->window;

    if (w->slept_until) {
        adapt(ctx, w->slept_until - w->active_at);
        w->slept_until = 0;
    }
}

void aio_window_slept(AioContext *ctx, int n)
{
    AioWindow *w = &ctx->window;

    if (!n) {
        aio_pollers_back_off(ctx);
    }
    if (!aio_window_wanted(ctx)) {
        return;
    }
    w->slept_until = get_clock();
    if (n) {
        found_after_sleep(ctx);
    } else if (w->ns && w->slept_until - w->active_at > w->max_ns) {
        shrink(ctx);
    }
}

bool aio_window_must_ask_kernel(AioContext *ctx)
{
    return aio_lock_wanted(ctx) || ctx->window.streak % STREAK_MOST == 0;
}

/* ---- spinning ---- */

typedef struct Spin {
    uint64_t turn;
    int64_t now, end;
    int64_t deadline;           /* of timers */
    unsigned rounds;            /* since the clock was read */
    bool hit, hit_since_clock;
    bool ask_kernel;
} Spin;

static bool may_spin(AioContext *ctx, const Spin *spin)
{
    return !aio_bh_pending(ctx) && ctx->turns == spin->turn && !ctx->stopping &&
           qatomic_read(&ctx->loop_state) == LOOP_POLLING;
}

static void count_hit(AioContext *ctx)
{
    qatomic_set(&ctx->stats.polls_hit, ctx->stats.polls_hit + 1);
}

static void read_clock(AioContext *ctx, Spin *spin)
{
    AioWindow *w = &ctx->window;

    spin->now = get_clock();
    spin->rounds = 0;
    if (spin->hit_since_clock) {
        spin->hit_since_clock = false;
        w->active_at = spin->now;
    }
    if (w->fds_active) {
        w->fds_active = false;
        w->fds_hot_until = spin->now + FDS_HOT_NS;
    }
    spin->end = MIN(w->active_at + w->ns, spin->deadline);
}

/* One look at everything that this round is to look at. */
static bool look(AioContext *ctx, Spin *spin)
{
    bool pollers = ctx->nr_pollers;
    bool hit = pollers && aio_pollers_once(ctx);

    spin->rounds += hit ? HIT_ROUNDS : 1;
    if (hit || !ctx->nr_pollable || (pollers && spin->now >= ctx->window.fds_hot_until)) {
        return hit;
    }
    spin->rounds = CLOCK_EVERY;
    hit = aio_poll_handlers_once(ctx);
    ctx->window.fds_active |= hit;
    return hit;
}

static void give_way(AioContext *ctx)
{
    uint32_t grants = aio_unlock_runner(ctx);

    aio_lock_runner(ctx, grants);
}

/* false: the turn goes on. */
static bool spin_once(AioContext *ctx, Spin *spin)
{
    bool hit = look(ctx, spin);

    if (ctx->turns != spin->turn) {
        spin->hit |= hit;
        return false;
    }
    if (hit) {
        count_hit(ctx);
        spin->hit = spin->hit_since_clock = true;
        if (!ctx->nr_pollers) {
            return false;
        }
    }
    if (spin->rounds >= CLOCK_EVERY) {
        read_clock(ctx, spin);
        spin->ask_kernel = ctx->nr_pollers &&
                           spin->now - ctx->window.kernel_at >= KERNEL_EVERY_NS;
        if (spin->ask_kernel && !hit) {
            /* The kernel's own threads may wait for this processor, with what we look for. */
            sched_yield();
        }
        if (spin->now >= spin->end || spin->ask_kernel) {
            return false;
        }
    }
    if (aio_lock_wanted(ctx)) {
        give_way(ctx);
    }
    return true;
}

/* The clock, and what of the window is left. false: it is over. */
static bool open_window(AioContext *ctx, Spin *spin, int64_t max_wait_ns)
{
    AioWindow *w = &ctx->window;
    int64_t timeout_ns = aio_turn_timeout_ns(ctx, max_wait_ns);

    if (timeout_ns == 0) {
        return false;
    }
    spin->now = get_clock();
    spin->deadline = timeout_ns < 0 ? INT64_MAX : spin->now + timeout_ns;
    if (w->active) {
        w->active = false;
        w->active_at = spin->now;
    }
    spin->end = MIN(w->active_at + w->ns, spin->deadline);
    return w->ns && spin->now < spin->end;
}

/* What is found here ends the turn without a sleep. */
static void spin_window(AioContext *ctx, Spin *spin, int64_t *max_wait_ns)
{
    AioWindow *w = &ctx->window;
    bool notified = false;

    /* Before the last look for work of others: whoever has some from now on sees it. */
    qatomic_set_mb(&ctx->loop_state, LOOP_POLLING);
    if (!open_window(ctx, spin, *max_wait_ns)) {
        qatomic_set_mb(&ctx->loop_state, LOOP_AWAKE);
        return;
    }
    while (may_spin(ctx, spin) && spin_once(ctx, spin)) {
    }
    if (ctx->turns != spin->turn) {
        return;                 /* a hand-over has left the word to the new runner */
    }
    notified = qatomic_xchg(&ctx->loop_state, LOOP_AWAKE) != LOOP_POLLING;
    w->active |= spin->hit_since_clock;
    if (spin->ask_kernel) {
        w->kernel_at = spin->now;
    }
    if (notified || spin->ask_kernel) {
        *max_wait_ns = 0;
    }
    if (!spin->hit && !spin->ask_kernel) {
        qatomic_set(&ctx->stats.polls_miss, ctx->stats.polls_miss + 1);
    }
}

bool aio_window_poll(AioContext *ctx, int64_t *max_wait_ns)
{
    AioWindow *w = &ctx->window;
    Spin spin = { .turn = ctx->turns };

    if (ctx->nr_pollers && aio_pollers_once(ctx)) {
        count_hit(ctx);
        spin.hit = w->active = true;
        *max_wait_ns = 0;
        found_after_sleep(ctx);
    }
    if (aio_window_wanted(ctx) && ctx->turns == spin.turn) {
        spin_window(ctx, &spin, max_wait_ns);
    }
    if (spin.hit) {
        *max_wait_ns = 0;
    }
    w->streak = spin.ask_kernel ? 0 : spin.hit ? w->streak + 1 : 0;
    return spin.hit;
}
