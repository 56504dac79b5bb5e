/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hook itself, and that the places in util which ask it do fail cleanly. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/event_notifier.h"
#include "qemu/fault-inject.h"
#include "qemu/memalign.h"
#include "qemu/thread.h"

static void test_counting(void)
{
    g_assert_false(fault_inject(FAULT_MMAP));
    fault_inject_arm(FAULT_MMAP, 2, false);
    g_assert_false(fault_inject(FAULT_OPEN));
    g_assert_false(fault_inject(FAULT_MMAP));
    g_assert_true(fault_inject(FAULT_MMAP));
    g_assert_false(fault_inject(FAULT_MMAP));
    g_assert_cmpuint(fault_inject_disarm(), ==, 3);
    g_assert_false(fault_inject(FAULT_MMAP));

    fault_inject_arm(FAULT_ANY, 2, true);
    g_assert_false(fault_inject(FAULT_OPEN));
    g_assert_true(fault_inject(FAULT_MMAP));
    g_assert_true(fault_inject(FAULT_OPEN));
    fault_inject_disarm();
}

static void test_parse(void)
{
    static const char *const bad[] = { "", "mmap", "mmap:", "mmap:0", "mmap:x", "mmap:1-", "x:1" };
    Error *err = NULL;

    g_assert_true(fault_inject_parse("eventfd:3", &error_abort));
    g_assert_true(fault_inject_parse("any:1+", &error_abort));
    g_assert_true(fault_inject(FAULT_OPEN));
    fault_inject_disarm();
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_false(fault_inject_parse(bad[i], &err));
        error_free_or_abort(&err);
    }
    g_assert_cmpstr(fault_point_name(FAULT_FILE_IO), ==, "file-io");
}

static void *no_thread(void *opaque)
{
    return opaque;
}

static void test_places(void)
{
    EventNotifier e;
    QemuThread thread;
    Error *err = NULL;

    fault_inject_arm(FAULT_ANY, 1, true);
    g_assert_cmpint(event_notifier_init(&e, 0), ==, -EMFILE);
    event_notifier_cleanup(&e);
    g_assert_cmpint(event_notifier_set(&e), ==, -EBADF);
    g_assert_null(qemu_try_memalign(4096, 4096));
    g_assert_cmpint(qemu_open("/dev/null", O_RDONLY, &err), ==, -1);
    error_free_or_abort(&err);
    g_assert_cmpint(qemu_thread_try_create(&thread, "x", 0, no_thread, NULL,
                                           QEMU_THREAD_JOINABLE), ==, EAGAIN);
    fault_inject_disarm();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fault-inject/counting", test_counting);
    g_test_add_func("/fault-inject/parse", test_parse);
    g_test_add_func("/fault-inject/places", test_places);
    return g_test_run();
}
