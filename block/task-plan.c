/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a task does, for each kind of request.
 *
 * A write that begins or ends inside a block reads that block first. Zeroes go
 * to the driver where they cover its blocks and are written out around them;
 * and in their stead, when it has no way. Discards are for whole blocks, and
 * never fail for lack of a way. A driver without FUA gets a flush behind the write.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/iov.h"
#include "task-int.h"

static BlockSegment *add(BlockTask *task, BlockOp op, int64_t start, int64_t end, int64_t max)
{
    BlockSegment *seg = &task->segments[task->nsegments];

    if (start >= end) {
        return NULL;
    }
    g_assert(task->nsegments < BLOCK_TASK_SEGMENTS);
    task->nsegments++;
    *seg = (BlockSegment) { .op = op, .start = start, .end = end, .max = max ?: end - start };
    return seg;
}

static int64_t end_of(const BlockRequest *req)
{
    return req->offset + req->bytes;
}

/* The memory for what the request leaves of its first and its last block. */
static void make_edges(BlockTask *task)
{
    const BlockRequest *req = task->req;
    int64_t align = task->bs->align;

    task->head_start = ROUND_DOWN(req->offset, align);
    task->tail_start = ROUND_DOWN(end_of(req), align);
    if (req->offset > task->head_start) {
        task->head = g_malloc(align);
    }
    if (end_of(req) > task->tail_start && !(task->head && task->tail_start == task->head_start)) {
        task->tail = g_malloc(align);
    }
}

static void read_edge(BlockTask *task, uint8_t *into, int64_t start)
{
    if (into) {
        add(task, BLOCK_OP_READ, start, start + task->bs->align, 0)->into = into;
    }
}

static void read_edges(BlockTask *task)
{
    make_edges(task);
    read_edge(task, task->head, task->head_start);
    read_edge(task, task->tail, task->tail_start);
    task->range.exclusive = task->head || task->tail;
}

static void plan_read(BlockTask *task)
{
    make_edges(task);
    add(task, BLOCK_OP_READ, task->range.start, task->range.end, task->bs->max_bytes);
}

static BdrvRequestFlags fua_of(const BlockTask *task)
{
    return task->bs->has_fua || task->bs->file ? task->req->flags & BDRV_REQ_FUA : 0;
}

static void add_write(BlockTask *task, int64_t start, int64_t end)
{
    int64_t max = task->zeroes ? MIN(task->bs->max_bytes, BLOCK_ZERO_WRITE_MAX) :
                                 task->bs->max_bytes;
    BlockSegment *seg = add(task, BLOCK_OP_WRITE, start, end, max);

    if (seg) {
        seg->flags = fua_of(task);
    }
}

static void add_flush(BlockTask *task)
{
    if ((task->req->flags & BDRV_REQ_FUA) && !fua_of(task)) {
        add(task, BLOCK_OP_FLUSH, 0, 1, 0);
    }
}

static void plan_zeroes(BlockTask *task, BdrvRequestFlags flags)
{
    BlockDriverState *bs = task->bs;
    const BlockRequest *req = task->req;
    int64_t align = MAX(bs->file ? 0 : bs->limits.pwrite_zeroes_alignment, bs->align);
    int64_t start = ROUND_UP(req->offset, align);
    int64_t end = ROUND_DOWN(end_of(req), align);
    int64_t max = ROUND_DOWN(bs->file ? 0 : bs->limits.max_pwrite_zeroes, align);
    BlockSegment *seg;

    task->zeroes = true;
    if ((flags & BDRV_REQ_NO_FALLBACK) && (start != req->offset || end != end_of(req))) {
        task->ret = -ENOTSUP;
        return;
    }
    read_edges(task);
    if (start >= end) {
        add_write(task, task->range.start, task->range.end);
    } else {
        add_write(task, task->range.start, start);
        seg = add(task, BLOCK_OP_WRITE_ZEROES, start, end, max);
        seg->flags = (flags & (BDRV_REQ_MAY_UNMAP | BDRV_REQ_NO_FALLBACK)) | fua_of(task);
        add_write(task, end, task->range.end);
    }
    add_flush(task);
}

static bool is_zero(const BlockRequest *req)
{
    for (int i = 0; i < req->niov; i++) {
        if (!buffer_is_zero(req->iov[i].iov_base, req->iov[i].iov_len)) {
            return false;
        }
    }
    return true;
}

