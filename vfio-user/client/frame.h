/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of a blocking stream socket <-> vfio-user messages, with deadlines.
 *
 * One receive call may bring many messages: they are handed out one by one
 * from the buffer, without copying. File descriptors that came with a receive
 * call belong to the last message that begins in its bytes (the kernel ends a
 * receive call behind the bytes that carry descriptors); descriptors that
 * arrive in the middle of a message have no owner and are closed.
 */
#ifndef VFIO_USER_CLIENT_FRAME_H
#define VFIO_USER_CLIENT_FRAME_H

#include <sys/uio.h>
#include "vfio-user/client.h"

typedef struct FrameFds {
    uint64_t first, end;        /* stream positions of the receive call */
    unsigned nr;
    int fds[VFU_CLIENT_MAX_FDS];
} FrameFds;

typedef struct Frame {
    int fd;                     /* owned */
    bool spin;
    bool no_fds;                /* none can be due: the kernel drops what comes */
    int64_t kernel_timeout_ns;  /* SO_RCVTIMEO as it is set now */
    size_t max_message;         /* a longer one breaks the connection */

    uint8_t *buf;               /* bytes not handed out: [head, tail) */
    size_t cap, head, tail;
    uint64_t pos;               /* stream position of head */
    GArray *batches;            /* FrameFds, oldest first */

    bool corked;
    GByteArray *tx;             /* gathered while corked */
} Frame;

/* A message inside the buffer: valid until the next call on the frame. */
typedef struct FrameView {
    VfuHeader header;
    uint8_t *payload;
    size_t size;
    unsigned nr_fds;
    int fds[VFU_CLIENT_MAX_FDS];/* owned by the view */
} FrameView;

/* Called while a send has to wait and the other side has sent something. */
typedef int FrameDrain(void *opaque);

int64_t frame_now(void);

void frame_init(Frame *f, int fd, size_t max_message);
void frame_destroy(Frame *f);

/*
 * Sends everything before the deadline, descriptors with the first byte.
 * drain (may be NULL) is called, after bytes were received, so that two sides
 * that both write cannot wait for each other.
 */
int frame_send(Frame *f, const struct iovec *iov, unsigned iovcnt, const int *fds,
               unsigned nr_fds, int64_t deadline, FrameDrain *drain, void *opaque);
int frame_flush(Frame *f, int64_t deadline, FrameDrain *drain, void *opaque);

/* true: *view is the next complete message. *err is set when the stream is
 * broken (-EPROTO). */
bool frame_next(Frame *f, FrameView *view, int *err);
/* Waits for bytes, or looks once when the deadline has passed: 0, -ETIMEDOUT,
 * -ECONNRESET or another -errno. */
int frame_fill(Frame *f, int64_t deadline);
void frame_close_fds(const int *fds, unsigned nr);

#endif
