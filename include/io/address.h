/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a byte channel listens or connects, as users write it:
 * "unix:PATH", "tcp:HOST:PORT" or "stdio".
 *
 * Written like that, TCP is for the loopback interface only: what listens there
 * is trusted with the whole process and asks nobody for a password. Other
 * users, such as a guest's serial port, may name any interface by its number.
 * Names are never looked up.
 */
#ifndef IO_ADDRESS_H
#define IO_ADDRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "qapi/error.h"

typedef enum IOAddressKind {
    IO_ADDRESS_NONE,
    IO_ADDRESS_UNIX,
    IO_ADDRESS_TCP,
    IO_ADDRESS_STDIO,
} IOAddressKind;

typedef struct IOAddress {
    IOAddressKind kind;
    char *path;         /* UNIX: path of the socket file, fits sockaddr_un */
    unsigned mode;      /* UNIX: of the socket file; 0: what umask leaves */
    bool ipv6;          /* TCP: ::1 instead of 127.0.0.1; the kind of host */
    char *host;         /* TCP: another address than loopback, in numbers; or NULL */
    uint16_t port;      /* TCP: 0 lets the system choose */
} IOAddress;

/* Reads @text into @addr; on failure @addr needs no clean-up. */
bool io_address_parse(const char *text, IOAddress *addr, Error **errp);
/* A path that fits; the same for a TCP host in numbers ("": all) and a port. */
bool io_address_set_unix(IOAddress *addr, const char *path, Error **errp);
bool io_address_set_tcp(IOAddress *addr, const char *host, const char *port, Error **errp);
/* Who can reach it is on this machine. */
bool io_address_is_local(const IOAddress *addr);
void io_address_copy(IOAddress *to, const IOAddress *from);
void io_address_clear(IOAddress *addr);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IOAddress, io_address_clear)

/* As a user would write it. */
char *io_address_format(const IOAddress *addr);

/* Fills @ss for bind() or connect(); UNIX and TCP only. */
socklen_t io_address_to_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss);

#endif
