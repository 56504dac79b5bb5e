/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An NBD server for tests, in a thread of its own, that fails on command: it
 * keeps silent, goes away, comes back, and loses what was not flushed as a
 * server does that is killed. One client at a time, simple replies.
 */
#ifndef TESTS_UNIT_BLOCK_NBD_SERVER_H
#define TESTS_UNIT_BLOCK_NBD_SERVER_H

#include "qemu/osdep.h"

#define NBD_SERVER_SIZE (1024 * 1024)

/* NBD protocol, "Transmission flags". */
enum {
    NBD_HAS_FLAGS = 1, NBD_READ_ONLY = 2, NBD_SEND_FLUSH = 4, NBD_SEND_FUA = 8,
    NBD_SEND_TRIM = 32, NBD_SEND_ZEROES = 64,
    NBD_EVERYTHING = NBD_HAS_FLAGS | NBD_SEND_FLUSH | NBD_SEND_FUA | NBD_SEND_TRIM |
                     NBD_SEND_ZEROES,
};
/* "Request types". */
enum { NBD_READ, NBD_WRITE, NBD_DISC, NBD_FLUSH, NBD_TRIM, NBD_CACHE, NBD_ZEROES };

typedef struct NbdServer NbdServer;

/* Listens on a socket in a folder of its own. */
NbdServer *nbd_server_new(void);
void nbd_server_free(NbdServer *s);
/* driver=nbd,... without a node-name. */
const char *nbd_server_blockdev(NbdServer *s);
const char *nbd_server_path(NbdServer *s);

/* Before a client connects. */
void nbd_server_set_flags(NbdServer *s, uint16_t flags);
void nbd_server_set_size(NbdServer *s, uint64_t size);
/* Does not say hello. */
void nbd_server_set_mute(NbdServer *s, bool mute);
/* Commands of this type are done, but not answered, until they are let go; -1: none. */
void nbd_server_hold(NbdServer *s, int type);
/* Those that are held are answered, the other way round. */
void nbd_server_release(NbdServer *s);
/* The next command of that type is answered with this error of the protocol. */
void nbd_server_fail(NbdServer *s, int type, uint32_t error);
/* Killed: the connection ends, and what was not flushed is lost. */
void nbd_server_kill(NbdServer *s);
/* Started again. */
void nbd_server_restart(NbdServer *s);

/* How many commands of a type have come, in all. */
unsigned nbd_server_count(NbdServer *s, int type);
/* What is on the medium, flushed or not. */
uint8_t nbd_server_byte(NbdServer *s, uint64_t offset);

#endif
