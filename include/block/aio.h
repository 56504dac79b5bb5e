/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AioContext: one event loop with one lock and, when started, one thread.
 *
 * The main thread owns the main context; each isolation domain owns one more.
 * All callbacks of a context (fd handlers, timers, bottom halves) run one at a
 * time under its lock, in whatever thread runs the loop at that moment, with
 * the context as the current one. The lock is let go only while the loop
 * sleeps and inside aio_waiter_wait() / qemu_cond_wait_iothread().
 *
 * The current context of a thread is what aio_context_enter() made it, else
 * the one that it inherited from its creator, else the main context. Functions
 * without a context argument act on the current one.
 *
 * The theory is in util/main-loop/aio-context.c.
 *
 * Lock order: main context, then one domain's context, then the internal locks
 * of a context (timers, bottom halves). Nobody holds two domains' locks; a
 * thread that holds a domain's lock never enters the main context: it posts a
 * bottom half there.
 */
#ifndef BLOCK_AIO_H
#define BLOCK_AIO_H

#include "qemu/event_notifier.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "qemu/typedefs.h"

typedef void QEMUBHFunc(void *opaque);
typedef void IOHandler(void *opaque);
typedef bool AioPollFn(void *opaque);
typedef int IOCanReadHandler(void *opaque);
typedef void IOReadHandler(void *opaque, const uint8_t *buf, int size);

/* ---- life ---- */

AioContext *aio_context_new(Error **errp);
/* ours: name shows in thread names, traces and error texts. One reference for the caller. */
AioContext *aio_context_new_named(const char *name, Error **errp);
void aio_context_ref(AioContext *ctx);
/* The last one frees: the context is stopped by then and nobody has entered it. */
void aio_context_unref(AioContext *ctx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioContext, aio_context_unref)
const char *aio_context_name(AioContext *ctx);

/*
 * ours: gives the context a thread that runs its loop until aio_context_stop().
 * try_start: false and errp when no thread can be had; start: the process ends then.
 */
void aio_context_start(AioContext *ctx);
bool aio_context_try_start(AioContext *ctx, Error **errp);
/*
 * ours: asks the loop to end and waits for it; called from another thread,
 * which does not hold the lock. Callbacks that are suspended in
 * aio_waiter_wait() are resumed with `false` and run to their end first.
 */
void aio_context_stop(AioContext *ctx);

/*
 * ours: its own thread runs the loop, and nobody has asked it to stop. Takes no
 * lock, so a loop that is stuck in a callback can be asked about, too.
 */
bool aio_context_is_live(AioContext *ctx);
/* ours: fn for each of them, with no lock held; one that is made meanwhile may be left out. */
void aio_context_foreach_live(void (*fn)(AioContext *ctx, void *opaque), void *opaque);

/* ---- the lock ---- */

/*
 * ours: take the lock and make ctx current for this thread; undo with
 * aio_context_leave() in the reverse order. Re-entering a context that the
 * thread holds already is legal and costs no atomic operation.
 */
void aio_context_enter(AioContext *ctx);
void aio_context_leave(AioContext *ctx);
/*
 * ours: the same for those who enter and leave a busy context again and again,
 * a query that looks at one device after the other: between two visits the
 * context's own thread has its turn, when it wants one.
 */
void aio_context_visit(AioContext *ctx);
/* The calling thread has entered ctx. */
bool aio_context_entered(AioContext *ctx);
/* The calling thread holds the lock and is the one that runs ctx's callbacks. */
bool aio_context_in_loop(AioContext *ctx);

typedef struct AioContextGuard {
    AioContext *ctx;
} AioContextGuard;
static inline AioContextGuard aio_context_guard_enter(AioContext *ctx)
{
    aio_context_enter(ctx);
    return (AioContextGuard) { ctx };
}
static inline void aio_context_guard_leave(AioContextGuard *guard)
{
    aio_context_leave(guard->ctx);
}
static inline AioContextGuard aio_context_guard_visit(AioContext *ctx)
{
    aio_context_visit(ctx);
    return (AioContextGuard) { ctx };
}
#define AIO_CONTEXT_GUARD_(context, name) \
    __attribute__((cleanup(aio_context_guard_leave), unused)) AioContextGuard name = \
        aio_context_guard_enter(context)
