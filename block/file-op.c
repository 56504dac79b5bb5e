/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a request: hold it back or get a buffer, copy what is written, hand
 * it to the engine; go on after short transfers; copy what was read, and end it.
 *
 * A file may be shorter than its last block: what lies beyond reads as zeroes.
 *
 * A failed write-back of the page cache is told once by the kernel: later calls
 * succeed although data is lost. So the failure is kept, and every later flush
 * fails (sync_error). With O_DIRECT there are no such pages.
 */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qemu/iov.h"

enum {
    RETRIES = 16,               /* of what was interrupted, without progress */
    FREE_OPS = 256,
};

static const FileIoKind kind_of[BLOCK_OP__MAX] = {
    [BLOCK_OP_READ] = FILE_IO_READ,
    [BLOCK_OP_WRITE] = FILE_IO_WRITE,
    [BLOCK_OP_FLUSH] = FILE_IO_SYNC,
    [BLOCK_OP_DISCARD] = FILE_IO_DISCARD,
    [BLOCK_OP_WRITE_ZEROES] = FILE_IO_ZEROES,
    [BLOCK_OP_STATUS] = FILE_IO_STATUS,
};

static void op_ended(FileIo *io, int64_t result);

/* ---- the block of memory ---- */

static FileOp *op_alloc(FileLoop *loop)
{
    FileOp *op = QSLIST_FIRST(&loop->free_ops);

    if (!op) {
        return g_new(FileOp, 1);
    }
    QSLIST_REMOVE_HEAD(&loop->free_ops, free_link);
    loop->nr_free_ops--;
    return op;
}

/* What it covers: nothing for a flush, all for a new length. */
static void set_extent(FileOp *op, const BlockRequest *req)
{
    bool has_range = op->io.kind != FILE_IO_SYNC && op->io.kind != FILE_IO_TRUNCATE;

    op->offset = has_range ? req->offset : 0;
    op->bytes = has_range ? req->bytes : op->io.kind == FILE_IO_SYNC ? 0 : INT64_MAX;
}

static FileOp *op_new(FileNode *n, BlockRequest *req, FileIoKind kind)
{
    FileLoop *loop = n->loop;
    FileOp *op = op_alloc(loop);

    op->node = n;
    op->medium = n->medium;
    op->loop = loop;
    op->engine = n->engine;
    op->req = req;
    op->changes = kind != FILE_IO_READ && kind != FILE_IO_SYNC && kind != FILE_IO_STATUS;
    op->moved = 0;
    op->retries = 0;
    op->buf.slab = NULL;
    op->io.kind = kind;
    set_extent(op, req);
    op->io.offset = req->offset;
    op->io.len = req->bytes;
    op->io.fd = n->medium->fd;
    op->io.medium = n->medium;
    op->io.flags = req->flags;
    op->fua = req->flags & BDRV_REQ_FUA;
    op->io.dsync = op->fua && n->medium->has_dsync;
    op->io.slow = false;
    op->io.done = op_ended;
    req->state[0] = op;
    return op;
}

void file_op_free(FileOp *op)
{
    FileLoop *loop = op->loop;

    if (op->buf.slab) {
        file_buffers_put(loop->buffers, &op->buf);
    }
    if (loop->nr_free_ops < FREE_OPS) {
        QSLIST_INSERT_HEAD(&loop->free_ops, op, free_link);
        loop->nr_free_ops++;
    } else {
        g_free(op);
    }
}

/* ---- to the engine ---- */

static bool needs_buffer(const FileOp *op)
{
    return op->io.kind == FILE_IO_READ || op->io.kind == FILE_IO_WRITE;
}

static void submit(FileOp *op)
{
    op->loop->in_flight++;
    op->engine->submit(op->loop, &op->io);
}

static void submit_rest(FileOp *op)
{
    op->io.offset = op->offset + op->moved;
    op->io.len = op->bytes - op->moved;
    op->io.buf = (uint8_t *)op->buf.mem + op->moved;
    submit(op);
}

static void op_go(FileOp *op)
{
    const BlockRequest *req = op->req;

    op->place = FILE_OP_SUBMITTED;
    op->io.buf = op->buf.mem;
    op->io.registered = op->buf.registered;
    if (op->io.kind == FILE_IO_WRITE) {
        iov_to_buf(req->iov, req->niov, 0, op->buf.mem, op->bytes);
    }
    submit(op);
}

void file_op_begin(FileOp *op)
{
    FileLoop *loop = op->loop;

    if (!needs_buffer(op)) {
        op_go(op);
    } else if (QTAILQ_EMPTY(&loop->waiting) &&
               file_buffers_get(loop->buffers, op->bytes, &op->buf)) {
        op_go(op);
    } else {
        op->place = FILE_OP_WAITING;
        QTAILQ_INSERT_TAIL(&loop->waiting, op, link);
    }
}

