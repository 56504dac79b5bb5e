/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command (NVM command set 3.2.7) and the set of what it has marked: uncorrectable.h. */
#include "qemu/osdep.h"
#include "hw/nvme/io.h"

static void insert(IntervalTreeRoot *bad, uint64_t first, uint64_t last)
{
    IntervalTreeNode *node = g_new0(IntervalTreeNode, 1);

    node->start = first;
    node->last = last;
    interval_tree_insert(node, bad);
}

static void drop(IntervalTreeRoot *bad, IntervalTreeNode *node)
{
    interval_tree_remove(node, bad);
    g_free(node);
}

static bool mark(IntervalTreeRoot *bad, uint64_t first, uint64_t last, uint64_t limit)
{
    /* Neighbours touch: a range and the one right behind it are one. */
    uint64_t below = first ? first - 1 : 0;
    uint64_t above = last < UINT64_MAX ? last + 1 : last;
    IntervalTreeNode *node = interval_tree_iter_first(bad, below, above);

    if (!node && bad->count >= limit) {
        return false;
    }
    while (node) {
        first = MIN(first, node->start);
        last = MAX(last, node->last);
        drop(bad, node);
        node = interval_tree_iter_first(bad, below, above);
    }
    insert(bad, first, last);
    return true;
}

bool nvme_bad_mark(IntervalTreeRoot *bad, uint64_t first, uint64_t last)
{
    return mark(bad, first, last, NVME_BAD_RANGES);
}

bool nvme_bad_restore_range(IntervalTreeRoot *bad, uint64_t first, uint64_t last)
{
    return mark(bad, first, last, NVME_BAD_PIECES);
}

bool nvme_bad_splits(IntervalTreeRoot *bad, uint64_t first, uint64_t last)
{
    IntervalTreeNode *node = interval_tree_iter_first(bad, first, last);

    return node && node->start < first && node->last > last;
}

void nvme_bad_heal(IntervalTreeRoot *bad, uint64_t first, uint64_t last)
{
    IntervalTreeNode *node;

    while ((node = interval_tree_iter_first(bad, first, last))) {
        uint64_t start = node->start, end = node->last;

        drop(bad, node);
        if (start < first) {
            insert(bad, start, first - 1);
        }
        if (end > last) {
            insert(bad, last + 1, end);
        }
    }
}

void nvme_bad_clear(IntervalTreeRoot *bad)
{
    nvme_bad_heal(bad, 0, UINT64_MAX);
}

uint16_t nvme_write_uncorrectable(NvmeRequest *req)
{
    NvmeNamespace *ns = req->ns;
    uint64_t slba = nvme_slba(req);
    uint32_t nlb = nvme_nlb(req);
    uint16_t status = nvme_check_range(ns, slba, nlb);

    if (!status && !nvme_bad_mark(&ns->io->bad, slba, slba + (nlb - 1))) {
        status = NVME_INTERNAL_ERROR;
    }
    return status;
}
