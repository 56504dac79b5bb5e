/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event loop: bottom halves, fd handlers and timers in one thread, then with loops in threads. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "block/aio-wait.h"
#include "qemu/fault-inject.h"
#include "qemu/main-loop.h"
#include <sys/socket.h>

static AioContext *new_context(void)
{
    return aio_context_new_named("test", &error_abort);
}

static void drain(AioContext *ctx)
{
    while (aio_poll(ctx, false)) {
        /* until nothing is left to do */
    }
}

/* ---- bottom halves ---- */

typedef struct BHTest {
    AioContext *ctx;
    QEMUBH *bh;
    QEMUBH *other;
    int calls;
    int again;
} BHTest;

static void bh_count(void *opaque)
{
    BHTest *t = opaque;

    t->calls++;
    if (t->again-- > 0) {
        qemu_bh_schedule(t->bh);
    }
}

static void bh_delete_self(void *opaque)
{
    BHTest *t = opaque;

    t->calls++;
    qemu_bh_delete(t->bh);
    t->bh = NULL;
}

static void bh_delete_other(void *opaque)
{
    BHTest *t = opaque;

    t->calls++;
    qemu_bh_delete(t->other);
    t->other = NULL;
}

static void test_bh_basic(void)
{
    BHTest t = { .ctx = new_context() };

    t.bh = aio_bh_new(t.ctx, bh_count, &t);
    g_assert_false(aio_poll(t.ctx, false));
    qemu_bh_schedule(t.bh);
    qemu_bh_schedule(t.bh);
    g_assert_true(aio_poll(t.ctx, false));
    g_assert_cmpint(t.calls, ==, 1);

    qemu_bh_schedule(t.bh);
    qemu_bh_cancel(t.bh);
    g_assert_false(aio_poll(t.ctx, false));
    g_assert_cmpint(t.calls, ==, 1);

    /* One that schedules itself runs once a turn. */
    t.again = 3;
    qemu_bh_schedule(t.bh);
    aio_poll(t.ctx, false);
    g_assert_cmpint(t.calls, ==, 2);
    drain(t.ctx);
    g_assert_cmpint(t.calls, ==, 5);

    qemu_bh_schedule(t.bh);
    qemu_bh_delete(t.bh);
    g_assert_false(aio_poll(t.ctx, false));
    aio_context_unref(t.ctx);
}

static void test_bh_delete_in_callback(void)
{
    BHTest t = { .ctx = new_context() };

    t.bh = aio_bh_new(t.ctx, bh_delete_self, &t);
    qemu_bh_schedule(t.bh);
    drain(t.ctx);
    g_assert_cmpint(t.calls, ==, 1);
    g_assert_null(t.bh);

    t.bh = aio_bh_new(t.ctx, bh_delete_other, &t);
    t.other = aio_bh_new(t.ctx, bh_count, &t);
    qemu_bh_schedule(t.bh);
    qemu_bh_schedule(t.other);
    drain(t.ctx);
    g_assert_cmpint(t.calls, ==, 2);
    qemu_bh_delete(t.bh);
    aio_context_unref(t.ctx);
}

static void test_bh_order_and_oneshot(void)
{
    BHTest t = { .ctx = new_context() };

    for (int i = 0; i < 100; i++) {
        aio_bh_schedule_oneshot(t.ctx, bh_count, &t);
    }
    drain(t.ctx);
    g_assert_cmpint(t.calls, ==, 100);
    /* What never ran is freed with its context (LeakSanitizer looks). */
    aio_bh_schedule_oneshot(t.ctx, bh_count, &t);
    aio_context_unref(t.ctx);
    g_assert_cmpint(t.calls, ==, 100);
}

static MemReentrancyGuard guard;

static void bh_look_at_guard(void *opaque)
{
    g_assert_true(guard.engaged_in_io);
    (*(int *)opaque)++;
}

static void test_bh_guard(void)
{
    AioContext *ctx = new_context();
    int calls = 0;
    QEMUBH *bh = aio_bh_new_guarded(ctx, bh_look_at_guard, &calls, &guard);

    qemu_bh_schedule(bh);
    drain(ctx);
    g_assert_cmpint(calls, ==, 1);
    g_assert_false(guard.engaged_in_io);

    /* Of an engaged device: it runs, and does not disengage it. */
    guard.engaged_in_io = true;
    qemu_bh_schedule(bh);
    drain(ctx);
    g_assert_cmpint(calls, ==, 2);
    g_assert_true(guard.engaged_in_io);
    guard.engaged_in_io = false;
    qemu_bh_delete(bh);
    aio_context_unref(ctx);
}

