/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The native engine: the kernel's older asynchronous calls, which are that with
 * O_DIRECT only. The kernel is told not to wait while it takes a call; what it then
 * refuses, and all that is not reading or writing, goes to a thread.
 */
#include "qemu/osdep.h"
#include "file-queue.h"
#include "qapi/error.h"
#include "qemu/error-report.h"

enum {
    EVENTS = 1024,              /* in the kernel at a time */
    REAP = 64,
};

/* The head of what io_setup() returns a pointer to: part of the kernel's interface. */
typedef struct AioRing {
    uint32_t id, nr, head, tail, magic;
} AioRing;

typedef struct AioNative {
    FileLoop *loop;
    AioContext *ctx;
    io_context_t io;
    EventNotifier event;
    FileQueue queue;
    unsigned in_kernel;
} AioNative;

static bool for_threads(const FileIo *io)
{
    return io->kind > FILE_IO_WRITE || io->slow || io->medium->waits;
}

static void prepare(AioNative *n, FileIo *io)
{
    if (io->kind == FILE_IO_READ) {
        io_prep_pread(&io->iocb, io->fd, io->buf, io->len, io->offset);
    } else {
        io_prep_pwrite(&io->iocb, io->fd, io->buf, io->len, io->offset);
    }
    io->iocb.aio_rw_flags = RWF_NOWAIT | (io->dsync ? RWF_DSYNC : 0);
    io->iocb.data = io;
    io_set_eventfd(&io->iocb, event_notifier_get_wfd(&n->event));
}

/* Marks the first `count` as gone to the kernel. */
static void drop_first(AioNative *n, unsigned count)
{
    while (count--) {
        file_queue_remove(&n->queue, QTAILQ_FIRST(&n->queue.todo));
        n->in_kernel++;
    }
}

static void to_thread(FileLoop *loop, FileIo *io)
{
    io->slow = true;
    file_engine_threads.submit(loop, io);
}

/* The first one is one that the kernel does not take: a thread will say why. */
static void first_to_thread(AioNative *n)
{
    FileIo *io = QTAILQ_FIRST(&n->queue.todo);

    file_queue_remove(&n->queue, io);
    to_thread(n->loop, io);
}

static unsigned collect(AioNative *n, struct iocb **iocbs)
{
    unsigned count = 0;
    FileIo *io;

    QTAILQ_FOREACH(io, &n->queue.todo, link) {
        if (count == FILE_QUEUE_BATCH || n->in_kernel + count == EVENTS) {
            break;
        }
        prepare(n, io);
        iocbs[count++] = &io->iocb;
    }
    return count;
}

static void send_queued(void *opaque)
{
    AioNative *n = opaque;
    struct iocb *iocbs[FILE_QUEUE_BATCH];
    unsigned count;

    while ((count = collect(n, iocbs))) {
        int ret = io_submit(n->io, count, iocbs);

        if (ret > 0) {
            drop_first(n, ret);
        } else if (ret == -EAGAIN && n->in_kernel) {
            return;             /* full: goes on when some have ended */
        } else if (ret != -EINTR) {
            first_to_thread(n);
        }
    }
}

static void native_submit(FileLoop *loop, FileIo *io)
{
    AioNative *n = loop->native;

    if (for_threads(io)) {
        to_thread(loop, io);
        return;
    }
    file_queue_add(&n->queue, io, send_queued, n);
}

static bool native_withdraw(FileLoop *loop, FileIo *io)
{
    return for_threads(io) ? file_engine_threads.withdraw(loop, io)
                           : file_queue_withdraw(&loop->native->queue, io);
}

/* ---- ends ---- */

static void event_ended(AioNative *n, const struct io_event *event)
{
    FileIo *io = event->data;
    int64_t res = (int64_t)event->res;

    n->in_kernel--;
    if (res == -EAGAIN || res == -EOPNOTSUPP) {
        to_thread(n->loop, io);         /* it would have waited, or cannot promise not to */
    } else {
        io->done(io, res);
    }
}

/*
 * One event at a time leaves the kernel's ring only when it is told of: done() may
 * wait, and another thread run the loop.
 */
static void native_reap(AioNative *n)
{
    FileLoop *loop = n->loop;
    struct timespec now = { 0 };
    struct io_event event;

    file_loop_hold(loop);
    for (int left = REAP; left && io_getevents(n->io, 0, 1, &event, &now) == 1; left--) {
        event_ended(n, &event);
        if (left == 1) {
            event_notifier_set(&n->event);      /* the rest: in the next turn */
        }
    }
    if (n->queue.len) {
        defer_call(send_queued, n);
    }
    file_loop_release(loop);
}

static void native_readable(EventNotifier *e)
{
    event_notifier_test_and_clear(e);
    native_reap(container_of(e, AioNative, event));
}

static bool native_poll(void *opaque)
{
    AioNative *n = container_of(opaque, AioNative, event);
    const AioRing *ring = (const AioRing *)n->io;

    return qatomic_read(&ring->head) != qatomic_read(&ring->tail);
}

static void native_polled(EventNotifier *e)
{
    native_reap(container_of(e, AioNative, event));
}

/* ---- life ---- */

static bool native_join(FileLoop *loop)
{
    g_autofree AioNative *n = NULL;
    int ret;

    if (loop->native) {
        return true;
    }
    n = g_new0(AioNative, 1);
    ret = event_notifier_init(&n->event, false);
    if (!ret) {
        ret = io_setup(EVENTS, &n->io);
        if (ret < 0) {
            event_notifier_cleanup(&n->event);
        }
    }
    if (ret < 0) {
        warn_report("aio=native: cannot set it up: %s: using threads", strerror(-ret));
        return false;
    }
    n->loop = loop;
    QTAILQ_INIT(&n->queue.todo);
    n->ctx = loop->ctx;
    aio_set_event_notifier(n->ctx, &n->event, native_readable, native_poll, native_polled);
    loop->native = g_steal_pointer(&n);
    return true;
}

void aio_native_free(AioNative *n)
{
    if (n) {
        aio_set_event_notifier(n->ctx, &n->event, NULL, NULL, NULL);
        io_destroy(n->io);
        event_notifier_cleanup(&n->event);
        g_free(n);
    }
}

void aio_native_rehome(AioNative *n, AioContext *ctx)
{
    if (n) {
        aio_set_event_notifier(n->ctx, &n->event, NULL, NULL, NULL);
        n->ctx = ctx;
        aio_set_event_notifier(ctx, &n->event, native_readable, native_poll, native_polled);
    }
}

static bool native_probe(bool direct, Error **errp)
{
    io_context_t io = NULL;
    int ret;

    if (!direct) {
        error_setg(errp, "aio=native needs cache.direct=on");
        return false;
    }
    ret = io_setup(1, &io);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "aio=native: this system refuses it, use aio=threads");
        return false;
    }
    io_destroy(io);
    return true;
}

const FileEngine file_engine_native = {
    .name = "native",
    .probe = native_probe,
    .join = native_join,
    .submit = native_submit,
    .withdraw = native_withdraw,
};
