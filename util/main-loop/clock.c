/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks. The virtual clock is the monotonic one minus an offset while it runs,
 * and a constant while it stands; which of the two, and the number, are packed
 * into one 64-bit word (number << 1 | stopped) so that readers need no lock and
 * never see half of a change. Changes are made under clock_lock, a leaf.
 */
#include "qemu/osdep.h"
#include "block/aio-wait.h"
#include "qemu/error-report.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "aio-context.h"
#include <poll.h>

static QemuMutex clock_lock = QEMU_MUTEX_INITIALIZER;
static int64_t virtual_state;
static bool by_hand;            /* written under clock_lock, never taken back */

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return ts.tv_sec * NANOSECONDS_PER_SECOND + ts.tv_nsec;
}

int64_t get_clock(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t get_clock_realtime(void)
{
    return read_clock(CLOCK_REALTIME);
}

static void __attribute__((constructor)) start_virtual_clock(void)
{
    virtual_state = get_clock() * 2;
}

static int64_t virtual_now(int64_t state)
{
    return state & 1 ? state >> 1 : get_clock() - (state >> 1);
}

static int64_t virtual_ns(void)
{
    return virtual_now(qatomic_read(&virtual_state));
}

int64_t qemu_clock_get_ns(QEMUClockType type)
{
    static int64_t (*const readers[QEMU_CLOCK_MAX])(void) = {
        [QEMU_CLOCK_REALTIME] = get_clock,
        [QEMU_CLOCK_VIRTUAL] = virtual_ns,
        [QEMU_CLOCK_HOST] = get_clock_realtime,
        [QEMU_CLOCK_VIRTUAL_RT] = virtual_ns,
    };

    g_assert((unsigned)type < QEMU_CLOCK_MAX);
    return readers[type]();
}

static bool follows_guest(QEMUClockType type)
{
    return type == QEMU_CLOCK_VIRTUAL || type == QEMU_CLOCK_VIRTUAL_RT;
}

bool qemu_clock_virtual_running(void)
{
    return !(qatomic_read(&virtual_state) & 1);
}

bool qemu_clock_use_for_deadline(QEMUClockType type)
{
    return !follows_guest(type) || qemu_clock_virtual_running();
}

void qemu_clock_set_virtual_running(bool running)
{
    WITH_QEMU_LOCK_GUARD(&clock_lock) {
        int64_t now = virtual_ns();

        running &= !by_hand;
        if (running != qemu_clock_virtual_running()) {
            qatomic_set(&virtual_state, running ? (get_clock() - now) * 2 : now * 2 + 1);
        }
    }
    aio_wait_kick();        /* every sleeping loop computes its deadline again */
}

void qemu_clock_set_by_hand(void)
{
    WITH_QEMU_LOCK_GUARD(&clock_lock) {
        qatomic_set(&by_hand, true);
        qatomic_set(&virtual_state, 1);
    }
    aio_wait_kick();
}

bool qemu_clock_is_by_hand(void)
{
    return qatomic_read(&by_hand);
}

void qemu_clock_enable(QEMUClockType type, bool enabled)
{
    if (follows_guest(type)) {
        qemu_clock_set_virtual_running(enabled);
    } else {
        qemu_log_mask(LOG_UNIMP, "%s: clock %d always runs here\n", __func__, type);
    }
}

void qemu_clock_notify(QEMUClockType type)
{
    aio_wait_kick();        /* every sleeping loop computes its deadline again */
}

int64_t qemu_clock_deadline_ns_all(QEMUClockType type, int attr_mask)
{
    g_autoptr(GPtrArray) all = aio_context_list_snapshot();
    int64_t deadline = -1;

    for (guint i = 0; i < all->len; i++) {
        deadline = qemu_soonest_timeout(deadline, aio_timers_clock_deadline_ns(all->pdata[i],
                                                                               type));
    }
    return deadline;
}

bool qemu_clock_has_timers(QEMUClockType type)
{
    return aio_timers_clock_deadline_ns(qemu_get_current_aio_context(), type) >= 0;
}

bool qemu_clock_expired(QEMUClockType type)
{
    return aio_timers_clock_deadline_ns(qemu_get_current_aio_context(), type) == 0;
}

bool qemu_clock_run_timers(QEMUClockType type)
{
    AioContext *ctx = qemu_get_current_aio_context();
    AIO_CONTEXT_GUARD(ctx);

    return aio_timers_run_clock(ctx, type);
}

bool qemu_clock_run_all_timers(void)
{
    bool progress = false;

    for (int type = 0; type < QEMU_CLOCK_MAX; type++) {
        progress |= qemu_clock_use_for_deadline(type) && qemu_clock_run_timers(type);
    }
    return progress;
}

static void run_virtual_timers_everywhere(void)
{
    g_autoptr(GPtrArray) all = aio_context_list_snapshot();

    for (guint i = 0; i < all->len; i++) {
        AioContext *ctx = all->pdata[i];
        AIO_CONTEXT_GUARD(ctx);

        aio_timers_run_clock(ctx, QEMU_CLOCK_VIRTUAL);
        aio_timers_run_clock(ctx, QEMU_CLOCK_VIRTUAL_RT);
    }
}

static int64_t next_virtual_deadline(void)
{
    return qemu_soonest_timeout(qemu_clock_deadline_ns_all(QEMU_CLOCK_VIRTUAL, 0),
                                qemu_clock_deadline_ns_all(QEMU_CLOCK_VIRTUAL_RT, 0));
}

static void set_stopped_clock(int64_t now)
{
    QEMU_LOCK_GUARD(&clock_lock);

    qatomic_set(&virtual_state, now * 2 + 1);
}

int64_t qemu_clock_advance_virtual_time(int64_t dest)
{
    int64_t now = virtual_ns();
    bool due = false;

    if (qemu_clock_virtual_running()) {
        warn_report("the virtual clock is running: it cannot be set");
        return now;
    }
    while (now < dest) {
        int64_t left = next_virtual_deadline();

        /* What re-arms itself for "now" has its next turn a nanosecond later. */
        left = left == 0 && due ? 1 : left;
        due = left == 0;
        now = left < 0 || left > dest - now ? dest : now + left;
        set_stopped_clock(now);
        run_virtual_timers_everywhere();
    }
    return now;
}

/* Clocks need no set-up here, and loops find out about timers by themselves. */
void init_clocks(void (*notify_cb)(void *opaque, QEMUClockType type))
{
}

int qemu_timeout_ns_to_ms(int64_t ns)
{
    if (ns < 0) {
        return -1;
    }
    /* Up, or a loop would spin through the last fraction. */
    return MIN(ns / SCALE_MS + (ns % SCALE_MS != 0), (int64_t)INT_MAX);
}

int qemu_poll_ns(GPollFD *fds, guint nfds, int64_t timeout)
{
    struct timespec ts = {
        .tv_sec = timeout / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout % NANOSECONDS_PER_SECOND,
    };

    return ppoll((struct pollfd *)fds, nfds, timeout < 0 ? NULL : &ts, NULL);
}

int64_t cpu_get_host_ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return get_clock();
#endif
}