/* ---- fd handlers ---- */

typedef struct FdTest {
    AioContext *ctx;
    EventNotifier e[3];
    int reads[3];
    int write_calls;
    bool remove_all;
} FdTest;

static FdTest *fdt;

static void fd_remove_all(void)
{
    for (int i = 0; i < 3; i++) {
        aio_set_event_notifier(fdt->ctx, &fdt->e[i], NULL, NULL, NULL);
    }
}

static void on_read(EventNotifier *e)
{
    fdt->reads[e - fdt->e]++;
    event_notifier_test_and_clear(e);
    if (fdt->remove_all) {
        fd_remove_all();
    }
}

static void fd_setup(FdTest *t)
{
    *t = (FdTest) { .ctx = new_context() };
    fdt = t;
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(event_notifier_init(&t->e[i], false), ==, 0);
        aio_set_event_notifier(t->ctx, &t->e[i], on_read, NULL, NULL);
    }
}

static void fd_teardown(FdTest *t)
{
    fd_remove_all();
    for (int i = 0; i < 3; i++) {
        event_notifier_cleanup(&t->e[i]);
    }
    aio_context_unref(t->ctx);
}

static int total_reads(const FdTest *t)
{
    return t->reads[0] + t->reads[1] + t->reads[2];
}

static void test_fd_basic(void)
{
    FdTest t;

    fd_setup(&t);
    g_assert_false(aio_poll(t.ctx, false));
    event_notifier_set(&t.e[1]);
    g_assert_true(aio_poll(t.ctx, false));
    g_assert_cmpint(t.reads[1], ==, 1);
    g_assert_cmpint(total_reads(&t), ==, 1);
    fd_remove_all();
    event_notifier_set(&t.e[1]);
    g_assert_false(aio_poll(t.ctx, false));
    fd_teardown(&t);
}

/* All three are ready in one turn; the first callback removes all: no other may run. */
static void test_fd_remove_in_callback(void)
{
    FdTest t;

    fd_setup(&t);
    t.remove_all = true;
    for (int i = 0; i < 3; i++) {
        event_notifier_set(&t.e[i]);
    }
    drain(t.ctx);
    g_assert_cmpint(total_reads(&t), ==, 1);
    fd_teardown(&t);
}

static void on_read_nested(EventNotifier *e)
{
    /* Not cleared yet: others are found by the nested turn, and not run twice by ours. */
    fdt->reads[e - fdt->e]++;
    event_notifier_test_and_clear(e);
    drain(fdt->ctx);
}

static void test_fd_nested_poll(void)
{
    FdTest t;

    fd_setup(&t);
    for (int i = 0; i < 3; i++) {
        aio_set_event_notifier(t.ctx, &t.e[i], on_read_nested, NULL, NULL);
        event_notifier_set(&t.e[i]);
    }
    drain(t.ctx);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(t.reads[i], ==, 1);
    }
    fd_teardown(&t);
}

static void swap_handler(EventNotifier *e)
{
    fdt->write_calls++;
    event_notifier_test_and_clear(e);
}

static void on_read_replace(EventNotifier *e)
{
    fdt->reads[e - fdt->e]++;
    event_notifier_test_and_clear(e);
    for (int i = 0; i < 3; i++) {
        aio_set_event_notifier(fdt->ctx, &fdt->e[i], swap_handler, NULL, NULL);
    }
}

static void test_fd_replace_in_callback(void)
{
    FdTest t;

    fd_setup(&t);
    for (int i = 0; i < 3; i++) {
        aio_set_event_notifier(t.ctx, &t.e[i], on_read_replace, NULL, NULL);
        event_notifier_set(&t.e[i]);
    }
    drain(t.ctx);
    g_assert_cmpint(total_reads(&t), ==, 1);
    g_assert_cmpint(t.write_calls, ==, 2);
    fd_teardown(&t);
}

static void count_read(void *opaque)
{
    (*(int *)opaque)++;
}

