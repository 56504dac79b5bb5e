/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks that Write Uncorrectable has marked: a set of ranges, [first, last], kept
 * for as long as the namespace is there and not written to the medium. Reading one
 * of them fails until it is written again.
 *
 * What a host can make us keep is bounded: it marks at most NVME_BAD_RANGES ranges,
 * and writing into the middle of them splits them into at most NVME_BAD_PIECES.
 */
#ifndef HW_NVME_UNCORRECTABLE_H
#define HW_NVME_UNCORRECTABLE_H

#include "qemu/compiler.h"
#include "qemu/interval-tree.h"

enum { NVME_BAD_RANGES = 1024, NVME_BAD_PIECES = 65536 };

/* Merges with what it touches. false: the set is full, nothing has changed. */
bool nvme_bad_mark(IntervalTreeRoot *bad, uint64_t first, uint64_t last);
/* The same for a piece that another process had: they may be as many as pieces. */
bool nvme_bad_restore_range(IntervalTreeRoot *bad, uint64_t first, uint64_t last);
bool nvme_bad_splits(IntervalTreeRoot *bad, uint64_t first, uint64_t last);
/* Whether nvme_bad_heal() of this range stays within the bound. */
static inline bool nvme_bad_can_heal(IntervalTreeRoot *bad, uint64_t first, uint64_t last)
{
    return bad->count < NVME_BAD_PIECES || !nvme_bad_splits(bad, first, last);
}
void nvme_bad_heal(IntervalTreeRoot *bad, uint64_t first, uint64_t last);
static inline bool nvme_bad_any(IntervalTreeRoot *bad, uint64_t first, uint64_t last)
{
    return interval_tree_iter_first(bad, first, last) != NULL;
}
void nvme_bad_clear(IntervalTreeRoot *bad);

#endif
