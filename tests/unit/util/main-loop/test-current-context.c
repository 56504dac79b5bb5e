/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entering, leaving, the big lock, and what new threads inherit. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

static AioContext *ctx;

static void setup(void)
{
    ctx = aio_context_new_named("domain", &error_abort);
}

static void teardown(void)
{
    g_clear_pointer(&ctx, aio_context_unref);
}

static void test_enter_leave(void)
{
    setup();
    g_assert_true(qemu_get_current_aio_context() == aio_context_main());
    g_assert_false(aio_context_entered(ctx));
    aio_context_enter(ctx);
    aio_context_enter(ctx);
    g_assert_true(qemu_get_current_aio_context() == ctx);
    g_assert_true(qemu_get_aio_context() == ctx);
    aio_context_leave(ctx);
    g_assert_true(aio_context_entered(ctx));
    aio_context_leave(ctx);
    g_assert_false(aio_context_entered(ctx));
    g_assert_true(qemu_get_current_aio_context() == aio_context_main());
    teardown();
}

static void test_main_then_domain_then_main(void)
{
    AioContext *main_ctx = aio_context_main();

    setup();
    aio_context_enter(main_ctx);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        g_assert_true(aio_context_entered(main_ctx));
        /* It is held already: going back in is counting. */
        WITH_AIO_CONTEXT_GUARD(main_ctx) {
            g_assert_true(qemu_get_current_aio_context() == main_ctx);
        }
        g_assert_true(qemu_get_current_aio_context() == ctx);
    }
    g_assert_true(qemu_get_current_aio_context() == main_ctx);
    aio_context_leave(main_ctx);
    teardown();
}

static void test_lock_order_is_enforced(void)
{
    if (g_test_subprocess()) {
        setup();
        aio_context_enter(ctx);
        aio_context_enter(aio_context_main());
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*lock order*main*domain*");
}

static void test_big_lock(void)
{
    setup();
    /* Inside an entered context: counts, and dropping it really drops it. */
    aio_context_enter(ctx);
    g_assert_true(qemu_mutex_iothread_locked());
    qemu_mutex_lock_iothread();
    qemu_mutex_unlock_iothread();
    g_assert_true(qemu_mutex_iothread_locked());
    qemu_mutex_unlock_iothread();
    g_assert_false(qemu_mutex_iothread_locked());
    g_assert_true(qemu_get_current_aio_context() == ctx);
    bql_lock();
    g_assert_true(bql_locked());
    {
        BQL_LOCK_GUARD();
        g_assert_true(bql_locked());
    }
    aio_context_leave(ctx);

    /* Outside: the main context's. */
    g_assert_false(qemu_mutex_iothread_locked());
    qemu_mutex_lock_iothread();
    g_assert_true(aio_context_entered(aio_context_main()));
    qemu_mutex_unlock_iothread();
    g_assert_false(aio_context_entered(aio_context_main()));
    teardown();
}

/* ---- threads of a device ---- */

typedef struct DeviceThread {
    QemuThread thread;
    QemuCond cond;
    bool ready;
    bool go;
    int64_t counter;
    AioContext *seen;
} DeviceThread;

static void *device_thread(void *opaque)
{
    DeviceThread *d = opaque;

    qemu_mutex_lock_iothread();
    d->seen = qemu_get_current_aio_context();
    g_assert_true(aio_context_entered(ctx));
    g_assert_false(aio_context_in_loop(ctx));
    d->ready = true;
    qemu_cond_signal(&d->cond);
    while (!d->go) {
        qemu_cond_wait_iothread(&d->cond);
    }
    for (int i = 0; i < 1000; i++) {
        d->counter++;
        qemu_mutex_unlock_iothread();
        qemu_mutex_lock_iothread();
    }
    qemu_mutex_unlock_iothread();
    return NULL;
}

static void make_device_thread(void *opaque)
{
    DeviceThread *d = opaque;

    qemu_thread_create(&d->thread, "device", device_thread, d, QEMU_THREAD_JOINABLE);
    /* A callback may wait for its thread: the big lock is given up, the loop goes on. */
    while (!d->ready) {
        qemu_cond_wait_iothread(&d->cond);
    }
    d->go = true;
    qemu_cond_broadcast(&d->cond);
}

static void count_too(void *opaque)
{
    DeviceThread *d = opaque;

    d->counter++;
}

static void test_thread_inherits(void)
{
    DeviceThread d = { 0 };

    setup();
    qemu_cond_init(&d.cond);
    aio_context_start(ctx);
    aio_bh_schedule_oneshot(ctx, make_device_thread, &d);
    /* Races with the thread for the counter, were there no common lock. */
    for (int i = 0; i < 1000; i++) {
        aio_bh_schedule_oneshot(ctx, count_too, &d);
    }
    for (;;) {
        AIO_CONTEXT_GUARD(ctx);

        if (d.counter == 2000) {
            break;
        }
    }
    qemu_thread_join(&d.thread);
    g_assert_true(d.seen == ctx);
    aio_context_stop(ctx);
    qemu_cond_destroy(&d.cond);
    teardown();
}

static void *make_timer(void *opaque)
{
    return qemu_get_current_aio_context();
}

static void test_current_is_inherited_from_entered(void)
{
    QemuThread thread;

    setup();
    WITH_AIO_CONTEXT_GUARD(ctx) {
        qemu_thread_create(&thread, "inherit", make_timer, NULL, QEMU_THREAD_JOINABLE);
    }
    g_assert_true(qemu_thread_join(&thread) == ctx);
    qemu_thread_create(&thread, "inherit", make_timer, NULL, QEMU_THREAD_JOINABLE);
    g_assert_true(qemu_thread_join(&thread) == aio_context_main());
    teardown();
}

/* A loop that never sleeps must let others in. */
static void spin(void *opaque)
{
    QEMUBH **bh = opaque;

    if (*bh) {
        qemu_bh_schedule(*bh);
    }
}

static void test_busy_loop_is_fair(void)
{
    QEMUBH *bh = NULL;
    int64_t start;

    setup();
    bh = aio_bh_new(ctx, spin, &bh);
    aio_context_start(ctx);
    qemu_bh_schedule(bh);
    start = get_clock();
    for (int i = 0; i < 200; i++) {
        AIO_CONTEXT_GUARD(ctx);
    }
    g_assert_cmpint(get_clock() - start, <, 20 * NANOSECONDS_PER_SECOND);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        qemu_bh_delete(g_steal_pointer(&bh));
    }
    aio_context_stop(ctx);
    teardown();
}

static void test_guard_frames(void)
{
    MemReentrancyGuard guard = { 0 };
    ReentrancyFrame frame, again;

    g_assert_true(reentrancy_frame_enter(&frame, &guard));
    g_assert_true(guard.engaged_in_io);
    g_assert_false(reentrancy_frame_enter(&again, &guard));
    reentrancy_frame_leave(&frame);
    g_assert_false(guard.engaged_in_io);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/current/enter-leave", test_enter_leave);
    g_test_add_func("/current/main-domain-main", test_main_then_domain_then_main);
    g_test_add_func("/current/lock-order", test_lock_order_is_enforced);
    g_test_add_func("/current/big-lock", test_big_lock);
    g_test_add_func("/current/thread-inherits", test_thread_inherits);
    g_test_add_func("/current/inherit-entered", test_current_is_inherited_from_entered);
    g_test_add_func("/current/busy-loop-is-fair", test_busy_loop_is_fair);
    g_test_add_func("/current/guard-frames", test_guard_frames);
    return g_test_run();
}
