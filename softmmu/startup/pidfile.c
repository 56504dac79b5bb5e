/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock belongs to the open file (F_OFD_SETLK): other opens and closes of
 * the path in this process do not lose it. The holder removes the file before
 * it lets the lock go, so a lock won on a file that the path no longer leads
 * to is worth nothing, and is tried again.
 */
#include "qemu/osdep.h"
#include "pidfile.h"

static int pidfile_fd = -1;
static char *pidfile_path;

typedef enum LockResult {
    LOCK_FAILED,
    LOCK_AGAIN,
    LOCK_DONE,
} LockResult;

static bool same_file(int fd, const char *path)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static LockResult try_lock(const char *path, int *fd_out, Error **errp)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    g_auto(OwnedFd) fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0644);
    struct stat st;

    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot create PID file");
        return LOCK_FAILED;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        error_setg(errp, "cannot create PID file: the path is not a plain file");
        return LOCK_FAILED;
    }
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        error_setg(errp, "cannot lock PID file: another process that runs has it;"
                   " stop that one or choose another file");
        return LOCK_FAILED;
    }
    if (!same_file(fd, path)) {
        return LOCK_AGAIN;
    }
    *fd_out = g_steal_fd(&fd);
    return LOCK_DONE;
}

bool pidfile_create(const char *path, Error **errp)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());
    LockResult r;
    int fd = -1;

    do {
        r = try_lock(path, &fd, errp);
    } while (r == LOCK_AGAIN);
    if (r == LOCK_FAILED) {
        return false;
    }
    if (ftruncate(fd, 0) < 0 || qemu_write_full(fd, text, strlen(text)) != strlen(text)) {
        error_setg_errno(errp, errno, "cannot write PID file");
        unlink(path);
        close(fd);
        return false;
    }
    pidfile_fd = fd;
    pidfile_path = g_strdup(path);
    return true;
}

void pidfile_remove(void)
{
    if (pidfile_fd < 0) {
        return;
    }
    if (same_file(pidfile_fd, pidfile_path)) {
        unlink(pidfile_path);
    }
    close(g_steal_fd(&pidfile_fd));
    g_clear_pointer(&pidfile_path, g_free);
}