void file_loop_kick(FileLoop *loop)
{
    FileOp *op;

    while (unlikely((op = QTAILQ_FIRST(&loop->waiting))) &&
           file_buffers_get(loop->buffers, op->bytes, &op->buf)) {
        QTAILQ_REMOVE(&loop->waiting, op, link);
        op_go(op);
    }
}

int file_submit_kind(FileNode *n, BlockRequest *req, FileIoKind kind)
{
    FileOp *op = op_new(n, req, kind);

    if (unlikely(file_must_hold(n, op))) {
        file_hold(n, op);
    } else {
        file_op_begin(op);
    }
    return BLOCK_PENDING;
}

/* What would only be refused is refused here, and the core does it in another way. */
static int refuse_at_once(const FileMedium *m, const BlockRequest *req)
{
    if (req->op == BLOCK_OP_FLUSH) {
        return qatomic_read(&m->sync_error);
    }
    if (req->op == BLOCK_OP_DISCARD && qatomic_read(&m->no_discard)) {
        return -ENOTSUP;
    }
    if (req->op == BLOCK_OP_STATUS && m->block_device) {
        return -ENOTSUP;        /* the kernel knows of no holes there */
    }
    if (req->op == BLOCK_OP_WRITE_ZEROES && qatomic_read(&m->no_zero_range) &&
        (qatomic_read(&m->no_punch) || !(req->flags & BDRV_REQ_MAY_UNMAP))) {
        return -ENOTSUP;
    }
    return 0;
}

int file_submit(BlockDriverState *bs, BlockRequest *req)
{
    FileNode *n = bs->opaque;
    int ret = refuse_at_once(n->medium, req);

    return ret ?: file_submit_kind(n, req, kind_of[req->op]);
}

/* ---- and back ---- */

/* true: it is on its way again. *result becomes 0 or -errno of the whole otherwise. */
static bool retry(FileOp *op, int64_t *result)
{
    if (*result != -EINTR && *result != -EAGAIN && *result != -ECANCELED) {
        return false;
    }
    if (op->retries++ >= RETRIES) {
        *result = -EIO;
        return false;
    }
    op->io.slow = true;
    submit(op);
    return true;
}

static void zero_rest(FileOp *op)
{
    memset((uint8_t *)op->buf.mem + op->moved, 0, op->bytes - op->moved);
}

/*
 * O_DIRECT goes on at whole blocks only. A read that ended inside of one met the
 * end of the file.
 */
static bool go_on(FileOp *op, int64_t *result)
{
    uint32_t align = op->medium->align;
    int64_t moved = op->moved + MIN(*result, op->bytes - op->moved);
    bool at_end = op->io.kind == FILE_IO_READ && (*result == 0 || moved % align);

    op->moved = at_end ? moved : moved - moved % align;
    if (moved == op->bytes) {
        *result = 0;
        return false;
    }
    if (at_end) {
        zero_rest(op);
        *result = 0;
        return false;
    }
    if (*result == 0) {
        *result = -ENOSPC;
        return false;
    }
    op->retries = 0;
    submit_rest(op);
    return true;
}

/* Written, but not promised to be on the medium. */
static bool sync_it(FileOp *op)
{
    if (!op->fua || op->io.dsync || op->io.kind == FILE_IO_READ || op->io.kind == FILE_IO_SYNC) {
        return false;
    }
    op->io.kind = FILE_IO_SYNC;
    op->retries = 0;
    submit(op);
    return true;
}

static bool op_continues(FileOp *op, int64_t *result)
{
    if (*result < 0) {
        return retry(op, result);
    }
    if (needs_buffer(op) && go_on(op, result)) {
        return true;
    }
    return *result == 0 && sync_it(op);
}

static void note_sync_error(FileOp *op, int ret)
{
    bool lost = op->io.kind == FILE_IO_SYNC || (op->io.dsync && ret == -EIO);

    if (lost && !op->medium->direct) {
        qatomic_set(&op->medium->sync_error, ret);
    }
}

/* The last thing is done(), after which nothing here may be left. */
static void op_finish(FileOp *op, int ret)
{
    BlockRequest *req = op->req;
    FileLoop *loop = op->loop;

    if (ret < 0) {
        note_sync_error(op, ret);
    } else if (op->io.kind == FILE_IO_READ) {
        iov_from_buf(req->iov, req->niov, 0, op->buf.mem, op->bytes);
    } else if (op->io.kind == FILE_IO_STATUS) {
        req->status = op->io.hole ? BDRV_BLOCK_ZERO : BDRV_BLOCK_DATA;
        req->status_bytes = op->io.len;
    }
    file_op_free(op);
    file_loop_kick(loop);
    block_request_done(req, ret);
}

static void op_ended(FileIo *io, int64_t result)
{
    FileOp *op = container_of(io, FileOp, io);

    op->loop->in_flight--;
    if (unlikely(!op->req)) {
        file_orphan_ended(op);
    } else if (!op_continues(op, &result)) {
        op_finish(op, MIN(result, 0));
    }
}
