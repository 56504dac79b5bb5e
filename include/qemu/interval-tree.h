/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An intrusive tree of [start, last] intervals (inclusive), which may overlap.
 * Insert, remove and "first one that touches [start, last]" cost O(log n);
 * walking k hits costs O(log n + k). The memory of nodes is the caller's, who
 * also locks. An AVL tree whose nodes know the largest `last` below them;
 * theory in util/interval-tree.c.
 */
#ifndef QEMU_INTERVAL_TREE_H
#define QEMU_INTERVAL_TREE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct IntervalTreeNode {
    uint64_t start;                 /* set by the caller before insert, then constant */
    uint64_t last;
    uint64_t subtree_last;          /* private from here on */
    struct IntervalTreeNode *parent;
    struct IntervalTreeNode *child[2];
    int height;
} IntervalTreeNode;

/* All zero is the empty tree. */
typedef struct IntervalTreeRoot {
    IntervalTreeNode *top;
    uint64_t count;
} IntervalTreeRoot;

static inline bool interval_tree_is_empty(const IntervalTreeRoot *root)
{
    return !root->top;
}

/* Equal starts are legal: the later one comes later in the walk. */
void interval_tree_insert(IntervalTreeNode *node, IntervalTreeRoot *root);
void interval_tree_remove(IntervalTreeNode *node, IntervalTreeRoot *root);

/* In order of start; NULL = no (more) interval that touches [start, last]. */
IntervalTreeNode *interval_tree_iter_first(IntervalTreeRoot *root, uint64_t start, uint64_t last);
IntervalTreeNode *interval_tree_iter_next(IntervalTreeNode *node, uint64_t start, uint64_t last);

/* ours: smallest start of all, and the next in order. */
IntervalTreeNode *interval_tree_first(IntervalTreeRoot *root);
IntervalTreeNode *interval_tree_next(IntervalTreeNode *node);

#endif
