/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interval tree: theory of operation.
 *
 * A binary search tree ordered by `start`, kept balanced as an AVL tree (the
 * heights of two siblings differ by at most one). Each node also knows
 * `subtree_last`, the largest `last` in the subtree of which it is the top.
 * With it a search for "who touches [start, last]" can leave out every subtree
 * whose subtree_last lies below start, and stops at the first node whose start
 * lies above last: the leftmost hit is found on one way down, the next hit on
 * one way up and down.
 *
 * Whoever changes a child of a node calls refresh() on it, and then on its
 * ancestors up to the top (rebalance_upwards()), which also rotates.
 */
#include "qemu/osdep.h"
#include "qemu/interval-tree.h"

static int height(const IntervalTreeNode *node)
{
    return node ? node->height : 0;
}

/* Recompute what depends on the children. */
static void refresh(IntervalTreeNode *node)
{
    uint64_t last = node->last;

    for (int side = 0; side < 2; side++) {
        if (node->child[side] && node->child[side]->subtree_last > last) {
            last = node->child[side]->subtree_last;
        }
    }
    node->subtree_last = last;
    node->height = 1 + MAX(height(node->child[0]), height(node->child[1]));
}

static int side_of(const IntervalTreeNode *node)
{
    return node->parent->child[1] == node;
}

/* Make `with` (may be NULL) stand where old stands under old's parent. */
static void replace(IntervalTreeRoot *root, IntervalTreeNode *old, IntervalTreeNode *with)
{
    if (old->parent) {
        old->parent->child[side_of(old)] = with;
    } else {
        root->top = with;
    }
    if (with) {
        with->parent = old->parent;
    }
}

static void set_child(IntervalTreeNode *node, int side, IntervalTreeNode *child)
{
    node->child[side] = child;
    if (child) {
        child->parent = node;
    }
}

/* node goes down to `side`, its other child comes up; returns that. */
static IntervalTreeNode *rotate(IntervalTreeRoot *root, IntervalTreeNode *node, int side)
{
    IntervalTreeNode *up = node->child[!side];

    replace(root, node, up);
    set_child(node, !side, up->child[side]);
    set_child(up, side, node);
    refresh(node);
    refresh(up);
    return up;
}

/* Returns the top of what was node's subtree. */
static IntervalTreeNode *rebalance(IntervalTreeRoot *root, IntervalTreeNode *node)
{
    int lean;
    int heavy;
    IntervalTreeNode *child;

    refresh(node);
    lean = height(node->child[1]) - height(node->child[0]);
    if (lean >= -1 && lean <= 1) {
        return node;
    }
    heavy = lean > 0;
    child = node->child[heavy];
    if (height(child->child[!heavy]) > height(child->child[heavy])) {
        rotate(root, child, heavy);
    }
    return rotate(root, node, !heavy);
}

static void rebalance_upwards(IntervalTreeRoot *root, IntervalTreeNode *node)
{
    while (node) {
        node = rebalance(root, node)->parent;
    }
}

void interval_tree_insert(IntervalTreeNode *node, IntervalTreeRoot *root)
{
    IntervalTreeNode *parent = NULL;
    IntervalTreeNode **slot = &root->top;

    g_assert(node->start <= node->last);
    while (*slot) {
        parent = *slot;
        slot = &parent->child[node->start >= parent->start];
    }
    node->child[0] = NULL;
    node->child[1] = NULL;
    node->parent = parent;
    *slot = node;
    root->count++;
    rebalance_upwards(root, node);
}

static IntervalTreeNode *leftmost(IntervalTreeNode *node)
{
    while (node && node->child[0]) {
        node = node->child[0];
    }
    return node;
}

/* A node with two children changes places with its successor, which has no left child. */
static IntervalTreeNode *remove_inner(IntervalTreeNode *node, IntervalTreeRoot *root)
{
    IntervalTreeNode *next = leftmost(node->child[1]);
    IntervalTreeNode *lowest = next->parent == node ? next : next->parent;

    if (next != node->child[1]) {
        replace(root, next, next->child[1]);
        set_child(next, 1, node->child[1]);
    }
    set_child(next, 0, node->child[0]);
    replace(root, node, next);
    return lowest;
}

void interval_tree_remove(IntervalTreeNode *node, IntervalTreeRoot *root)
{
    IntervalTreeNode *lowest;       /* deepest one whose children have changed */

    if (node->child[0] && node->child[1]) {
        lowest = remove_inner(node, root);
    } else {
        lowest = node->parent;
        replace(root, node, node->child[0] ? node->child[0] : node->child[1]);
    }
    root->count--;
    rebalance_upwards(root, lowest);
}

static bool touches(const IntervalTreeNode *node, uint64_t start, uint64_t last)
{
    return node->start <= last && node->last >= start;
}

static bool may_touch_below(const IntervalTreeNode *node, uint64_t start)
{
    return node && node->subtree_last >= start;
}

/* Leftmost node under (and with) node that touches [start, last]. */
static IntervalTreeNode *first_in_subtree(IntervalTreeNode *node, uint64_t start, uint64_t last)
{
    while (may_touch_below(node, start)) {
        if (may_touch_below(node->child[0], start)) {
            /*
             * Somebody on the left ends at or after start. If that one begins
             * after last, so does everything from node on to the right.
             */
            node = node->child[0];
        } else if (touches(node, start, last)) {
            return node;
        } else if (node->start > last) {
            return NULL;
        } else {
            node = node->child[1];
        }
    }
    return NULL;
}

IntervalTreeNode *interval_tree_iter_first(IntervalTreeRoot *root, uint64_t start, uint64_t last)
{
    return first_in_subtree(root->top, start, last);
}

/* The nearest ancestor that comes later in the order. */
static IntervalTreeNode *up_to_right(IntervalTreeNode *node)
{
    while (node->parent && side_of(node) == 1) {
        node = node->parent;
    }
    return node->parent;
}

IntervalTreeNode *interval_tree_iter_next(IntervalTreeNode *node, uint64_t start, uint64_t last)
{
    IntervalTreeNode *hit = first_in_subtree(node->child[1], start, last);

    while (!hit) {
        node = up_to_right(node);
        if (!node || node->start > last) {
            return NULL;
        }
        hit = touches(node, start, last) ? node : first_in_subtree(node->child[1], start, last);
    }
    return hit;
}

IntervalTreeNode *interval_tree_first(IntervalTreeRoot *root)
{
    return leftmost(root->top);
}

IntervalTreeNode *interval_tree_next(IntervalTreeNode *node)
{
    return node->child[1] ? leftmost(node->child[1]) : up_to_right(node);
}
