/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of an AioContext, for the files of this folder only. The theory of
 * operation is at the top of aio-context.c.
 *
 * Lock order: registry_lock (context-list.c), then a context's lock, then its
 * bh_lock, its timers' lock, or pool_lock (worker-pool.c): the last three are
 * leaves.
 */
#ifndef UTIL_AIO_CONTEXT_H
#define UTIL_AIO_CONTEXT_H

#include "block/aio.h"
#include "qemu/queue.h"
#include "qemu/thread.h"

/* Sorted by expiry; the root is slot 1, so that slot 0 can mean "not armed". */
typedef struct TimerHeap {
    QEMUTimer **slots;
    uint32_t used;
    uint32_t allocated;
} TimerHeap;

/*
 * The timers of a context. `lock` protects what follows it and the private
 * members of the timers. Timers made by timer_new() hold a reference, so that
 * they can still be freed when the context has gone (ctx is NULL then).
 */
struct QEMUTimerListGroup {
    int refcount;                       /* atomic */
    QemuMutex lock;
    AioContext *ctx;
    uint32_t armed;                     /* sum of the heaps' `used`; read without the lock */
    TimerHeap heap[QEMU_CLOCK_MAX];
};

/* A place for one fd. Events carry (index, generation): what was removed is never called. */
struct AioHandler {
    int fd;                             /* -1: free */
    uint32_t generation;
    uint32_t epoll_events;
    IOHandler *io_read;
    IOHandler *io_write;
    AioPollFn *io_poll;
    IOHandler *io_poll_ready;
    void *opaque;
};

struct AioPoller {
    AioContext *ctx;                    /* a reference */
    AioPollFn *poll;
    AioPollFn *arm;                     /* NULL: nobody can be asked */
    IOHandler *ready;
    void *opaque;
    bool enabled;
    int64_t watch_first_ns, watch_max_ns;       /* 0: no watch */
    int64_t watch_ns;                   /* the next sleep is at most so long */
    const AioPollerSleepOps *sleep_ops;
    void *sleep_opaque;
    bool asleep;                        /* somebody wakes it: nobody looks */
    bool woken;                         /* in vain so far: the next sleep is a watched one */
};

/* However long somebody wants to poll: a loop without work is asleep after this. */
#define AIO_WINDOW_MOST_NS (10 * SCALE_MS)

/* Adaptive polling, aio-window.c. */
typedef struct AioWindow {
    int64_t max_ns, grow, shrink;       /* as asked for */
    int64_t ns;                         /* how long nothing may happen before the loop sleeps */
    int64_t active_at;                  /* when something happened last */
    bool active;                        /* something has happened since the clock was read */
    bool fds_active;                    /* to an fd that has io_poll */
    int64_t fds_hot_until;              /* such fds are looked at in every round */
    int64_t kernel_at;                  /* when the kernel was asked last, while polling */
    int64_t slept_until;                /* end of the last sleep; 0: accounted for */
    unsigned streak;                    /* turns in a row with hits */
} AioWindow;

typedef struct AioWorker AioWorker;

/* What the runner of a loop is doing, for those who may have to wake it. */
enum {
    LOOP_AWAKE,         /* will look for work before it sleeps */
    LOOP_ASLEEP,        /* in the kernel: only the eventfd reaches it */
    LOOP_POLLING,       /* spinning: looks at this word */
};

struct AioContext {
    int refcount;                       /* atomic */
    char *name;
    bool is_main;
    bool live;                          /* atomic: started, and not asked to stop */
    QLIST_ENTRY(AioContext) registry;   /* registry_lock */

    QemuMutex lock;                     /* protects what follows up to the next remark */
    bool started;
    bool stopping;
    const void *runner;                 /* token of the thread that runs the loop, NULL: nobody */
    unsigned frames;                    /* workers that run, or are suspended in, this context */
    uint64_t turns;                     /* changes with every turn and hand-over: whoever sees
                                           another value than before is not the newest frame */
    QemuCond idle;                      /* frames has become 0 */
    QemuCond turn_done;                 /* for aio_poll() by other threads */
    unsigned turn_waiters;
    QLIST_HEAD(, AioWaiter) suspended;
    AioHandler *handlers;
    unsigned nr_handlers;
    unsigned nr_pollable;
    AioPoller **pollers;                /* the enabled ones */
    unsigned nr_pollers, room_pollers;
    unsigned pollers_serial;            /* changes with the array */
    int epoll_fd;
    EventNotifier kick;
    AioWindow window;
    AioContextStats stats;

    unsigned lock_waiters;              /* atomic: threads that want `lock` from the runner */
    uint32_t lock_grants;               /* atomic, futex: how often one of them got it */
    int runner_yields;                  /* atomic: the runner sleeps on lock_grants */
    uint32_t runner_waits;              /* atomic, futex: the runner waits for `lock` */
    int loop_state;                     /* atomic, LOOP_... */
    bool kicked;                        /* atomic: the turn that sees it does not sleep */

    QemuMutex bh_lock;                  /* protects the queue, and all BHs' queue state */
    QTAILQ_HEAD(, QEMUBH) bh_queue;
    unsigned bh_count;                  /* also read without bh_lock, as a hint */

    QEMUTimerListGroup *timers;
};

/* ---- current-context.c: what a thread is in ---- */

const void *aio_thread_token(void);
void aio_thread_set_worker(AioWorker *worker, AioContext *running);
void aio_thread_adopt(void *ctx);
/* Engaged guards of this thread are let go for the time of a wait. */
ReentrancyFrame *aio_thread_suspend_guards(void);
void aio_thread_resume_guards(ReentrancyFrame *saved);

