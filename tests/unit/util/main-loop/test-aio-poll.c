/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adaptive polling: finds work without the kernel, costs nothing when idle, lets others in. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

typedef struct PollTest {
    AioContext *ctx;
    EventNotifier e;
    int posted;         /* atomic: set by the test, seen by io_poll */
    int taken;
    int polled;
    int via_kernel;
} PollTest;

static PollTest t;

static bool io_poll(void *opaque)
{
    t.polled++;
    return qatomic_read(&t.posted) > t.taken;
}

static void take(void)
{
    event_notifier_test_and_clear(&t.e);
    qatomic_set(&t.taken, qatomic_read(&t.posted));
}

static void poll_ready(EventNotifier *e)
{
    take();
}

static void io_read(EventNotifier *e)
{
    t.via_kernel++;
    take();
}

static void setup(int64_t max_ns)
{
    t = (PollTest) { .ctx = aio_context_new_named("poll", &error_abort) };
    g_assert_cmpint(event_notifier_init(&t.e, false), ==, 0);
    aio_context_set_poll_params(t.ctx, max_ns, 0, 0, &error_abort);
    aio_set_event_notifier(t.ctx, &t.e, io_read, io_poll, poll_ready);
    aio_context_start(t.ctx);
}

static void teardown(void)
{
    aio_context_stop(t.ctx);
    aio_set_event_notifier(t.ctx, &t.e, NULL, NULL, NULL);
    event_notifier_cleanup(&t.e);
    aio_context_unref(t.ctx);
}

static void post_and_wait(void)
{
    int nth = qatomic_inc_fetch(&t.posted);

    event_notifier_set(&t.e);
    while (qatomic_read(&t.taken) < nth) {
        g_usleep(5);
    }
}

static void test_hits(void)
{
    AioContextStats stats;

    setup(200 * SCALE_MS);
    for (int i = 0; i < 300; i++) {
        post_and_wait();
    }
    aio_context_get_stats(t.ctx, &stats);
    g_assert_cmpuint(stats.polls_hit, >, 50);
    WITH_AIO_CONTEXT_GUARD(t.ctx) {
        g_assert_cmpint(t.via_kernel, <, 300);
    }
    teardown();
}

/* After the window has shrunk the loop neither polls nor wakes up. */
static void test_idle_costs_nothing(void)
{
    AioContextStats before, after;
    int polled;

    setup(2 * SCALE_MS);
    for (int i = 0; i < 20; i++) {
        post_and_wait();
    }
    g_usleep(50 * 1000);
    WITH_AIO_CONTEXT_GUARD(t.ctx) {
        polled = t.polled;
    }
    aio_context_get_stats(t.ctx, &before);
    g_usleep(200 * 1000);
    aio_context_get_stats(t.ctx, &after);
    g_assert_cmpuint(before.wakeups, ==, after.wakeups);
    WITH_AIO_CONTEXT_GUARD(t.ctx) {
        g_assert_cmpint(t.polled, ==, polled);
    }
    teardown();
}

static void test_off_by_default(void)
{
    setup(0);
    for (int i = 0; i < 20; i++) {
        post_and_wait();
    }
    WITH_AIO_CONTEXT_GUARD(t.ctx) {
        g_assert_cmpint(t.polled, ==, 0);
        g_assert_cmpint(t.via_kernel, >, 0);
    }
    teardown();
}

/* Others get the lock, and their bottom halves run, while the loop spins. */
static void count(void *opaque)
{
    qatomic_inc((int *)opaque);
}

static void test_spinning_gives_way(void)
{
    int calls = 0;
    int64_t start;

    setup(10 * NANOSECONDS_PER_SECOND);
    for (int i = 0; i < 100; i++) {
        post_and_wait();        /* grows the window */
    }
    start = get_clock();
    for (int i = 0; i < 50; i++) {
        WITH_AIO_CONTEXT_GUARD(t.ctx) {
            aio_bh_schedule_oneshot(t.ctx, count, &calls);
        }
    }
    while (qatomic_read(&calls) < 50) {
        g_usleep(100);
    }
    g_assert_cmpint(get_clock() - start, <, 5 * NANOSECONDS_PER_SECOND);
    teardown();
}

static void test_bad_params(void)
{
    AioContext *ctx = aio_context_new_named("params", &error_abort);
    Error *err = NULL;

    aio_context_set_poll_params(ctx, -1, 0, 0, &err);
    error_free_or_abort(&err);
    aio_context_set_poll_params(ctx, 1000, 0, -1, &err);
    error_free_or_abort(&err);
    aio_context_unref(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/poll/hits", test_hits);
    g_test_add_func("/poll/idle", test_idle_costs_nothing);
    g_test_add_func("/poll/off", test_off_by_default);
    g_test_add_func("/poll/gives-way", test_spinning_gives_way);
    g_test_add_func("/poll/bad-params", test_bad_params);
    return g_test_run();
}
