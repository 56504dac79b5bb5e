/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening on a path. A socket file that nobody listens on is in the way of
 * bind() and is removed; but between the bind() and the listen() of another
 * server its socket looks the same. So the folder is locked from the look at the
 * path to the listen(), and of two servers that start on one path at once the
 * second finds the first listening. While somebody else keeps the lock nothing is
 * removed: bind() takes a free path or none.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "qemu/fault-inject.h"
#include "qemu/folder-lock.h"
#include "internal.h"

#define BACKLOG 16

static bool path_to_address(const char *path, struct sockaddr_un *address, Error **errp)
{
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof(address->sun_path)) {
        error_setg(errp, "socket path '%s' is %zu bytes long, but a UNIX socket path has 1 to %zu "
                   "bytes (%zu with the terminating NUL): use a shorter path", path, len,
                   sizeof(address->sun_path) - 1, sizeof(address->sun_path));
        return false;
    }
    *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
    memcpy(address->sun_path, path, len);
    return true;
}

/* Somebody accepts connections there (or would, with a shorter backlog). */
static bool is_alive(const struct sockaddr_un *address)
{
    g_auto(OwnedFd) fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
           errno != ECONNREFUSED;
}

/* Makes way for bind(): a dead socket is removed, nothing else is touched. */
static bool clear_path(const struct sockaddr_un *address, bool locked_by_other, Error **errp)
{
    const char *path = address->sun_path;
    struct stat st;

    if (lstat(path, &st) < 0) {
        return true;            /* bind() will say what is wrong, if anything is */
    }
    if (!S_ISSOCK(st.st_mode)) {
        error_setg(errp, "'%s' exists and is not a socket: use another path or remove it", path);
        return false;
    }
    if (is_alive(address)) {
        error_setg(errp, "socket path '%s' is in use by another server: use another path", path);
        return false;
    }
    if (locked_by_other) {
        error_setg(errp, "cannot remove the stale socket '%s': another process has locked its "
                   "folder, try again or use a folder of your own", path);
        return false;
    }
    if (unlink(path) < 0) {
        error_setg_errno(errp, errno, "cannot remove the stale socket '%s'", path);
        return false;
    }
    return true;
}

static int make_socket(void)
{
    if (fault_inject(FAULT_SOCKET)) {
        errno = EMFILE;
        return -1;
    }
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* The file is ours to remove from now on. Its permissions, or those wanted. */
static mode_t remember_file(VfuServer *server)
{
    struct stat st = { .st_mode = server->config.mode };

    server->made_path = lstat(server->path, &st) == 0;
    server->path_dev = st.st_dev;
    server->path_ino = st.st_ino;
    return st.st_mode & 0777;
}

/*
 * The mode is the socket's before it has a name, and the umask can only make it
 * stricter: there is no moment in which more than `mode` is allowed. What the umask
 * took away is given back then.
 */
static bool bind_and_listen(VfuServer *server, int fd, const struct sockaddr_un *address,
                            Error **errp)
{
    mode_t mode = server->config.mode;

    if (fchmod(fd, mode) < 0 ||
        bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        error_setg_errno(errp, errno, "cannot make the socket '%s'", server->path);
        return false;
    }
    if (remember_file(server) != mode && chmod(server->path, mode) < 0) {
        error_setg_errno(errp, errno, "cannot give '%s' the mode 0%o", server->path, mode);
        return false;
    }
    if (listen(fd, BACKLOG) < 0) {
        error_setg_errno(errp, errno, "cannot listen on '%s'", server->path);
        return false;
    }
    return true;
}

bool vfu_socket_path_listen(VfuServer *server, Error **errp)
{
    g_auto(OwnedFd) lock = -1;
    g_auto(OwnedFd) fd = -1;
    struct sockaddr_un address;
    bool busy;

    if (!path_to_address(server->path, &address, errp)) {
        return false;
    }
    lock = folder_lock(server->path, &busy);
    if (!clear_path(&address, busy, errp)) {
        return false;
    }
    fd = make_socket();
    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot make the socket '%s'", server->path);
        return false;
    }
    if (!bind_and_listen(server, fd, &address, errp)) {
        return false;
    }
    server->listen_fd = g_steal_fd(&fd);
    return true;
}

/* Called while it listens still: nobody takes it for stale and puts his in its place. */
void vfu_socket_path_remove(VfuServer *server)
{
    struct stat st;

    if (server->made_path && lstat(server->path, &st) == 0 && st.st_dev == server->path_dev &&
        st.st_ino == server->path_ino) {
        unlink(server->path);
    }
    server->made_path = false;
}
