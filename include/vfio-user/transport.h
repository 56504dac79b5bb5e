/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages over an AF_UNIX stream socket: framing, file descriptors, and
 * sending in order. Knows no event loop: whoever owns one calls vfu_rx_fill()
 * when the socket is readable and vfu_tx_flush() when it is writable.
 *
 * Receiving: one system call takes as many messages as there are; messages are
 * then looked at where they lie. A message holds a reference on its buffer, so
 * it stays whole while later ones are received, in any order of release.
 *
 * Sending: one system call for each message; what the socket does not take is
 * copied and goes out later, in order.
 *
 * No locking: an object belongs to its owner's lock. Sockets are non-blocking
 * as far as these functions go, whatever their O_NONBLOCK says. Results are 0
 * or a negative errno unless said otherwise. Protocol: section 1.
 */
#ifndef VFIO_USER_TRANSPORT_H
#define VFIO_USER_TRANSPORT_H

#include "qemu/osdep.h"
#include <sys/socket.h>
#include "vfio-user/protocol.h"

/* The two system calls, so that tests can put faults between (VfuFaulty). */
typedef struct VfuSocketOps {
    ssize_t (*recvmsg)(void *opaque, int fd, struct msghdr *msg, int flags);
    ssize_t (*sendmsg)(void *opaque, int fd, const struct msghdr *msg, int flags);
} VfuSocketOps;

typedef struct VfuSocket {
    int fd;
    const VfuSocketOps *ops;    /* NULL: the system's own */
    void *opaque;
} VfuSocket;

/* --- receiving --- */

typedef struct VfuRxBuffer VfuRxBuffer;

/* One received message, whole. */
typedef struct VfuMessage {
    VfuHeader header;
    const uint8_t *payload;     /* header.size - 16 bytes, any alignment */
    size_t len;
    unsigned nr_fds;            /* all that came with it, also those closed at once */
    unsigned kept_fds;          /* at most VFU_MSG_FDS_MAX, owned by the message */
    int fds[VFU_MSG_FDS_MAX];
    VfuRxBuffer *buffer;        /* a reference */
} VfuMessage;

/* File descriptors that wait for their message to be complete. */
typedef struct VfuRxFds {
    uint64_t position;          /* of their message's first byte in the stream */
    unsigned nr_fds, kept_fds;
    int fds[VFU_MSG_FDS_MAX];
} VfuRxFds;

typedef struct VfuRx {
    VfuRxBuffer *buffer;
    size_t head, tail;          /* bytes received and not yet taken */
    uint64_t position;          /* of head in the stream */
    uint32_t message_max;
    bool big;                   /* the last message needed more than the usual buffer */
    unsigned nr_slots;
    VfuRxFds slots[2];          /* the partial message at the end, and one before it */
} VfuRx;

/* message_max: with header; a longer one ends the connection. */
void vfu_rx_init(VfuRx *rx, uint32_t message_max);
/* Legal at any moment after init or on zeroed memory; messages taken stay valid. */
void vfu_rx_destroy(VfuRx *rx);

/*
 * One receive call, to be made when vfu_rx_next() has nothing left. Returns
 * the bytes got, 0 at the end of the stream, -EAGAIN, -EPROTO when file
 * descriptors were lost (too many for this process: the connection cannot be
 * trusted any more), or another -errno.
 */
ssize_t vfu_rx_fill(VfuRx *rx, VfuSocket *socket);
/*
 * 1: *msg is the next message, to be given back with vfu_message_release().
 * 0: it is not complete. -EPROTO: the stream cannot be followed any more.
 */
int vfu_rx_next(VfuRx *rx, VfuMessage *msg);
/* vfu_rx_next() would not return 0. */
bool vfu_rx_ready(const VfuRx *rx);
/* A message has begun and is not complete (after vfu_rx_next() returned 0). */
bool vfu_rx_partial(const VfuRx *rx);

/* Closes the fds that are still the message's, gives its buffer back. */
void vfu_message_release(VfuMessage *msg);
/* Closes the fds that are still the message's. */
void vfu_message_close_fds(VfuMessage *msg);
/* Moves the message into memory of its own, so that it pins no receive buffer. */
void vfu_message_detach(VfuMessage *msg);
/* Takes fd number i out of the message; -1 when there is none. */
int vfu_message_steal_fd(VfuMessage *msg, unsigned i);

/* --- sending --- */

typedef struct VfuTx {
    GQueue queue;               /* of VfuTxChunk */
    size_t queued;              /* bytes in it */
    uint64_t sent;              /* bytes that went out since init: shows progress */
} VfuTx;

void vfu_tx_init(VfuTx *tx);
void vfu_tx_destroy(VfuTx *tx);
/*
 * Sends one message made of iov, with nr_fds borrowed file descriptors on its
 * first byte. 0: sent, or queued behind what waits already. -errno: the
 * connection is broken.
 */
int vfu_tx_send(VfuTx *tx, VfuSocket *socket, const struct iovec *iov, unsigned iovcnt,
                const int *fds, unsigned nr_fds);
/* Sends what is queued. 0: all gone or the socket is full; -errno: broken. */
int vfu_tx_flush(VfuTx *tx, VfuSocket *socket);

/* --- a bad line, for tests --- */

/*
 * Put between a socket and its user: reads and writes are cut to random
 * pieces, refused now and then, or end after so many bytes. Deterministic for
 * a seed.
 */
typedef struct VfuFaulty {
    uint32_t seed;              /* changes with use; never 0 */
    size_t max_read, max_write; /* longest piece; 0: as it comes */
    unsigned again_percent;     /* how often a call says -EAGAIN */
    uint64_t read_limit;        /* bytes until the line is dead; 0: never */
    uint64_t write_limit;
    uint64_t read_bytes, write_bytes;
} VfuFaulty;

extern const VfuSocketOps vfu_faulty_ops;       /* opaque: VfuFaulty */

#endif
