/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Framing for a blocking client: see frame.h for the idea.
 *
 * The usual reply costs one system call: a receive call that sleeps in the
 * kernel, bounded by SO_RCVTIMEO. Only a message that comes in pieces, or a
 * timeout other than the usual one, goes the longer way through ppoll().
 */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/socket.h>
#include "frame.h"

#define BUFFER_START (128 * 1024)
/* Room for what a peer may attach against the rules, so that it is closed
 * here and not truncated by the kernel. */
#define CMSG_FDS 253
#define SMALL_MESSAGE 256
/* Looks at the socket between two looks at the clock while spinning. */
#define SPIN_LOOKS 32

int64_t frame_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

void frame_close_fds(const int *fds, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

void frame_init(Frame *f, int fd, size_t max_message)
{
    *f = (Frame) { .fd = fd, .max_message = max_message };
    f->cap = BUFFER_START;
    f->buf = g_malloc(f->cap);
    f->batches = g_array_new(false, false, sizeof(FrameFds));
    f->tx = g_byte_array_new();
}

void frame_destroy(Frame *f)
{
    for (unsigned i = 0; i < f->batches->len; i++) {
        FrameFds *b = &g_array_index(f->batches, FrameFds, i);
        frame_close_fds(b->fds, b->nr);
    }
    g_array_free(f->batches, true);
    g_byte_array_unref(f->tx);
    g_free(f->buf);
    if (f->fd >= 0) {
        close(f->fd);
    }
}

/* --- sending --- */

static int wait_for(Frame *f, short events, int64_t deadline, short *revents)
{
    for (;;) {
        struct pollfd p = { .fd = f->fd, .events = events };
        int64_t left = deadline - frame_now();
        struct timespec ts;
        int n;

        left = MAX(left, 0);
        ts.tv_sec = left / 1000000000;
        ts.tv_nsec = left % 1000000000;
        n = ppoll(&p, 1, &ts, NULL);
        if (n > 0) {
            *revents = p.revents;
            return 0;
        }
        if (n == 0) {
            return -ETIMEDOUT;
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

/* One small buffer is cheaper for the kernel than a vector. */
static ssize_t send_small(Frame *f, const struct iovec *iov, unsigned iovcnt, size_t total)
{
    char bytes[SMALL_MESSAGE];
    size_t at = 0;

    if (iovcnt == 1) {
        return send(f->fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    for (unsigned i = 0; i < iovcnt; i++) {
        memcpy(bytes + at, iov[i].iov_base, iov[i].iov_len);
        at += iov[i].iov_len;
    }
    return send(f->fd, bytes, total, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static size_t iov_total(const struct iovec *iov, unsigned iovcnt)
{
    size_t total = 0;

    for (unsigned i = 0; i < iovcnt; i++) {
        total += iov[i].iov_len;
    }
    return total;
}

static ssize_t send_some(Frame *f, struct iovec *iov, unsigned iovcnt, const int *fds,
                         unsigned nr_fds)
{
    size_t total = iov_total(iov, iovcnt);

    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(CMSG_FDS * sizeof(int))];
    } control;
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = iovcnt };

    if (nr_fds > CMSG_FDS) {
        errno = EINVAL;
        return -1;
    }
    if (!nr_fds && (iovcnt == 1 || total <= SMALL_MESSAGE)) {
        return send_small(f, iov, iovcnt, total);
    }
    if (nr_fds) {
        struct cmsghdr *c;

        memset(&control.align, 0, sizeof(control.align));
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nr_fds * sizeof(int));
    }
    return sendmsg(f->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Skips n sent bytes; returns how many elements are left from *iov on. */
static unsigned iov_advance(struct iovec **iov, unsigned iovcnt, size_t n)
{
    while (iovcnt && n >= (*iov)->iov_len) {
        n -= (*iov)->iov_len;
        (*iov)++;
        iovcnt--;
    }
    if (iovcnt) {
        (*iov)->iov_base = (char *)(*iov)->iov_base + n;
        (*iov)->iov_len -= n;
    }
    return iovcnt;
}

static int wait_to_send(Frame *f, int64_t deadline, FrameDrain *drain, void *opaque)
{
    short revents = 0;
    int ret = wait_for(f, POLLOUT | (drain ? POLLIN : 0), deadline, &revents);

    if (ret || !drain || (revents & POLLOUT) || !(revents & POLLIN)) {
        return ret;
    }
    ret = frame_fill(f, deadline);
    return ret ? ret : drain(opaque);
}

static int send_now(Frame *f, const struct iovec *iov, unsigned iovcnt, const int *fds,
                    unsigned nr_fds, int64_t deadline, FrameDrain *drain, void *opaque)
{
    struct iovec copy[8], *p = copy;

    g_assert(iovcnt <= G_N_ELEMENTS(copy));
    memcpy(copy, iov, iovcnt * sizeof(*iov));
    while (iovcnt) {
        ssize_t n = send_some(f, p, iovcnt, fds, nr_fds);

        if (n >= 0) {
            nr_fds = 0;
            iovcnt = iov_advance(&p, iovcnt, n);
        } else if (errno == EAGAIN) {
            int ret = wait_to_send(f, deadline, drain, opaque);
            if (ret) {
                return ret;
            }
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return -ECONNRESET;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

int frame_flush(Frame *f, int64_t deadline, FrameDrain *drain, void *opaque)
{
    struct iovec iov = { f->tx->data, f->tx->len };
    int ret = 0;

    if (iov.iov_len) {
        /* drain() may send an answer of its own: not into this buffer. */
        GByteArray *out = f->tx;
        f->tx = g_byte_array_sized_new(out->len);
        ret = send_now(f, &iov, 1, NULL, 0, deadline, drain, opaque);
        g_byte_array_unref(out);
    }
    return ret;
}

int frame_send(Frame *f, const struct iovec *iov, unsigned iovcnt, const int *fds,
               unsigned nr_fds, int64_t deadline, FrameDrain *drain, void *opaque)
{
    int ret;

    if (f->corked && !nr_fds && f->tx->len < BUFFER_START) {
        for (unsigned i = 0; i < iovcnt; i++) {
            g_byte_array_append(f->tx, iov[i].iov_base, iov[i].iov_len);
        }
        return 0;
    }
    ret = frame_flush(f, deadline, drain, opaque);
    return ret ? ret : send_now(f, iov, iovcnt, fds, nr_fds, deadline, drain, opaque);
}

/* --- receiving --- */

static void make_room(Frame *f)
{
    size_t used = f->tail - f->head;

    if (f->head) {
        memmove(f->buf, f->buf + f->head, used);
        f->head = 0;
        f->tail = used;
    }
    if (f->cap - f->tail < f->cap / 2) {
        f->cap *= 2;
        f->buf = g_realloc(f->buf, f->cap);
    }
}

static void keep_fds(Frame *f, struct msghdr *msg, size_t n)
{
    FrameFds batch = { .first = f->pos + (f->tail - f->head) };

    batch.end = batch.first + n;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        unsigned nr;
        int fd;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        nr = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (unsigned i = 0; i < nr; i++) {
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (batch.nr < VFU_CLIENT_MAX_FDS) {
                batch.fds[batch.nr++] = fd;
            } else {
                close(fd);
            }
        }
    }
    if (batch.nr) {
        g_array_append_val(f->batches, batch);
    }
}

static ssize_t receive(Frame *f, int flags)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(CMSG_FDS * sizeof(int))];
    } control;
    struct iovec iov;
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
    };
    ssize_t n;

    if (f->tail == f->cap) {
        make_room(f);
    }
    if (f->no_fds) {
        n = recv(f->fd, f->buf + f->tail, f->cap - f->tail, flags);
        f->tail += MAX(n, 0);
        return n;
    }
    iov.iov_base = f->buf + f->tail;
    iov.iov_len = f->cap - f->tail;
    n = recvmsg(f->fd, &msg, flags | MSG_CMSG_CLOEXEC);
    if (n > 0) {
        if (msg.msg_controllen) {
            keep_fds(f, &msg, n);
        }
        f->tail += n;
    }
    return n;
}

static int set_kernel_timeout(Frame *f, int64_t ns)
{
    struct timeval tv = { ns / 1000000000, ns % 1000000000 / 1000 };

    if (f->kernel_timeout_ns == ns) {
        return 0;
    }
    if (setsockopt(f->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0) {
        return -errno;
    }
    f->kernel_timeout_ns = ns;
    return 0;
}

/* Sleeping in recvmsg() itself is only right when about the usual time is
 * left; SO_RCVTIMEO is set to that once, in whole milliseconds. */
static bool may_sleep_in_recv(Frame *f, int64_t left)
{
    int64_t ms = (left + 999999) / 1000000;

    if (f->tail != f->head || left < 100 * 1000000LL) {
        return false;
    }
    if (f->kernel_timeout_ns >= left &&
        f->kernel_timeout_ns - left < 10 * 1000000LL) {
        return true;
    }
    return set_kernel_timeout(f, ms * 1000000) == 0;
}

/* 0: bytes came; 1: none yet; -errno. */
static int fill_once(Frame *f, int flags)
{
    ssize_t n = receive(f, flags);

    if (n > 0) {
        return 0;
    }
    if (n == 0 || errno == ECONNRESET) {
        return -ECONNRESET;
    }
    return errno == EAGAIN || errno == EINTR ? 1 : -errno;
}

static int fill_spinning(Frame *f, int64_t deadline)
{
    int ret;

    do {
        int looks = SPIN_LOOKS;

        do {
            ret = fill_once(f, MSG_DONTWAIT);
        } while (ret > 0 && --looks);
    } while (ret > 0 && frame_now() < deadline);
    return ret > 0 ? -ETIMEDOUT : ret;
}

int frame_fill(Frame *f, int64_t deadline)
{
    int ret;

    if (f->spin) {
        return fill_spinning(f, deadline);
    }
    for (;;) {
        int64_t left = deadline - frame_now();
        short revents;

        ret = fill_once(f, may_sleep_in_recv(f, left) ? 0 : MSG_DONTWAIT);
        if (ret <= 0) {
            return ret;
        }
        ret = wait_for(f, POLLIN, deadline, &revents);
        if (ret) {
            return ret;
        }
    }
}

/* Hands the descriptors of the message at [first, end) to the view. */
static void claim_fds(Frame *f, FrameView *view, uint64_t first, uint64_t end)
{
    view->nr_fds = 0;
    while (f->batches->len) {
        FrameFds *b = &g_array_index(f->batches, FrameFds, 0);

        if (end < b->end) {
            return;             /* a later message of the same call */
        }
        if (first >= b->first && first < b->end) {
            view->nr_fds = b->nr;
            memcpy(view->fds, b->fds, b->nr * sizeof(int));
        } else {
            frame_close_fds(b->fds, b->nr);
        }
        g_array_remove_index(f->batches, 0);
    }
}

bool frame_next(Frame *f, FrameView *view, int *err)
{
    size_t used = f->tail - f->head;
    VfuHeader *h = &view->header;

    *err = 0;
    if (used < sizeof(*h)) {
        return false;
    }
    memcpy(h, f->buf + f->head, sizeof(*h));
    if (h->size < sizeof(*h) || h->size > f->max_message) {
        *err = -EPROTO;
        return false;
    }
    if (used < h->size) {
        return false;
    }
    view->payload = f->buf + f->head + sizeof(*h);
    view->size = h->size - sizeof(*h);
    claim_fds(f, view, f->pos, f->pos + h->size);
    f->pos += h->size;
    f->head += h->size;
    if (f->head == f->tail) {
        f->head = f->tail = 0;
    }
    return true;
}
