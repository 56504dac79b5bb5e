/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See locks.h. Each lock counts the older ones that it waits for; who goes takes one
 * off each younger one that it has kept waiting.
 */
#include "qemu/osdep.h"
#include "hw/nvme/io.h"

void nvme_locks_init(NvmeLocks *locks)
{
    QTAILQ_INIT(&locks->tracked);
}

static NvmeLock *lock_of(IntervalTreeNode *node)
{
    return container_of(node, NvmeLock, node);
}

#define FOREACH_OVERLAP(locks_, other, first, last)                                     \
    for (IntervalTreeNode *node_ = interval_tree_iter_first(&(locks_)->tree, first, last); \
         node_ && ((other) = lock_of(node_));                                           \
         node_ = interval_tree_iter_next(node_, first, last))

static bool conflict(const NvmeLock *a, const NvmeLock *b)
{
    return (a->strict || b->strict) && (a->exclusive || b->exclusive);
}

static bool is_write(const NvmeRequest *req)
{
    return req->cmd.opcode != NVME_IO_READ;
}

static bool tracked_conflicts(const NvmeLock *lock, const NvmeRequest *req)
{
    uint64_t slba = nvme_slba(req);

    return lock->strict && (lock->exclusive || is_write(req)) && slba <= lock->node.last &&
           slba + (nvme_nlb(req) - 1) >= lock->node.start;
}

static unsigned count_blockers(NvmeLocks *locks, const NvmeLock *lock)
{
    unsigned blockers = 0;
    NvmeLock *other;
    NvmeRequest *req;

    FOREACH_OVERLAP(locks, other, lock->node.start, lock->node.last) {
        blockers += conflict(lock, other);
    }
    if (lock->strict) {
        QTAILQ_FOREACH(req, &locks->tracked, tracked) {
            blockers += tracked_conflicts(lock, req);
        }
    }
    return blockers;
}

bool nvme_lock(NvmeLocks *locks, NvmeLock *lock, uint64_t slba, uint32_t nlb, bool exclusive,
               bool strict)
{
    g_assert(!lock->ticket);
    lock->node.start = slba;
    lock->node.last = slba + (nlb - 1);
    lock->exclusive = exclusive;
    lock->strict = strict;
    lock->blockers = count_blockers(locks, lock);
    lock->ticket = ++locks->last_ticket;
    interval_tree_insert(&lock->node, &locks->tree);
    locks->strict += strict;
    return !lock->blockers;
}

static void let_go(NvmeLock *lock)
{
    if (!--lock->blockers) {
        nvme_lock_granted(lock);
    }
}

void nvme_unlock(NvmeLocks *locks, NvmeLock *lock)
{
    NvmeLock *other;

    interval_tree_remove(&lock->node, &locks->tree);
    locks->strict -= lock->strict;
    FOREACH_OVERLAP(locks, other, lock->node.start, lock->node.last) {
        if (other->ticket > lock->ticket && conflict(lock, other)) {
            let_go(other);
        }
    }
    lock->ticket = 0;
}

void nvme_untrack(NvmeLocks *locks, NvmeRequest *req)
{
    uint64_t slba = nvme_slba(req);
    NvmeLock *other;

    QTAILQ_REMOVE(&locks->tracked, req, tracked);
    if (likely(!locks->strict)) {
        return;
    }
    FOREACH_OVERLAP(locks, other, slba, slba + (nvme_nlb(req) - 1)) {
        if (tracked_conflicts(other, req)) {
            let_go(other);
        }
    }
}
