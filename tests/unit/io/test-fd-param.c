/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which descriptors an option or a command can name. */
#include "qemu/osdep.h"
#include "monitor/fd-param.h"

static int open_null(void)
{
    return open("/dev/null", O_RDWR);
}

static void assert_good(int fd)
{
    g_autofree char *number = g_strdup_printf("%d", fd);

    g_assert_cmpint(monitor_fd_param(NULL, number, &error_abort), ==, fd);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, !=, 0);
}

static void assert_bad(const char *name, const char *why)
{
    g_autoptr(Error) err = NULL;

    g_assert_cmpint(monitor_fd_param(NULL, name, &err), ==, -1);
    g_assert_nonnull(strstr(error_get_pretty(err), why));
}

static void assert_bad_number(int fd)
{
    g_autofree char *number = g_strdup_printf("%d", fd);

    assert_bad(number, "Invalid file descriptor number");
}

static void test_numbers(void)
{
    int before = open_null(), after;

    assert_bad("99999999999999999999", "Invalid file descriptor number");
    assert_bad("3x", "Invalid file descriptor number '3x'");
    assert_bad_number(0);
    assert_bad_number(2);
    assert_good(before);
    monitor_fd_param_note_inherited();
    after = open_null();
    /* One that this process has opened itself is nobody's to name. */
    assert_bad_number(after);
    assert_good(before);
    /* And each only once. */
    assert_bad_number(before);
    close(before);
    close(after);
}

static int take(const char *fdname, Error **errp)
{
    if (!strcmp(fdname, "known")) {
        return 77;
    }
    error_setg(errp, "no such name");
    return -1;
}

static void test_names(void)
{
    assert_bad("known", "has not been found");
    monitor_fd_param_set_names(take);
    g_assert_cmpint(monitor_fd_param(NULL, "known", &error_abort), ==, 77);
    assert_bad("unknown", "no such name");
    assert_bad("-1", "no such name");
    monitor_fd_param_set_names(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/io/fd-param/numbers", test_numbers);
    g_test_add_func("/io/fd-param/names", test_names);
    return g_test_run();
}
