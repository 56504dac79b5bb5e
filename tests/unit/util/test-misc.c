/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small parts: notifiers, event notifiers, aligned memory, random bytes, hw_error(). */
#include "qemu/osdep.h"
#include "hw/hw.h"
#include "qapi/error.h"
#include "qemu/event_notifier.h"
#include "qemu/guest-random.h"
#include "qemu/memalign.h"
#include "qemu/notify.h"

typedef struct Counter {
    Notifier n;
    int calls;
    bool remove_self;
} Counter;

static void on_notify(Notifier *n, void *data)
{
    Counter *c = container_of(n, Counter, n);

    c->calls++;
    if (c->remove_self) {
        notifier_remove(n);
    }
}

static void test_notifiers(void)
{
    NotifierList list = NOTIFIER_LIST_INITIALIZER(list);
    Counter c[3] = { 0 };

    g_assert_true(notifier_list_empty(&list));
    for (int i = 0; i < 3; i++) {
        c[i].n.notify = on_notify;
        c[i].remove_self = i == 1;
        notifier_list_add(&list, &c[i].n);
    }
    notifier_list_notify(&list, NULL);
    notifier_list_notify(&list, NULL);
    g_assert_cmpint(c[0].calls, ==, 2);
    g_assert_cmpint(c[1].calls, ==, 1);
    g_assert_cmpint(c[2].calls, ==, 2);
    notifier_remove(&c[1].n);   /* not in it any more: nothing happens */
    notifier_remove(&c[0].n);
    notifier_remove(&c[2].n);
    g_assert_true(notifier_list_empty(&list));
}

static int veto_calls;

static int veto(NotifierWithReturn *n, void *data)
{
    veto_calls++;
    return *(int *)data;
}

static void test_notifier_with_return(void)
{
    NotifierWithReturnList list = NOTIFIER_WITH_RETURN_LIST_INITIALIZER(list);
    NotifierWithReturn a = { .notify = veto }, b = { .notify = veto };
    int answer = 0;

    notifier_with_return_list_add(&list, &a);
    notifier_with_return_list_add(&list, &b);
    g_assert_cmpint(notifier_with_return_list_notify(&list, &answer), ==, 0);
    g_assert_cmpint(veto_calls, ==, 2);
    answer = -7;
    g_assert_cmpint(notifier_with_return_list_notify(&list, &answer), ==, -7);
    g_assert_cmpint(veto_calls, ==, 3);
    notifier_with_return_remove(&a);
    notifier_with_return_remove(&b);
}

static void test_event_notifier(void)
{
    EventNotifier e;
    uint64_t full = UINT64_MAX - 1;

    g_assert_cmpint(event_notifier_init(&e, 1), ==, 0);
    g_assert_cmpint(event_notifier_test_and_clear(&e), ==, 1);
    g_assert_cmpint(event_notifier_test_and_clear(&e), ==, 0);
    g_assert_cmpint(event_notifier_set(&e), ==, 0);
    event_notifier_test_and_clear(&e);
    /* A saturated counter does not block the setter. */
    g_assert_cmpint(write(event_notifier_get_wfd(&e), &full, sizeof(full)), ==, sizeof(full));
    g_assert_cmpint(event_notifier_set(&e), ==, 0);
    g_assert_cmpint(event_notifier_test_and_clear(&e), ==, 1);
    event_notifier_cleanup(&e);
    event_notifier_cleanup(&e);
}

static void test_memalign(void)
{
    QEMU_AUTO_VFREE void *page = qemu_memalign(4096, 100);
    QEMU_AUTO_VFREE void *empty = qemu_try_memalign(1, 0);

    g_assert_true(QEMU_PTR_IS_ALIGNED(page, 4096));
    g_assert_nonnull(empty);
    /* More than there is: the caller hears of it. (ASan is told to return NULL for such.) */
#ifndef QEMU_SANITIZE_ADDRESS
#ifndef QEMU_SANITIZE_THREAD
    g_assert_null(qemu_try_memalign(4096, SIZE_MAX / 2));
#endif
#endif
}

static void test_random(void)
{
    uint8_t a[64] = { 0 }, b[64] = { 0 };
    Error *err = NULL;

    qemu_guest_getrandom_nofail(a, sizeof(a));
    qemu_guest_getrandom_nofail(b, sizeof(b));
    g_assert_cmpint(memcmp(a, b, sizeof(a)), !=, 0);
    g_assert_cmpint(qemu_guest_random_seed_main("x", &err), ==, -1);
    error_free_or_abort(&err);
    g_assert_cmpint(qemu_guest_random_seed_main("42", &error_abort), ==, 0);
    qemu_guest_getrandom_nofail(a, sizeof(a));
    g_assert_cmpint(qemu_guest_random_seed_main("42", &error_abort), ==, 0);
    qemu_guest_getrandom_nofail(b, sizeof(b));
    g_assert_cmpmem(a, sizeof(a), b, sizeof(b));
}

static void test_hw_error(void)
{
    if (g_test_subprocess()) {
        hw_error("state %d", 7);
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*hardware error: state 7*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/misc/notifiers", test_notifiers);
    g_test_add_func("/misc/notifier-with-return", test_notifier_with_return);
    g_test_add_func("/misc/event-notifier", test_event_notifier);
    g_test_add_func("/misc/memalign", test_memalign);
    g_test_add_func("/misc/random", test_random);
    g_test_add_func("/misc/hw-error", test_hw_error);
    return g_test_run();
}