/* Enter ctx until the end of the enclosing block. */
#define AIO_CONTEXT_GUARD(ctx) AIO_CONTEXT_GUARD_(ctx, glue(aio_guard_, __COUNTER__))
#define AIO_CONTEXT_VISIT_(context, name) \
    __attribute__((cleanup(aio_context_guard_leave), unused)) AioContextGuard name = \
        aio_context_guard_visit(context)
/* The same with aio_context_visit(). */
#define AIO_CONTEXT_VISIT(ctx) AIO_CONTEXT_VISIT_(ctx, glue(aio_guard_, __COUNTER__))
/* A loop that the compiler can see to run once: no false "maybe uninitialized" behind it. */
#define WITH_AIO_CONTEXT_GUARD_(context, name) \
    for (AioContextGuard name __attribute__((cleanup(aio_context_guard_leave))) = \
             aio_context_guard_enter(context), *glue(name, _once) = &name; \
         glue(name, _once); glue(name, _once) = NULL)
#define WITH_AIO_CONTEXT_GUARD(ctx) \
    WITH_AIO_CONTEXT_GUARD_(ctx, glue(with_aio_guard_, __COUNTER__))

/*
 * QEMU 8.2's second lock, below the big one. A context has exactly one lock
 * here and every callback holds it already: nothing is left for these to do.
 */
static inline void aio_context_acquire(AioContext *ctx) { }
static inline void aio_context_release(AioContext *ctx) { }

AioContext *qemu_get_current_aio_context(void);
/* The process's main context (made on first use). */
AioContext *aio_context_main(void);

/* ---- waiting inside a callback without stopping the loop (ours) ---- */

/*
 * The caller holds ctx's lock; it is given up while waiting. Where the caller
 * is the thread that runs ctx's loop, another thread takes over the loop
 * first, so other callbacks of ctx go on - the same fd handler among them, if
 * its fd is still readable. What the callback knew about the state of its
 * device before the wait may have changed after it.
 *
 * On the main context, or when no thread can be had, the loop is run nested
 * instead: the same for the caller, but such waits end in LIFO order.
 */
typedef struct AioWaiter {
    AioContext *ctx;
    QemuCond cond;
    bool woken;
    bool sleeping;      /* on cond */
    bool nested;        /* running the loop while it waits */
    bool counted;       /* the waker has announced it to the lock */
    QLIST_ENTRY(AioWaiter) next;
} AioWaiter;

void aio_waiter_init(AioWaiter *w, AioContext *ctx);
void aio_waiter_destroy(AioWaiter *w);
/* Lock held. May come before the wait, which then returns at once. */
void aio_waiter_wake(AioWaiter *w);
/*
 * Lock held. true = woken (and the waiter can be used again); false = the time
 * is over, or the context is being stopped. timeout_ns < 0: no limit.
 */
bool aio_waiter_wait(AioWaiter *w, int64_t timeout_ns);

/*
 * A MemReentrancyGuard must stop a device that reaches itself, not another
 * access that is served while a first one is suspended in a wait. So whoever
 * engages a guard does it with a frame on its stack, and a wait disengages what
 * its own thread has engaged, until it goes on.
 * enter returns false, and the caller goes no further and does not leave, when
 * the device is engaged already. Lock of the device's context held.
 */
typedef struct ReentrancyFrame {
    MemReentrancyGuard *guard;
    struct ReentrancyFrame *outer;
} ReentrancyFrame;
bool reentrancy_frame_enter(ReentrancyFrame *frame, MemReentrancyGuard *guard);
void reentrancy_frame_leave(ReentrancyFrame *frame);

/* ---- fd handlers ---- */

/*
 * Replaces what was set for fd; all NULL removes it, after which it never runs
 * again. Takes the context's lock if the caller does not hold it.
 * io_poll, if given, is called by a polling loop instead of asking the kernel:
 * true means that there is work, for which io_poll_ready (or io_read) runs.
 * The fd stays the caller's and must be removed here before it is closed.
 */
