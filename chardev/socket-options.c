/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a socket back end is told, and how it shows. */
#include "qemu/osdep.h"
#include "socket.h"

#define MAX_RECONNECT (24 * 60 * 60)

const ChardevOption chardev_socket_options[] = {
    { "path", "string", "UNIX socket" },
    { "host", "string", "TCP: a numeric address or localhost; all for a server without it" },
    { "port", "string", "TCP port" },
    { "fd", "string", "an inherited descriptor's number, or a name of getfd" },
    { "server", "boolean", "listen instead of connecting" },
    { "wait", "boolean", "server: start only when a client is there (the default)" },
    { "reconnect", "number", "client: seconds until the next attempt; 0: none" },
    { "nodelay", "boolean", "TCP: send small pieces at once" },
    { "delay", "boolean", "the opposite of nodelay" },
    CHARDEV_COMMON_OPTIONS,
    { NULL }
};

/* Exactly one of the three kinds of address. */
static bool parse_address(JsonObject *opts, SocketAddressLegacy *addr, Error **errp)
{
    const char *path = chardev_opt(opts, "path");
    const char *fd = chardev_opt(opts, "fd");
    const char *port = chardev_opt(opts, "port");

    if (!!path + !!fd + !!port != 1) {
        error_setg(errp, "chardev: socket: exactly one of path=, fd= and port= is needed");
        return false;
    }
    if (path) {
        addr->type = SOCKET_ADDRESS_TYPE_UNIX;
        addr->u.q_unix.data = g_new0(UnixSocketAddress, 1);
        addr->u.q_unix.data->path = g_strdup(path);
    } else if (fd) {
        addr->type = SOCKET_ADDRESS_TYPE_FD;
        addr->u.fd.data = g_new0(FdSocketAddress, 1);
        addr->u.fd.data->str = g_strdup(fd);
    } else {
        addr->type = SOCKET_ADDRESS_TYPE_INET;
        addr->u.inet.data = g_new0(InetSocketAddress, 1);
        addr->u.inet.data->host = g_strdup(chardev_opt(opts, "host") ?: "");
        addr->u.inet.data->port = g_strdup(port);
    }
    return true;
}

bool chardev_socket_parse(JsonObject *opts, ChardevBackend *backend, Error **errp)
{
    ChardevSocket *sock = g_new0(ChardevSocket, 1);
    bool has_delay, delay = false;

    backend->u.socket.data = sock;
    sock->addr = g_new0(SocketAddressLegacy, 1);
    if (!parse_address(opts, sock->addr, errp) ||
        !chardev_opt_bool(opts, "server", &sock->has_server, &sock->server, errp) ||
        !chardev_opt_bool(opts, "wait", &sock->has_wait, &sock->wait, errp) ||
        !chardev_opt_bool(opts, "delay", &has_delay, &delay, errp) ||
        !chardev_opt_bool(opts, "nodelay", &sock->has_nodelay, &sock->nodelay, errp) ||
        !chardev_opt_int(opts, "reconnect", 0, MAX_RECONNECT, &sock->has_reconnect,
                         &sock->reconnect, errp)) {
        return false;
    }
    if (has_delay) {
        sock->has_nodelay = true;
        sock->nodelay = !delay;
    }
    /* QEMU's defaults: a client's is what the schema says for chardev-add. */
    if (!sock->has_server) {
        sock->has_server = true;
    }
    if (sock->server && !sock->has_wait) {
        sock->has_wait = sock->wait = true;
    }
    return true;
}

static bool take_address(ChardevSock *sock, const SocketAddressLegacy *addr, Error **errp)
{
    const char *host;

    switch (addr->type) {
    case SOCKET_ADDRESS_TYPE_UNIX:
        return io_address_set_unix(&sock->addr, addr->u.q_unix.data->path, errp);
    case SOCKET_ADDRESS_TYPE_FD:
        sock->fd_name = g_strdup(addr->u.fd.data->str);
        return true;
    case SOCKET_ADDRESS_TYPE_INET:
        host = addr->u.inet.data->host;
        return io_address_set_tcp(&sock->addr, *host || sock->server ? host : "localhost",
                                  addr->u.inet.data->port, errp);
    default:
        error_setg(errp, "sockets of type %s are not offered here",
                   SocketAddressType_str(addr->type));
        return false;
    }
}

static bool check(const ChardevSock *sock, Error **errp)
{
    if (sock->reconnect && sock->fd_name) {
        error_setg(errp, "'reconnect' option is incompatible with 'fd'");
        return false;
    }
    if (sock->reconnect && sock->server) {
        error_setg(errp, "'reconnect' option is incompatible with socket in server listen mode");
        return false;
    }
    if (sock->wait && !sock->server) {
        error_setg(errp, "'wait' option is incompatible with socket in client connect mode");
        return false;
    }
    if (sock->reconnect < 0 || sock->reconnect > MAX_RECONNECT) {
        error_setg(errp, "Parameter 'reconnect' expects seconds, at most %d", MAX_RECONNECT);
        return false;
    }
    return true;
}

bool chardev_socket_configure(ChardevSock *sock, const ChardevSocket *opts, Error **errp)
{
    /* As in QEMU's schema: server is on unless said otherwise. */
    sock->server = !opts->has_server || opts->server;
    sock->wait = opts->has_wait && opts->wait;
    sock->nodelay = opts->has_nodelay && opts->nodelay;
    sock->reconnect = opts->has_reconnect ? opts->reconnect : 0;
    return take_address(sock, opts->addr, errp) && check(sock, errp);
}

char *chardev_socket_name(const ChardevSock *sock)
{
    const IOAddress *addr = sock->listener && sock->addr.kind != IO_ADDRESS_NONE ?
                            io_listener_address(sock->listener) : &sock->addr;
    g_autofree char *where = sock->fd_name ? g_strconcat("fd:", sock->fd_name, NULL) :
                                             io_address_format(addr);

    return g_strconcat(CHARDEV_STREAM(sock)->ch ? "" : "disconnected:", where,
                       sock->server ? ",server=on" : "", NULL);
}
