/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part that all byte channels have in common. */
#include "qemu/osdep.h"
#include "io/channel-impl.h"

#include <poll.h>

void io_fd_list_close(IOFdList *list)
{
    for (unsigned i = 0; i < list->n; i++) {
        if (list->fd[i] >= 0) {
            close(list->fd[i]);
        }
    }
    list->n = 0;
}

ssize_t io_channel_read(IOChannel *ch, void *buf, size_t len)
{
    return ch->ops->read(ch, buf, len, NULL);
}

ssize_t io_channel_read_fds(IOChannel *ch, void *buf, size_t len, IOFdList *fds)
{
    fds->n = 0;
    return ch->ops->read(ch, buf, len, fds);
}

ssize_t io_channel_write(IOChannel *ch, const void *buf, size_t len)
{
    return ch->ops->write(ch, buf, len, NULL, 0);
}

ssize_t io_channel_write_fds(IOChannel *ch, const void *buf, size_t len,
                             const int *fds, unsigned nfds)
{
    return ch->ops->write(ch, buf, len, fds, nfds);
}

void io_channel_set_ready(IOChannel *ch, struct AioContext *ctx,
                          IOChannelReady *readable, IOChannelReady *writable,
                          void *opaque)
{
    if (ch->ctx && ch->ctx != ctx) {
        ch->ops->unwatch(ch);
    }
    ch->readable = readable;
    ch->writable = writable;
    ch->opaque = opaque;
    ch->ctx = ctx;
    if (!ctx) {
        return;
    }
    if (readable || writable) {
        ch->ops->watch(ch);
    } else {
        ch->ops->unwatch(ch);
        ch->ctx = NULL;
    }
}

int io_channel_input_fd(IOChannel *ch)
{
    return ch->ops->input_fd ? ch->ops->input_fd(ch) : -1;
}

bool io_channel_wait(IOChannel *ch, int timeout_ms)
{
    struct pollfd pfd = { .fd = io_channel_input_fd(ch), .events = POLLIN };

    return pfd.fd >= 0 && RETRY_ON_EINTR(poll(&pfd, 1, timeout_ms)) > 0;
}

void io_channel_free(IOChannel *ch)
{
    if (!ch) {
        return;
    }
    if (ch->ctx) {
        ch->ops->unwatch(ch);
    }
    ch->ops->destroy(ch);
}