void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read, IOHandler *io_write,
                        AioPollFn *io_poll, IOHandler *io_poll_ready, void *opaque);
void aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
                            EventNotifierHandler *io_read, AioPollFn *io_poll,
                            EventNotifierHandler *io_poll_ready);

/* ---- pollers: work that only memory shows (ours) ---- */

/*
 * For what no file descriptor tells: doorbells in a page that a client has
 * mapped, completion queues shared with the kernel. poll() looks, in tens of
 * nanoseconds and without a system call, and says whether there is work;
 * ready() does it, some of it: it may leave work for the next look, and what
 * it has left is found again before the loop sleeps. ready NULL: poll() has
 * done the work itself when it says true. poll() frees and changes no poller.
 *
 * Every turn of the loop looks once. While the window of
 * aio_context_set_poll_params() is open the loop does nothing else, but for a
 * look at file descriptors every 20 us or so (all the time while their io_poll
 * finds something), so pollers are cheap and fds that are busy lose nothing.
 * Bottom halves, timers and those who want the lock have their turn between
 * any two calls of ready().
 *
 * A loop that sleeps does not look. It is woken by somebody, or by
 * aio_poller_set_watch(). Something that has a file descriptor as well (an
 * io_uring) sets a handler for that, without io_poll, and has a poller besides;
 * somebody who can be asked to tell is asked in aio_poller_set_arm()'s callback.
 *
 * Lock of the context held in callbacks, taken by these functions if need be.
 */
typedef struct AioPoller AioPoller;
/* Enabled, without a watch. */
AioPoller *aio_poller_new(AioContext *ctx, AioPollFn *poll, IOHandler *ready, void *opaque);
/* Legal in its own ready(); not called again afterwards. NULL is fine. */
void aio_poller_free(AioPoller *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioPoller, aio_poller_free)
/* One that is not enabled costs nothing: for times when there can be no work. */
void aio_poller_set_enabled(AioPoller *p, bool enabled);
/*
 * A loop that would sleep longer wakes up to look: first_ns after the last
 * work, then in intervals that double up to max_ns. 0: never, the default.
 */
void aio_poller_set_watch(AioPoller *p, int64_t first_ns, int64_t max_ns);

/*
 * Before each sleep, however short, arm() asks those who change the memory to say so
 * (by a message, an event) and looks again: what came before they were asked is seen
 * by it, what comes later is told. true: there is work; the loop does not sleep.
 */
void aio_poller_set_arm(AioPoller *p, AioPollFn *arm);

/*
 * Memory that can tell after all, at a price: see softmmu/memory/shared-wakeup.c.
 * Before a sleep of some length begin() is called, then poll(), and when that has
 * found nothing, end(): true means that aio_poller_wake() will be called, in the
 * loop, when there may be work. Until then poll() is not, nor is there a watch.
 * false: there is work after all; the loop does not sleep.
 */
typedef struct AioPollerSleepOps {
    void (*begin)(void *opaque);
    bool (*end)(void *opaque);
} AioPollerSleepOps;
/* ops NULL: memory that tells nothing. */
void aio_poller_set_sleep_ops(AioPoller *p, const AioPollerSleepOps *ops, void *opaque);
/* Looks again from now on, hard in the first microseconds: the work may be on its way. */
void aio_poller_wake(AioPoller *p);

/* ---- bottom halves: scheduling is legal from any thread and takes no context's lock ---- */

QEMUBH *aio_bh_new_full(AioContext *ctx, QEMUBHFunc *cb, void *opaque, const char *name,
                        MemReentrancyGuard *reentrancy_guard);
void aio_bh_schedule_oneshot_full(AioContext *ctx, QEMUBHFunc *cb, void *opaque, const char *name);
#define aio_bh_new(ctx, cb, opaque) \
    aio_bh_new_full((ctx), (cb), (opaque), stringify(cb), NULL)
