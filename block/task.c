/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a task: gives out the parts of its segments, a few at a time, and begins
 * the next segment when all parts of the one before have ended. The first error
 * ends it, when nothing is under way any more.
 */
#include "qemu/osdep.h"
#include "order.h"
#include "task-int.h"

static void task_free(BlockTask *task)
{
    if (task->range.listed) {
        block_order_leave(task->bs->order, &task->range);
    }
    for (int i = 0; i < BLOCK_TASK_PARTS; i++) {
        g_free(task->parts[i].iov);
    }
    g_free(task->head);
    g_free(task->tail);
    g_free(task);
}

static void part_ended(BlockPart *part, int ret)
{
    BlockTask *task = part->task;

    part->busy = false;
    task->busy--;
    if (ret == -ENOTSUP && !task->ret && block_task_replan(task, &part->req)) {
        return;
    }
    if (ret < 0 && !task->ret) {
        task->ret = ret;
    }
}

static void task_go_on(BlockTask *task);

static void part_done(BlockRequest *req, int ret)
{
    BlockPart *part = container_of(req, BlockPart, req);

    part_ended(part, ret);
    task_go_on(part->task);
}

static void submit_part(BlockTask *task, BlockPart *part)
{
    const BlockSegment *seg = &task->segments[task->current];
    int64_t bytes = MIN(seg->end - task->pos, seg->max);
    int ret;

    part->req = (BlockRequest) {
        .op = seg->op,
        .flags = seg->flags,
        .offset = task->pos,
        .bytes = bytes,
        .done = part_done,
    };
    part->task = task;
    part->busy = true;
    task->busy++;
    block_task_gather(task, part, task->pos, bytes);
    task->pos += bytes;
    ret = bdrv_submit_to_driver(task->bs, &part->req);
    if (ret != BLOCK_PENDING) {
        part_ended(part, ret);
    }
}

static BlockPart *free_part(BlockTask *task)
{
    for (int i = 0; i < BLOCK_TASK_PARTS; i++) {
        if (!task->parts[i].busy) {
            return &task->parts[i];
        }
    }
    return NULL;
}

static void begin_segment(BlockTask *task, unsigned number)
{
    task->current = number;
    if (number < task->nsegments) {
        task->pos = task->segments[number].start;
    }
}

/*
 * Only reads and writes are given out several at a time: of the others a refusal
 * is answered by doing the rest in another way.
 */
static bool may_submit(const BlockTask *task)
{
    const BlockSegment *seg = &task->segments[task->current];
    unsigned max = seg->op <= BLOCK_OP_WRITE ? BLOCK_TASK_PARTS : 1;

    return task->pos < seg->end && task->busy < max;
}

/* true: it is over. */
static bool task_run(BlockTask *task)
{
    while (!task->ret && task->current < task->nsegments) {
        if (may_submit(task)) {
            submit_part(task, free_part(task));
        } else if (task->busy) {
            return false;
        } else {
            begin_segment(task, task->current + 1);
        }
    }
    return !task->busy;
}

static void task_go_on(BlockTask *task)
{
    if (task_run(task)) {
        BlockRequest *req = task->req;
        int ret = task->ret;

        task_free(task);
        block_request_done(req, ret);
    }
}

void block_task_turn(BlockRange *range)
{
    task_go_on(container_of(range, BlockTask, range));
}

/* block_request_cancel() of the submitter's request. */
static void take_back(BlockRequest *req)
{
    BlockTask *task = req->state[0];

    for (int i = 0; i < BLOCK_TASK_PARTS; i++) {
        if (task->parts[i].busy) {
            block_request_cancel(&task->parts[i].req);
        }
    }
    task_free(task);
}

int block_task_submit(BlockDriverState *bs, BlockRequest *req)
{
    BlockTask *task = g_new0(BlockTask, 1);
    int ret;

    task->bs = bs;
    task->req = req;
    block_task_plan(task);
    begin_segment(task, 0);
    if ((!bs->order || req->op == BLOCK_OP_READ || block_order_enter(bs->order, &task->range)) &&
        task_run(task)) {
        ret = task->ret;
        task_free(task);
        return ret;
    }
    req->bs = bs;
    req->take_back = take_back;
    req->state[0] = task;
    bs->in_flight++;
    return BLOCK_PENDING;
}
