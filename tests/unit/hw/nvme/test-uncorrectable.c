/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of marked blocks against one flag for each block, and its bounds. */
#include "qemu/osdep.h"
#include "hw/nvme/uncorrectable.h"

enum { BLOCKS = 200 };

static void compare(IntervalTreeRoot *bad, const bool *model)
{
    unsigned runs = 0;

    for (unsigned i = 0; i < BLOCKS; i++) {
        g_assert_cmpint(nvme_bad_any(bad, i, i), ==, model[i]);
        runs += model[i] && (i == 0 || !model[i - 1]);
    }
    /* Neighbours have been merged: as few ranges as there can be. */
    g_assert_cmpuint(bad->count, ==, runs);
}

static void test_random(void)
{
    IntervalTreeRoot bad = { 0 };
    bool model[BLOCKS] = { false };

    for (unsigned round = 0; round < 3000; round++) {
        unsigned first = g_test_rand_int_range(0, BLOCKS);
        unsigned last = MIN(BLOCKS - 1, first + (unsigned)g_test_rand_int_range(0, 20));
        bool mark = g_test_rand_int() & 1;

        if (mark) {
            g_assert_true(nvme_bad_mark(&bad, first, last));
        } else {
            nvme_bad_heal(&bad, first, last);
        }
        for (unsigned i = first; i <= last; i++) {
            model[i] = mark;
        }
        compare(&bad, model);
    }
    nvme_bad_clear(&bad);
    g_assert_true(interval_tree_is_empty(&bad));
}

static void test_limit(void)
{
    IntervalTreeRoot bad = { 0 };

    for (uint64_t i = 0; i < NVME_BAD_RANGES; i++) {
        g_assert_true(nvme_bad_mark(&bad, 10 * i, 10 * i + 1));
    }
    g_assert_false(nvme_bad_mark(&bad, 5, 5));
    g_assert_false(nvme_bad_any(&bad, 5, 5));
    /* What touches a range is no new one. */
    g_assert_true(nvme_bad_mark(&bad, 2, 3));
    g_assert_true(nvme_bad_any(&bad, 3, 3));
    g_assert_cmpuint(bad.count, ==, NVME_BAD_RANGES);
    nvme_bad_clear(&bad);
}

static void test_pieces(void)
{
    IntervalTreeRoot bad = { 0 };
    uint64_t at = 1;

    g_assert_true(nvme_bad_mark(&bad, 0, UINT64_MAX));
    for (; nvme_bad_can_heal(&bad, at, at); at += 2) {
        nvme_bad_heal(&bad, at, at);
        g_assert_cmpuint(bad.count, <=, NVME_BAD_PIECES);
    }
    g_assert_cmpuint(bad.count, ==, NVME_BAD_PIECES);
    /* The end of a piece, a whole piece and what is well already can be written still. */
    g_assert_true(nvme_bad_can_heal(&bad, 0, 0));
    g_assert_true(nvme_bad_can_heal(&bad, 1, 4));
    g_assert_true(nvme_bad_can_heal(&bad, 3, 3));
    g_assert_true(nvme_bad_can_heal(&bad, at, UINT64_MAX));
    nvme_bad_clear(&bad);
}

static void test_ends(void)
{
    IntervalTreeRoot bad = { 0 };

    g_assert_true(nvme_bad_mark(&bad, UINT64_MAX, UINT64_MAX));
    g_assert_true(nvme_bad_mark(&bad, 0, 0));
    g_assert_cmpuint(bad.count, ==, 2);
    g_assert_true(nvme_bad_mark(&bad, 1, UINT64_MAX - 1));
    g_assert_cmpuint(bad.count, ==, 1);
    nvme_bad_heal(&bad, 0, UINT64_MAX);
    g_assert_cmpuint(bad.count, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme/uncorrectable/random", test_random);
    g_test_add_func("/nvme/uncorrectable/limit", test_limit);
    g_test_add_func("/nvme/uncorrectable/pieces", test_pieces);
    g_test_add_func("/nvme/uncorrectable/ends", test_ends);
    return g_test_run();
}