static void plan_write(BlockTask *task)
{
    BlockdevDetectZeroesOptions detect = task->bs->detect_zeroes;

    if (detect != BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF && is_zero(task->req)) {
        bool unmap = detect == BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP && task->bs->discard_unmap;

        plan_zeroes(task, unmap ? BDRV_REQ_MAY_UNMAP : 0);
        return;
    }
    read_edges(task);
    add_write(task, task->range.start, task->range.end);
    add_flush(task);
}

static void plan_write_zeroes(BlockTask *task)
{
    plan_zeroes(task, task->req->flags);
}

static void plan_discard(BlockTask *task)
{
    BlockDriverState *bs = task->bs;
    int64_t align = MAX(bs->file ? 0 : bs->limits.pdiscard_alignment, bs->align);
    int64_t max = ROUND_DOWN(bs->file ? 0 : bs->limits.max_pdiscard, align);

    if (bs->discard_unmap) {
        add(task, BLOCK_OP_DISCARD, ROUND_UP(task->req->offset, align),
            ROUND_DOWN(end_of(task->req), align), max);
    }
}

static void (*const plans[BLOCK_OP__MAX])(BlockTask *task) = {
    [BLOCK_OP_READ] = plan_read,
    [BLOCK_OP_WRITE] = plan_write,
    [BLOCK_OP_DISCARD] = plan_discard,
    [BLOCK_OP_WRITE_ZEROES] = plan_write_zeroes,
};

void block_task_plan(BlockTask *task)
{
    int64_t align = task->bs->align;

    task->range.start = ROUND_DOWN(task->req->offset, align);
    task->range.end = ROUND_UP(end_of(task->req), align);
    plans[task->req->op](task);
}

bool block_task_replan(BlockTask *task, const BlockRequest *req)
{
    BlockSegment *seg = &task->segments[task->current];

    if (req->op == BLOCK_OP_DISCARD) {
        task->pos = seg->end;
        return true;
    }
    if (req->op != BLOCK_OP_WRITE_ZEROES || (seg->flags & BDRV_REQ_NO_FALLBACK)) {
        return false;
    }
    seg->op = BLOCK_OP_WRITE;
    seg->flags = fua_of(task);
    seg->max = MIN(task->bs->max_bytes, BLOCK_ZERO_WRITE_MAX);
    task->pos = req->offset;
    return true;
}

/* ---- memory of a part ---- */

static const uint8_t zero_buffer[BLOCK_ZERO_BUFFER];

static int gather_zeroes(struct iovec *iov, int64_t bytes)
{
    int n = 0;

    for (; bytes > 0; bytes -= BLOCK_ZERO_BUFFER) {
        iov[n++] = (struct iovec) { (void *)zero_buffer, MIN(bytes, BLOCK_ZERO_BUFFER) };
    }
    return n;
}

static int gather_body(BlockTask *task, struct iovec *iov, int room, int64_t start, int64_t end)
{
    const BlockRequest *req = task->req;

    if (start >= end) {
        return 0;
    }
    if (task->zeroes) {
        return gather_zeroes(iov, end - start);
    }
    return iov_copy(iov, room, req->iov, req->niov, start - req->offset, end - start);
}

static int gather_edge(struct iovec *iov, uint8_t *edge, int64_t edge_start, int64_t start,
                       int64_t end)
{
    if (start >= end) {
        return 0;
    }
    *iov = (struct iovec) { edge + (start - edge_start), end - start };
    return 1;
}

static void make_room(BlockTask *task, BlockPart *part, int64_t bytes)
{
    int room = 3 + (task->zeroes ? bytes / BLOCK_ZERO_BUFFER : task->req->niov);

    if (room > part->room) {
        part->iov = g_renew(struct iovec, part->iov, room);
        part->room = room;
    }
}

void block_task_gather(BlockTask *task, BlockPart *part, int64_t start, int64_t bytes)
{
    const BlockSegment *seg = &task->segments[task->current];
    const BlockRequest *req = task->req;
    uint8_t *tail = task->tail ?: task->head;
    int64_t end = start + bytes;
    int n = 0;

    if (seg->op > BLOCK_OP_WRITE) {
        return;
    }
    make_room(task, part, bytes);
    if (seg->into) {
        n = gather_edge(part->iov, seg->into, seg->start, start, end);
    } else {
        n += gather_edge(part->iov, task->head, task->head_start, start, MIN(end, req->offset));
        n += gather_body(task, part->iov + n, part->room - n, MAX(start, req->offset),
                         MIN(end, end_of(req)));
        n += gather_edge(part->iov + n, tail, task->tail_start, MAX(start, end_of(req)), end);
    }
    part->req.iov = part->iov;
    part->req.niov = n;
}
