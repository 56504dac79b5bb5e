/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See trace-pipe.h. Everything blocks: each direction has a thread. */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include "trace-pipe.h"
#include "vfu.h"

/* Beyond this a length is taken for nonsense, not for a message to collect. */
#define MAX_MESSAGE (65u * 1024 * 1024)

typedef union Control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(PIPE_MAX_FDS * sizeof(int))];
} Control;

void pipe_message_init(PipeMessage *m)
{
    *m = (PipeMessage) { .payload = g_byte_array_new() };
}

static void close_fds(PipeMessage *m)
{
    for (unsigned i = 0; i < m->nr_fds; i++) {
        close(m->fds[i]);
    }
    m->nr_fds = 0;
}

void pipe_message_clear(PipeMessage *m)
{
    close_fds(m);
    g_byte_array_unref(m->payload);
}

static void take_fds(PipeMessage *m, struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        unsigned nr;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        nr = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        nr = MIN(nr, PIPE_MAX_FDS - m->nr_fds);
        memcpy(m->fds + m->nr_fds, CMSG_DATA(c), nr * sizeof(int));
        m->nr_fds += nr;
    }
}

/* One receive call; descriptors are added to m. */
static ssize_t receive(int fd, void *data, size_t size, PipeMessage *m)
{
    Control control;
    struct iovec iov = { data, size };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
    };
    ssize_t n;

    do {
        n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR && !vfu_interrupted);
    if (n > 0) {
        take_fds(m, &msg);
    }
    return n;
}

/* 1: all of it came; 0: the stream ended; -1. */
static int receive_all(int fd, void *data, size_t size, size_t *got, PipeMessage *m)
{
    for (*got = 0; *got < size; ) {
        ssize_t n = receive(fd, (char *)data + *got, size - *got, m);

        if (n <= 0) {
            return n;
        }
        *got += n;
    }
    return 1;
}

int pipe_receive(int fd, PipeMessage *m)
{
    size_t got;
    int ret;

    close_fds(m);
    g_byte_array_set_size(m->payload, 0);
    ret = receive_all(fd, &m->header, sizeof(m->header), &m->got, m);
    if (ret <= 0) {
        /* Half a header is passed on as well: somebody may be testing that. */
        m->sane = false;
        return m->got ? 1 : ret;
    }
    m->sane = m->header.size >= sizeof(m->header) && m->header.size <= MAX_MESSAGE;
    if (!m->sane) {
        return 1;
    }
    g_byte_array_set_size(m->payload, m->header.size - sizeof(m->header));
    ret = receive_all(fd, m->payload->data, m->payload->len, &got, m);
    if (ret <= 0) {
        g_byte_array_set_size(m->payload, got);
        m->sane = false;
    }
    return 1;
}

static int send_rest(int fd, struct iovec *iov, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++) {
        for (size_t done = 0; done < iov[i].iov_len; ) {
            ssize_t n = send(fd, (char *)iov[i].iov_base + done, iov[i].iov_len - done,
                             MSG_NOSIGNAL);
            if (n < 0 && errno != EINTR) {
                return -1;
            }
            done += MAX(n, 0);
        }
    }
    return 0;
}

static void attach_fds(struct msghdr *msg, Control *control, const PipeMessage *m)
{
    size_t size = m->nr_fds * sizeof(int);
    struct cmsghdr *c;

    memset(control, 0, sizeof(*control));
    msg->msg_control = control->bytes;
    msg->msg_controllen = CMSG_SPACE(size);
    c = CMSG_FIRSTHDR(msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), m->fds, size);
}

int pipe_send(int fd, PipeMessage *m)
{
    struct iovec iov[2] = {
        { &m->header, m->got }, { m->payload->data, m->payload->len },
    };
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
    Control control;
    ssize_t n;

    if (m->nr_fds) {
        attach_fds(&msg, &control, m);
    }
    do {
        n = sendmsg(fd, &msg, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    close_fds(m);
    if (n < 0) {
        return -1;
    }
    for (unsigned i = 0; i < 2; i++) {
        size_t skip = MIN((size_t)n, iov[i].iov_len);

        iov[i].iov_base = (char *)iov[i].iov_base + skip;
        iov[i].iov_len -= skip;
        n -= skip;
    }
    return send_rest(fd, iov, 2);
}

void pipe_copy(int from, int to)
{
    char bytes[4096];
    ssize_t n;

    while ((n = read(from, bytes, sizeof(bytes))) > 0) {
        struct iovec iov = { bytes, n };

        if (send_rest(to, &iov, 1) < 0) {
            return;
        }
    }
}
