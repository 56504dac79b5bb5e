/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which context a thread is in. A thread has a home (inherited from its
 * creator, or the context whose loop it runs) and a short stack of contexts
 * that it has entered. The lock is taken when a context is entered for the
 * first time, and given back when that entry is left; deeper entries only count.
 *
 * The device API's big lock is the lock of the current context. A model may
 * also *drop* it inside a callback: the entry stays, marked as dropped, and the
 * mutex is free until the model locks again.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "aio-context.h"

enum { MAX_ENTERED = 4 };       /* main, one domain, each once more: deeper is a mistake */

typedef struct Entered {
    AioContext *ctx;
    unsigned count;
    unsigned bql;               /* of these, by qemu_mutex_lock_iothread() */
    bool owns;                  /* leaving it unlocks */
    bool dropped;               /* qemu_mutex_unlock_iothread() inside */
} Entered;

static __thread struct {
    AioContext *home;           /* a reference, or NULL */
    AioContext *running;        /* whose callbacks this worker runs, or is suspended in */
    AioWorker *worker;
    ReentrancyFrame *guards;
    unsigned depth;
    Entered stack[MAX_ENTERED];
} self;

const void *aio_thread_token(void)
{
    return self.worker ? (const void *)self.worker : &self;
}

void aio_thread_set_worker(AioWorker *worker, AioContext *running)
{
    self.worker = worker;
    self.running = running;
}

void aio_thread_adopt(void *ctx)
{
    AioContext *old = self.home;

    self.home = ctx;
    aio_context_unref(old);
}

static void *capture_current(void)
{
    AioContext *ctx = self.depth ? self.stack[self.depth - 1].ctx : self.home;

    if (ctx) {
        aio_context_ref(ctx);
    }
    return ctx;
}

static void discard_captured(void *ctx)
{
    aio_context_unref(ctx);
}

static void __attribute__((constructor)) register_inheritance(void)
{
    static const QemuThreadInherit hooks = {
        .capture = capture_current,
        .adopt = aio_thread_adopt,
        .discard = discard_captured,
    };

    qemu_thread_set_inherit(&hooks);
}

AioContext *qemu_get_current_aio_context(void)
{
    if (self.depth) {
        return self.stack[self.depth - 1].ctx;
    }
    return self.home ? self.home : aio_context_main();
}

/* ---- entering and leaving ---- */

static Entered *top(void)
{
    return self.depth ? &self.stack[self.depth - 1] : NULL;
}

bool aio_context_entered(AioContext *ctx)
{
    for (unsigned i = 0; i < self.depth; i++) {
        const Entered *e = &self.stack[i];

        if (e->ctx == ctx && e->owns && !e->dropped) {
            return true;
        }
    }
    return false;
}

bool aio_context_in_loop(AioContext *ctx)
{
    return aio_context_entered(ctx) && (self.running == ctx || aio_is_runner(ctx));
}

/* The order of block/aio.h. A violation would be a deadlock sooner or later, so it is one now. */
static void check_order(AioContext *ctx)
{
    for (unsigned i = 0; i < self.depth; i++) {
        AioContext *held = self.stack[i].ctx;

        if (!self.stack[i].dropped && (!held->is_main || ctx->is_main)) {
            g_error("lock order: context '%s' entered while holding '%s'", ctx->name, held->name);
        }
    }
}

static void push(AioContext *ctx, bool owns)
{
    g_assert(self.depth < MAX_ENTERED);
    self.stack[self.depth++] = (Entered) { .ctx = ctx, .count = 1, .owns = owns };
}

void aio_context_enter(AioContext *ctx)
{
    Entered *now = top();

    if (now && now->ctx == ctx && !now->dropped) {
        now->count++;
    } else if (aio_context_entered(ctx)) {
        push(ctx, false);
    } else {
        check_order(ctx);
        aio_lock(ctx);
        push(ctx, true);
    }
}

void aio_context_visit(AioContext *ctx)
{
    if (!aio_context_entered(ctx)) {
        aio_lock_let_runner(ctx);
    }
    aio_context_enter(ctx);
}

void aio_context_leave(AioContext *ctx)
{
    Entered *now = top();

    g_assert(now && now->ctx == ctx && !now->dropped);
    if (--now->count == 0) {
        bool owns = now->owns;

        self.depth--;
        if (owns) {
            aio_unlock(ctx);
        }
    }
}

/* ---- the big lock ---- */

void qemu_mutex_lock_iothread(void)
{
    AioContext *ctx = qemu_get_current_aio_context();
    Entered *now = top();

    if (now && now->dropped) {
        aio_lock(ctx);
        now->dropped = false;
        return;
    }
    if (now) {
        now->count++;
        now->bql++;
        return;
    }
    aio_context_enter(ctx);
    top()->bql = 1;
}

void qemu_mutex_unlock_iothread(void)
{
    Entered *now = top();

    g_assert(now && !now->dropped);
    if (now->bql) {
        now->bql--;
        aio_context_leave(now->ctx);
        return;
    }
    /* The caller is in a callback, or in code that entered the context for it. */
    g_assert(now->owns);
    now->dropped = true;
    aio_unlock(now->ctx);
}

bool qemu_mutex_iothread_locked(void)
{
    return self.depth && aio_context_entered(self.stack[self.depth - 1].ctx);
}

static void wait_on_big_lock(QemuCond *cond, int ms)
{
    AioContext *ctx = qemu_get_current_aio_context();
    ReentrancyFrame *guards;

    g_assert(aio_context_entered(ctx));
    if (aio_is_runner(ctx)) {
        aio_hand_over(ctx);     /* where that is not possible, the loop stands still, as in QEMU */
    }
    guards = aio_thread_suspend_guards();
    if (ms < 0) {
        qemu_cond_wait(cond, &ctx->lock);
    } else {
        qemu_cond_timedwait(cond, &ctx->lock, ms);
    }
    aio_thread_resume_guards(guards);
}

void qemu_cond_wait_iothread(QemuCond *cond)
{
    wait_on_big_lock(cond, -1);
}

void qemu_cond_timedwait_iothread(QemuCond *cond, int ms)
{
    wait_on_big_lock(cond, MAX(ms, 0));
}

/* ---- re-entrancy guards ---- */

bool reentrancy_frame_enter(ReentrancyFrame *frame, MemReentrancyGuard *guard)
{
    if (guard->engaged_in_io) {
        return false;
    }
    guard->engaged_in_io = true;
    *frame = (ReentrancyFrame) { .guard = guard, .outer = self.guards };
    self.guards = frame;
    return true;
}

void reentrancy_frame_leave(ReentrancyFrame *frame)
{
    g_assert(self.guards == frame);
    self.guards = frame->outer;
    frame->guard->engaged_in_io = false;
}

static void set_guards(ReentrancyFrame *frame, bool engaged)
{
    for (; frame; frame = frame->outer) {
        frame->guard->engaged_in_io = engaged;
    }
}

ReentrancyFrame *aio_thread_suspend_guards(void)
{
    ReentrancyFrame *saved = self.guards;

    set_guards(saved, false);
    self.guards = NULL;
    return saved;
}

void aio_thread_resume_guards(ReentrancyFrame *saved)
{
    g_assert(!self.guards);
    set_guards(saved, true);
    self.guards = saved;
}
