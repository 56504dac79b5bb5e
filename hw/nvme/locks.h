/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may touch which blocks at the same time. The medium keeps a block of a plain
 * format whole, so commands there only wait for a strict lock: that of a fused pair.
 * With metadata a block is two places on the medium, and every lock is strict.
 *
 * Locks that overlap, one of them exclusive, are held in the order in which they
 * were asked for. A task has at most one and waits for nothing else that another
 * holder has while it waits, so nobody waits for ever.
 *
 * Lock order (of what is called a lock here): a lock, then a buffer (buffers.h).
 */
#ifndef HW_NVME_LOCKS_H
#define HW_NVME_LOCKS_H

#include "hw/nvme/nvme.h"
#include "qemu/interval-tree.h"

typedef struct NvmeLock {
    IntervalTreeNode node;          /* blocks */
    uint64_t ticket;                /* 0: not taken */
    bool exclusive, strict;
    unsigned blockers;              /* earlier ones that it waits for; 0: held */
} NvmeLock;

typedef struct NvmeLocks {
    IntervalTreeRoot tree;
    uint64_t last_ticket;
    unsigned strict;                /* how many of the tree are */
    /*
     * Reads and writes without a task that the medium has. All are older than
     * every strict lock in the tree: while there is one they are tasks.
     */
    QTAILQ_HEAD(, NvmeRequest) tracked;
} NvmeLocks;

void nvme_locks_init(NvmeLocks *locks);

/* true: held. false: nvme_lock_granted(lock) follows, unless it is dropped before. */
bool nvme_lock(NvmeLocks *locks, NvmeLock *lock, uint64_t slba, uint32_t nlb, bool exclusive,
               bool strict);
/* Held or waited for. */
void nvme_unlock(NvmeLocks *locks, NvmeLock *lock);
/* task.c. Only marks the task as ready: nothing runs inside. */
void nvme_lock_granted(NvmeLock *lock);

/* A plain read or write goes to the medium while locks->strict is 0, and comes back. */
static inline void nvme_track(NvmeLocks *locks, NvmeRequest *req)
{
    QTAILQ_INSERT_TAIL(&locks->tracked, req, tracked);
}
void nvme_untrack(NvmeLocks *locks, NvmeRequest *req);

#endif
