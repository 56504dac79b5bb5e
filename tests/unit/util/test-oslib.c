/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, pages, pid file, scope-owned file descriptors. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/host-utils.h"
#include <glib/gstdio.h>
#include <sys/mman.h>

static void test_files(void)
{
    g_autofree char *dir = g_dir_make_tmp("oslib-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "f", NULL);
    Error *err = NULL;
    int fd;

    g_assert_cmpint(qemu_open(path, O_RDONLY, &err), ==, -1);
    g_assert_nonnull(strstr(error_get_pretty(err), path));
    error_free_or_abort(&err);
    fd = qemu_create(path, O_RDWR | O_EXCL, 0600, &error_abort);
    g_assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    g_assert_cmpint(qemu_write_full(fd, "abc", 3), ==, 3);
    g_assert_true(qemu_set_blocking(fd, false, &error_abort));
    g_assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    g_assert_cmpint(qemu_close(fd), ==, 0);
    g_assert_false(qemu_set_blocking(-1, true, &err));
    error_free_or_abort(&err);
    qemu_unlink(path);
    g_rmdir(dir);
}

static int last_fd;

static int borrow(bool steal)
{
    g_auto(OwnedFd) fd = qemu_open("/dev/null", O_RDONLY, &error_abort);

    last_fd = fd;
    return steal ? g_steal_fd(&fd) : -1;
}

static void test_owned_fd(void)
{
    int fd;

    borrow(false);
    g_assert_cmpint(fcntl(last_fd, F_GETFD), ==, -1);
    fd = borrow(true);
    g_assert_cmpint(fcntl(fd, F_GETFD), !=, -1);
    close(fd);
}

static void test_pages(void)
{
    size_t page = qemu_real_host_page_size();
    void *p = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    g_assert_true(is_power_of_2(page));
    g_assert_cmpint(qemu_mprotect_rw(p, page), ==, 0);
    *(char *)p = 1;
    g_assert_cmpint(qemu_mprotect_none(p, page), ==, 0);
    munmap(p, page);
    g_assert_cmpuint(qemu_get_host_physmem(), >, page);
}

static void test_pidfile(void)
{
    g_autofree char *dir = g_dir_make_tmp("pid-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "pid", NULL);
    g_autofree char *text = NULL;
    Error *err = NULL;

    g_assert_true(qemu_write_pidfile(path, &error_abort));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(atoi(text), ==, getpid());
    /* Another open file description: a lock of somebody else. */
    g_assert_false(qemu_write_pidfile(path, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), path));
    error_free_or_abort(&err);
    g_unlink(path);
    g_rmdir(dir);
}

static void test_exec_dir(void)
{
    g_autofree char *abs = NULL, *rel = NULL;

    qemu_init_exec_dir("x");
    abs = get_relocated_path("/a/b");
    rel = get_relocated_path("../share");
    g_assert_cmpstr(abs, ==, "/a/b");
    g_assert_true(g_path_is_absolute(rel));
    g_assert_true(g_str_has_prefix(rel, qemu_get_exec_dir()));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oslib/files", test_files);
    g_test_add_func("/oslib/owned-fd", test_owned_fd);
    g_test_add_func("/oslib/pages", test_pages);
    g_test_add_func("/oslib/pidfile", test_pidfile);
    g_test_add_func("/oslib/exec-dir", test_exec_dir);
    return g_test_run();
}
