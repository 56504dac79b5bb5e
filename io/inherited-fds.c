/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which descriptors came with the process. A number that a monitor's client
 * sends must not reach a descriptor of our own: the socket of a domain, an
 * event loop.
 */
#include "qemu/osdep.h"
#include "inherited-fds.h"
#include "monitor/fd-param.h"

#include <dirent.h>

static GHashTable *inherited;       /* NULL: not noted, see the header */

void monitor_fd_param_note_inherited(void)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;

    if (!dir) {
        return;
    }
    inherited = g_hash_table_new(NULL, NULL);
    while ((entry = readdir(dir))) {
        int fd = atoi(entry->d_name);

        if (fd > STDERR_FILENO && fd != dirfd(dir)) {
            g_hash_table_add(inherited, GINT_TO_POINTER(fd));
        }
    }
    closedir(dir);
}

bool io_inherited_fd_take(int fd)
{
    if (fd <= STDERR_FILENO || fcntl(fd, F_GETFD) < 0) {
        return false;
    }
    return !inherited || g_hash_table_remove(inherited, GINT_TO_POINTER(fd));
}
