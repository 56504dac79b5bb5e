/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening sockets, and the question whether a socket file is a leftover.
 *
 * Two programs that find the same leftover must not remove each other's new
 * socket, and between bind() and listen() a live socket looks like a dead
 * one. So look, remove, bind and listen happen under a lock on the folder,
 * which leaves no lock file behind. A folder that cannot be opened for
 * reading goes without.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "io/listener.h"
#include "qemu/folder-lock.h"
#include "socket-int.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define LISTEN_BACKLOG 16
/* How long to leave connections waiting when descriptors or memory ran out. */
#define RETRY_MS 200

struct IOListener {
    int fd;
    IOAddress addr;
    /* Identity of our socket file, to leave a successor's alone. */
    dev_t dev;
    ino_t ino;

    struct AioContext *ctx;
    IOListenerAccept *fn;
    void *opaque;
    QEMUTimer *retry;       /* made when first needed */
};

static void listener_ready(void *opaque);

int io_socket_open(const IOAddress *addr)
{
    int family = addr->kind == IO_ADDRESS_UNIX ? AF_UNIX :
                 addr->ipv6 ? AF_INET6 : AF_INET;
    int one = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && family != AF_UNIX) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    } else if (fd >= 0 && addr->mode) {
        /* The file has it from its first moment. */
        fchmod(fd, addr->mode);
    }
    return fd;
}

static bool nobody_listens(const IOAddress *addr)
{
    struct sockaddr_storage ss;
    socklen_t len = io_address_to_sockaddr(addr, &ss);
    int fd = io_socket_open(addr);
    bool refused = fd >= 0 && connect(fd, (struct sockaddr *)&ss, len) < 0 &&
                   errno == ECONNREFUSED;

    if (fd >= 0) {
        close(fd);
    }
    return refused;
}

static bool is_leftover(const IOAddress *addr)
{
    struct stat st;

    return addr->kind == IO_ADDRESS_UNIX && lstat(addr->path, &st) == 0 &&
           S_ISSOCK(st.st_mode) && nobody_listens(addr);
}

/* Without the lock, which somebody keeps (busy), nothing is removed. */
static bool bind_address(int fd, const IOAddress *addr, bool busy)
{
    struct sockaddr_storage ss;
    socklen_t len = io_address_to_sockaddr(addr, &ss);

    if (bind(fd, (struct sockaddr *)&ss, len) == 0) {
        return true;
    }
    if (errno != EADDRINUSE) {
        return false;
    }
    if (busy || !is_leftover(addr)) {
        errno = EADDRINUSE;
        return false;
    }
    unlink(addr->path);
    return bind(fd, (struct sockaddr *)&ss, len) == 0;
}

static bool bind_and_listen(int fd, const IOAddress *addr)
{
    bool busy = false;
    g_auto(OwnedFd) G_GNUC_UNUSED folder =
        addr->kind == IO_ADDRESS_UNIX ? folder_lock(addr->path, &busy) : -1;

    return bind_address(fd, addr, busy) && listen(fd, LISTEN_BACKLOG) == 0;
}

static void report_bind(const IOAddress *addr, int err, Error **errp)
{
    g_autofree char *name = io_address_format(addr);

    if (err == EADDRINUSE) {
        error_setg(errp, "%s is in use by another program or file: choose another"
                   " address, or stop the other one", name);
    } else {
        error_setg_errno(errp, err, "cannot listen on %s", name);
    }
}

/* What the system chose or made: the TCP port, the identity of the file. */
static void learn_own_address(IOListener *l)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    struct stat st;

    if (l->addr.kind == IO_ADDRESS_UNIX) {
        if (lstat(l->addr.path, &st) == 0) {
            l->dev = st.st_dev;
            l->ino = st.st_ino;
        }
    } else if (getsockname(l->fd, (struct sockaddr *)&ss, &len) == 0) {
        l->addr.port = ntohs(ss.ss_family == AF_INET6 ?
                             ((struct sockaddr_in6 *)&ss)->sin6_port :
                             ((struct sockaddr_in *)&ss)->sin_port);
    }
}

IOListener *io_listener_new(const IOAddress *addr, Error **errp)
{
    IOListener *l;
    int fd = io_socket_open(addr);

    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot make a socket");
        return NULL;
    }
    if (!bind_and_listen(fd, addr)) {
        report_bind(addr, errno, errp);
        close(fd);
        return NULL;
    }
    l = g_new0(IOListener, 1);
    l->fd = fd;
    io_address_copy(&l->addr, addr);
    learn_own_address(l);
    return l;
}

IOListener *io_listener_new_fd(int fd, Error **errp)
{
    int listening = 0;
    socklen_t len = sizeof(listening);
    IOListener *l;

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0 || !listening) {
        error_setg(errp, "file descriptor %d is not a listening socket", fd);
        close(fd);
        return NULL;
    }
    qemu_set_cloexec(fd);
    qemu_set_nonblock(fd);
    l = g_new0(IOListener, 1);
    l->fd = fd;
    return l;
}

static void watch(void *opaque)
{
    IOListener *l = opaque;

    aio_set_fd_handler(l->ctx, l->fd, listener_ready, NULL, NULL, NULL, l);
}

static void unwatch(IOListener *l)
{
    aio_set_fd_handler(l->ctx, l->fd, NULL, NULL, NULL, NULL, NULL);
}

/*
 * accept() fails without taking the connection off the queue, so the socket
 * stays readable: trying again at once would be a busy loop.
 */
static void retry_later(IOListener *l)
{
    unwatch(l);
    if (!l->retry) {
        l->retry = aio_timer_new(l->ctx, QEMU_CLOCK_REALTIME, SCALE_MS, watch, l);
    }
    timer_mod(l->retry, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + RETRY_MS);
}

static void listener_ready(void *opaque)
{
    IOListener *l = opaque;
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0) {
        l->fn(l, io_channel_socket_new(fd), l->opaque);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        retry_later(l);
    }
}

void io_listener_set_accept(IOListener *l, struct AioContext *ctx,
                            IOListenerAccept *fn, void *opaque)
{
    if (l->retry) {
        timer_free(l->retry);
        l->retry = NULL;
    }
    if (l->ctx) {
        unwatch(l);
    }
    l->ctx = fn ? ctx : NULL;
    l->fn = fn;
    l->opaque = opaque;
    if (l->ctx) {
        watch(l);
    }
}

const IOAddress *io_listener_address(const IOListener *l)
{
    return &l->addr;
}

static void remove_own_file(const IOListener *l)
{
    struct stat st;

    if (l->addr.kind == IO_ADDRESS_UNIX && lstat(l->addr.path, &st) == 0 &&
        st.st_dev == l->dev && st.st_ino == l->ino) {
        unlink(l->addr.path);
    }
}

void io_listener_free(IOListener *l)
{
    if (!l) {
        return;
    }
    io_listener_set_accept(l, NULL, NULL, NULL);
    remove_own_file(l);
    close(l->fd);
    io_address_clear(&l->addr);
    g_free(l);
}
