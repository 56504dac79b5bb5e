/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers and clocks. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

enum { MANY = 500 };

static AioContext *ctx;

static void setup(void)
{
    ctx = aio_context_new_named("timers", &error_abort);
    aio_context_enter(ctx);
}

static void teardown(void)
{
    aio_context_leave(ctx);
    g_clear_pointer(&ctx, aio_context_unref);
}

static void count(void *opaque)
{
    (*(int *)opaque)++;
}

static int64_t now(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
}

static void test_basic(void)
{
    int calls = 0;
    int64_t start;
    QEMUTimer *ts;

    setup();
    ts = timer_new_ns(QEMU_CLOCK_REALTIME, count, &calls);
    g_assert_false(timer_pending(ts));
    g_assert_cmpuint(timer_expire_time_ns(ts), ==, UINT64_MAX);
    start = now();
    timer_mod(ts, start + 5 * SCALE_MS);
    g_assert_true(timer_pending(ts));
    g_assert_cmpuint(timer_expire_time_ns(ts), ==, start + 5 * SCALE_MS);
    while (!calls) {
        aio_poll(ctx, true);
    }
    g_assert_cmpint(now() - start, >=, 5 * SCALE_MS);
    g_assert_false(timer_pending(ts));

    timer_mod(ts, now() + SCALE_MS);
    timer_del(ts);
    g_usleep(2000);
    g_assert_false(aio_poll(ctx, false));
    g_assert_cmpint(calls, ==, 1);
    timer_mod(ts, now() + SCALE_MS);
    timer_free(ts);
    timer_free(NULL);
    g_usleep(2000);
    g_assert_false(aio_poll(ctx, false));
    teardown();
}

static void test_embedded_and_scales(void)
{
    QEMUTimer ts = { 0 };
    int calls = 0;

    setup();
    timer_del(&ts);     /* never initialised: legal */
    timer_init_ms(&ts, QEMU_CLOCK_VIRTUAL, count, &calls);
    timer_mod(&ts, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + 1000);
    g_assert_true(timer_pending(&ts));
    timer_mod_anticipate(&ts, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + 2000);
    g_assert_cmpuint(timer_expire_time_ns(&ts), <,
                     qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 1001 * (uint64_t)SCALE_MS);
    timer_mod_anticipate(&ts, 0);
    g_assert_true(timer_expired(&ts, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL)));
    g_assert_true(aio_poll(ctx, true));
    g_assert_cmpint(calls, ==, 1);

    /* A guest's number does not wrap. */
    timer_mod(&ts, INT64_MAX / 2);
    g_assert_cmpuint(timer_expire_time_ns(&ts), ==, INT64_MAX);
    timer_mod(&ts, INT64_MIN);
    g_assert_cmpuint(timer_expire_time_ns(&ts), ==, 0);
    timer_deinit(&ts);
    timer_deinit(&ts);
    teardown();
}

/* ---- many, in order ---- */

static int64_t last_expiry;
static int fired;

typedef struct Ordered {
    QEMUTimer ts;
    int64_t expiry;
} Ordered;

static void check_order(void *opaque)
{
    Ordered *o = opaque;

    g_assert_cmpint(o->expiry, >=, last_expiry);
    last_expiry = o->expiry;
    fired++;
}

static void test_many_in_order(void)
{
    g_autofree Ordered *o = g_new0(Ordered, MANY);
    int64_t base;
    int removed = 0;

    setup();
    base = now() - SCALE_MS;
    for (int i = 0; i < MANY; i++) {
        timer_init_ns(&o[i].ts, QEMU_CLOCK_REALTIME, check_order, &o[i]);
        for (int again = 0; again < 3; again++) {
            o[i].expiry = base - g_test_rand_int_range(0, 1000);
            timer_mod(&o[i].ts, o[i].expiry);
        }
    }
    for (int i = 0; i < MANY; i += 3) {
        timer_del(&o[i].ts);
        removed++;
    }
    while (aio_poll(ctx, false)) {
        /* all are due */
    }
    g_assert_cmpint(fired, ==, MANY - removed);
    teardown();
}

