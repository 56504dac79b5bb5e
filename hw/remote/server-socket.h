/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a server listens: one row for each type= of socket, with the options
 * that belong to it.
 *
 * Main thread, as everything that makes and deletes servers.
 */
#ifndef HW_REMOTE_SERVER_SOCKET_H
#define HW_REMOTE_SERVER_SOCKET_H

#include "qapi/error.h"
#include "io/activation.h"
#include "server-options.h"

typedef struct ServerSocket {
    IOActivatedSocket *activated;       /* to give back; NULL: none */
} ServerSocket;

/* The options make sense together. Nothing is opened. */
bool server_socket_check(const ServerOptions *o, Error **errp);
/* Fills in path or fd, mode and peer_uid; the fd is moved with config. */
bool server_socket_open(ServerSocket *s, const ServerOptions *o, VfuServerConfig *config,
                        Error **errp);
/* The server is gone, or was never made. */
void server_socket_close(ServerSocket *s);

#endif
