/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The listening socket: one client and one that waits for its turn (turn.c).
 * Others are accepted and closed at once, so that they fail instead of hanging.
 * A client that has left, or is being thrown out, does not count: the newcomer
 * stays in the backlog until the old session is over.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <glib-unix.h>
#include "qemu/fault-inject.h"
#include "internal.h"
#include "trace.h"

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

static void refuse(VfuServer *server, int fd, const char *why)
{
    server->stats.refused++;
    trace_vfu_refuse(server->name, why);
    close(fd);
}

/* The kernel remembers who called connect(); whoever has the socket now is trusted by
 * that user. */
static bool is_welcome(VfuServer *server, int fd)
{
    struct ucred cred = { .uid = (uid_t)-1 };
    socklen_t len = sizeof(cred);

    if (!server->config.check_peer_uid) {
        return true;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
        cred.uid == server->config.peer_uid) {
        return true;
    }
    warn_report_ratelimited_by(&server->log_limit, "vfio-user server '%s': refused a client of "
                               "user %d (pid %d): only user %d may connect (peer-uid)",
                               server->name, (int)cred.uid, (int)cred.pid,
                               (int)server->config.peer_uid);
    server->stats.refused_peers++;
    return false;
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
    } else if (!is_welcome(server, fd)) {
        refuse(server, fd, "another user's");
    } else if (vfu_turn_has_place(server)) {
        vfu_session_new(server, fd);
    } else {
        refuse(server, fd, "there are clients already");
    }
}

void vfu_listener_resume(VfuServer *server)
{
    if (server->listen_fd >= 0) {
        set_accepting(server, true);
    }
}

/* --- given sockets --- */

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
        return true;
    }
    if (!is_welcome(server, fd)) {
        error_setg(errp, "file descriptor %d is the connection of another user than peer-uid=%d",
                   given, (int)server->config.peer_uid);
        return false;
    }
    vfu_session_new(server, g_steal_fd(&fd));
    return true;
}

bool vfu_listener_start(VfuServer *server, Error **errp)
{
    bool ok;

    aio_timer_init(server->ctx, &server->retry, QEMU_CLOCK_REALTIME, SCALE_NS, on_retry, server);
    ok = server->path ? vfu_socket_path_listen(server, errp)
                      : adopt(server, server->config.fd, errp);
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
    timer_del(&server->retry);
    timer_deinit(&server->retry);
    vfu_socket_path_remove(server);
    if (server->listen_fd >= 0) {
        set_accepting(server, false);
        close(g_steal_fd(&server->listen_fd));
    }
}
