/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two files of the socket back end share. */
#ifndef CHARDEV_SOCKET_H
#define CHARDEV_SOCKET_H

#include "dialer.h"
#include "hangup.h"
#include "io/listener.h"
#include "stream.h"

/* A server has a listener, a client that comes back a dialer, others neither. */
typedef struct ChardevSock {
    ChardevStream parent_obj;

    IOAddress addr;         /* NONE: by descriptor */
    char *fd_name;          /* as the user wrote it; NULL: by address */
    bool server;
    bool wait;
    bool nodelay;
    int64_t reconnect;      /* seconds; 0: never */
    IOListener *listener;
    Dialer *dialer;
    HangupWatch hangup;
} ChardevSock;

DECLARE_INSTANCE_CHECKER(ChardevSock, CHARDEV_SOCK, TYPE_CHARDEV_SOCKET)

extern const ChardevOption chardev_socket_options[];
bool chardev_socket_parse(JsonObject *opts, ChardevBackend *backend, Error **errp);
/* What @opts asks for, checked, to the members above. */
bool chardev_socket_configure(ChardevSock *sock, const ChardevSocket *opts, Error **errp);
/* "unix:PATH,server=on" and the like; the caller frees. */
char *chardev_socket_name(const ChardevSock *sock);

#endif
