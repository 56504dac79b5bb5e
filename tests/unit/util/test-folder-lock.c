/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One holder at a time, nothing left in the folder, no wait without end. */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "qemu/folder-lock.h"

static void test_lock(void)
{
    g_autofree char *dir = g_dir_make_tmp("folder-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "file", NULL);
    bool busy = true;
    int first = folder_lock(path, &busy);

    g_assert_cmpint(first, >=, 0);
    g_assert_false(busy);
    g_assert_cmpint(folder_lock(path, &busy), ==, -1);
    g_assert_true(busy);
    close(first);
    first = folder_lock(path, &busy);
    g_assert_cmpint(first, >=, 0);
    g_assert_false(busy);
    close(first);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
    g_assert_cmpint(folder_lock(path, &busy), ==, -1);
    g_assert_false(busy);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/folder-lock/lock", test_lock);
    return g_test_run();
}
