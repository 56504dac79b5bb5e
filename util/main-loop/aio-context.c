/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event loop: theory of operation.
 *
 * An AioContext has one lock, and at any moment at most one *runner*: the
 * thread that sleeps in epoll for it and calls its callbacks. All callbacks run
 * under the lock. The runner gives the lock up only while it sleeps; other
 * threads enter the context then (aio-lock.c), or ask for it by being counted
 * in lock_waiters, for which a busy runner makes room once a turn.
 *
 * A turn (aio-poll.c): find out how long to sleep (not at all when a bottom
 * half is queued; else until the next timer), maybe poll for a while, sleep in
 * epoll, call the handlers of what became ready, run the bottom halves that
 * were queued when that began, run the timers that are due.
 *
 * Waking: work made by other threads (bottom halves, earlier timers) is
 * published first; then the maker exchanges loop_state with AWAKE and writes
 * the eventfd only if ASLEEP was in it. The runner puts ASLEEP in, then looks
 * for work once more, then sleeps. Both use the same atomic word, so one of the
 * two sees the other. A loop without work is never woken.
 *
 * Threads are not bound to contexts. A started context gets its first runner
 * from the worker pool (worker-pool.c). When a callback has to wait
 * (aio-waiter.c), its thread hands the baton over: it names another worker as
 * runner, then sleeps on a condition of the context's lock, with its half-done
 * callback on its stack. Woken, it takes the lock, finishes the callback, and
 * unwinds to its loop, where it sees that the runner is somebody else, and goes
 * back to the pool. Nothing is moved and nothing is special about stand-ins:
 * they are runners. Where no thread can be had, and on the main context (whose
 * thread the process started with), the waiting thread runs the loop nested on
 * its stack instead.
 *
 * What makes this safe is that nobody keeps a pointer into the context's
 * tables across a callback. `turns` counts turns and hand-overs; a frame that
 * comes back from a callback and finds another value drops the rest of what it
 * had fetched. Nothing is lost by that: fds are level-triggered and reported
 * again, bottom halves and timers are taken from their queues one at a time.
 * Handlers live in numbered slots with a generation, and what epoll returns is
 * checked against it, so removing anything at any time is just removing it.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "aio-context.h"
#include "trace.h"

AioContext *aio_context_new_named(const char *name, Error **errp)
{
    AioContext *ctx = g_new0(AioContext, 1);

    if (!aio_handlers_init(ctx, errp)) {
        g_free(ctx);
        return NULL;
    }
    ctx->refcount = 1;
    ctx->name = g_strdup(name);
    qemu_mutex_init(&ctx->lock);
    qemu_mutex_init(&ctx->bh_lock);
    qemu_cond_init(&ctx->idle);
    qemu_cond_init(&ctx->turn_done);
    QLIST_INIT(&ctx->suspended);
    QTAILQ_INIT(&ctx->bh_queue);
    aio_timers_init(ctx);
    aio_context_list_add(ctx);
    return ctx;
}

AioContext *aio_context_new(Error **errp)
{
    return aio_context_new_named("aio", errp);
}

const char *aio_context_name(AioContext *ctx)
{
    return ctx->name;
}

QEMUTimerListGroup *aio_context_timers(AioContext *ctx)
{
    return ctx->timers;
}

void aio_context_ref(AioContext *ctx)
{
    qatomic_inc(&ctx->refcount);
}

static void context_free(AioContext *ctx)
{
    g_assert(!ctx->started && !ctx->frames && QLIST_EMPTY(&ctx->suspended));
    aio_bh_drop_all(ctx);
    aio_timers_destroy(ctx);
    aio_handlers_destroy(ctx);
    qemu_cond_destroy(&ctx->turn_done);
    qemu_cond_destroy(&ctx->idle);
    qemu_mutex_destroy(&ctx->bh_lock);
    qemu_mutex_destroy(&ctx->lock);
    g_free(ctx->name);
    g_free(ctx);
}

/* Who finds a context in the list takes a reference only if there still is one: see there. */
void aio_context_unref(AioContext *ctx)
{
    if (ctx && qatomic_dec_fetch(&ctx->refcount) == 0) {
        aio_context_list_remove(ctx);
        context_free(ctx);
    }
}

bool aio_context_try_start(AioContext *ctx, Error **errp)
{
    AIO_CONTEXT_GUARD(ctx);

    g_assert(!ctx->started && !ctx->runner && !ctx->is_main);
    ctx->runner = aio_worker_dispatch(ctx);
    if (!ctx->runner) {
        error_setg(errp, "cannot make a thread for the event loop of '%s'", ctx->name);
        return false;
    }
    ctx->started = true;
    qatomic_set(&ctx->live, true);
    trace_aio_context_started(ctx, ctx->name);
    return true;
}

void aio_context_start(AioContext *ctx)
{
    aio_context_try_start(ctx, &error_fatal);
}

void aio_context_stop(AioContext *ctx)
{
    g_assert(!aio_context_entered(ctx));
    /* Before the lock: a loop that is stuck holds it, and is not asked any more. */
    qatomic_set(&ctx->live, false);
    AIO_CONTEXT_GUARD(ctx);

    if (!ctx->started) {
        return;
    }
    ctx->stopping = true;
    aio_wake_suspended(ctx);
    aio_notify(ctx);
    while (ctx->frames) {
        qemu_cond_wait(&ctx->idle, &ctx->lock);
    }
    ctx->stopping = false;
    ctx->started = false;
    trace_aio_context_stopped(ctx, ctx->name);
}

bool aio_context_is_live(AioContext *ctx)
{
    return qatomic_read(&ctx->live);
}

void aio_context_get_stats(AioContext *ctx, AioContextStats *stats)
{
    *stats = (AioContextStats) {
        .wakeups = qatomic_read(&ctx->stats.wakeups),
        .callbacks = qatomic_read(&ctx->stats.callbacks),
        .handovers = qatomic_read(&ctx->stats.handovers),
        .polls_hit = qatomic_read(&ctx->stats.polls_hit),
        .polls_miss = qatomic_read(&ctx->stats.polls_miss),
    };
}

void aio_context_set_poll_params(AioContext *ctx, int64_t max_ns, int64_t grow,
                                 int64_t shrink, Error **errp)
{
    if (max_ns < 0 || grow < 0 || shrink < 0) {
        error_setg(errp, "poll-max-ns, poll-grow and poll-shrink must not be negative");
        return;
    }
    WITH_AIO_CONTEXT_GUARD(ctx) {
        ctx->window = (AioWindow) {
            .max_ns = MIN(max_ns, AIO_WINDOW_MOST_NS), .grow = grow, .shrink = shrink,
        };
    }
    aio_notify(ctx);
}
