/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The io_uring engine: one ring for each loop. Calls wait in a list until the
 * section of defer_call() ends in which they came, so a batch costs one system
 * call, and a lone one is sent at once; what is in the list can be withdrawn. The
 * ring's own descriptor wakes the loop, and a polling loop looks at the completion
 * queue in memory.
 *
 * The submitter may be another thread each time, so the ring is made without the
 * flags that bind it to one.
 */
#include "qemu/osdep.h"
#include "file-queue.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include <liburing.h>

enum {
    SQ_ENTRIES = 128,
    CQ_ENTRIES = 4096,          /* never overflows: no more are in the kernel at a time */
    RETRY_NS = 1000 * 1000,     /* after the kernel was short of memory */
    WORKERS = 64,               /* of the kernel, for calls that wait: some may hang */
};

typedef struct Uring {
    struct io_uring ring;
    FileLoop *loop;
    AioContext *ctx;
    AioPoller *poller;
    FileQueue queue;
    unsigned in_kernel;
    QEMUTimer *retry;
} Uring;

/* ---- into the kernel ---- */

static void prepare_read(struct io_uring_sqe *sqe, const FileIo *io)
{
    if (io->registered >= 0) {
        io_uring_prep_read_fixed(sqe, io->fd, io->buf, io->len, io->offset, io->registered);
    } else {
        io_uring_prep_read(sqe, io->fd, io->buf, io->len, io->offset);
    }
}

static void prepare_write(struct io_uring_sqe *sqe, const FileIo *io)
{
    if (io->registered >= 0) {
        io_uring_prep_write_fixed(sqe, io->fd, io->buf, io->len, io->offset, io->registered);
    } else {
        io_uring_prep_write(sqe, io->fd, io->buf, io->len, io->offset);
    }
    sqe->rw_flags = io->dsync ? RWF_DSYNC : 0;
}

static void prepare_sync(struct io_uring_sqe *sqe, const FileIo *io)
{
    io_uring_prep_fsync(sqe, io->fd, IORING_FSYNC_DATASYNC);
}

static void (*const prepare[])(struct io_uring_sqe *sqe, const FileIo *io) = {
    [FILE_IO_READ] = prepare_read,
    [FILE_IO_WRITE] = prepare_write,
    [FILE_IO_SYNC] = prepare_sync,
};

static void fill_queue(Uring *u)
{
    FileIo *io;
    struct io_uring_sqe *sqe;

    while ((io = QTAILQ_FIRST(&u->queue.todo)) && u->in_kernel < CQ_ENTRIES &&
           (sqe = io_uring_get_sqe(&u->ring))) {
        file_queue_remove(&u->queue, io);
        u->in_kernel++;
        prepare[io->kind](sqe, io);
        io_uring_sqe_set_data(sqe, io);
        if (io->slow) {
            io_uring_sqe_set_flags(sqe, IOSQE_ASYNC);
        }
    }
}

/* What does not go now, for want of the kernel's memory, goes with an end or the timer. */
static void send_queued(void *opaque)
{
    Uring *u = opaque;

    for (;;) {
        int ret;

        fill_queue(u);
        if (!io_uring_sq_ready(&u->ring)) {
            return;
        }
        ret = io_uring_submit(&u->ring);
        if (ret < 0 && ret != -EINTR) {
            timer_mod(u->retry, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + RETRY_NS);
            return;
        }
    }
}

static bool for_threads(const FileIo *io)
{
    return io->kind >= FILE_IO_DISCARD || io->medium->waits;
}

static void uring_submit(FileLoop *loop, FileIo *io)
{
    Uring *u = loop->uring;

    if (for_threads(io)) {
        file_engine_threads.submit(loop, io);
        return;
    }
    file_queue_add(&u->queue, io, send_queued, u);
}

static bool uring_withdraw(FileLoop *loop, FileIo *io)
{
    return for_threads(io) ? file_engine_threads.withdraw(loop, io)
                           : file_queue_withdraw(&loop->uring->queue, io);
}

/* ---- and out of it ---- */

/*
 * As many as were there at first: done() may submit what ends at once, and other
 * handlers want their turn. The head moves before done(), which may wait and have
 * another thread run the loop.
 */
