/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A listening socket that hands over each connection as a channel.
 *
 * A UNIX socket file that nobody listens on is a leftover of a crash and is
 * replaced; one that answers belongs to somebody else and is an error. The
 * file is removed when the listener is freed, if it is still this one's.
 *
 * Threads: as for channels: one AioContext, no lock.
 */
#ifndef IO_LISTENER_H
#define IO_LISTENER_H

#include "io/address.h"
#include "io/channel.h"

typedef struct IOListener IOListener;

/* A new connection; the callee owns @ch. */
typedef void IOListenerAccept(IOListener *listener, IOChannel *ch, void *opaque);

/* Listens from now on; connections queue up in the kernel until accepted. */
IOListener *io_listener_new(const IOAddress *addr, Error **errp);

/* On a socket that listens already; taken over, also on failure. No file is removed. */
IOListener *io_listener_new_fd(int fd, Error **errp);

/* Runs @fn in @ctx for each connection; NULL leaves them in the queue. */
void io_listener_set_accept(IOListener *listener, struct AioContext *ctx,
                            IOListenerAccept *fn, void *opaque);

/* The address in use: with TCP port 0, the port that was chosen. None by descriptor. */
const IOAddress *io_listener_address(const IOListener *listener);

void io_listener_free(IOListener *listener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IOListener, io_listener_free)

/* Connects at once or fails: both ends are on this machine. */
IOChannel *io_channel_connect(const IOAddress *addr, Error **errp);
/*
 * A non-blocking socket that is connected, or, *@pending, on its way: it
 * becomes writable and io_connect_result() says how it went (0 or an errno).
 * -1 with errp set: not possible. The caller owns it.
 */
int io_connect_begin(const IOAddress *addr, bool *pending, Error **errp);
int io_connect_result(int fd);

#endif
