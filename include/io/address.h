/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a byte channel listens or connects, as users write it:
 * "unix:PATH", "tcp:HOST:PORT" or "stdio".
 *
 * TCP is for the loopback interface only. What listens here is trusted with
 * the whole process and asks nobody for a password; names are not looked up.
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
    bool ipv6;          /* TCP: ::1 instead of 127.0.0.1 */
    uint16_t port;      /* TCP: 0 lets the system choose */
} IOAddress;

/* Reads @text into @addr; on failure @addr needs no clean-up. */
bool io_address_parse(const char *text, IOAddress *addr, Error **errp);
void io_address_clear(IOAddress *addr);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IOAddress, io_address_clear)

/* As a user would write it. */
char *io_address_format(const IOAddress *addr);

/* Fills @ss for bind() or connect(); UNIX and TCP only. */
socklen_t io_address_to_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss);

#endif