/* Hang-up reaches the reader; many fds make the table grow. */
static void test_fd_hangup_and_many(void)
{
    AioContext *ctx = new_context();
    int fds[100][2], calls = 0;

    for (int i = 0; i < 100; i++) {
        g_assert_cmpint(qemu_socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]), ==, 0);
        aio_set_fd_handler(ctx, fds[i][0], count_read, NULL, NULL, NULL, &calls);
    }
    g_assert_false(aio_poll(ctx, false));
    close(fds[77][1]);
    g_assert_true(aio_poll(ctx, false));
    g_assert_cmpint(calls, ==, 1);
    for (int i = 0; i < 100; i++) {
        aio_set_fd_handler(ctx, fds[i][0], NULL, NULL, NULL, NULL, NULL);
        close(fds[i][0]);
        if (i != 77) {
            close(fds[i][1]);
        }
    }
    aio_context_unref(ctx);
}

/* ---- with a thread ---- */

typedef struct ThreadTest {
    AioContext *ctx;
    QemuEvent done;
    int left;
} ThreadTest;

static void bh_in_loop(void *opaque)
{
    ThreadTest *t = opaque;

    g_assert_true(aio_context_in_loop(t->ctx));
    g_assert_true(qemu_get_current_aio_context() == t->ctx);
    g_assert_true(qemu_mutex_iothread_locked());
    if (--t->left == 0) {
        qemu_event_set(&t->done);
    }
}

static void *schedule_many(void *opaque)
{
    ThreadTest *t = opaque;

    for (int i = 0; i < 1000; i++) {
        aio_bh_schedule_oneshot(t->ctx, bh_in_loop, t);
    }
    return NULL;
}

static void test_cross_thread_bh(void)
{
    ThreadTest t = { .ctx = new_context(), .left = 4000 };
    QemuThread threads[4];

    qemu_event_init(&t.done, false);
    aio_context_start(t.ctx);
    for (int i = 0; i < 4; i++) {
        qemu_thread_create(&threads[i], "sched", schedule_many, &t, QEMU_THREAD_JOINABLE);
    }
    qemu_event_wait(&t.done);
    for (int i = 0; i < 4; i++) {
        qemu_thread_join(&threads[i]);
    }
    aio_context_stop(t.ctx);
    g_assert_cmpint(t.left, ==, 0);
    aio_context_unref(t.ctx);
    qemu_event_destroy(&t.done);
}

static void test_start_stop(void)
{
    AioContext *ctx = new_context();

    aio_context_stop(ctx);      /* not started: nothing to do */
    for (int i = 0; i < 50; i++) {
        aio_context_start(ctx);
        if (i & 1) {
            g_usleep(100);
        }
        aio_context_stop(ctx);
    }
    aio_context_unref(ctx);
}

static void test_idle_sleeps(void)
{
    AioContext *ctx = new_context();
    AioContextStats before, after;

    aio_context_start(ctx);
    g_usleep(20 * 1000);
    aio_context_get_stats(ctx, &before);
    g_usleep(300 * 1000);
    aio_context_get_stats(ctx, &after);
    g_assert_cmpuint(before.wakeups, ==, after.wakeups);
    aio_context_stop(ctx);
    aio_context_unref(ctx);
}

/* Work that a callback makes for its own loop needs no eventfd write, hence no spurious wake-up. */
static void test_no_wakeup_for_own_work(void)
{
    ThreadTest t = { .ctx = new_context(), .left = 1 };
    AioContextStats before, after;

    qemu_event_init(&t.done, false);
    aio_context_start(t.ctx);
    g_usleep(20 * 1000);
    aio_context_get_stats(t.ctx, &before);
    aio_bh_schedule_oneshot(t.ctx, bh_in_loop, &t);
    qemu_event_wait(&t.done);
    g_usleep(50 * 1000);
    aio_context_get_stats(t.ctx, &after);
    g_assert_cmpuint(after.wakeups, ==, before.wakeups + 1);
    aio_context_stop(t.ctx);
    aio_context_unref(t.ctx);
    qemu_event_destroy(&t.done);
}

/* aio_poll() of a thread that is not the runner. */
static void set_flag(void *opaque)
{
    *(bool *)opaque = true;
}

static void look_for_loop(void *opaque)
{
    *(bool *)opaque = aio_context_in_loop(qemu_get_current_aio_context());
}

