/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See server-socket.h. */
#include "qemu/osdep.h"
#include <sys/un.h>
#include "monitor/fd-param.h"
#include "qemu/cutils.h"
#include "server-socket.h"

/* Options of a type, as bits. */
enum { HAS_PATH = 1, HAS_FD = 2, HAS_NAME = 4, HAS_MODE = 8 };

typedef struct SocketType {
    const char *name;
    unsigned needs, takes;
    const char *usage;
    bool (*open)(ServerSocket *s, const ServerOptions *o, VfuServerConfig *config, Error **errp);
} SocketType;

static bool open_unix(ServerSocket *s, const ServerOptions *o, VfuServerConfig *config,
                      Error **errp)
{
    config->path = o->path;
    return true;
}

static bool open_fd(ServerSocket *s, const ServerOptions *o, VfuServerConfig *config, Error **errp)
{
    ERRP_GUARD();

    config->fd = monitor_fd_param(NULL, o->fd, errp);
    if (config->fd < 0) {
        error_prepend(errp, "fd=%s: ", o->fd);
    }
    return config->fd >= 0;
}

static bool open_systemd(ServerSocket *s, const ServerOptions *o, VfuServerConfig *config,
                         Error **errp)
{
    ERRP_GUARD();

    s->activated = io_activation_take(o->name, &config->fd, errp);
    if (!s->activated) {
        error_prepend(errp, "type=systemd: ");
    }
    return s->activated;
}

static const SocketType types[] = {
    { "unix", HAS_PATH, HAS_PATH | HAS_MODE, "path=PATH[,mode=OCTAL]", open_unix },
    { "fd", HAS_FD, HAS_FD, "fd=NUMBER|NAME of an open socket", open_fd },
    { "systemd", 0, HAS_NAME, "name=NAME of a socket of the service manager", open_systemd },
};

static const SocketType *find_type(const ServerOptions *o, Error **errp)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (g_str_equal(types[i].name, o->socket_type)) {
            return &types[i];
        }
    }
    error_setg(errp, "type=%s: vfio-user is served on UNIX sockets only, use type=unix,path=..., "
               "type=fd,fd=... or type=systemd,name=...", o->socket_type);
    return NULL;
}

static bool parse_mode(const ServerOptions *o, mode_t *mode, Error **errp)
{
    unsigned value;

    if (!o->mode) {
        return true;
    }
    if (qemu_strtoui(o->mode, NULL, 8, &value) < 0 || value > 0777 || (value & 0600) != 0600) {
        error_setg(errp, "mode=%s is not the mode of a socket file: give octal permissions with "
                   "reading and writing for the owner, as 0660", o->mode);
        return false;
    }
    *mode = value;
    return true;
}

static bool parse_peer_uid(const ServerOptions *o, VfuServerConfig *config, Error **errp)
{
    unsigned value;

    if (!o->peer_uid) {
        return true;
    }
    /* -1 is what a connection without credentials has. */
    if (!g_ascii_isdigit(*o->peer_uid) || qemu_strtoui(o->peer_uid, NULL, 10, &value) < 0 ||
        value == UINT_MAX) {
        error_setg(errp, "peer-uid=%s is not the number of a user (see 'id -u')", o->peer_uid);
        return false;
    }
    config->check_peer_uid = true;
    config->peer_uid = value;
    return true;
}

static unsigned given(const ServerOptions *o)
{
    return (o->path ? HAS_PATH : 0) | (o->fd ? HAS_FD : 0) | (o->name ? HAS_NAME : 0) |
           (o->mode ? HAS_MODE : 0);
}

bool server_socket_check(const ServerOptions *o, Error **errp)
{
    const SocketType *type = find_type(o, errp);
    VfuServerConfig unused;

    if (!type) {
        return false;
    }
    if ((type->needs & HAS_PATH) && (!o->path || !*o->path)) {
        error_setg(errp, "Parameter 'path' is missing: type=unix takes the path of the socket");
        return false;
    }
    if ((type->needs & ~given(o)) || (given(o) & ~type->takes)) {
        error_setg(errp, "type=%s takes %s, and nothing else of path, fd, name and mode",
                   type->name, type->usage);
        return false;
    }
    if (o->path && strlen(o->path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        error_setg(errp, "path=%s is too long: a UNIX socket path has at most %zu bytes", o->path,
                   sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
        return false;
    }
    return parse_mode(o, &unused.mode, errp) && parse_peer_uid(o, &unused, errp);
}

bool server_socket_open(ServerSocket *s, const ServerOptions *o, VfuServerConfig *config,
                        Error **errp)
{
    const SocketType *type = find_type(o, errp);

    return type && parse_mode(o, &config->mode, errp) && parse_peer_uid(o, config, errp) &&
           type->open(s, o, config, errp);
}

void server_socket_close(ServerSocket *s)
{
    io_activation_put(g_steal_pointer(&s->activated));
}
