/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks and one-shot timers.
 *
 * A timer belongs to the AioContext that was current when it was made (or to
 * the one named in aio_timer_*), and its callback runs there under that
 * context's lock. timer_mod() and timer_del() may be called from any thread;
 * only a caller that holds the context's lock can be sure that the callback is
 * not running at the same moment.
 *
 * Implementation: util/main-loop/timer.c (one heap per clock and context).
 * Lock order: the owning context's lock, then its timer lock (internal, never
 * held while a callback runs).
 */
#ifndef QEMU_TIMER_H
#define QEMU_TIMER_H

#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "qemu/notify.h"
#include "qemu/typedefs.h"

#define NANOSECONDS_PER_SECOND 1000000000LL

#define SCALE_MS 1000000
#define SCALE_US 1000
#define SCALE_NS 1

typedef enum {
    QEMU_CLOCK_REALTIME = 0,    /* monotonic, never stops */
    QEMU_CLOCK_VIRTUAL = 1,     /* guest time: starts near 0, can be stopped */
    QEMU_CLOCK_HOST = 2,        /* wall clock, may jump */
    QEMU_CLOCK_VIRTUAL_RT = 3,  /* same as VIRTUAL here: there is no instruction counting */
    QEMU_CLOCK_MAX
} QEMUClockType;

#define QEMU_TIMER_ATTR_EXTERNAL ((int)BIT(0))  /* accepted, without effect: no record/replay */
#define QEMU_TIMER_ATTR_ALL 0xffffffff

typedef void QEMUTimerCB(void *opaque);

/* All members are private (timer.c). All zero = not initialised, which timer_del() accepts. */
struct QEMUTimer {
    QEMUTimerListGroup *group;  /* the owning context's timers */
    QEMUTimerCB *cb;
    void *opaque;
    int64_t expire_ns;          /* -1 = not armed */
    uint32_t heap_slot;         /* 1-based place in the heap, 0 = not armed */
    int32_t scale;
    uint8_t clock;
    bool holds_group;           /* made by timer_new() */
    int32_t attributes;
};

/* ---- clocks ---- */

int64_t get_clock_realtime(void);
int64_t get_clock(void);
int64_t qemu_clock_get_ns(QEMUClockType type);

static inline int64_t qemu_clock_get_us(QEMUClockType type)
{
    return qemu_clock_get_ns(type) / SCALE_US;
}

static inline int64_t qemu_clock_get_ms(QEMUClockType type)
{
    return qemu_clock_get_ns(type) / SCALE_MS;
}

/* False while the virtual clock stands still; the other clocks always run. */
bool qemu_clock_use_for_deadline(QEMUClockType type);
/* ours: stop or continue QEMU_CLOCK_VIRTUAL, process-wide. Wakes all loops. */
void qemu_clock_set_virtual_running(bool running);
bool qemu_clock_virtual_running(void);
/* ours: it stands at 0 from now on, and only qemu_clock_advance_virtual_time() moves it. */
void qemu_clock_set_by_hand(void);
bool qemu_clock_is_by_hand(void);
/*
 * With the clock stopped: set it forward to dest (ns), running what falls due
 * on the way, in order, in the calling thread under each context's lock. The
 * caller holds no domain's lock. Returns the new time.
 */
int64_t qemu_clock_advance_virtual_time(int64_t dest);
/* ns until the earliest VIRTUAL timer of any context, -1 = none; for clock_step. */
int64_t qemu_clock_deadline_ns_all(QEMUClockType type, int attr_mask);
bool qemu_clock_has_timers(QEMUClockType type);
bool qemu_clock_expired(QEMUClockType type);
void qemu_clock_notify(QEMUClockType type);
void qemu_clock_enable(QEMUClockType type, bool enabled);
bool qemu_clock_run_timers(QEMUClockType type);
bool qemu_clock_run_all_timers(void);
void init_clocks(void (*notify_cb)(void *opaque, QEMUClockType type));

/* ---- timers ---- */

/* group NULL = the current context. The timer's memory is the caller's. */
void timer_init_full(QEMUTimer *ts, QEMUTimerListGroup *group, QEMUClockType type,
                     int scale, int attributes, QEMUTimerCB *cb, void *opaque);
/* Disarms and forgets; a second call does nothing. */
void timer_deinit(QEMUTimer *ts);

static inline void timer_init(QEMUTimer *ts, QEMUClockType type, int scale,
                              QEMUTimerCB *cb, void *opaque)
{
    timer_init_full(ts, NULL, type, scale, 0, cb, opaque);
}

static inline void timer_init_ns(QEMUTimer *ts, QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_NS, cb, opaque);
}

static inline void timer_init_us(QEMUTimer *ts, QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_US, cb, opaque);
}

static inline void timer_init_ms(QEMUTimer *ts, QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    timer_init(ts, type, SCALE_MS, cb, opaque);
}

QEMUTimer *timer_new_full(QEMUTimerListGroup *group, QEMUClockType type, int scale,
                          int attributes, QEMUTimerCB *cb, void *opaque);

static inline QEMUTimer *timer_new(QEMUClockType type, int scale, QEMUTimerCB *cb, void *opaque)
{
    return timer_new_full(NULL, type, scale, 0, cb, opaque);
}

static inline QEMUTimer *timer_new_ns(QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    return timer_new(type, SCALE_NS, cb, opaque);
}

static inline QEMUTimer *timer_new_us(QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    return timer_new(type, SCALE_US, cb, opaque);
}

static inline QEMUTimer *timer_new_ms(QEMUClockType type, QEMUTimerCB *cb, void *opaque)
{
    return timer_new(type, SCALE_MS, cb, opaque);
}

/* NULL is accepted. */
void timer_free(QEMUTimer *ts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QEMUTimer, timer_free)

/* Absolute times; a negative one counts as 0. Plain forms use the timer's own scale. */
void timer_mod_ns(QEMUTimer *ts, int64_t expire_time);
void timer_mod(QEMUTimer *ts, int64_t expire_time);
/* Only ever makes it earlier. */
void timer_mod_anticipate_ns(QEMUTimer *ts, int64_t expire_time);
void timer_mod_anticipate(QEMUTimer *ts, int64_t expire_time);
void timer_del(QEMUTimer *ts);
bool timer_pending(QEMUTimer *ts);
bool timer_expired(QEMUTimer *ts, int64_t current_time);
/* In ns whatever the timer's scale; UINT64_MAX when it is not armed. */
uint64_t timer_expire_time_ns(QEMUTimer *ts);

/* Migration of a bare timer: hands the expiry out and back, see migration/vmstate.h. */
void timer_get(QEMUFile *f, QEMUTimer *ts);
void timer_put(QEMUFile *f, QEMUTimer *ts);

static inline int64_t qemu_soonest_timeout(int64_t timeout1, int64_t timeout2)
{
    /* -1 is "never": as an unsigned number it is the largest. */
    return (uint64_t)timeout1 < (uint64_t)timeout2 ? timeout1 : timeout2;
}

/* poll() with nanoseconds; -1 waits for ever. */
int qemu_timeout_ns_to_ms(int64_t ns);
int qemu_poll_ns(GPollFD *fds, guint nfds, int64_t timeout);

/* Processor cycle counter, or ns where there is none: only differences mean something. */
int64_t cpu_get_host_ticks(void);

#endif