#define aio_bh_new_guarded(ctx, cb, opaque, guard) \
    aio_bh_new_full((ctx), (cb), (opaque), stringify(cb), (guard))
#define aio_bh_schedule_oneshot(ctx, cb, opaque) \
    aio_bh_schedule_oneshot_full((ctx), (cb), (opaque), stringify(cb))

void qemu_bh_schedule(QEMUBH *bh);
/* QEMU: run it soon, but wake no loop for it. Here the same as schedule, which is cheap enough. */
void qemu_bh_schedule_idle(QEMUBH *bh);
void qemu_bh_cancel(QEMUBH *bh);
/* Cancels; legal in the bottom half itself. The pointer is dead afterwards. */
void qemu_bh_delete(QEMUBH *bh);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QEMUBH, qemu_bh_delete)

/* ---- running it ---- */

/*
 * One turn of the loop. The context's thread calls it nested in a callback;
 * another thread, which has entered ctx, waits for (blocking) a turn of the
 * thread that runs ctx, or makes the turn itself when nobody does.
 * true = some callback ran.
 */
bool aio_poll(AioContext *ctx, bool blocking);
/*
 * Make a sleeping loop look again. From any thread. Whoever changes, without a
 * callback of ctx, what a thread in AIO_WAIT_WHILE() looks at, calls this.
 */
void aio_notify(AioContext *ctx);

/*
 * Adaptive polling: before sleeping, look at the io_poll handlers and pollers
 * until nothing happened for up to max_ns (0 = never; 10 ms is the most). The
 * window starts small, grows (by `grow`, 0 = doubles) when work came soon after
 * it was over, and shrinks when sleeping was right (by `shrink`, 0 = to
 * nothing), so an idle loop does not poll at all.
 */
void aio_context_set_poll_params(AioContext *ctx, int64_t max_ns, int64_t grow,
                                 int64_t shrink, Error **errp);

/* For `vfu bench`, tests and QMP. Read without a lock: each figure is right, not their sum. */
typedef struct AioContextStats {
    uint64_t wakeups;       /* returns from a sleep in the kernel */
    uint64_t callbacks;
    uint64_t handovers;     /* loop taken over by another thread */
    uint64_t polls_hit;     /* work found by polling */
    uint64_t polls_miss;
} AioContextStats;
void aio_context_get_stats(AioContext *ctx, AioContextStats *stats);

/* ---- timers of a given context ---- */

QEMUTimerListGroup *aio_context_timers(AioContext *ctx);

static inline QEMUTimer *aio_timer_new(AioContext *ctx, QEMUClockType type, int scale,
                                       QEMUTimerCB *cb, void *opaque)
{
    return timer_new_full(aio_context_timers(ctx), type, scale, 0, cb, opaque);
}

static inline QEMUTimer *aio_timer_new_with_attrs(AioContext *ctx, QEMUClockType type, int scale,
                                                  int attributes, QEMUTimerCB *cb, void *opaque)
{
    return timer_new_full(aio_context_timers(ctx), type, scale, attributes, cb, opaque);
}

static inline void aio_timer_init(AioContext *ctx, QEMUTimer *ts, QEMUClockType type, int scale,
                                  QEMUTimerCB *cb, void *opaque)
{
    timer_init_full(ts, aio_context_timers(ctx), type, scale, 0, cb, opaque);
}

/* ---- in-flight request handles (util/aiocb.c) ---- */

typedef void BlockCompletionFunc(void *opaque, int ret);

struct AIOCBInfo {
    void (*cancel_async)(BlockAIOCB *acb);
    size_t aiocb_size;
};

struct BlockAIOCB {
    const AIOCBInfo *aiocb_info;
    BlockDriverState *bs;
    BlockCompletionFunc *cb;
    void *opaque;
    int refcnt;
};

/* aiocb_size zeroed bytes that begin with a BlockAIOCB holding one reference. */
void *qemu_aio_get(const AIOCBInfo *aiocb_info, BlockDriverState *bs,
                   BlockCompletionFunc *cb, void *opaque);
void qemu_aio_ref(void *p);
void qemu_aio_unref(void *p);

#endif
