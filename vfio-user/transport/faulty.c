/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bad line: system calls that do less than they were asked, as sockets may.
 */
#include "qemu/osdep.h"
#include "vfio-user/transport.h"

static uint32_t draw(VfuFaulty *f)
{
    /* xorshift: any sequence will do as long as a seed repeats it */
    f->seed ^= f->seed << 13;
    f->seed ^= f->seed >> 17;
    f->seed ^= f->seed << 5;
    return f->seed;
}

static bool refuse(VfuFaulty *f)
{
    if (draw(f) % 100 < f->again_percent) {
        errno = EAGAIN;
        return true;
    }
    return false;
}

/* How many of `len` bytes go through now: at least one. */
static size_t piece(VfuFaulty *f, size_t len, size_t most)
{
    return most && len ? 1 + draw(f) % MIN(len, most) : len;
}

static ssize_t faulty_recvmsg(void *opaque, int fd, struct msghdr *msg, int flags)
{
    VfuFaulty *f = opaque;
    struct iovec iov = msg->msg_iov[0];
    struct msghdr cut = *msg;
    ssize_t n;

    if (refuse(f)) {
        return -1;
    }
    if (f->read_limit && f->read_bytes >= f->read_limit) {
        return 0;
    }
    iov.iov_len = piece(f, iov.iov_len, f->max_read);
    cut.msg_iov = &iov;
    n = recvmsg(fd, &cut, flags);
    msg->msg_controllen = cut.msg_controllen;
    msg->msg_flags = cut.msg_flags;
    f->read_bytes += MAX(n, 0);
    return n;
}

static ssize_t faulty_sendmsg(void *opaque, int fd, const struct msghdr *msg, int flags)
{
    VfuFaulty *f = opaque;
    struct iovec iov = msg->msg_iov[0];
    struct msghdr cut = *msg;
    ssize_t n;

    if (refuse(f)) {
        return -1;
    }
    if (f->write_limit && f->write_bytes >= f->write_limit) {
        errno = EPIPE;
        return -1;
    }
    if (f->max_write) {
        iov.iov_len = piece(f, iov.iov_len, f->max_write);
        cut.msg_iov = &iov;
        cut.msg_iovlen = 1;
    }
    n = sendmsg(fd, &cut, flags);
    f->write_bytes += MAX(n, 0);
    return n;
}

const VfuSocketOps vfu_faulty_ops = {
    .recvmsg = faulty_recvmsg,
    .sendmsg = faulty_sendmsg,
};
