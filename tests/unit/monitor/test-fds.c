/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that come with a session's bytes: who gets which, and what becomes of the rest. */
#include "qemu/osdep.h"
#include "monitor/fd-param.h"
#include "monitor/fds.h"
#include "qapi/qapi-commands-fds.h"
#include "qemu/module.h"
#include "tests/unit/helpers.h"

static MonitorFds fds;

/* A read that brings @n descriptors; the number of the first one. */
static int arrive(unsigned n)
{
    IOFdList list = { .n = n };

    for (unsigned i = 0; i < n; i++) {
        list.fd[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    monitor_fds_arrive(&fds, &list);
    g_assert_cmpuint(list.n, ==, 0);
    return n ? list.fd[0] : -1;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void assert_none(void)
{
    g_autoptr(Error) err = NULL;

    g_assert_cmpint(monitor_fds_take(&err), ==, -1);
    g_assert_cmpstr(error_get_pretty(err), ==, "No file descriptor supplied via SCM_RIGHTS");
}

static void test_order(void)
{
    int first, second;

    monitor_fds_init(&fds);
    assert_none();
    g_assert_null(monitor_fds_enter(&fds));
    assert_none();
    first = arrive(1);
    second = arrive(1);
    g_assert_cmpint(monitor_fds_take(&error_abort), ==, first);
    g_assert_cmpint(monitor_fds_take(&error_abort), ==, second);
    assert_none();
    close(first);
    close(second);
    g_assert_true(monitor_fds_enter(NULL) == &fds);
    monitor_fds_clear(&fds);
}

static void test_how_long(void)
{
    int fd, later;

    monitor_fds_init(&fds);
    fd = arrive(1);
    /* Commands of the same read, and the first one of a later read, may take it. */
    monitor_fds_answered(&fds);
    monitor_fds_answered(&fds);
    g_assert_true(is_open(fd));
    arrive(0);
    g_assert_true(is_open(fd));
    later = arrive(1);
    monitor_fds_answered(&fds);
    g_assert_false(is_open(fd));
    g_assert_true(is_open(later));
    monitor_fds_clear(&fds);
    g_assert_false(is_open(later));
}

static void test_bounded(void)
{
    unsigned before = count_fds();

    monitor_fds_init(&fds);
    for (int i = 0; i < 100; i++) {
        arrive(IO_CHANNEL_MAX_FDS - i % 3);
        g_assert_cmpuint(count_fds(), <=, before + MONITOR_FDS_WAITING);
    }
    monitor_fds_clear(&fds);
    g_assert_cmpuint(count_fds(), ==, before);
}

static void test_names(void)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(Error) gone = NULL;
    int fd;

    monitor_fds_init(&fds);
    monitor_fds_enter(&fds);
    fd = arrive(1);
    qmp_getfd("net", &error_abort);
    g_assert_cmpint(monitor_fd_param(NULL, "net", &error_abort), ==, fd);
    g_assert_cmpint(monitor_fd_param(NULL, "net", &gone), ==, -1);
    g_assert_cmpstr(error_get_pretty(gone), ==, "File descriptor named 'net' has not been found");
    g_assert_true(is_open(fd));
    close(fd);
    fd = arrive(1);
    qmp_getfd("kept", &error_abort);
    monitor_fds_enter(NULL);
    /* Another session, or none, does not know it. */
    g_assert_cmpint(monitor_fd_param(NULL, "kept", &err), ==, -1);
    monitor_fds_clear(&fds);
    g_assert_false(is_open(fd));
}

static void test_set_by_path(void)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(AddfdInfo) info = NULL;
    char name[64];
    int copy;

    monitor_fds_init(&fds);
    monitor_fds_enter(&fds);
    arrive(1);
    info = qmp_add_fd(false, 0, NULL, &error_abort);
    snprintf(name, sizeof(name), "/dev/fdset/%" PRId64, info->fdset_id);
    copy = qemu_open(name, O_RDWR | O_APPEND, &error_abort);
    g_assert_cmpint(copy, !=, info->fd);
    g_assert_cmpint(fcntl(copy, F_GETFL) & O_APPEND, !=, 0);
    g_assert_cmpint(fcntl(copy, F_GETFD) & FD_CLOEXEC, !=, 0);
    qmp_remove_fd(info->fdset_id, false, 0, &error_abort);
    /* What was opened stays open; the name is gone. */
    g_assert_cmpint(write(copy, "x", 1), ==, 1);
    g_assert_cmpint(qemu_open(name, O_RDWR, &err), ==, -1);
    g_assert_nonnull(strstr(error_get_pretty(err), "No such file"));
    close(copy);
    monitor_fds_enter(NULL);
    monitor_fds_clear(&fds);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/monitor/fds/order", test_order);
    g_test_add_func("/monitor/fds/how-long", test_how_long);
    g_test_add_func("/monitor/fds/bounded", test_bounded);
    g_test_add_func("/monitor/fds/names", test_names);
    g_test_add_func("/monitor/fds/set", test_set_by_path);
    return g_test_run();
}
