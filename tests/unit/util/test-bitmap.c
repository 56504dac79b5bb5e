/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps against an array of bool that says what must come out. */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"

enum { BITS = 333 };

static void check(const unsigned long *map, const bool *model)
{
    long ones = 0;

    for (long i = 0; i < BITS; i++) {
        g_assert_cmpint(test_bit(i, map), ==, model[i]);
        ones += model[i];
    }
    g_assert_cmpint(bitmap_count_one(map, BITS), ==, ones);
    g_assert_cmpint(bitmap_empty(map, BITS), ==, ones == 0);
    g_assert_cmpint(bitmap_full(map, BITS), ==, ones == BITS);
}

static unsigned long model_next(const bool *model, long from, bool value)
{
    while (from < BITS && model[from] != value) {
        from++;
    }
    return from;
}

static void test_ranges(void)
{
    g_autofree unsigned long *map = bitmap_new(BITS);
    bool model[BITS] = { false };

    for (int round = 0; round < 2000; round++) {
        long start = g_test_rand_int_range(0, BITS);
        long len = g_test_rand_int_range(0, BITS - start + 1);
        int what = g_test_rand_int_range(0, 5);
        bool any = false;

        for (long i = start; i < start + len; i++) {
            any |= model[i];
            model[i] = what < 2;
        }
        switch (what) {
        case 0: bitmap_set(map, start, len); break;
        case 1: bitmap_set_atomic(map, start, len); break;
        case 2: bitmap_clear(map, start, len); break;
        case 3: g_assert_cmpint(bitmap_test_and_clear(map, start, len), ==, any); break;
        case 4: g_assert_cmpint(bitmap_test_and_clear_atomic(map, start, len), ==, any); break;
        }
        check(map, model);
        g_assert_cmpuint(find_next_bit(map, BITS, start), ==, model_next(model, start, true));
        g_assert_cmpuint(find_next_zero_bit(map, BITS, start), ==, model_next(model, start, false));
    }
}

static void test_single_bits(void)
{
    DECLARE_BITMAP(map, BITS);

    bitmap_zero(map, BITS);
    g_assert_cmpuint(find_last_bit(map, BITS), ==, BITS);
    set_bit(300, map);
    g_assert_cmpint(test_and_set_bit(7, map), ==, 0);
    g_assert_cmpint(test_and_set_bit(7, map), ==, 1);
    g_assert_cmpuint(find_first_bit(map, BITS), ==, 7);
    g_assert_cmpuint(find_last_bit(map, BITS), ==, 300);
    g_assert_cmpint(test_and_clear_bit(7, map), ==, 1);
    change_bit(8, map);
    g_assert_cmpint(test_and_change_bit(8, map), ==, 1);
    clear_bit(300, map);
    g_assert_true(bitmap_empty(map, BITS));
}

static void test_logic(void)
{
    DECLARE_BITMAP(a, 70) = { 0 };
    DECLARE_BITMAP(b, 70) = { 0 };
    DECLARE_BITMAP(r, 70);

    bitmap_set(a, 0, 40);
    bitmap_set(b, 30, 40);
    g_assert_true(bitmap_intersects(a, b, 70));
    g_assert_true(bitmap_and(r, a, b, 70));
    g_assert_cmpint(bitmap_count_one(r, 70), ==, 10);
    bitmap_or(r, a, b, 70);
    g_assert_true(bitmap_full(r, 70));
    bitmap_xor(r, a, b, 70);
    g_assert_cmpint(bitmap_count_one(r, 70), ==, 60);
    g_assert_true(bitmap_andnot(r, a, b, 70));
    g_assert_cmpint(bitmap_count_one(r, 70), ==, 30);
    bitmap_complement(r, a, 70);
    g_assert_cmpint(bitmap_count_one(r, 70), ==, 30);
    bitmap_copy(r, a, 70);
    g_assert_true(bitmap_equal(r, a, 70));
    /* Bits past the end do not count. */
    r[1] |= 1ul << 10;
    g_assert_true(bitmap_equal(r, a, 70));
    bitmap_copy_and_clear_atomic(r, a, 70);
    g_assert_cmpint(bitmap_count_one(r, 70), ==, 40);
    g_assert_true(bitmap_empty(a, 70));
}

static void test_zero_area_and_growth(void)
{
    unsigned long *map = bitmap_new(100);

    bitmap_set(map, 0, 10);
    bitmap_set(map, 20, 10);
    g_assert_cmpuint(bitmap_find_next_zero_area(map, 100, 0, 8, 0), ==, 10);
    g_assert_cmpuint(bitmap_find_next_zero_area(map, 100, 0, 11, 0), ==, 30);
    g_assert_cmpuint(bitmap_find_next_zero_area(map, 100, 0, 8, 15), ==, 32);
    g_assert_cmpuint(bitmap_find_next_zero_area(map, 100, 0, 80, 0), >=, 100);
    map = bitmap_zero_extend(map, 100, 400);
    g_assert_cmpuint(find_next_bit(map, 400, 30), ==, 400);
    g_free(map);
}

static void test_fields(void)
{
    g_assert_cmphex(extract32(0x12345678, 8, 12), ==, 0x456);
    g_assert_cmphex(extract32(0xffffffff, 0, 32), ==, 0xffffffff);
    g_assert_cmpint(sextract32(0x00000f00, 8, 4), ==, -1);
    g_assert_cmphex(deposit32(0xffffffff, 4, 8, 0x00), ==, 0xfffff00f);
    g_assert_cmphex(deposit32(0, 0, 32, 0x89abcdef), ==, 0x89abcdef);
    g_assert_cmphex(extract64(0xfedcba9876543210ull, 60, 4), ==, 0xf);
    g_assert_cmphex(deposit64(0, 63, 1, 1), ==, 0x8000000000000000ull);
    g_assert_cmphex(extract16(0xabcd, 4, 8), ==, 0xbc);
    g_assert_cmphex(extract8(0xab, 4, 4), ==, 0xa);
    g_assert_cmphex(MAKE_64BIT_MASK(0, 64), ==, UINT64_MAX);
    g_assert_cmphex(MAKE_64BIT_MASK(8, 4), ==, 0xf00);
    g_assert_cmphex(rol32(0x80000001, 1), ==, 3);
    g_assert_cmphex(ror8(1, 1), ==, 0x80);
    g_assert_cmphex(rol64(5, 64), ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bitmap/ranges", test_ranges);
    g_test_add_func("/bitmap/single", test_single_bits);
    g_test_add_func("/bitmap/logic", test_logic);
    g_test_add_func("/bitmap/zero-area", test_zero_area_and_growth);
    g_test_add_func("/bitops/fields", test_fields);
    return g_test_run();
}
