/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Channel over a connected stream socket.
 *
 * Descriptors travel as SCM_RIGHTS. The control buffer holds one more than a
 * caller can take, so "too many" is seen as such and nothing stays open; what
 * the kernel itself cut off (MSG_CTRUNC) it has closed already.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "io/channel-impl.h"

#include <sys/socket.h>

typedef struct SocketChannel {
    IOChannel parent;
    int fd;
} SocketChannel;

typedef union FdControl {
    char buf[CMSG_SPACE(sizeof(int) * (IO_CHANNEL_MAX_FDS + 1))];
    struct cmsghdr align;
} FdControl;

static SocketChannel *socket_channel(IOChannel *ch)
{
    return (SocketChannel *)ch;
}

static bool take_fd(IOFdList *fds, int fd)
{
    if (fds->n == IO_CHANNEL_MAX_FDS) {
        close(fd);
        return false;
    }
    fds->fd[fds->n++] = fd;
    return true;
}

static bool take_fds(struct msghdr *msg, IOFdList *fds)
{
    bool all = !(msg->msg_flags & MSG_CTRUNC);

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            all = take_fd(fds, fd) && all;
        }
    }
    return all;
}

static ssize_t socket_read(IOChannel *ch, void *buf, size_t len, IOFdList *fds)
{
    FdControl control;
    struct iovec iov = { .iov_base = buf, .iov_len = len };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t n;

    if (fds) {
        msg.msg_control = control.buf;
        msg.msg_controllen = sizeof(control.buf);
    }
    do {
        n = recvmsg(socket_channel(ch)->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return -errno;
    }
    if (fds && !take_fds(&msg, fds)) {
        io_fd_list_close(fds);
        return -EMSGSIZE;
    }
    return n;
}

static void put_fds(struct msghdr *msg, FdControl *control, const int *fds, unsigned nfds)
{
    struct cmsghdr *c;

    memset(control, 0, sizeof(*control));
    msg->msg_control = control->buf;
    msg->msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
    c = CMSG_FIRSTHDR(msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
}

static ssize_t socket_write(IOChannel *ch, const void *buf, size_t len,
                            const int *fds, unsigned nfds)
{
    FdControl control;
    struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t n;

    if (nfds > IO_CHANNEL_MAX_FDS) {
        return -EINVAL;
    }
    if (nfds) {
        put_fds(&msg, &control, fds, nfds);
    }
    do {
        n = sendmsg(socket_channel(ch)->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static void socket_watch(IOChannel *ch)
{
    aio_set_fd_handler(ch->ctx, socket_channel(ch)->fd, ch->readable, ch->writable,
                       NULL, NULL, ch->opaque);
}

static void socket_unwatch(IOChannel *ch)
{
    aio_set_fd_handler(ch->ctx, socket_channel(ch)->fd, NULL, NULL, NULL, NULL, NULL);
}

static int socket_input_fd(IOChannel *ch)
{
    return socket_channel(ch)->fd;
}

static void socket_destroy(IOChannel *ch)
{
    close(socket_channel(ch)->fd);
    g_free(ch);
}

static const IOChannelOps socket_ops = {
    .read = socket_read,
    .write = socket_write,
    .watch = socket_watch,
    .unwatch = socket_unwatch,
    .input_fd = socket_input_fd,
    .destroy = socket_destroy,
};

IOChannel *io_channel_socket_new(int fd)
{
    SocketChannel *s = g_new0(SocketChannel, 1);

    s->parent.ops = &socket_ops;
    s->fd = fd;
    fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return &s->parent;
}