/* ---- what callbacks may do ---- */

typedef struct SelfTest {
    QEMUTimer *ts;
    QEMUTimer *other;
    int calls;
} SelfTest;

static void rearm_now(void *opaque)
{
    SelfTest *t = opaque;

    if (++t->calls < 5) {
        timer_mod(t->ts, now() - 1);
    }
}

static void free_both(void *opaque)
{
    SelfTest *t = opaque;

    t->calls++;
    g_clear_pointer(&t->ts, timer_free);
    g_clear_pointer(&t->other, timer_free);
}

static void test_callbacks(void)
{
    SelfTest t = { 0 };

    setup();
    t.ts = timer_new_ns(QEMU_CLOCK_REALTIME, rearm_now, &t);
    timer_mod(t.ts, 0);
    for (int i = 1; i <= 5; i++) {
        aio_poll(ctx, false);
        g_assert_cmpint(t.calls, ==, i);    /* "now" is the next turn */
    }
    timer_free(t.ts);

    t = (SelfTest) { 0 };
    t.ts = timer_new_ns(QEMU_CLOCK_REALTIME, free_both, &t);
    t.other = timer_new_ns(QEMU_CLOCK_REALTIME, free_both, &t);
    timer_mod(t.ts, 1);
    timer_mod(t.other, 2);
    while (aio_poll(ctx, false)) {
        /* the second is gone before it is its turn */
    }
    g_assert_cmpint(t.calls, ==, 1);
    teardown();
}

/* ---- another thread arms ---- */

static void set_event(void *opaque)
{
    qemu_event_set(opaque);
}

static void test_arm_from_other_thread(void)
{
    AioContext *loop = aio_context_new_named("loop", &error_abort);
    QEMUTimer late, ts;
    QemuEvent ev;
    int calls = 0;

    qemu_event_init(&ev, false);
    aio_context_start(loop);
    aio_timer_init(loop, &late, QEMU_CLOCK_REALTIME, SCALE_NS, count, &calls);
    aio_timer_init(loop, &ts, QEMU_CLOCK_REALTIME, SCALE_NS, set_event, &ev);
    timer_mod(&late, now() + 3600 * NANOSECONDS_PER_SECOND);
    g_usleep(5000);
    /* The loop sleeps until `late`: it has to be told. */
    timer_mod(&ts, now() + SCALE_MS);
    qemu_event_wait(&ev);
    aio_context_stop(loop);
    timer_deinit(&ts);
    timer_deinit(&late);
    g_assert_cmpint(calls, ==, 0);
    aio_context_unref(loop);
    qemu_event_destroy(&ev);
}

/* ---- the virtual clock ---- */

static void rearm_every_ms(void *opaque)
{
    SelfTest *t = opaque;

    t->calls++;
    timer_mod_ns(t->ts, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + SCALE_MS);
}

static void rearm_at_once(void *opaque)
{
    SelfTest *t = opaque;

    t->calls++;
    timer_mod_ns(t->ts, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
}

/* Time that stands, and a timer that is due for ever: one turn each. */
static void test_virtual_due_for_ever(void)
{
    SelfTest t = { 0 };
    int64_t frozen;

    setup();
    qemu_clock_set_virtual_running(false);
    frozen = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    t.ts = timer_new_ns(QEMU_CLOCK_VIRTUAL, rearm_at_once, &t);
    timer_mod_ns(t.ts, frozen);
    g_assert_true(qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL));
    g_assert_cmpint(t.calls, ==, 1);
    g_assert_true(qemu_clock_run_timers(QEMU_CLOCK_VIRTUAL));
    g_assert_cmpint(t.calls, ==, 2);
    aio_context_leave(ctx);
    g_assert_cmpint(qemu_clock_advance_virtual_time(frozen + 10), ==, frozen + 10);
    g_assert_cmpint(t.calls, <=, 2 + 2 * 11);
    qemu_clock_set_virtual_running(true);
    aio_context_enter(ctx);
    timer_free(t.ts);
    teardown();
}

