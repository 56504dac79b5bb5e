/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's end of a socketpair, by hand. Replies are queued before the
 * client asks, and what the client sent is read afterwards, so that a test
 * needs no thread and checks every byte.
 */
#ifndef TEST_VFU_CLIENT_PEER_H
#define TEST_VFU_CLIENT_PEER_H

#include "qemu/osdep.h"
#include "vfio-user/client.h"
#include "tests/unit/helpers.h"

typedef struct Peer {
    VfuClient *client;
    int fd;
} Peer;

typedef struct PeerMessage {
    VfuHeader header;
    uint8_t payload[8192];
    size_t size;
    unsigned nr_fds;
    int fds[32];
} PeerMessage;

/* A client with the persona's habits; nothing sent yet; timeout 300 ms. */
Peer peer_new(const char *persona);
/* The same after a VERSION exchange; the request is consumed. */
Peer peer_new_ready(const char *persona);
void peer_free(Peer *p);

/* The id that the client's next command will carry. */
uint16_t peer_next_id(Peer *p);
void peer_send(Peer *p, uint16_t id, unsigned command, uint32_t flags, uint32_t error,
               const void *payload, size_t size, const int *fds, unsigned nr_fds);
/* A successful reply / an error reply to the client's next command, plus nth. */
void peer_reply(Peer *p, unsigned nth, unsigned command, const void *payload, size_t size);
void peer_error(Peer *p, unsigned nth, unsigned command, uint32_t error);
/* The oldest message of the client; fails the test when there is none. */
void peer_recv(Peer *p, PeerMessage *msg);
void peer_close_fds(PeerMessage *msg);
/* Nothing has come. */
void peer_quiet(Peer *p);
/* How many file descriptors this process has open. */

#endif
