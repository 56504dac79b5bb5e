/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recvmsg and sendmsg with SCM_RIGHTS.
 */
#include "qemu/osdep.h"
#include "qemu/fault-inject.h"
#include "control.h"

static ssize_t receive(VfuSocket *socket, struct msghdr *msg, int flags)
{
    ssize_t n;

    if (fault_inject(FAULT_RECVMSG)) {
        return -ENOMEM;
    }
    n = RETRY_ON_EINTR(socket->ops ? socket->ops->recvmsg(socket->opaque, socket->fd, msg, flags)
                                   : recvmsg(socket->fd, msg, flags));
    return n < 0 ? -errno : n;
}

void vfu_fds_close(VfuRxFds *fds)
{
    while (fds->kept_fds) {
        close(fds->fds[--fds->kept_fds]);
    }
    fds->nr_fds = 0;
}

static void collect(struct cmsghdr *cmsg, VfuRxFds *got)
{
    size_t nr = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    for (size_t i = 0; i < nr; i++) {
        int fd;

        memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd), sizeof(fd));
        got->nr_fds++;
        if (got->kept_fds < VFU_MSG_FDS_MAX) {
            got->fds[got->kept_fds++] = fd;
        } else {
            close(fd);
        }
    }
}

ssize_t vfu_socket_receive(VfuSocket *socket, struct iovec *iov, VfuRxFds *got)
{
    /* A union for the alignment of struct cmsghdr. */
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(VFU_SCM_FDS_MAX * sizeof(int))];
    } control;
    struct msghdr msg = {
        .msg_iov = iov, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof(control),
    };
    ssize_t n = receive(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (n < 0) {
        return n;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            collect(c, got);
        }
    }
    return msg.msg_flags & MSG_CTRUNC ? -EPROTO : n;
}

typedef union Rights {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(VFU_MSG_FDS_MAX * sizeof(int))];
} Rights;

static void put_rights(struct msghdr *msg, Rights *control, const int *fds, unsigned nr_fds)
{
    size_t bytes = nr_fds * sizeof(int);

    memset(control, 0, sizeof(*control));
    msg->msg_control = control;
    msg->msg_controllen = CMSG_SPACE(bytes);
    control->align.cmsg_level = SOL_SOCKET;
    control->align.cmsg_type = SCM_RIGHTS;
    control->align.cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(&control->align), fds, bytes);
}

ssize_t vfu_socket_send(VfuSocket *socket, const struct iovec *iov, unsigned iovcnt,
                        const int *fds, unsigned nr_fds)
{
    struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = iovcnt };
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    Rights control;
    ssize_t n;

    g_assert(nr_fds <= VFU_MSG_FDS_MAX);
    if (fault_inject(FAULT_SENDMSG)) {
        return -ENOBUFS;
    }
    if (nr_fds) {
        put_rights(&msg, &control, fds, nr_fds);
    }
    if (socket->ops) {
        n = RETRY_ON_EINTR(socket->ops->sendmsg(socket->opaque, socket->fd, &msg, flags));
    } else if (iovcnt == 1 && !nr_fds) {
        /* The usual reply: the kernel need not fetch a msghdr. */
        n = RETRY_ON_EINTR(send(socket->fd, iov->iov_base, iov->iov_len, flags));
    } else {
        n = RETRY_ON_EINTR(sendmsg(socket->fd, &msg, flags));
    }
    return n < 0 ? -errno : n;
}
