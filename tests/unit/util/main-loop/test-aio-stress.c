/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything at once: several loops, callbacks that wait, timers that wake
 * them, foreign threads that enter, schedule and stop. What is checked is that
 * each loop's own counter, which only its lock protects, comes out exact
 * (ThreadSanitizer checks the rest).
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

enum { LOOPS = 3, WAITS = 60, ENTERS = 400 };

typedef struct Loop {
    AioContext *ctx;
    QemuThread thread;
    EventNotifier e;
    int64_t counter;
    int64_t expected;       /* atomic */
    int finished;
} Loop;

typedef struct Suspended {
    Loop *loop;
    AioWaiter waiter;
    QEMUTimer timer;
} Suspended;

static void wake_by_timer(void *opaque)
{
    Suspended *s = opaque;

    s->loop->counter++;
    aio_waiter_wake(&s->waiter);
}

/* Half of them are woken by their timer, the others give up first. */
static void suspend(void *opaque)
{
    Suspended s = { .loop = opaque };
    int64_t wake_us = g_random_int_range(10, 2000);
    bool woken;

    aio_waiter_init(&s.waiter, s.loop->ctx);
    timer_init_us(&s.timer, QEMU_CLOCK_REALTIME, wake_by_timer, &s);
    timer_mod(&s.timer, qemu_clock_get_us(QEMU_CLOCK_REALTIME) + wake_us);
    s.loop->counter++;
    woken = aio_waiter_wait(&s.waiter, g_random_int_range(10, 2000) * SCALE_US);
    s.loop->counter++;
    if (timer_pending(&s.timer)) {
        s.loop->counter++;      /* in place of its callback */
        g_assert_false(woken);
    }
    timer_deinit(&s.timer);
    aio_waiter_destroy(&s.waiter);
    qatomic_add(&s.loop->expected, 3);
    s.loop->finished++;
}

static void on_event(EventNotifier *e)
{
    Loop *loop = container_of(e, Loop, e);

    event_notifier_test_and_clear(e);
    loop->counter++;
    qatomic_inc(&loop->expected);
}

static void *outsider(void *opaque)
{
    Loop *loop = opaque;

    for (int i = 0; i < ENTERS; i++) {
        WITH_AIO_CONTEXT_GUARD(loop->ctx) {
            loop->counter++;
            qatomic_inc(&loop->expected);
        }
        if (i < WAITS) {
            aio_bh_schedule_oneshot(loop->ctx, suspend, loop);
        }
        event_notifier_set(&loop->e);
        g_usleep(g_random_boolean() ? 0 : 50);
    }
    return NULL;
}

static void start(Loop *loop)
{
    loop->ctx = aio_context_new_named("stress", &error_abort);
    g_assert_cmpint(event_notifier_init(&loop->e, false), ==, 0);
    aio_set_event_notifier(loop->ctx, &loop->e, on_event, NULL, NULL);
    aio_context_start(loop->ctx);
    qemu_thread_create(&loop->thread, "outsider", outsider, loop, QEMU_THREAD_JOINABLE);
}

static void wait_finished(Loop *loop)
{
    int finished = 0;

    while (finished < WAITS) {
        g_usleep(1000);
        AIO_CONTEXT_GUARD(loop->ctx);

        finished = loop->finished;
    }
}

static void finish(Loop *loop, bool early)
{
    qemu_thread_join(&loop->thread);
    if (!early) {
        wait_finished(loop);
    }
    aio_context_stop(loop->ctx);
    g_assert_cmpint(loop->counter, ==, qatomic_read(&loop->expected));
    aio_set_event_notifier(loop->ctx, &loop->e, NULL, NULL, NULL);
    event_notifier_cleanup(&loop->e);
    aio_context_unref(loop->ctx);
}

static void run(bool early)
{
    Loop loops[LOOPS] = { 0 };

    for (int i = 0; i < LOOPS; i++) {
        start(&loops[i]);
    }
    for (int i = 0; i < LOOPS; i++) {
        finish(&loops[i], early);
    }
}

static void test_all(void)
{
    run(false);
}

/* Stopped while callbacks are suspended and more are queued. */
static void test_stop_early(void)
{
    run(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stress/all", test_all);
    g_test_add_func("/stress/stop-early", test_stop_early);
    return g_test_run();
}
