/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The view of the event loop that device models know: no context argument,
 * everything acts on the current context, and the "big lock" is that
 * context's lock (see block/aio.h).
 *
 * Lock order: as in block/aio.h.
 */
#ifndef QEMU_MAIN_LOOP_H
#define QEMU_MAIN_LOOP_H

#include "block/aio.h"
#include "qemu/thread.h"

/*
 * Once, first thing in main(): the calling thread becomes the main context's
 * and holds its lock from now on, except while main_loop_wait() sleeps.
 */
int qemu_init_main_loop(Error **errp);
/*
 * One turn of the main context; nonblocking != 0 does not sleep. GLib's own
 * main context is not part of it: a GSource would never be looked at.
 */
void main_loop_wait(int nonblocking);
/* Make main_loop_wait() return. From any thread; not from a signal handler. */
void qemu_notify_event(void);

/* QEMU's "main loop's context" is, for a device model, its own domain's context. */
AioContext *qemu_get_aio_context(void);
AioContext *iohandler_get_aio_context(void);
bool qemu_in_main_thread(void);

/* ---- the big lock ---- */

void qemu_mutex_lock_iothread(void);
void qemu_mutex_unlock_iothread(void);
bool qemu_mutex_iothread_locked(void);
/* Waits on a condition whose mutex is the big lock. The loop goes on meanwhile. */
void qemu_cond_wait_iothread(QemuCond *cond);
void qemu_cond_timedwait_iothread(QemuCond *cond, int ms);

static inline void qemu_mutex_lock_iothread_impl(const char *file, int line)
{
    qemu_mutex_lock_iothread();
}

/* QEMU 9 and later call them so. */
static inline void bql_lock(void) { qemu_mutex_lock_iothread(); }
static inline void bql_unlock(void) { qemu_mutex_unlock_iothread(); }
static inline bool bql_locked(void) { return qemu_mutex_iothread_locked(); }
static inline void qemu_cond_wait_bql(QemuCond *cond) { qemu_cond_wait_iothread(cond); }
static inline void qemu_cond_timedwait_bql(QemuCond *cond, int ms)
{
    qemu_cond_timedwait_iothread(cond, ms);
}

typedef struct BQLGuard {
    bool taken;
} BQLGuard;
static inline BQLGuard bql_guard_take(void)
{
    /* As in QEMU: a holder keeps what it has. */
    if (qemu_mutex_iothread_locked()) {
        return (BQLGuard) { false };
    }
    qemu_mutex_lock_iothread();
    return (BQLGuard) { true };
}
static inline void bql_guard_drop(BQLGuard *guard)
{
    if (guard->taken) {
        qemu_mutex_unlock_iothread();
    }
}
#define BQL_GUARD_NAMED_(name) \
    __attribute__((cleanup(bql_guard_drop), unused)) BQLGuard name = bql_guard_take()
#define BQL_LOCK_GUARD() BQL_GUARD_NAMED_(glue(bql_guard_, __COUNTER__))
#define QEMU_IOTHREAD_LOCK_GUARD() BQL_LOCK_GUARD()

/* What these assert in QEMU (global state code, I/O code) has no counterpart here. */
#define GLOBAL_STATE_CODE() do { } while (0)
#define IO_CODE() do { } while (0)
#define IO_OR_GS_CODE() do { } while (0)

/* ---- handlers in the current context ---- */

void qemu_set_fd_handler(int fd, IOHandler *fd_read, IOHandler *fd_write, void *opaque);
/* In iohandler_get_aio_context() in QEMU; here in the current context. NULL removes. */
void event_notifier_set_handler(EventNotifier *e, EventNotifierHandler *handler);

QEMUBH *qemu_bh_new_full(QEMUBHFunc *cb, void *opaque, const char *name,
                         MemReentrancyGuard *reentrancy_guard);
#define qemu_bh_new(cb, opaque) qemu_bh_new_full((cb), (opaque), stringify(cb), NULL)
#define qemu_bh_new_guarded(cb, opaque, guard) \
    qemu_bh_new_full((cb), (opaque), stringify(cb), (guard))

/*
 * Run loop turns while cond holds; the caller has entered ctx (NULL: the main
 * context). Other callbacks run meanwhile. true = it had to wait.
 */
#define AIO_WAIT_WHILE(ctx, cond) __extension__({ \
        AioContext *wait_ctx_ = (ctx) ? (ctx) : aio_context_main(); \
        bool waited_ = false; \
        while ((cond)) { \
            aio_poll(wait_ctx_, true); \
            waited_ = true; \
        } \
        waited_; })

#endif
