/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an engine will tell the kernel soon: calls of one section of defer_call()
 * cost one system call, and those in here can be withdrawn. Locking: the loop's context.
 */
#ifndef BLOCK_FILE_QUEUE_H
#define BLOCK_FILE_QUEUE_H

#include "file-int.h"
#include "qemu/defer-call.h"

enum { FILE_QUEUE_BATCH = 64 };     /* then a section's calls are sent before its end */

typedef struct FileQueue {
    QTAILQ_HEAD(, FileIo) todo;     /* oldest first */
    unsigned len;
} FileQueue;

/* send(engine) comes at the end of the section, or at once. */
static inline void file_queue_add(FileQueue *q, FileIo *io, void (*send)(void *), void *engine)
{
    QTAILQ_INSERT_TAIL(&q->todo, io, link);
    io->queued = true;
    if (++q->len >= FILE_QUEUE_BATCH) {
        send(engine);
    } else {
        defer_call(send, engine);
    }
}

static inline void file_queue_remove(FileQueue *q, FileIo *io)
{
    QTAILQ_REMOVE(&q->todo, io, link);
    io->queued = false;
    q->len--;
}

/* As FileEngine.withdraw. */
static inline bool file_queue_withdraw(FileQueue *q, FileIo *io)
{
    bool queued = io->queued;

    if (queued) {
        file_queue_remove(q, io);
    }
    return queued;
}

#endif
