/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interval tree against a linear search, its balance, and the size that a client may reach. */
#include "qemu/osdep.h"
#include "qemu/interval-tree.h"

typedef struct Item {
    IntervalTreeNode node;
    bool in;
} Item;

/* Height, order, subtree_last and parents of everything under node. */
static int check_subtree(const IntervalTreeNode *node, const IntervalTreeNode *parent)
{
    uint64_t last;
    int h[2];

    if (!node) {
        return 0;
    }
    g_assert_true(node->parent == parent);
    last = node->last;
    for (int side = 0; side < 2; side++) {
        const IntervalTreeNode *child = node->child[side];

        h[side] = check_subtree(child, node);
        if (child) {
            last = MAX(last, child->subtree_last);
            g_assert_true(side ? child->start >= node->start : child->start <= node->start);
        }
    }
    g_assert_cmpuint(node->subtree_last, ==, last);
    g_assert_cmpint(ABS(h[0] - h[1]), <=, 1);
    g_assert_cmpint(node->height, ==, 1 + MAX(h[0], h[1]));
    return node->height;
}

static void check_query(IntervalTreeRoot *root, Item *items, int nr, uint64_t start, uint64_t last)
{
    int expected = 0, found = 0;
    uint64_t previous = 0;

    for (int i = 0; i < nr; i++) {
        expected += items[i].in && items[i].node.start <= last && items[i].node.last >= start;
    }
    for (IntervalTreeNode *n = interval_tree_iter_first(root, start, last); n;
         n = interval_tree_iter_next(n, start, last)) {
        g_assert_true(n->start <= last && n->last >= start);
        g_assert_cmpuint(n->start, >=, previous);
        previous = n->start;
        found++;
    }
    g_assert_cmpint(found, ==, expected);
}

static void random_interval(IntervalTreeNode *node)
{
    node->start = g_test_rand_int_range(0, 1000);
    node->last = node->start + g_test_rand_int_range(0, g_test_rand_bit() ? 5 : 300);
}

static void test_against_list(void)
{
    enum { NR = 200 };
    g_autofree Item *items = g_new0(Item, NR);
    IntervalTreeRoot root = { 0 };

    for (int round = 0; round < 6000; round++) {
        Item *item = &items[g_test_rand_int_range(0, NR)];
        uint64_t start = g_test_rand_int_range(0, 1300);

        if (item->in) {
            interval_tree_remove(&item->node, &root);
        } else {
            random_interval(&item->node);
            interval_tree_insert(&item->node, &root);
        }
        item->in = !item->in;
        check_subtree(root.top, NULL);
        check_query(&root, items, NR, start, start + g_test_rand_int_range(0, 50));
    }
    for (int i = 0; i < NR; i++) {
        if (items[i].in) {
            interval_tree_remove(&items[i].node, &root);
        }
    }
    g_assert_true(interval_tree_is_empty(&root));
    g_assert_cmpuint(root.count, ==, 0);
}

static void test_ends_of_the_world(void)
{
    IntervalTreeNode all = { .start = 0, .last = UINT64_MAX };
    IntervalTreeNode top = { .start = UINT64_MAX, .last = UINT64_MAX };
    IntervalTreeRoot root = { 0 };

    interval_tree_insert(&top, &root);
    interval_tree_insert(&all, &root);
    g_assert_true(interval_tree_iter_first(&root, 5, 5) == &all);
    g_assert_null(interval_tree_iter_next(&all, 5, 5));
    g_assert_true(interval_tree_iter_first(&root, UINT64_MAX, UINT64_MAX) == &all);
    g_assert_true(interval_tree_iter_next(&all, UINT64_MAX, UINT64_MAX) == &top);
    interval_tree_remove(&all, &root);
    g_assert_null(interval_tree_iter_first(&root, 5, 5));
}

/* As many as a function may map: sorted insertion is the worst case of an unbalanced tree. */
static void test_65535(void)
{
    enum { NR = 65535 };
    g_autofree IntervalTreeNode *nodes = g_new0(IntervalTreeNode, NR);
    IntervalTreeRoot root = { 0 };
    IntervalTreeNode *n;
    int walked = 0;

    for (uint64_t i = 0; i < NR; i++) {
        nodes[i].start = i * 0x1000;
        nodes[i].last = nodes[i].start + 0xfff;
        interval_tree_insert(&nodes[i], &root);
    }
    g_assert_cmpuint(root.count, ==, NR);
    g_assert_cmpint(check_subtree(root.top, NULL), <=, 24);
    for (int i = 0; i < 1000; i++) {
        uint64_t at = g_test_rand_int_range(0, NR);

        g_assert_true(interval_tree_iter_first(&root, at * 0x1000 + 5, at * 0x1000 + 6) ==
                      &nodes[at]);
    }
    for (n = interval_tree_first(&root); n; n = interval_tree_next(n)) {
        g_assert_true(n == &nodes[walked++]);
    }
    g_assert_cmpint(walked, ==, NR);
    for (uint64_t i = 0; i < NR; i++) {
        interval_tree_remove(&nodes[i], &root);
    }
    g_assert_true(interval_tree_is_empty(&root));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/interval-tree/model", test_against_list);
    g_test_add_func("/interval-tree/ends", test_ends_of_the_world);
    g_test_add_func("/interval-tree/65535", test_65535);
    return g_test_run();
}
