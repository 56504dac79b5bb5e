/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each kind of channel brings along: its functions, first in its struct. */
#ifndef IO_CHANNEL_INT_H
#define IO_CHANNEL_INT_H

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