static void test_wait_bh_oneshot(void)
{
    AioContext *ctx = new_context();
    bool in_loop = false;

    aio_context_start(ctx);
    aio_wait_bh_oneshot(ctx, look_for_loop, &in_loop);
    g_assert_true(in_loop);
    aio_context_stop(ctx);
    /* Without a thread the caller runs it. */
    in_loop = false;
    aio_wait_bh_oneshot(ctx, look_for_loop, &in_loop);
    g_assert_true(in_loop);
    aio_context_unref(ctx);
}

static void *change_and_kick(void *opaque)
{
    g_usleep(2000);
    qatomic_set((bool *)opaque, true);
    aio_wait_kick();
    return NULL;
}

/* The condition is changed by a thread that runs no callback of the context. */
static void test_wait_kick(void)
{
    AioContext *ctx = new_context();
    QemuThread thread;
    bool flag = false;

    aio_context_start(ctx);
    qemu_thread_create(&thread, "kick", change_and_kick, &flag, QEMU_THREAD_JOINABLE);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        AIO_WAIT_WHILE(ctx, !qatomic_read(&flag));
    }
    qemu_thread_join(&thread);
    aio_context_stop(ctx);
    aio_context_unref(ctx);
}

static void test_start_without_threads(void)
{
    Error *err = NULL;
    AioContext *used[16];   /* the pool may hold idle threads of earlier tests: use them up */
    int tries;

    fault_inject_arm(FAULT_THREAD, 1, true);
    for (tries = 0; tries < 16; tries++) {
        used[tries] = new_context();
        if (!aio_context_try_start(used[tries], &err)) {
            break;
        }
    }
    g_assert_cmpint(tries, <, 16);
    error_free_or_abort(&err);
    fault_inject_disarm();
    g_assert_true(aio_context_try_start(used[tries], &error_abort));
    for (int i = 0; i <= tries; i++) {
        aio_context_stop(used[i]);
        aio_context_unref(used[i]);
    }
}

static void test_creation_fails(void)
{
    Error *err = NULL;

    for (int nth = 1; nth <= 2; nth++) {
        fault_inject_arm(FAULT_ANY, nth, false);
        g_assert_null(aio_context_new_named("x", &err));
        error_free_or_abort(&err);
        fault_inject_disarm();
    }
}

static void test_wait_while_from_outside(void)
{
    AioContext *ctx = new_context();
    bool flag = false;

    aio_context_start(ctx);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        aio_bh_schedule_oneshot(ctx, set_flag, &flag);
        g_assert_true(AIO_WAIT_WHILE(ctx, !flag));
        g_assert_true(flag);
    }
    aio_context_stop(ctx);
    aio_context_unref(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/aio/bh/basic", test_bh_basic);
    g_test_add_func("/aio/bh/delete-in-callback", test_bh_delete_in_callback);
    g_test_add_func("/aio/bh/oneshot", test_bh_order_and_oneshot);
    g_test_add_func("/aio/bh/guard", test_bh_guard);
    g_test_add_func("/aio/fd/basic", test_fd_basic);
    g_test_add_func("/aio/fd/remove-in-callback", test_fd_remove_in_callback);
    g_test_add_func("/aio/fd/nested-poll", test_fd_nested_poll);
    g_test_add_func("/aio/fd/replace-in-callback", test_fd_replace_in_callback);
    g_test_add_func("/aio/fd/hangup-and-many", test_fd_hangup_and_many);
    g_test_add_func("/aio/thread/cross-thread-bh", test_cross_thread_bh);
    g_test_add_func("/aio/thread/start-stop", test_start_stop);
    g_test_add_func("/aio/thread/idle-sleeps", test_idle_sleeps);
    g_test_add_func("/aio/thread/no-wakeup-for-own-work", test_no_wakeup_for_own_work);
    g_test_add_func("/aio/thread/wait-while-from-outside", test_wait_while_from_outside);
    g_test_add_func("/aio/thread/wait-bh-oneshot", test_wait_bh_oneshot);
    g_test_add_func("/aio/thread/wait-kick", test_wait_kick);
    g_test_add_func("/aio/thread/start-without-threads", test_start_without_threads);
    g_test_add_func("/aio/creation-fails", test_creation_fails);
    return g_test_run();
}
