/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for domains to come to rest; see settle.h. */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/timer.h"
#include "settle.h"

enum {
    MAX_PROBES = 100,           /* of one domain in one pass */
    MAX_PASSES = 20,
};

static struct {
    QEMUBH *bh;                 /* main context: a probe has run */
    QtestSettled *done;         /* NULL: nobody waits */
    void *opaque;
    bool all;
    QtestDomain *current;       /* being probed, NULL: the pass is over */
    bool stirred;               /* something ran in this pass */
    bool first;                 /* the domain's first probe */
    unsigned quiet, probes, passes;
    uint64_t last;
} settle;

void qtest_settle_probe(void *opaque)
{
    QtestDomain *d = opaque;
    AioContextStats stats;

    aio_context_get_stats(d->ctx, &stats);
    qatomic_set(&d->probed, stats.callbacks);
    qemu_bh_schedule(settle.bh);
}

static void probe(QtestDomain *d)
{
    settle.current = d;
    settle.first = true;
    settle.quiet = settle.probes = 0;
    qemu_bh_schedule(d ? d->probe_bh : settle.bh);
}

/* Where the clock stands nobody else runs what is due at this very moment. */
static bool run_due_timers(void)
{
    bool ran;

    if (qemu_clock_virtual_running()) {
        return false;
    }
    ran = qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL);
    ran |= qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL_RT);
    for (QtestDomain *d = qtest_domain_first(); d; d = qtest_domain_next(d)) {
        AIO_CONTEXT_GUARD(d->ctx);

        ran |= qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL);
        ran |= qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL_RT);
    }
    return ran;
}

static void end_pass(void)
{
    QtestSettled *done = settle.done;

    if (run_due_timers()) {
        /* They may have woken any domain. */
        settle.all = settle.stirred = true;
    }
    if (settle.all && settle.stirred && ++settle.passes < MAX_PASSES) {
        settle.stirred = false;
        probe(qtest_domain_first());
        return;
    }
    settle.done = NULL;
    done(settle.opaque);
}

static bool at_rest(QtestDomain *d)
{
    uint64_t callbacks = qatomic_read(&d->probed);

    if (!settle.first && callbacks - settle.last == 1) {
        settle.quiet++;
    } else {
        settle.stirred |= !settle.first;
        settle.quiet = 0;
    }
    settle.first = false;
    settle.last = callbacks;
    return settle.quiet == 2 || ++settle.probes == MAX_PROBES;
}

static void probed(void *opaque)
{
    QtestDomain *d = settle.current;

    if (!settle.done) {
        return;
    }
    if (!d) {
        end_pass();
    } else if (!at_rest(d)) {
        qemu_bh_schedule(d->probe_bh);
    } else {
        probe(settle.all ? qtest_domain_next(d) : NULL);
    }
}

void qtest_settle(QtestDomain *only, QtestSettled *done, void *opaque)
{
    g_assert(!settle.done);
    settle.done = done;
    settle.opaque = opaque;
    settle.all = !only;
    settle.stirred = false;
    settle.passes = 0;
    probe(only ?: qtest_domain_first());
}

void qtest_settle_cancel(void)
{
    settle.done = NULL;
}

void qtest_settle_forget(QtestDomain *d)
{
    if (settle.done && settle.current == d) {
        /* The list has changed: look at all of it. */
        settle.all = settle.stirred = true;
        probe(NULL);
    }
}

void qtest_settle_init(void)
{
    settle.bh = aio_bh_new(aio_context_main(), probed, NULL);
}

void qtest_settle_cleanup(void)
{
    settle.done = NULL;
    g_clear_pointer(&settle.bh, qemu_bh_delete);
}
