/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A task from inside: task.c runs it, task-plan.c says what is to be done. */
#ifndef BLOCK_TASK_INT_H
#define BLOCK_TASK_INT_H

#include "block-int.h"
#include "task.h"

enum {
    BLOCK_TASK_PARTS = 4,               /* under way at the same time */
    BLOCK_TASK_SEGMENTS = 6,
    BLOCK_ZERO_BUFFER = 64 * 1024,
    BLOCK_ZERO_WRITE_MAX = 1024 * 1024, /* bytes of one write of zeroes */
};

/* Whole blocks, cut into requests of at most `max` bytes. */
typedef struct BlockSegment {
    BlockOp op;
    BdrvRequestFlags flags;
    int64_t start, end;
    int64_t max;
    uint8_t *into;                      /* reads go here, not to the request's buffer */
} BlockSegment;

typedef struct BlockTask BlockTask;

typedef struct BlockPart {
    BlockRequest req;
    BlockTask *task;
    struct iovec *iov;                  /* of `room` elements */
    int room;
    bool busy;
} BlockPart;

struct BlockTask {
    BlockDriverState *bs;
    BlockRequest *req;                  /* the submitter's */
    BlockRange range;
    bool zeroes;                        /* what is written is zero, whatever req->iov has */

    BlockSegment segments[BLOCK_TASK_SEGMENTS];
    unsigned nsegments, current;
    int64_t pos;                        /* of the current segment: what has been given out */

    /* Blocks of which the request covers a part: before and behind its bytes. */
    uint8_t *head, *tail;
    int64_t head_start, tail_start;

    BlockPart parts[BLOCK_TASK_PARTS];
    unsigned busy;
    int ret;                            /* the first error */
};

/* Says what is to be done for task->req: the segments and the range. */
void block_task_plan(BlockTask *task);
/*
 * What a driver refused with -ENOTSUP, from its part `req` on: true: another way
 * has been planned for it.
 */
bool block_task_replan(BlockTask *task, const BlockRequest *req);
/* The memory of [start, start + bytes) of the current segment. */
void block_task_gather(BlockTask *task, BlockPart *part, int64_t start, int64_t bytes);

#endif
