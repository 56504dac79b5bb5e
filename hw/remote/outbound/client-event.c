/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals to and from a client by eventfds; see client-event.h. */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "qemu/fault-inject.h"
#include "outbound/client-event.h"

/* Completions are collected when so many have come. */
#define QUEUE_LENGTH 32

/* The kernel's interface; the C library has no wrappers for it. */
static int queue_submit(ClientEventQueue *q, struct iocb *request)
{
    return syscall(SYS_io_submit, q->context, 1, &request) == 1 ? 0 : -errno;
}

static void queue_collect(ClientEventQueue *q)
{
    struct io_event done[QUEUE_LENGTH];
    struct timespec at_once = { 0 };

    /* Their results say nothing: all were complete when they were submitted. */
    syscall(SYS_io_getevents, q->context, 0L, (long)QUEUE_LENGTH, done, &at_once);
}

void client_event_queue_init(ClientEventQueue *q)
{
    *q = (ClientEventQueue) { .ready_fd = -1 };
}

void client_event_queue_destroy(ClientEventQueue *q)
{
    if (q->context) {
        syscall(SYS_io_destroy, q->context);
    }
    if (q->ready_fd >= 0) {
        close(q->ready_fd);
    }
    client_event_queue_init(q);
}

static bool queue_make(ClientEventQueue *q)
{
    if (!q->context && !q->failed) {
        q->ready_fd = fault_inject(FAULT_EVENTFD) ? -1 : eventfd(1, EFD_CLOEXEC);
        q->failed = q->ready_fd < 0 || fault_inject(FAULT_ALLOC) ||
                    syscall(SYS_io_setup, (unsigned)QUEUE_LENGTH, &q->context) < 0;
        if (q->failed) {
            q->context = 0;
        }
    }
    return q->context;
}

static bool queue_signal(ClientEventQueue *q, int fd)
{
    struct iocb request = {
        .aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = q->ready_fd, .aio_buf = POLLIN,
        .aio_flags = IOCB_FLAG_RESFD, .aio_resfd = fd,
    };
    int ret = queue_submit(q, &request);

    if (ret == -EAGAIN) {       /* the queue is full of what has been done */
        queue_collect(q);
        ret = queue_submit(q, &request);
    }
    return ret == 0;
}

static void plain_signal(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    uint64_t one = 1;

    if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT)) {
        ssize_t n = write(fd, &one, sizeof(one));
        (void)n;                /* EAGAIN: it filled up in between */
    }
}

void client_event_signal(ClientEventQueue *q, int fd)
{
    if (!queue_make(q) || !queue_signal(q, fd)) {
        plain_signal(fd);
    }
}

bool client_event_take(int fd, int *err)
{
    uint64_t count;
    struct iovec iov = { &count, sizeof(count) };
    ssize_t n = preadv2(fd, &iov, 1, -1, RWF_NOWAIT);

    if (n < 0 && errno == EOPNOTSUPP) {
        n = read(fd, &count, sizeof(count));    /* kernels before 5.12 */
    }
    *err = n < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
    return n == sizeof(count);
}

static bool is_eventfd(int fd)
{
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
    char target[64];
    ssize_t n = readlink(link, target, sizeof(target) - 1);

    return n > 0 && g_str_has_prefix((target[n] = 0, target), "anon_inode:[eventfd");
}

int client_event_check(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || !is_eventfd(fd)) {
        return -EINVAL;
    }
    /* Helps where the kernel cannot signal for us, until the client undoes it. */
    return fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}
