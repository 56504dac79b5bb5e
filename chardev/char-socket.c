/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket: a UNIX or TCP socket, as server or as client. One peer at a time;
 * others wait in the kernel's queue until it has gone. What a peer sends is
 * read as fast as the front end takes it, and what does not fit into the
 * socket is not taken from the front end: a peer that floods or never reads
 * makes nothing grow.
 */
#include "qemu/osdep.h"
#include "monitor/fd-param.h"
#include "socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static void seek_peer(ChardevSock *sock, bool now);
static void watch_for_end(ChardevSock *sock, bool half);
static void peer_gone(void *opaque);

static void rename_it(ChardevSock *sock)
{
    Chardev *chr = CHARDEV(sock);

    g_free(chr->filename);
    chr->filename = chardev_socket_name(sock);
}

static int family_of(int fd)
{
    struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
    socklen_t len = sizeof(ss);

    getsockname(fd, (struct sockaddr *)&ss, &len);
    return ss.ss_family;
}

static void connect_up(ChardevSock *sock, IOChannel *ch)
{
    ChardevStream *s = CHARDEV_STREAM(sock);
    int fd = io_channel_input_fd(ch);
    int one = 1;

    chardev_stream_set_channel(s, ch);
    s->takes_fds = family_of(fd) == AF_UNIX;
    if (s->takes_fds) {
        qemu_chr_set_feature(CHARDEV(sock), QEMU_CHAR_FEATURE_FD_PASS);
    } else if (sock->nodelay) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    if (sock->listener) {
        io_listener_set_accept(sock->listener, NULL, NULL, NULL);
    }
    watch_for_end(sock, true);
    rename_it(sock);
}

static void peer_is_there(ChardevSock *sock, IOChannel *ch)
{
    Chardev *chr = CHARDEV(sock);

    object_ref(sock);
    connect_up(sock, ch);
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    chardev_update(chr);
    object_unref(sock);
}

/* The front end's callbacks come last: they may end anything. */
static void hang_up(ChardevSock *sock)
{
    Chardev *chr = CHARDEV(sock);
    ChardevStream *s = CHARDEV_STREAM(sock);

    if (!s->ch) {
        return;
    }
    object_ref(sock);
    hangup_watch_stop(&sock->hangup);
    chardev_stream_set_channel(s, NULL);
    rename_it(sock);
    seek_peer(sock, false);
    chr->be_open = 0;
    chardev_hung_up(chr);
    /* Not when one of those has made the next connection already. */
    if (!s->ch) {
        qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    }
    object_unref(sock);
}

static void watch_for_end(ChardevSock *sock, bool half)
{
    hangup_watch_start(&sock->hangup, CHARDEV(sock)->ctx,
                       io_channel_input_fd(CHARDEV_STREAM(sock)->ch), half, peer_gone, sock);
}

static bool is_closed(int fd)
{
    struct pollfd pfd = { .fd = fd };

    return poll(&pfd, 1, 0) > 0 && pfd.revents & (POLLHUP | POLLERR);
}

/*
 * A front end that listens finds the end by reading, behind the last bytes, and
 * a peer that has only ended its own sending may still wait for answers. So
 * it is for those who do not listen, or do not read although nothing is left.
 */
static void peer_gone(void *opaque)
{
    ChardevSock *sock = opaque;
    CharBackend *be = chardev_listener(CHARDEV(sock));
    int fd = io_channel_input_fd(CHARDEV_STREAM(sock)->ch);
    bool closed = is_closed(fd);
    int left = 0;

    ioctl(fd, FIONREAD, &left);
    if (!be || !be->chr_can_read || (closed && !left)) {
        hang_up(sock);
    } else if (closed) {
        hangup_watch_stop(&sock->hangup);
    } else {
        watch_for_end(sock, false);
    }
}

static void socket_end(ChardevStream *s, int err)
{
    hang_up(CHARDEV_SOCK(s));
}

static void accepted(IOListener *listener, IOChannel *ch, void *opaque)
{
    peer_is_there(opaque, ch);
}

static void dialed(IOChannel *ch, void *opaque)
{
    peer_is_there(opaque, ch);
}

static void seek_peer(ChardevSock *sock, bool now)
{
    AioContext *ctx = CHARDEV(sock)->ctx;

    if (sock->listener) {
        io_listener_set_accept(sock->listener, ctx, accepted, sock);
    } else if (sock->dialer) {
        dialer_start(sock->dialer, ctx, now);
    }
}

/* ---- opening ---- */

static bool await_connection(int fd, const ChardevSock *sock, Error **errp)
{
    struct pollfd pfd = { .fd = fd, .events = POLLOUT };
    g_autofree char *name = io_address_format(&sock->addr);
    int err;

    if (RETRY_ON_EINTR(poll(&pfd, 1, CHARDEV_SYNC_MS)) <= 0) {
        error_setg(errp, "cannot connect to %s: no answer; with reconnect=SECONDS the start"
                   " does not depend on it", name);
        return false;
    }
    err = io_connect_result(fd);
    if (err) {
        error_setg_errno(errp, err, "cannot connect to %s", name);
    }
    return !err;
}

static void open_client(ChardevSock *sock, bool *be_opened, Error **errp)
{
    g_auto(OwnedFd) fd = -1;
    bool pending;

    if (sock->reconnect) {
        qemu_chr_set_feature(CHARDEV(sock), QEMU_CHAR_FEATURE_RECONNECTABLE);
        sock->dialer = dialer_new(&sock->addr, sock->reconnect, dialed, sock);
        seek_peer(sock, true);
        *be_opened = false;
        return;
    }
    fd = io_connect_begin(&sock->addr, &pending, errp);
    if (fd >= 0 && (!pending || await_connection(fd, sock, errp))) {
        connect_up(sock, io_channel_socket_new(g_steal_fd(&fd)));
    }
}

