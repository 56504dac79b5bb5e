/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock that only the test moves. It goes from one deadline to the next,
 * and all domains come to rest in between, so that what a timer sets off
 * happens at the timer's time. Other connections are served meanwhile.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "sysemu/qtest.h"
#include "command.h"
#include "settle.h"

/* Half of what fits: sums with a timer's period stay numbers. */
#define MAX_NS (INT64_MAX / 4)

static int64_t destination;

static int64_t deadline(void)
{
    return qemu_soonest_timeout(qemu_clock_deadline_ns_all(QEMU_CLOCK_VIRTUAL,
                                                           QEMU_TIMER_ATTR_ALL),
                                qemu_clock_deadline_ns_all(QEMU_CLOCK_VIRTUAL_RT,
                                                           QEMU_TIMER_ATTR_ALL));
}

static void step(void *opaque)
{
    QtestSession *s = opaque;
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    int64_t left = deadline();

    if (now >= destination) {
        qtest_reply(s, "OK %" PRId64, now);
        qtest_session_finish(s);
        return;
    }
    /* A timer that is due for ever has been given its chances. */
    left = MAX(left, left < 0 ? -1 : 1);
    if (left < 0 || left > destination - now) {
        left = destination - now;
    }
    qemu_clock_advance_virtual_time(now + left);
    qtest_settle(NULL, step, s);
}

static QtestWhen go_to(QtestCall *call, int64_t ns)
{
    destination = ns;
    /* First what is due already. */
    qtest_settle(NULL, step, call->session);
    return QTEST_LATER;
}

static bool stands(QtestCall *call)
{
    if (!qtest_enabled()) {
        qtest_reply(call->session, "FAIL %s: the clock runs by itself, start with -accel qtest",
                    call->command->name);
        return false;
    }
    return true;
}

static QtestWhen run_clock_step(QtestCall *call)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    uint64_t ns;

    if (!stands(call) || (call->nr && !qtest_number(call, 0, MAX_NS, &ns))) {
        return QTEST_NOW;
    }
    if (!call->nr) {
        /* Nothing to wait for: the clock stays. */
        ns = MAX(deadline(), 0);
    }
    if (ns > MAX_NS - now) {
        qtest_reply(call->session, "FAIL %s: that is the end of time", call->command->name);
        return QTEST_NOW;
    }
    return go_to(call, now + ns);
}

static QtestWhen run_clock_set(QtestCall *call)
{
    uint64_t ns;

    if (!stands(call) || !qtest_number(call, 0, MAX_NS, &ns)) {
        return QTEST_NOW;
    }
    return go_to(call, ns);
}

const QtestCommand qtest_clock_commands[] = {
    { "clock_step", 0, 1, run_clock_step },
    { "clock_set", 1, 1, run_clock_set },
    { NULL }
};
