/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges: what wraps in naive code must not wrap here. */
#include "qemu/osdep.h"
#include "qemu/range.h"

static void test_no_wrap(void)
{
    Range r;

    g_assert_false(range_fits(0, 0));
    g_assert_true(range_fits(UINT64_MAX, 1));
    g_assert_false(range_fits(UINT64_MAX, 2));
    g_assert_true(range_fits(1, UINT64_MAX));
    g_assert_false(range_fits(2, UINT64_MAX));
    g_assert_true(range_try_init(&r, UINT64_MAX - 4095, 4096));
    g_assert_cmphex(range_upb(&r), ==, UINT64_MAX);
    g_assert_false(range_try_init(&r, UINT64_MAX - 4094, 4096));
    g_assert_true(range_is_empty(&r));
    g_assert_cmpint(range_init(&r, UINT64_MAX, 2), ==, -ERANGE);
    g_assert_cmpint(range_init(&r, 5, 0), ==, 0);
    g_assert_true(range_is_empty(&r));

    range_init_nofail(&r, 0x1000, 0x1000);
    g_assert_true(range_contains_len(&r, 0x1000, 0x1000));
    g_assert_true(range_contains_len(&r, 0x1fff, 1));
    g_assert_false(range_contains_len(&r, 0x1fff, 2));
    g_assert_false(range_contains_len(&r, 0x1800, UINT64_MAX));
    g_assert_false(range_contains_len(&r, 0x1800, UINT64_MAX - 0x17ff));
    g_assert_false(range_contains_len(&r, 0x1800, 0));
    g_assert_true(range_window_contains(16, 16, 0));
    g_assert_false(range_window_contains(16, 17, 0));
    g_assert_false(range_window_contains(16, 8, UINT64_MAX - 4));
    g_assert_true(range_window_contains(16, 8, 8));
}

static void test_qemu_api(void)
{
    Range r, s, empty = RANGE_INITIALIZER_EMPTY;

    range_set_bounds(&r, 10, 19);
    g_assert_cmpuint(range_size(&r), ==, 10);
    g_assert_true(range_contains(&r, 10) && range_contains(&r, 19) && !range_contains(&r, 20));
    range_set_bounds1(&s, 15, 20);
    g_assert_true(range_contains_range(&r, &s) && range_overlaps_range(&r, &s));
    g_assert_false(range_contains_range(&r, &empty) || range_overlaps_range(&r, &empty));
    range_set_bounds1(&s, 0, 0);
    g_assert_true(range_contains(&s, UINT64_MAX));
    range_set_bounds(&s, 30, 40);
    range_extend(&empty, &s);
    range_extend(&r, &s);
    g_assert_cmpuint(range_lob(&r), ==, 10);
    g_assert_cmpuint(range_upb(&r), ==, 40);
    g_assert_true(range_covers_byte(4, 4, 7) && !range_covers_byte(4, 4, 8));
    g_assert_true(range_covers_byte(UINT64_MAX, 1, UINT64_MAX));
    g_assert_false(range_covers_byte(4, 0, 4));
    g_assert_true(ranges_overlap(0, 10, 9, 1) && !ranges_overlap(0, 10, 10, 1));
    g_assert_true(ranges_overlap(UINT64_MAX - 1, 2, UINT64_MAX, 1));
    g_assert_false(ranges_overlap(0, 0, 0, 10));
}

static GList *add(GList *list, uint64_t lob, uint64_t upb)
{
    Range *r = g_new0(Range, 1);

    range_set_bounds(r, lob, upb);
    return range_list_insert(list, r);
}

static char *show(GList *list)
{
    GString *s = g_string_new(NULL);

    for (; list; list = list->next) {
        const Range *r = list->data;

        g_string_append_printf(s, "[%" PRIx64 " %" PRIx64 "]", r->lob, r->upb);
    }
    return g_string_free(s, FALSE);
}

static void expect(GList *list, const char *text)
{
    g_autofree char *shown = show(list);

    g_assert_cmpstr(shown, ==, text);
}

static void test_lists(void)
{
    GList *list = NULL, *inverse = NULL;

    list = add(list, 20, 29);
    list = add(list, 0, 9);
    list = add(list, 40, UINT64_MAX);
    expect(list, "[0 9][14 1d][28 ffffffffffffffff]");
    list = add(list, 10, 12);       /* touches the first */
    expect(list, "[0 c][14 1d][28 ffffffffffffffff]");
    range_inverse_array(list, &inverse, 5, 45);
    expect(inverse, "[d 13][1e 27]");
    g_list_free_full(inverse, g_free);
    range_inverse_array(NULL, &inverse, 1, 2);
    expect(inverse, "[1 2]");
    g_list_free_full(inverse, g_free);
    list = add(list, 11, 39);       /* swallows all that follows */
    expect(list, "[0 ffffffffffffffff]");
    range_inverse_array(list, &inverse, 0, UINT64_MAX);
    g_assert_null(inverse);
    g_list_free_full(list, g_free);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/range/no-wrap", test_no_wrap);
    g_test_add_func("/range/api", test_qemu_api);
    g_test_add_func("/range/lists", test_lists);
    return g_test_run();
}
