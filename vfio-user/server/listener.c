/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The listening socket: one client and one that waits for its turn (turn.c).
 * Others are accepted and closed at once, so that they fail instead of hanging.
 * A client that has left, or is being thrown out, does not count: the newcomer
 * stays in the backlog until the old session is over.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include <glib-unix.h>
#include "qemu/fault-inject.h"
#include "internal.h"
#include "trace.h"

#define BACKLOG 16
/* How long a connection waits that we have no file descriptor for. */
#define RETRY_NS (100 * SCALE_MS)

static void on_connection(void *opaque);

static void set_accepting(VfuServer *server, bool on)
{
    if (server->accepting != on) {
        server->accepting = on;
        aio_set_fd_handler(server->ctx, server->listen_fd, on ? on_connection : NULL, NULL, NULL,
                           NULL, server);
    }
}

static void refuse(VfuServer *server, int fd)
{
    server->stats.refused++;
    trace_vfu_refuse(server->name, "there are clients already");
    close(fd);
}

static int accept_one(VfuServer *server)
{
    if (fault_inject(FAULT_SOCKET)) {
        errno = EMFILE;
        return -1;
    }
    return RETRY_ON_EINTR(accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

/*
 * The connection stays in the backlog, and the socket readable: without a pause
 * the loop would spin until somebody closes a file.
 */
static void cannot_accept(VfuServer *server, int err)
{
    if (err == EAGAIN || err == ECONNABORTED) {
        return;                 /* it has left again */
    }
    warn_report_ratelimited_by(&server->log_limit, "vfio-user server '%s': cannot accept a "
                               "connection: %s%s", server->name, g_strerror(err),
                               err == EMFILE ? ": raise 'ulimit -n'" : "");
    set_accepting(server, false);
    timer_mod_ns(&server->retry, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + RETRY_NS);
}

static void on_retry(void *opaque)
{
    vfu_listener_resume(opaque);
}

static bool is_leaving(const VfuSession *s)
{
    return s && (!vfu_session_open(s) || vfu_session_hung_up(s));
}

static void on_connection(void *opaque)
{
    VfuServer *server = opaque;
    int fd;

    if (is_leaving(server->session) || is_leaving(server->next)) {
        set_accepting(server, false);
        return;
    }
    fd = accept_one(server);
    if (fd < 0) {
        cannot_accept(server, errno);
    } else if (vfu_turn_has_place(server)) {
        vfu_session_new(server, fd);
    } else {
        refuse(server, fd);
    }
}

void vfu_listener_resume(VfuServer *server)
{
    if (server->listen_fd >= 0) {
        set_accepting(server, true);
    }
}

/* --- the path --- */

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
static bool clear_path(const struct sockaddr_un *address, Error **errp)
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

static bool bind_path(VfuServer *server, Error **errp)
{
    g_auto(OwnedFd) fd = -1;
    struct sockaddr_un address;
    struct stat st;

    if (!path_to_address(server->path, &address, errp) || !clear_path(&address, errp)) {
        return false;
    }
    fd = make_socket();
    /* The mode is the socket's before it has a name: there is no moment of 0777. */
    if (fd < 0 || fchmod(fd, 0600) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        error_setg_errno(errp, errno, "cannot make the socket '%s'", server->path);
        return false;
    }
    server->made_path = lstat(server->path, &st) == 0;
    server->path_dev = st.st_dev;
    server->path_ino = st.st_ino;
    if (listen(fd, BACKLOG) < 0) {
        error_setg_errno(errp, errno, "cannot listen on '%s'", server->path);
        return false;
    }
    server->listen_fd = g_steal_fd(&fd);
    return true;
}

static int socket_option(int fd, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -1 : value;
}

/* A listening socket, or the connection of the one client there will be. */
static bool adopt(VfuServer *server, int given, Error **errp)
{
    g_auto(OwnedFd) fd = given;

    if (socket_option(fd, SO_DOMAIN) != AF_UNIX || socket_option(fd, SO_TYPE) != SOCK_STREAM) {
        error_setg(errp, "file descriptor %d is not a UNIX stream socket", given);
        return false;
    }
    if (!g_unix_set_fd_nonblocking(fd, TRUE, NULL) || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        error_setg_errno(errp, errno, "cannot use file descriptor %d", given);
        return false;
    }
    if (socket_option(fd, SO_ACCEPTCONN) == 1) {
        server->listen_fd = g_steal_fd(&fd);
    } else {
        vfu_session_new(server, g_steal_fd(&fd));
    }
    return true;
}

bool vfu_listener_start(VfuServer *server, Error **errp)
{
    bool ok;

    aio_timer_init(server->ctx, &server->retry, QEMU_CLOCK_REALTIME, SCALE_NS, on_retry, server);
    ok = server->path ? bind_path(server, errp) : adopt(server, server->config.fd, errp);

    if (ok && server->listen_fd >= 0) {
        set_accepting(server, true);
        trace_vfu_listen(server->name, server->path ? server->path : "a given socket");
        qemu_log_mask(LOG_VFIO_USER, "vfio-user server '%s': listening on %s\n", server->name,
                      server->path ? server->path : "a given socket");
    }
    return ok;
}

void vfu_listener_stop(VfuServer *server)
{
    struct stat st;

    timer_del(&server->retry);
    timer_deinit(&server->retry);
    if (server->listen_fd >= 0) {
        set_accepting(server, false);
        close(g_steal_fd(&server->listen_fd));
    }
    if (server->made_path && lstat(server->path, &st) == 0 && st.st_dev == server->path_dev &&
        st.st_ino == server->path_ino) {
        unlink(server->path);
    }
    server->made_path = false;
}
