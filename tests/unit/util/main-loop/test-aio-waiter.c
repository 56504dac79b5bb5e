/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting inside callbacks: hand-over, nesting, stopping. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/fault-inject.h"
#include "qemu/main-loop.h"

enum { MANY = 20 };

typedef struct Wait {
    AioContext *ctx;
    AioWaiter waiter;
    int64_t timeout_ns;
    bool waiting;
    bool result;
    bool finished;
    MemReentrancyGuard guard;
} Wait;

static AioContext *started_context(void)
{
    AioContext *ctx = aio_context_new_named("waits", &error_abort);

    aio_context_start(ctx);
    return ctx;
}

static void finish(AioContext *ctx)
{
    aio_context_stop(ctx);
    aio_context_unref(ctx);
}

static void wait_init(Wait *w, AioContext *ctx, int64_t timeout_ns)
{
    *w = (Wait) { .ctx = ctx, .timeout_ns = timeout_ns };
    aio_waiter_init(&w->waiter, ctx);
}

static void wait_in_callback(void *opaque)
{
    Wait *w = opaque;

    w->waiting = true;
    w->result = aio_waiter_wait(&w->waiter, w->timeout_ns);
    /* The lock is held again, and the current context is the same. */
    g_assert_true(aio_context_in_loop(w->ctx));
    g_assert_true(qemu_get_current_aio_context() == w->ctx);
    w->waiting = false;
    w->finished = true;
}

static void wake(void *opaque)
{
    Wait *w = opaque;

    aio_waiter_wake(&w->waiter);
}

static void until(AioContext *ctx, bool *flag)
{
    for (;;) {
        WITH_AIO_CONTEXT_GUARD(ctx) {
            if (*flag) {
                return;
            }
        }
        g_usleep(200);
    }
}

/* The waker is a bottom half of the same context: it can only run if the loop goes on. */
static void test_others_run_meanwhile(void)
{
    AioContext *ctx = started_context();
    AioContextStats stats;
    Wait w;

    wait_init(&w, ctx, -1);
    aio_bh_schedule_oneshot(ctx, wait_in_callback, &w);
    until(ctx, &w.waiting);
    aio_bh_schedule_oneshot(ctx, wake, &w);
    until(ctx, &w.finished);
    g_assert_true(w.result);
    aio_context_get_stats(ctx, &stats);
    g_assert_cmpuint(stats.handovers, ==, 1);
    aio_waiter_destroy(&w.waiter);
    finish(ctx);
}

static void test_wake_before_wait(void)
{
    AioContext *ctx = started_context();
    AioContextStats stats;
    Wait w;

    wait_init(&w, ctx, -1);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        aio_waiter_wake(&w.waiter);
    }
    aio_bh_schedule_oneshot(ctx, wait_in_callback, &w);
    until(ctx, &w.finished);
    g_assert_true(w.result);
    aio_context_get_stats(ctx, &stats);
    g_assert_cmpuint(stats.handovers, ==, 0);
    aio_waiter_destroy(&w.waiter);
    finish(ctx);
}

static void test_timeout(void)
{
    AioContext *ctx = started_context();
    int64_t start = get_clock();
    Wait w;

    wait_init(&w, ctx, 20 * SCALE_MS);
    aio_bh_schedule_oneshot(ctx, wait_in_callback, &w);
    until(ctx, &w.finished);
    g_assert_false(w.result);
    g_assert_cmpint(get_clock() - start, >=, 20 * SCALE_MS);
    aio_waiter_destroy(&w.waiter);
    finish(ctx);
}

/* All suspended at once, woken first to last (not as a stack would). */
static void test_many(void)
{
    AioContext *ctx = started_context();
    Wait w[MANY];

    for (int i = 0; i < MANY; i++) {
        wait_init(&w[i], ctx, -1);
        aio_bh_schedule_oneshot(ctx, wait_in_callback, &w[i]);
        until(ctx, &w[i].waiting);
    }
    for (int i = 0; i < MANY; i++) {
        aio_bh_schedule_oneshot(ctx, wake, &w[i]);
        until(ctx, &w[i].finished);
        g_assert_true(w[i].result);
        g_assert_true(i + 1 == MANY || !w[i + 1].finished);
    }
    for (int i = 0; i < MANY; i++) {
        aio_waiter_destroy(&w[i].waiter);
    }
    finish(ctx);
}

