/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pid file: content, lock, removal, other people's files. */
#include "qemu/osdep.h"
#include "softmmu/startup/pidfile.h"

#include <glib/gstdio.h>

static char *folder, *path;

static void test_plain(void)
{
    g_autofree char *text = NULL;

    g_assert_true(pidfile_create(path, &error_abort));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(atoi(text), ==, getpid());
    pidfile_remove();
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    pidfile_remove();
}

static void test_stale(void)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_set_contents(path, "123456789 and more", -1, NULL));
    g_assert_true(pidfile_create(path, &error_abort));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(atoi(text), ==, getpid());
    pidfile_remove();
}

/* A lock of the open-file kind counts inside one process, too. */
static void test_taken(void)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_CREAT | O_RDWR, 0600);
    Error *err = NULL;

    g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &lock), ==, 0);
    g_assert_false(pidfile_create(path, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "another process"));
    error_free(err);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    close(fd);
    g_unlink(path);
}

static void test_replaced(void)
{
    g_assert_true(pidfile_create(path, &error_abort));
    g_unlink(path);
    g_assert_true(g_file_set_contents(path, "somebody else's", -1, NULL));
    pidfile_remove();
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_unlink(path);
}

static void assert_refused(const char *where, const char *why)
{
    Error *err = NULL;

    g_assert_false(pidfile_create(where, &err));
    if (!strstr(error_get_pretty(err), why)) {
        g_error("%s: %s", where, error_get_pretty(err));
    }
    error_free(err);
}

static void test_refused(void)
{
    g_autofree char *missing = g_build_filename(folder, "no", "pid", NULL);

    assert_refused(missing, "No such file or directory");
    assert_refused(folder, "cannot create PID file");
    assert_refused("/dev/null", "not a plain file");
    g_assert_cmpint(symlink("elsewhere", path), ==, 0);
    assert_refused(path, "cannot create PID file");
    g_unlink(path);
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("pidfile-XXXXXX", NULL);
    path = g_build_filename(folder, "pid", NULL);
    g_test_add_func("/startup/pidfile/plain", test_plain);
    g_test_add_func("/startup/pidfile/stale", test_stale);
    g_test_add_func("/startup/pidfile/taken", test_taken);
    g_test_add_func("/startup/pidfile/replaced", test_replaced);
    g_test_add_func("/startup/pidfile/refused", test_refused);
    ret = g_test_run();
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
    return ret;
}
