/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Channel over files: stdin and stdout, pipes, a terminal.
 *
 * Non-blocking is a property of the open file, which a shell or another
 * program may share with us, so the flags found are put back at the end.
 * Plain files and /dev/null are always ready and epoll refuses them; a bottom
 * half that re-arms itself stands in for it.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "io/channel-impl.h"

#include <sys/epoll.h>

typedef struct FdSide {
    int fd;
    int flags;          /* as found */
    bool pollable;
} FdSide;

typedef struct FdChannel {
    IOChannel parent;
    FdSide in, out;
    QEMUBH *bh;         /* stands in for sides that cannot be polled */
} FdChannel;

static FdChannel *fd_channel(IOChannel *ch)
{
    return (FdChannel *)ch;
}

static bool one_file(const FdChannel *c)
{
    return c->in.fd == c->out.fd;
}

static bool can_poll(int fd)
{
    struct epoll_event ev = { .events = EPOLLIN };
    int ep = epoll_create1(EPOLL_CLOEXEC);
    bool ok = ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == 0 || errno != EPERM;

    if (ep >= 0) {
        close(ep);
    }
    return ok;
}

static void side_open(FdSide *side, int fd)
{
    side->fd = fd;
    side->flags = fcntl(fd, F_GETFL);
    side->pollable = can_poll(fd);
    fcntl(fd, F_SETFL, side->flags | O_NONBLOCK);
    if (fd > STDERR_FILENO) {
        fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC);
    }
}

static void side_close(FdSide *side)
{
    fcntl(side->fd, F_SETFL, side->flags);
    if (side->fd > STDERR_FILENO) {
        close(side->fd);
    }
}

static ssize_t fd_read(IOChannel *ch, void *buf, size_t len, IOFdList *fds)
{
    ssize_t n = RETRY_ON_EINTR(read(fd_channel(ch)->in.fd, buf, len));

    return n < 0 ? -errno : n;
}

static ssize_t fd_write(IOChannel *ch, const void *buf, size_t len,
                        const int *fds, unsigned nfds)
{
    if (nfds) {
        return -ENOTSUP;
    }
    ssize_t n = RETRY_ON_EINTR(write(fd_channel(ch)->out.fd, buf, len));
    return n < 0 ? -errno : n;
}

/*
 * At most one callback for each turn: it may free the channel, and the bottom
 * half with it, so nothing of it is touched afterwards.
 */
static void always_ready(void *opaque)
{
    FdChannel *c = opaque;
    IOChannel *ch = &c->parent;
    bool read_first = !c->in.pollable && ch->readable;

    qemu_bh_schedule(c->bh);
    if (!c->out.pollable && ch->writable) {
        ch->writable(ch->opaque);
    } else if (read_first) {
        ch->readable(ch->opaque);
    } else {
        qemu_bh_cancel(c->bh);
    }
}

static void watch_side(IOChannel *ch, FdSide *side, IOChannelReady *readable,
                       IOChannelReady *writable)
{
    if (side->pollable) {
        aio_set_fd_handler(ch->ctx, side->fd, readable, writable, NULL, NULL, ch->opaque);
    }
}

static void fd_watch(IOChannel *ch)
{
    FdChannel *c = fd_channel(ch);

    if (one_file(c)) {
        watch_side(ch, &c->in, ch->readable, ch->writable);
    } else {
        watch_side(ch, &c->in, ch->readable, NULL);
        watch_side(ch, &c->out, NULL, ch->writable);
    }
    if ((!c->in.pollable && ch->readable) || (!c->out.pollable && ch->writable)) {
        if (!c->bh) {
            c->bh = aio_bh_new(ch->ctx, always_ready, c);
        }
        qemu_bh_schedule(c->bh);
    }
}

static void fd_unwatch(IOChannel *ch)
{
    FdChannel *c = fd_channel(ch);

    watch_side(ch, &c->in, NULL, NULL);
    if (!one_file(c)) {
        watch_side(ch, &c->out, NULL, NULL);
    }
    if (c->bh) {
        qemu_bh_delete(c->bh);
        c->bh = NULL;
    }
}

static int fd_input_fd(IOChannel *ch)
{
    return fd_channel(ch)->in.fd;
}

static void fd_destroy(IOChannel *ch)
{
    FdChannel *c = fd_channel(ch);

    if (!one_file(c)) {
        side_close(&c->out);
    }
    side_close(&c->in);
    g_free(c);
}

static const IOChannelOps fd_ops = {
    .read = fd_read,
    .write = fd_write,
    .watch = fd_watch,
    .unwatch = fd_unwatch,
    .input_fd = fd_input_fd,
    .destroy = fd_destroy,
};

IOChannel *io_channel_fd_new(int in, int out)
{
    FdChannel *c = g_new0(FdChannel, 1);

    c->parent.ops = &fd_ops;
    side_open(&c->in, in);
    if (in == out) {
        c->out = c->in;
    } else {
        side_open(&c->out, out);
    }
    return &c->parent;
}
