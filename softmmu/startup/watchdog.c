/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation. Each period a round begins: every domain gets a bottom
 * half. The last one to run wakes the main loop, which sends the ping. So a
 * ping proves that each domain's loop and the main loop have turned since the
 * round began. The period is half of the time that the manager waits.
 *
 * A round that is not over when the next one is due goes on: no ping is sent,
 * and each domain that has not answered is named, once. A domain that has been
 * deleted meanwhile never answers; it is left out.
 *
 * A bottom half that has not run may only be deleted when its domain cannot
 * run it at the same moment: when it has answered, or when its thread has
 * ended (aio_context_stop() is called by this thread, too, and waits for it).
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "watchdog.h"

typedef struct Probe {
    AioContext *ctx;            /* counted by bh */
    QEMUBH *bh;
    bool answered;              /* atomic: set in the domain */
    bool reported;
} Probe;

static struct {
    void (*ping)(void);
    int64_t period_ns;
    QEMUTimer *timer;
    QEMUBH *answer_bh;          /* in the main loop */
    GPtrArray *probes;          /* of the round; NULL: none runs */
} watchdog;

static void answer(void *opaque)
{
    Probe *probe = opaque;

    qatomic_store_release(&probe->answered, true);    /* it may be freed from here on */
    qemu_bh_schedule(watchdog.answer_bh);
}

static void ask(AioContext *ctx, void *opaque)
{
    Probe *probe = g_new0(Probe, 1);

    probe->ctx = ctx;
    probe->bh = aio_bh_new(ctx, answer, probe);
    g_ptr_array_add(watchdog.probes, probe);
    qemu_bh_schedule(probe->bh);
}

static bool is_over(const Probe *probe)
{
    return qatomic_load_acquire(&probe->answered) || !aio_context_is_live(probe->ctx);
}

static void probe_free(Probe *probe)
{
    if (probe->reported && qatomic_load_acquire(&probe->answered)) {
        info_report("the event loop of '%s' turns again", aio_context_name(probe->ctx));
    }
    qemu_bh_delete(probe->bh);
    g_free(probe);
}

/* Drops what is over; the ping when nothing is left. */
static void look_at_answers(void *opaque)
{
    if (!watchdog.probes) {
        return;
    }
    for (guint i = watchdog.probes->len; i-- > 0; ) {
        Probe *probe = watchdog.probes->pdata[i];

        if (is_over(probe)) {
            g_ptr_array_remove_index_fast(watchdog.probes, i);
            probe_free(probe);
        }
    }
    if (!watchdog.probes->len) {
        g_clear_pointer(&watchdog.probes, g_ptr_array_unref);
        watchdog.ping();
    }
}

static void report_stuck(void)
{
    for (guint i = 0; i < watchdog.probes->len; i++) {
        Probe *probe = watchdog.probes->pdata[i];

        if (!probe->reported) {
            probe->reported = true;
            error_report("the event loop of '%s' has not turned for %" PRId64 " ms: the service"
                         " manager's watchdog is not told that all is well",
                         aio_context_name(probe->ctx), watchdog.period_ns / SCALE_MS);
        }
    }
}

static void next_round(void *opaque)
{
    look_at_answers(NULL);
    if (watchdog.probes) {
        report_stuck();
    } else {
        watchdog.probes = g_ptr_array_new();
        aio_context_foreach_live(ask, NULL);
        look_at_answers(NULL);          /* there may be no domain at all */
    }
    timer_mod_ns(watchdog.timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + watchdog.period_ns);
}

static void no_ping(void)
{
}

void watchdog_start(int64_t period_ns, void (*ping)(void))
{
    watchdog.ping = ping;
    watchdog.period_ns = period_ns;
    watchdog.answer_bh = aio_bh_new(aio_context_main(), look_at_answers, NULL);
    watchdog.timer = aio_timer_new(aio_context_main(), QEMU_CLOCK_REALTIME, SCALE_NS, next_round,
                                   NULL);
    next_round(NULL);
}

void watchdog_stop(void)
{
    if (!watchdog.timer) {
        return;
    }
    g_clear_pointer(&watchdog.timer, timer_free);
    watchdog.ping = no_ping;
    look_at_answers(NULL);
    if (!watchdog.probes) {
        g_clear_pointer(&watchdog.answer_bh, qemu_bh_delete);
    }
}