static void uring_reap(void *opaque)
{
    Uring *u = opaque;
    FileLoop *loop = u->loop;
    struct io_uring_cqe *cqe;
    unsigned left = 1;

    file_loop_hold(loop);
    for (bool first = true; left && !io_uring_peek_cqe(&u->ring, &cqe); first = false, left--) {
        FileIo *io = io_uring_cqe_get_data(cqe);
        int res = cqe->res;

        if (first) {
            left = io_uring_cq_ready(&u->ring);
        }
        io_uring_cqe_seen(&u->ring, cqe);
        u->in_kernel--;
        io->done(io, res);
    }
    if (u->queue.len) {
        defer_call(send_queued, u);
    }
    file_loop_release(loop);
}

/* The kernel's flags say that it has ends which it would write down when asked. */
static bool uring_poll(void *opaque)
{
    Uring *u = opaque;

    return io_uring_cq_ready(&u->ring) ||
           (IO_URING_READ_ONCE(*u->ring.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW));
}

/* ---- registered buffers ---- */

static int uring_register(void *opaque, unsigned index, void *mem, size_t size)
{
    Uring *u = opaque;
    struct iovec iov = { mem, size };
    __u64 tag = 0;
    int ret = io_uring_register_buffers_update_tag(&u->ring, index, &iov, &tag, 1);

    return MIN(ret, 0) ?: (ret == 1 ? 0 : -EINVAL);
}

/* ---- life ---- */

static int make_ring(struct io_uring *ring, unsigned entries)
{
    struct io_uring_params p = {
        .flags = IORING_SETUP_CQSIZE | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        .cq_entries = MAX(CQ_ENTRIES, entries),
    };
    int ret = io_uring_queue_init_params(entries, ring, &p);

    if (ret == -EINVAL) {       /* before Linux 5.19 */
        p = (struct io_uring_params) { .flags = IORING_SETUP_CQSIZE, .cq_entries = CQ_ENTRIES };
        ret = io_uring_queue_init_params(entries, ring, &p);
    }
    return ret;
}

static void watch(Uring *u, AioContext *ctx)
{
    u->ctx = ctx;
    aio_set_fd_handler(ctx, u->ring.ring_fd, uring_reap, NULL, NULL, NULL, u);
    u->poller = aio_poller_new(ctx, uring_poll, uring_reap, u);
    u->retry = aio_timer_new(ctx, QEMU_CLOCK_REALTIME, SCALE_NS, send_queued, u);
}

static void unwatch(Uring *u)
{
    aio_poller_free(u->poller);
    aio_set_fd_handler(u->ctx, u->ring.ring_fd, NULL, NULL, NULL, NULL, NULL);
    timer_free(u->retry);
}

static bool uring_join(FileLoop *loop)
{
    g_autofree Uring *u = NULL;
    unsigned workers[2] = { WORKERS, WORKERS };
    int ret;

    if (loop->uring) {
        return true;
    }
    u = g_new0(Uring, 1);
    ret = make_ring(&u->ring, SQ_ENTRIES);
    if (ret < 0) {
        warn_report("io_uring: cannot make a ring: %s: using threads", strerror(-ret));
        return false;
    }
    /* By default a few for each processor, and a few flushes that hang would stop all nodes. */
    io_uring_register_iowq_max_workers(&u->ring, workers);
    u->loop = loop;
    QTAILQ_INIT(&u->queue.todo);
    watch(u, loop->ctx);
    if (io_uring_register_buffers_sparse(&u->ring, FILE_SLABS) == 0) {
        file_buffers_set_registrar(loop->buffers, uring_register, u);
    }
    loop->uring = g_steal_pointer(&u);
    return true;
}

void uring_free(Uring *u)
{
    if (u) {
        file_buffers_set_registrar(u->loop->buffers, NULL, NULL);
        unwatch(u);
        io_uring_queue_exit(&u->ring);
        g_free(u);
    }
}

void uring_rehome(Uring *u, AioContext *ctx)
{
    if (u) {
        unwatch(u);
        watch(u, ctx);
    }
}

/* Asked once: a kernel or a sandbox that refuses goes on refusing. */
static bool uring_probe(bool direct, Error **errp)
{
    static int refused = 1;

    if (refused == 1) {
        struct io_uring ring;

        refused = make_ring(&ring, 2);
        if (!refused) {
            io_uring_queue_exit(&ring);
        }
    }
    if (refused) {
        error_setg_errno(errp, -refused, "aio=io_uring: this system refuses io_uring, "
                         "use aio=threads");
    }
    return !refused;
}

const FileEngine file_engine_uring = {
    .name = "io_uring",
    .probe = uring_probe,
    .join = uring_join,
    .submit = uring_submit,
    .withdraw = uring_withdraw,
};