static void open_server(ChardevSock *sock, bool *be_opened, Error **errp)
{
    int fd = sock->fd_name ? monitor_fd_param(NULL, sock->fd_name, errp) : -1;

    if (sock->fd_name) {
        sock->listener = fd < 0 ? NULL : io_listener_new_fd(fd, errp);
    } else {
        sock->addr.mode = 0600;
        sock->listener = io_listener_new(&sock->addr, errp);
    }
    if (sock->listener) {
        qemu_chr_set_feature(CHARDEV(sock), QEMU_CHAR_FEATURE_RECONNECTABLE);
        seek_peer(sock, true);
        *be_opened = false;
    }
}

static bool is_connected_socket(int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);

    return getpeername(fd, (struct sockaddr *)&ss, &len) == 0;
}

static void open_connected_fd(ChardevSock *sock, Error **errp)
{
    g_auto(OwnedFd) fd = monitor_fd_param(NULL, sock->fd_name, errp);

    if (fd >= 0 && !is_connected_socket(fd)) {
        error_setg(errp, "file descriptor '%s' is not a connected socket: add server=on if it"
                   " listens", sock->fd_name);
    } else if (fd >= 0) {
        connect_up(sock, io_channel_socket_new(g_steal_fd(&fd)));
    }
}

static void socket_open(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp)
{
    ChardevSock *sock = CHARDEV_SOCK(chr);

    if (!chardev_socket_configure(sock, backend->u.socket.data, errp)) {
        return;
    }
    if (sock->server) {
        open_server(sock, be_opened, errp);
    } else if (sock->fd_name) {
        open_connected_fd(sock, errp);
    } else {
        open_client(sock, be_opened, errp);
    }
    rename_it(sock);
}

/* ---- calls ---- */

static void socket_disconnect(Chardev *chr)
{
    hang_up(CHARDEV_SOCK(chr));
}

static int socket_add_client(Chardev *chr, int fd)
{
    if (CHARDEV_STREAM(chr)->ch) {
        return -1;
    }
    peer_is_there(CHARDEV_SOCK(chr), io_channel_socket_new(fd));
    return 0;
}

static int socket_wait_connected(Chardev *chr, Error **errp)
{
    ChardevStream *s = CHARDEV_STREAM(chr);
    int64_t end = g_get_monotonic_time() + CHARDEV_SYNC_MS * G_TIME_SPAN_MILLISECOND;

    while (!s->ch && g_get_monotonic_time() < end) {
        if (!aio_poll(chr->ctx, false)) {
            g_usleep(1000);
        }
    }
    if (!s->ch) {
        error_setg(errp, "chardev '%s' (%s): nobody is connected", chr->label, chr->filename);
    }
    return s->ch ? 0 : -1;
}

bool chardev_awaits_peer(Chardev *chr)
{
    ChardevSock *sock = (ChardevSock *)object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_SOCKET);

    return sock && sock->wait && !CHARDEV_STREAM(sock)->ch;
}

const IOAddress *chardev_socket_address(Chardev *chr)
{
    ChardevSock *sock = (ChardevSock *)object_dynamic_cast(OBJECT(chr), TYPE_CHARDEV_SOCKET);

    return sock && !sock->fd_name ? &sock->addr : NULL;
}

/* ---- life ---- */

static void socket_detach(Chardev *chr)
{
    ChardevSock *sock = CHARDEV_SOCK(chr);

    chardev_stream_detach(chr);
    hangup_watch_stop(&sock->hangup);
    if (sock->listener) {
        io_listener_set_accept(sock->listener, NULL, NULL, NULL);
    }
    if (sock->dialer) {
        dialer_stop(sock->dialer);
    }
}

static void socket_attach(Chardev *chr)
{
    ChardevSock *sock = CHARDEV_SOCK(chr);

    chardev_stream_attach(chr);
    if (CHARDEV_STREAM(chr)->ch) {
        watch_for_end(sock, true);
    } else {
        seek_peer(sock, true);
    }
}

static void socket_init(Object *obj)
{
    CHARDEV_SOCK(obj)->hangup.epfd = -1;
}

static void socket_finalize(Object *obj)
{
    ChardevSock *sock = CHARDEV_SOCK(obj);

    hangup_watch_stop(&sock->hangup);
    dialer_free(sock->dialer);
    io_listener_free(sock->listener);
    io_address_clear(&sock->addr);
    g_free(sock->fd_name);
}

static void socket_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->options = chardev_socket_options;
    cc->parse = chardev_socket_parse;
    cc->open = socket_open;
    cc->chr_detach = socket_detach;
    cc->chr_attach = socket_attach;
    cc->chr_disconnect = socket_disconnect;
    cc->chr_add_client = socket_add_client;
    cc->chr_wait_connected = socket_wait_connected;
    CHARDEV_STREAM_CLASS(oc)->end = socket_end;
}

static const TypeInfo socket_types[] = {
    {
        .name = TYPE_CHARDEV_SOCKET,
        .parent = TYPE_CHARDEV_STREAM,
        .instance_size = sizeof(ChardevSock),
        .instance_init = socket_init,
        .instance_finalize = socket_finalize,
        .class_init = socket_class_init,
    },
};
DEFINE_TYPES(socket_types)
