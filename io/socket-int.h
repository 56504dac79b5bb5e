/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of an address, for the two ends. */
#ifndef IO_SOCKET_INT_H
#define IO_SOCKET_INT_H

#include "io/address.h"

/* Non-blocking, close-on-exec; -1 and errno. */
int io_socket_open(const IOAddress *addr);

#endif