static void test_virtual_stops(void)
{
    SelfTest t = { 0 };
    int64_t frozen, advanced;

    setup();
    t.ts = timer_new_ns(QEMU_CLOCK_VIRTUAL, rearm_every_ms, &t);
    timer_mod(t.ts, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    qemu_clock_set_virtual_running(false);
    frozen = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    g_usleep(3000);
    g_assert_cmpint(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), ==, frozen);
    g_assert_false(aio_poll(ctx, false));
    g_assert_cmpint(t.calls, ==, 0);
    aio_context_leave(ctx);

    /* Steps: each timer runs at its own time on the way. */
    advanced = qemu_clock_advance_virtual_time(frozen + 10 * SCALE_MS);
    g_assert_cmpint(advanced, ==, frozen + 10 * SCALE_MS);
    g_assert_cmpint(t.calls, >=, 10);
    g_assert_cmpint(t.calls, <=, 11);
    g_assert_cmpint(qemu_clock_deadline_ns_all(QEMU_CLOCK_VIRTUAL, QEMU_TIMER_ATTR_ALL), <=,
                    SCALE_MS);

    qemu_clock_set_virtual_running(true);
    g_usleep(2000);
    g_assert_cmpint(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), >, advanced);
    aio_context_enter(ctx);
    timer_free(t.ts);
    teardown();
}

static void test_timer_outlives_context(void)
{
    int calls = 0;
    QEMUTimer *armed, *idle;

    setup();
    armed = timer_new_ms(QEMU_CLOCK_REALTIME, count, &calls);
    idle = timer_new_ms(QEMU_CLOCK_REALTIME, count, &calls);
    timer_mod(armed, INT64_MAX / SCALE_MS);
    teardown();
    g_assert_false(timer_pending(armed));
    timer_mod(idle, 0);
    g_assert_false(timer_pending(idle));
    timer_del(idle);
    timer_free(armed);
    timer_free(idle);
}

static void test_helpers(void)
{
    g_assert_cmpint(qemu_soonest_timeout(-1, 5), ==, 5);
    g_assert_cmpint(qemu_soonest_timeout(3, -1), ==, 3);
    g_assert_cmpint(qemu_soonest_timeout(-1, -1), ==, -1);
    g_assert_cmpint(qemu_timeout_ns_to_ms(-1), ==, -1);
    g_assert_cmpint(qemu_timeout_ns_to_ms(0), ==, 0);
    g_assert_cmpint(qemu_timeout_ns_to_ms(1), ==, 1);
    g_assert_cmpint(qemu_timeout_ns_to_ms(SCALE_MS), ==, 1);
    g_assert_cmpint(qemu_timeout_ns_to_ms(SCALE_MS + 1), ==, 2);
    g_assert_cmpint(qemu_timeout_ns_to_ms(INT64_MAX), ==, INT_MAX);
    g_assert_cmpint(qemu_poll_ns(NULL, 0, 1000), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timer/basic", test_basic);
    g_test_add_func("/timer/embedded", test_embedded_and_scales);
    g_test_add_func("/timer/many", test_many_in_order);
    g_test_add_func("/timer/callbacks", test_callbacks);
    g_test_add_func("/timer/other-thread", test_arm_from_other_thread);
    g_test_add_func("/timer/virtual-stops", test_virtual_stops);
    g_test_add_func("/timer/virtual-due-for-ever", test_virtual_due_for_ever);
    g_test_add_func("/timer/outlives-context", test_timer_outlives_context);
    g_test_add_func("/timer/helpers", test_helpers);
    return g_test_run();
}