/* One callback that waits again and again; each time it is woken it is not the runner any more. */
static void wait_repeatedly(void *opaque)
{
    Wait *w = opaque;

    for (int i = 0; i < 100; i++) {
        aio_bh_schedule_oneshot(w->ctx, wake, w);
        g_assert_true(aio_waiter_wait(&w->waiter, -1));
    }
    w->finished = true;
}

static void test_repeated(void)
{
    AioContext *ctx = started_context();
    AioContextStats stats;
    Wait w;

    wait_init(&w, ctx, -1);
    aio_bh_schedule_oneshot(ctx, wait_repeatedly, &w);
    until(ctx, &w.finished);
    aio_context_get_stats(ctx, &stats);
    g_assert_cmpuint(stats.handovers, ==, 1);
    aio_waiter_destroy(&w.waiter);
    finish(ctx);
}

static void test_stop_while_waiting(void)
{
    AioContext *ctx = started_context();
    Wait w[3];

    for (int i = 0; i < 3; i++) {
        wait_init(&w[i], ctx, -1);
        aio_bh_schedule_oneshot(ctx, wait_in_callback, &w[i]);
        until(ctx, &w[i].waiting);
    }
    aio_context_stop(ctx);
    for (int i = 0; i < 3; i++) {
        g_assert_true(w[i].finished);
        g_assert_false(w[i].result);
        aio_waiter_destroy(&w[i].waiter);
    }
    /* And it can be used again. */
    aio_context_start(ctx);
    finish(ctx);
}

/* ---- fd handler that is suspended, its fd still readable ---- */

typedef struct FdWait {
    AioContext *ctx;
    AioWaiter waiter;
    EventNotifier e;
    int calls;
    bool second_seen;
    bool finished;
} FdWait;

static FdWait fdw;

static void fd_callback(EventNotifier *e)
{
    if (++fdw.calls == 1) {
        /* Leaves it readable: the stand-in calls us again, which wakes the first call. */
        g_assert_true(aio_waiter_wait(&fdw.waiter, -1));
        g_assert_true(fdw.second_seen);
        aio_set_event_notifier(fdw.ctx, e, NULL, NULL, NULL);
        fdw.finished = true;
        return;
    }
    event_notifier_test_and_clear(e);
    fdw.second_seen = true;
    aio_waiter_wake(&fdw.waiter);
}

static void test_fd_reentered(void)
{
    fdw = (FdWait) { .ctx = started_context() };
    aio_waiter_init(&fdw.waiter, fdw.ctx);
    g_assert_cmpint(event_notifier_init(&fdw.e, true), ==, 0);
    aio_set_event_notifier(fdw.ctx, &fdw.e, fd_callback, NULL, NULL);
    until(fdw.ctx, &fdw.finished);
    g_assert_cmpint(fdw.calls, ==, 2);
    aio_waiter_destroy(&fdw.waiter);
    event_notifier_cleanup(&fdw.e);
    finish(fdw.ctx);
}

/* ---- guards ---- */

static void look_at_guard(void *opaque)
{
    Wait *w = opaque;

    g_assert_false(w->guard.engaged_in_io);
    aio_waiter_wake(&w->waiter);
}

static void wait_guarded(void *opaque)
{
    Wait *w = opaque;

    g_assert_true(w->guard.engaged_in_io);
    aio_bh_schedule_oneshot(w->ctx, look_at_guard, w);
    g_assert_true(aio_waiter_wait(&w->waiter, -1));
    g_assert_true(w->guard.engaged_in_io);
    w->finished = true;
}

static void test_guard_is_open_while_waiting(void)
{
    AioContext *ctx = started_context();
    QEMUBH *bh;
    Wait w;

    wait_init(&w, ctx, -1);
    bh = aio_bh_new_guarded(ctx, wait_guarded, &w, &w.guard);
    qemu_bh_schedule(bh);
    until(ctx, &w.finished);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        g_assert_false(w.guard.engaged_in_io);
    }
    qemu_bh_delete(bh);
    aio_waiter_destroy(&w.waiter);
    finish(ctx);
}

/* ---- without a thread to hand over to ---- */

