/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See qemu/folder-lock.h. */
#include "qemu/osdep.h"
#include "qemu/folder-lock.h"

#include <sys/file.h>

#define WAIT_MS 500
#define STEP_MS 5

int folder_lock(const char *path_in_it, bool *busy)
{
    g_autofree char *folder = g_path_get_dirname(path_in_it);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    *busy = false;
    for (unsigned ms = 0; fd >= 0 && ms < WAIT_MS; ms += STEP_MS) {
        if (RETRY_ON_EINTR(flock(fd, LOCK_EX | LOCK_NB)) == 0) {
            *busy = false;
            return fd;
        }
        *busy = errno == EWOULDBLOCK;
        if (!*busy) {
            break;
        }
        g_usleep(STEP_MS * 1000);
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}
