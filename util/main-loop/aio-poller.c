/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pollers: looking at memory. A context has an array of those that are
 * enabled; a round over it is a few loads for each. As everywhere here nobody
 * keeps a pointer into the array across a callback: a round that finds the
 * array changed, or another frame running the loop, is over.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "aio-context.h"

enum {
    SLEEP_WORTH_NS = 200 * SCALE_US,    /* less is not worth taking a page away for */
    WAKE_LOOK_NS = 20 * SCALE_US,       /* a store follows the fault that it has made */
};

bool aio_pollers_once(AioContext *ctx)
{
    unsigned serial = ctx->pollers_serial;
    uint64_t turn = ctx->turns;
    bool progress = false;

    for (unsigned i = 0; i < ctx->nr_pollers; i++) {
        AioPoller *p = ctx->pollers[i];

        if (likely(p->asleep || !p->poll(p->opaque))) {
            continue;
        }
        progress = true;
        p->woken = false;
        p->watch_ns = p->watch_first_ns;
        if (p->ready) {
            aio_call(ctx, p->ready, p->opaque);
            if (ctx->pollers_serial != serial || ctx->turns != turn) {
                break;
            }
        }
    }
    return progress;
}

int64_t aio_pollers_timeout_ns(AioContext *ctx)
{
    int64_t timeout_ns = -1;

    for (unsigned i = 0; i < ctx->nr_pollers; i++) {
        AioPoller *p = ctx->pollers[i];

        if (!p->asleep && p->watch_ns) {
            timeout_ns = qemu_soonest_timeout(timeout_ns, p->watch_ns);
        }
    }
    return timeout_ns;
}

void aio_pollers_back_off(AioContext *ctx)
{
    for (unsigned i = 0; i < ctx->nr_pollers; i++) {
        AioPoller *p = ctx->pollers[i];

        p->watch_ns = MIN(p->watch_ns * 2, p->watch_max_ns);
    }
}

/* ---- memory that tells ---- */

static bool fall_asleep(AioPoller *p)
{
    if (p->woken) {
        p->woken = false;
        p->watch_ns = SLEEP_WORTH_NS;
        return true;
    }
    p->sleep_ops->begin(p->sleep_opaque);
    if (p->poll(p->opaque)) {
        return false;
    }
    p->asleep = p->sleep_ops->end(p->sleep_opaque);
    return p->asleep;
}

static bool worth_it(AioContext *ctx, int64_t max_wait_ns)
{
    int64_t timeout_ns = aio_turn_timeout_ns(ctx, max_wait_ns);

    return timeout_ns < 0 || timeout_ns >= SLEEP_WORTH_NS;
}

bool aio_pollers_fall_asleep(AioContext *ctx, int64_t max_wait_ns)
{
    for (unsigned i = 0; i < ctx->nr_pollers; i++) {
        AioPoller *p = ctx->pollers[i];

        if (p->arm && p->arm(p->opaque)) {
            return false;
        }
        if (p->sleep_ops && !p->asleep && worth_it(ctx, max_wait_ns) && !fall_asleep(p)) {
            return false;
        }
    }
    return true;
}

void aio_poller_set_sleep_ops(AioPoller *p, const AioPollerSleepOps *ops, void *opaque)
{
    AIO_CONTEXT_GUARD(p->ctx);

    p->sleep_ops = ops;
    p->sleep_opaque = opaque;
    p->asleep = p->woken = false;
    aio_notify(p->ctx);
}

void aio_poller_wake(AioPoller *p)
{
    int64_t end;

    if (!p->asleep) {
        return;
    }
    p->asleep = false;
    p->woken = true;
    end = get_clock() + WAKE_LOOK_NS;
    while (!p->poll(p->opaque)) {
        if (get_clock() >= end) {
            return;
        }
    }
    p->woken = false;
    p->watch_ns = p->watch_first_ns;
    if (p->ready) {
        aio_call(p->ctx, p->ready, p->opaque);
    }
}

/* ---- registration ---- */

static void array_add(AioContext *ctx, AioPoller *p)
{
    if (ctx->nr_pollers == ctx->room_pollers) {
        ctx->room_pollers = ctx->room_pollers ? ctx->room_pollers * 2 : 4;
        ctx->pollers = g_renew(AioPoller *, ctx->pollers, ctx->room_pollers);
    }
    ctx->pollers[ctx->nr_pollers++] = p;
}

static void array_remove(AioContext *ctx, AioPoller *p)
{
    unsigned i = 0;

    while (ctx->pollers[i] != p) {
        i++;
    }
    ctx->pollers[i] = ctx->pollers[--ctx->nr_pollers];
}

/* A loop that sleeps has to look once more before it goes on sleeping: there may be work. */
void aio_poller_set_enabled(AioPoller *p, bool enabled)
{
    AioContext *ctx = p->ctx;
    AIO_CONTEXT_GUARD(ctx);

    if (p->enabled == enabled) {
        return;
    }
    p->enabled = enabled;
    ctx->pollers_serial++;
    if (enabled) {
        p->watch_ns = p->watch_first_ns;
        p->asleep = p->woken = false;
        array_add(ctx, p);
        aio_notify(ctx);
    } else {
        array_remove(ctx, p);
    }
}

void aio_poller_set_watch(AioPoller *p, int64_t first_ns, int64_t max_ns)
{
    AIO_CONTEXT_GUARD(p->ctx);

    p->watch_first_ns = MAX(first_ns, 0);
    p->watch_max_ns = MAX(max_ns, p->watch_first_ns);
    p->watch_ns = p->watch_first_ns;
    aio_notify(p->ctx);
}

void aio_poller_set_arm(AioPoller *p, AioPollFn *arm)
{
    AIO_CONTEXT_GUARD(p->ctx);

    p->arm = arm;
    aio_notify(p->ctx);
}

AioPoller *aio_poller_new(AioContext *ctx, AioPollFn *poll, IOHandler *ready, void *opaque)
{
    AioPoller *p = g_new0(AioPoller, 1);

    aio_context_ref(ctx);
    *p = (AioPoller) { .ctx = ctx, .poll = poll, .ready = ready, .opaque = opaque };
    aio_poller_set_enabled(p, true);
    return p;
}

void aio_poller_free(AioPoller *p)
{
    if (p) {
        aio_poller_set_enabled(p, false);
        aio_context_unref(p->ctx);
        g_free(p);
    }
}