static void test_nested_when_no_thread(void)
{
    AioContext *ctx = aio_context_new_named("alone", &error_abort);
    Wait w;

    aio_context_enter(ctx);
    wait_init(&w, ctx, -1);
    aio_bh_schedule_oneshot(ctx, wait_in_callback, &w);
    aio_bh_schedule_oneshot(ctx, wake, &w);
    while (!w.finished) {
        aio_poll(ctx, true);
    }
    g_assert_true(w.result);

    /* Outside of any callback, with a deadline. */
    g_assert_false(aio_waiter_wait(&w.waiter, SCALE_MS));
    aio_waiter_destroy(&w.waiter);
    aio_context_leave(ctx);
    aio_context_unref(ctx);
}

/* pthread_create() fails while the loop runs: the waits nest, and still end when woken. */
static void test_nested_when_thread_creation_fails(void)
{
    enum { DEEP = 12 };     /* more than the pool may keep idle */
    AioContext *ctx = started_context();
    Wait w[DEEP];

    for (int i = 0; i < DEEP; i++) {
        wait_init(&w[i], ctx, -1);
    }
    fault_inject_arm(FAULT_THREAD, 1, true);
    for (int i = 0; i < DEEP; i++) {
        aio_bh_schedule_oneshot(ctx, wait_in_callback, &w[i]);
        until(ctx, &w[i].waiting);
    }
    for (int i = DEEP - 1; i >= 0; i--) {
        aio_bh_schedule_oneshot(ctx, wake, &w[i]);
        until(ctx, &w[i].finished);
        g_assert_true(w[i].result);
    }
    fault_inject_disarm();
    for (int i = 0; i < DEEP; i++) {
        aio_waiter_destroy(&w[i].waiter);
    }
    finish(ctx);
}

/* ---- from a device's own thread ---- */

static void *device_thread(void *opaque)
{
    Wait *w = opaque;

    qemu_mutex_lock_iothread();
    w->waiting = true;
    w->result = aio_waiter_wait(&w->waiter, -1);
    w->finished = true;
    qemu_mutex_unlock_iothread();
    return NULL;
}

static void test_device_thread_waits(void)
{
    AioContext *ctx = started_context();
    AioContextStats stats;
    QemuThread thread;
    Wait w;

    wait_init(&w, ctx, -1);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        qemu_thread_create(&thread, "device", device_thread, &w, QEMU_THREAD_JOINABLE);
    }
    until(ctx, &w.waiting);
    aio_bh_schedule_oneshot(ctx, wake, &w);
    qemu_thread_join(&thread);
    g_assert_true(w.result);
    aio_context_get_stats(ctx, &stats);
    g_assert_cmpuint(stats.handovers, ==, 0);
    aio_waiter_destroy(&w.waiter);
    finish(ctx);
}

/* Two loops hand over at the same time and share the pool. */
static void test_two_contexts(void)
{
    AioContext *ctx[2] = { started_context(), started_context() };
    Wait w[2];

    for (int i = 0; i < 2; i++) {
        wait_init(&w[i], ctx[i], -1);
        aio_bh_schedule_oneshot(ctx[i], wait_repeatedly, &w[i]);
    }
    for (int i = 0; i < 2; i++) {
        until(ctx[i], &w[i].finished);
        aio_waiter_destroy(&w[i].waiter);
        finish(ctx[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/waiter/others-run-meanwhile", test_others_run_meanwhile);
    g_test_add_func("/waiter/wake-before-wait", test_wake_before_wait);
    g_test_add_func("/waiter/timeout", test_timeout);
    g_test_add_func("/waiter/many", test_many);
    g_test_add_func("/waiter/repeated", test_repeated);
    g_test_add_func("/waiter/stop-while-waiting", test_stop_while_waiting);
    g_test_add_func("/waiter/fd-reentered", test_fd_reentered);
    g_test_add_func("/waiter/guard-open", test_guard_is_open_while_waiting);
    g_test_add_func("/waiter/nested-alone", test_nested_when_no_thread);
    g_test_add_func("/waiter/nested-no-threads", test_nested_when_thread_creation_fails);
    g_test_add_func("/waiter/device-thread", test_device_thread_waits);
    g_test_add_func("/waiter/two-contexts", test_two_contexts);
    return g_test_run();
}
