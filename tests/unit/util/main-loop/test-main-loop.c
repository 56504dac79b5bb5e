/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main context as main() uses it, and deferred freeing. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "block/aio-wait.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"

static void count(void *opaque)
{
    (*(int *)opaque)++;
}

static void test_main_context(void)
{
    int calls = 0;
    QEMUBH *bh;

    g_assert_true(qemu_in_main_thread());
    g_assert_true(qemu_mutex_iothread_locked());
    bh = qemu_bh_new(count, &calls);
    qemu_bh_schedule(bh);
    main_loop_wait(false);
    g_assert_cmpint(calls, ==, 1);
    main_loop_wait(true);
    qemu_bh_delete(bh);
}

/* Asked for before anybody sleeps: an end of the process that is asked for between two turns. */
static void test_notify_counts_for_the_next_turn(void)
{
    main_loop_wait(true);
    qemu_notify_event();
    main_loop_wait(false);      /* returns at all */
    aio_wait_kick();
    main_loop_wait(false);
}

static void *notify_later(void *opaque)
{
    g_usleep(2000);
    g_assert_false(qemu_in_main_thread());
    qemu_notify_event();
    return NULL;
}

static void test_notify(void)
{
    QemuThread thread;

    qemu_thread_create(&thread, "notify", notify_later, NULL, QEMU_THREAD_JOINABLE);
    main_loop_wait(false);      /* returns at all */
    qemu_thread_join(&thread);
}

/* The main thread sleeps without the lock: another thread gets in meanwhile. */
static void *enter_and_finish(void *opaque)
{
    AIO_CONTEXT_GUARD(aio_context_main());

    *(bool *)opaque = true;
    qemu_notify_event();
    return NULL;
}

static void test_lock_is_free_while_asleep(void)
{
    QemuThread thread;
    bool done = false;

    qemu_thread_create(&thread, "enter", enter_and_finish, &done, QEMU_THREAD_JOINABLE);
    while (!done) {
        main_loop_wait(false);
    }
    qemu_thread_join(&thread);
}

static void wake(void *opaque)
{
    aio_waiter_wake(opaque);
}

static void test_wait_on_main_is_nested(void)
{
    AioContext *ctx = aio_context_main();
    AioWaiter w;

    aio_waiter_init(&w, ctx);
    aio_bh_schedule_oneshot(ctx, wake, &w);
    g_assert_true(aio_waiter_wait(&w, -1));
    g_assert_false(aio_waiter_wait(&w, SCALE_MS));
    aio_waiter_destroy(&w);
}

typedef struct Freed {
    struct rcu_head rcu;
    int *calls;
} Freed;

static void free_it(Freed *f)
{
    (*f->calls)++;
    g_free(f);
}

static void test_rcu(void)
{
    Freed *f = g_new0(Freed, 1);
    int calls = 0;

    f->calls = &calls;
    call_rcu(f, free_it, rcu);
    g_assert_cmpint(calls, ==, 0);
    drain_call_rcu();
    g_assert_cmpint(calls, ==, 1);
    f = g_new0(Freed, 1);
    g_free_rcu(f, rcu);
    drain_call_rcu();
}

static void on_event(EventNotifier *e)
{
    event_notifier_test_and_clear(e);
    event_notifier_set_handler(e, NULL);
}

static void test_fd_in_current_context(void)
{
    EventNotifier e;

    g_assert_cmpint(event_notifier_init(&e, true), ==, 0);
    event_notifier_set_handler(&e, on_event);
    main_loop_wait(false);
    g_assert_false(event_notifier_test_and_clear(&e));
    event_notifier_cleanup(&e);
}

static void complete(void *opaque, int ret)
{
}

static void test_aiocb(void)
{
    static const AIOCBInfo info = { .aiocb_size = sizeof(BlockAIOCB) + 16 };
    int tag;
    BlockAIOCB *acb = qemu_aio_get(&info, NULL, complete, &tag);

    g_assert_true(acb->cb == complete && acb->opaque == &tag);
    qemu_aio_ref(acb);
    qemu_aio_unref(acb);
    qemu_aio_unref(acb);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(qemu_init_main_loop(&error_abort), ==, 0);
    g_test_add_func("/main-loop/main-context", test_main_context);
    g_test_add_func("/main-loop/notify", test_notify);
    g_test_add_func("/main-loop/notify-first", test_notify_counts_for_the_next_turn);
    g_test_add_func("/main-loop/lock-free-while-asleep", test_lock_is_free_while_asleep);
    g_test_add_func("/main-loop/wait-is-nested", test_wait_on_main_is_nested);
    g_test_add_func("/main-loop/rcu", test_rcu);
    g_test_add_func("/main-loop/fd", test_fd_in_current_context);
    g_test_add_func("/main-loop/aiocb", test_aiocb);
    return g_test_run();
}
