/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command as a list of steps. Each step answers at once or NVME_PENDING and goes
 * on by nvme_task_next(); the next one follows when it has succeeded. A task has at
 * most one thing under way at a time, so taking it back is one function, whatever
 * the command.
 *
 * A task is made by a command's handler and freed when its command ends or is
 * cancelled, with its lock, its buffer and its block request.
 */
#ifndef HW_NVME_TASK_H
#define HW_NVME_TASK_H

#include "hw/nvme/buffers.h"
#include "hw/nvme/io.h"
#include "hw/nvme/pi.h"
#include "hw/nvme/zns.h"

/* NVME_SUCCESS: go on; NVME_PENDING: nvme_task_next() follows; else the command's end. */
typedef uint16_t NvmeStep(NvmeTask *t);

/* A place in host memory, for copies in order. */
typedef struct NvmeCursor {
    const struct iovec *iov;
    size_t at;                      /* into *iov */
} NvmeCursor;

/* Blocks that are gone through, some at a time, by way of the task's buffer: chunk.h. */
typedef struct NvmeChunk {
    uint64_t lba;
    uint32_t n;                     /* blocks in the buffer now */
    uint32_t left;                  /* blocks still to do, those included */
    bool no_meta;                   /* the host has none of it: nvme_pi_hides_meta() */
    NvmePiLayout pi;
    NvmePiTags tags;
    NvmeCursor data, meta;          /* the host's */
} NvmeChunk;

struct NvmeTask {
    NvmeRequest *req;
    NvmeStep *const *step;          /* the next one; the list ends with NULL */
    NvmeStep *const *loop;          /* chunk.h's */
    NvmeLock lock;
    NvmeZoneHold hold;              /* what it writes of a zone */
    NvmeChunk chunk;
    struct iovec iov;               /* of the buffer, for the block layer */

    /* task.c's: what is under way */
    bool submitted;                 /* req->blk */
    uint16_t doom;                  /* what it ends with when that has ended; 0: goes on */
    void (*wake)(NvmeTask *t);      /* what it does in the bottom half */
    NvmeTaskList *list;             /* where it waits, or NULL */
    QTAILQ_ENTRY(NvmeTask) link;

    NvmeBuffer *buffer;             /* buffers.c's */
    uint32_t index;                 /* range of the command, namespace of a flush */
    uint64_t done;                  /* blocks of the range, and of the command */
    uint64_t done_before;

    /* fused.c's: see there. `ended`: instead of freeing it and nvme_complete(). */
    NvmeTask *partner, *next_waiting;
    bool idle;
    uint16_t result;
    void (*ended)(NvmeTask *t, uint16_t status);
    void (*cancelled)(NvmeTask *t);
};

/* A task for req that has not begun. */
NvmeTask *nvme_task_new(NvmeRequest *req, NvmeStep *const *steps);
/* Begins it; for handlers to return with. The task is gone unless it is NVME_PENDING. */
uint16_t nvme_task_start(NvmeTask *t);
static inline uint16_t nvme_run(NvmeRequest *req, NvmeStep *const *steps)
{
    return nvme_task_start(nvme_task_new(req, steps));
}
/* The step that answered NVME_PENDING has ended. The task may be gone on return. */
void nvme_task_next(NvmeRequest *req, uint16_t status);
/* Ends a task without its steps: req is the caller's again. */
void nvme_task_free(NvmeTask *t);

/* From the loop, soon: wake(t). Not while the task has something else under way. */
void nvme_task_defer(NvmeTask *t, void (*wake)(NvmeTask *t));
/* The step that answered NVME_PENDING has ended well; nvme_task_next() soon. */
void nvme_task_ready(NvmeTask *t);
/* A wake(): nvme_task_next(). */
void nvme_task_go_on(NvmeTask *t);
/* Waits in list: of no use to anybody until it is taken out of it. */
void nvme_task_wait(NvmeTask *t, NvmeTaskList *list);
void nvme_task_unwait(NvmeTask *t);

/* Steps return with it: one request to the namespace's back end. */
uint16_t nvme_task_submit(NvmeTask *t, BlockOp op, BdrvRequestFlags flags, int64_t offset,
                          int64_t bytes, const struct iovec *iov, int niov);
/* Steps return with it. strict: even in a plain format. */
uint16_t nvme_task_lock(NvmeTask *t, uint64_t slba, uint32_t nlb, bool exclusive, bool strict);
void nvme_task_unlock(NvmeTask *t);

/* Steps of several commands, on the blocks that CDW10 to CDW12 name. */
NvmeStep nvme_step_readable, nvme_step_lock_shared, nvme_step_lock_exclusive, nvme_step_heal;
/* With the lock held, around what is written; nothing in a namespace without zones. */
NvmeStep nvme_step_zone_begin, nvme_step_zone_end;

/* Host memory in order. */
void nvme_cursor_to_host(NvmeCursor *c, uint8_t *buf, size_t length);
void nvme_cursor_from_host(NvmeCursor *c, uint8_t *buf, size_t length);
bool nvme_cursor_equals(NvmeCursor *c, uint8_t *buf, size_t length);

#endif
