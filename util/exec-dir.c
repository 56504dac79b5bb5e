/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the program lies, and files that belong to it. Set once at start, then read only. */
#include "qemu/osdep.h"
#include "qemu/cutils.h"

static char *exec_dir;

void qemu_init_exec_dir(const char *argv0)
{
    g_autofree char *path = g_file_read_link("/proc/self/exe", NULL);

    if (!path && argv0) {
        path = g_find_program_in_path(argv0);
    }
    g_free(exec_dir);
    exec_dir = path ? g_path_get_dirname(path) : g_strdup(".");
}

const char *qemu_get_exec_dir(void)
{
    return exec_dir ? exec_dir : ".";
}

char *get_relocated_path(const char *dir)
{
    return g_path_is_absolute(dir) ? g_strdup(dir)
                                   : g_build_filename(qemu_get_exec_dir(), dir, NULL);
}
