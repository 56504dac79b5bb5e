/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For those who add a kind of channel: its functions, first in its struct.
 * Users of channels include io/channel.h.
 */
#ifndef IO_CHANNEL_IMPL_H
#define IO_CHANNEL_IMPL_H

#include "io/channel.h"

typedef struct IOChannelOps {
    /* @fds is NULL when the caller wants none. */
    ssize_t (*read)(IOChannel *ch, void *buf, size_t len, IOFdList *fds);
    ssize_t (*write)(IOChannel *ch, const void *buf, size_t len,
                     const int *fds, unsigned nfds);
    /* Callbacks are about to change: drop what the event loop knows. */
    void (*unwatch)(IOChannel *ch);
    /* Callbacks have changed: tell the event loop of ch->ctx. */
    void (*watch)(IOChannel *ch);
    /* As io_channel_input_fd(); NULL: -1. */
    int (*input_fd)(IOChannel *ch);
    /* Closes and frees; not watched any more. */
    void (*destroy)(IOChannel *ch);
} IOChannelOps;

struct IOChannel {
    const IOChannelOps *ops;
    struct AioContext *ctx;     /* NULL: not watched */
    IOChannelReady *readable;
    IOChannelReady *writable;
    void *opaque;
};

#endif