/* ---- aio-lock.c: the context's lock, fair towards those who ask the runner for it ---- */

void aio_lock(AioContext *ctx);
void aio_unlock(AioContext *ctx);
static inline bool aio_lock_wanted(AioContext *ctx)
{
    return qatomic_read(&ctx->lock_waiters) != 0;
}
/* For the runner around its sleep: takes turns with those who wait. */
uint32_t aio_unlock_runner(AioContext *ctx);
void aio_lock_runner(AioContext *ctx, uint32_t grants);
/* Without the lock: a runner that waits for it has it before this returns. */
void aio_lock_let_runner(AioContext *ctx);
/* For a thread that wakes another one which sleeps on a condition of the lock. */
void aio_lock_announce(AioContext *ctx);
void aio_lock_arrived(AioContext *ctx);

/* ---- aio-poll.c ---- */

/*
 * Wakes whoever looks at something of his own between two turns. Unlike
 * aio_notify(), for which the work is in the context's queues, it counts for a
 * turn that has not begun yet.
 */
void aio_kick(AioContext *ctx);

/* How long the loop may sleep, for what is known now. */
int64_t aio_turn_timeout_ns(AioContext *ctx, int64_t max_wait_ns);
/* One turn; lock held; sleeps at most max_wait_ns (-1: no limit). true = a callback ran. */
bool aio_turn(AioContext *ctx, int64_t max_wait_ns);
/* Loop of a worker, from entering to leaving ctx; consumes a reference and a frame. */
void aio_run(AioContext *ctx);
/* The calling thread runs ctx's loop now. */
static inline bool aio_is_runner(AioContext *ctx)
{
    return ctx->runner == aio_thread_token();
}

/* ---- aio-window.c: polling instead of sleeping ---- */

/*
 * Looks for work without the kernel, for as long as the window is open. true: some was found
 * and done. *max_wait_ns becomes 0 when the rest of the turn must not sleep.
 */
bool aio_window_poll(AioContext *ctx, int64_t *max_wait_ns);
/* After hits: other fds, and threads that want the lock, have to have their chance now. */
bool aio_window_must_ask_kernel(AioContext *ctx);
/* Around the sleep. n: events that ended it, 0: its time was over. */
void aio_window_slept(AioContext *ctx, int n);
/* Something has happened: an fd's event, or a bottom half. */
static inline void aio_window_activity(AioContext *ctx)
{
    ctx->window.active = true;
}
/* Somebody wants this context to poll, and there is something to look at. */
static inline bool aio_window_wanted(const AioContext *ctx)
{
    return ctx->window.max_ns && (ctx->nr_pollable || ctx->nr_pollers);
}

/* ---- aio-poller.c ---- */

/* One look by every poller; runs those that find work. */
bool aio_pollers_once(AioContext *ctx);
/* The loop is about to sleep for max_wait_ns or less, -1: no limit. false: there is work. */
bool aio_pollers_fall_asleep(AioContext *ctx, int64_t max_wait_ns);
/* How long the loop may sleep for them; -1: no limit. */
int64_t aio_pollers_timeout_ns(AioContext *ctx);
/* A sleep has ended without work for them. */
void aio_pollers_back_off(AioContext *ctx);

/* ---- aio-handlers.c ---- */

/* Counts and calls. */
static inline void aio_call(AioContext *ctx, IOHandler *cb, void *opaque)
{
    qatomic_set(&ctx->stats.callbacks, ctx->stats.callbacks + 1);
    cb(opaque);
}

enum { AIO_EVENTS_PER_TURN = 16 };
struct epoll_event;
bool aio_handlers_init(AioContext *ctx, Error **errp);
void aio_handlers_destroy(AioContext *ctx);
bool aio_dispatch_events(AioContext *ctx, const struct epoll_event *events, int count);
/* One round over the io_poll handlers; runs those that say yes. */
bool aio_poll_handlers_once(AioContext *ctx);

/* ---- aio-waiter.c ---- */

/* Another thread runs the loop from now on; false when that is not possible. Lock held. */
bool aio_hand_over(AioContext *ctx);
void aio_wake_suspended(AioContext *ctx);

/* ---- worker-pool.c ---- */

/* Some worker calls aio_run(ctx), as the runner named by the token; NULL: no thread can be had. */
const void *aio_worker_dispatch(AioContext *ctx);

/* ---- bh.c ---- */

static inline bool aio_bh_pending(AioContext *ctx)
{
    return qatomic_read(&ctx->bh_count) != 0;
}
bool aio_bh_run(AioContext *ctx);
void aio_bh_drop_all(AioContext *ctx);

/* ---- timer.c ---- */

void aio_timers_init(AioContext *ctx);
void aio_timers_destroy(AioContext *ctx);
/* ns until the next timer falls due; -1: none. */
int64_t aio_timers_deadline_ns(AioContext *ctx);
int64_t aio_timers_clock_deadline_ns(AioContext *ctx, QEMUClockType type);
bool aio_timers_run(AioContext *ctx);
bool aio_timers_run_clock(AioContext *ctx, QEMUClockType type);

/* ---- context-list.c: all contexts of the process ---- */

void aio_context_list_add(AioContext *ctx);
void aio_context_list_remove(AioContext *ctx);
/* Array of references, NULL-terminated; g_ptr_array_unref() drops them. */
GPtrArray *aio_context_list_snapshot(void);

#endif
