/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bit counts, powers of two, wide products, 128-bit integers, osdep's arithmetic. */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/int128.h"
#include "qemu/units.h"

static void test_counts(void)
{
    g_assert_cmpint(clz32(0), ==, 32);
    g_assert_cmpint(clz32(1), ==, 31);
    g_assert_cmpint(clz64(0), ==, 64);
    g_assert_cmpint(ctz32(0), ==, 32);
    g_assert_cmpint(ctz64(UINT64_C(1) << 40), ==, 40);
    g_assert_cmpint(clo32(0xf0000000), ==, 4);
    g_assert_cmpint(cto64(7), ==, 3);
    g_assert_cmpint(ctpop64(UINT64_MAX), ==, 64);
    g_assert_cmphex(revbit8(0x01), ==, 0x80);
    g_assert_cmphex(revbit64(1), ==, UINT64_C(1) << 63);
}

static void test_powers(void)
{
    g_assert_false(is_power_of_2(0));
    g_assert_true(is_power_of_2(UINT64_C(1) << 63));
    g_assert_false(is_power_of_2(6));
    g_assert_cmpuint(pow2ceil(0), ==, 1);
    g_assert_cmpuint(pow2ceil(1), ==, 1);
    g_assert_cmpuint(pow2ceil(5), ==, 8);
    g_assert_cmpuint(pow2ceil(UINT64_C(1) << 63), ==, UINT64_C(1) << 63);
    g_assert_cmpuint(pow2ceil((UINT64_C(1) << 63) + 1), ==, 0);
    g_assert_cmpuint(pow2floor(5), ==, 4);
    g_assert_cmpuint(pow2floor(0), ==, 0);
}

static void test_wide(void)
{
    uint64_t lo = 7, hi = 1, out;

    g_assert_cmpuint(muldiv64(UINT64_MAX, 1000, 1000), ==, UINT64_MAX);
    g_assert_cmpuint(muldiv64(10, 1, 3), ==, 3);
    g_assert_cmpuint(muldiv64_round_up(10, 1, 3), ==, 4);
    g_assert_cmpuint(divu128(&lo, &hi, 10), ==, (UINT64_MAX % 10 + 8) % 10);
    mulu64(&lo, &hi, UINT64_MAX, UINT64_MAX);
    g_assert_cmpuint(lo, ==, 1);
    g_assert_cmpuint(hi, ==, UINT64_MAX - 1);
    g_assert_true(uadd64_overflow(UINT64_MAX, 1, &out));
    g_assert_false(uadd64_overflow(UINT64_MAX, 0, &out));
    g_assert_true(umul64_overflow(UINT64_C(1) << 32, UINT64_C(1) << 32, &out));
}

static void test_int128(void)
{
    Int128 big = int128_add(int128_make64(UINT64_MAX), int128_one());

    g_assert_true(int128_eq(big, int128_2_64()));
    g_assert_cmpuint(int128_getlo(big), ==, 0);
    g_assert_cmpint(int128_gethi(big), ==, 1);
    g_assert_cmpuint(int128_get64(int128_sub(big, int128_one())), ==, UINT64_MAX);
    g_assert_true(int128_lt(int128_makes64(-1), int128_zero()));
    g_assert_true(int128_ult(int128_zero(), int128_makes64(-1)));
    g_assert_true(int128_ge(int128_max(big, int128_one()), big));
    g_assert_cmpint(clz128(big), ==, 63);
    g_assert_true(int128_nz(int128_rshift(big, 64)));
    int128_subfrom(&big, int128_2_64());
    g_assert_false(int128_nz(big));
}

static int evaluations;

static int next(void)
{
    return ++evaluations;
}

static void test_osdep(void)
{
    int values[7];

    g_assert_cmpint(MIN(next(), 10), ==, 1);
    g_assert_cmpint(MAX(next(), 10), ==, 10);
    g_assert_cmpint(evaluations, ==, 2);
    g_assert_cmpint(MAX(MIN(3, 5), MIN(4, 9)), ==, 4);
    g_assert_cmpint(MIN_NON_ZERO(0, 5), ==, 5);
    g_assert_cmpint(MIN_NON_ZERO(5, 0), ==, 5);
    g_assert_cmpint(MIN_NON_ZERO(5, 3), ==, 3);
    g_assert_cmpint(MIN_NON_ZERO(0, 0), ==, 0);
    g_assert_cmpuint(ARRAY_SIZE(values), ==, 7);
    g_assert_cmpint(DIV_ROUND_UP(9, 4), ==, 3);
    g_assert_cmphex(ROUND_UP(UINT64_C(0x100000001), 0x1000), ==, UINT64_C(0x100001000));
    g_assert_cmphex(ROUND_DOWN(UINT64_C(0x100000fff), 0x1000), ==, UINT64_C(0x100000000));
    g_assert_cmpint(QEMU_ALIGN_UP(10, 3), ==, 12);
    g_assert_cmpint(QEMU_ALIGN_DOWN(10, 3), ==, 9);
    g_assert_true(QEMU_IS_ALIGNED(12, 3));
    g_assert_cmpint(5 * KiB, ==, 5120);
    g_assert_cmpint(GiB * 8, ==, INT64_C(1) << 33);
}

#define TWELVE 12

typedef struct Outer {
    int first;
    short inner;
} Outer;

static void test_compiler(void)
{
    Outer o;
    short *inner = &o.inner;

    g_assert_true(container_of(inner, Outer, inner) == &o);
    g_assert_true(DO_UPCAST(Outer, first, &o.first) == &o);
    g_assert_cmpuint(sizeof_field(Outer, inner), ==, sizeof(short));
    g_assert_cmpstr(stringify(TWELVE), ==, "12");
    g_assert_cmpint(glue(1, 2), ==, 12);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host-utils/counts", test_counts);
    g_test_add_func("/host-utils/powers", test_powers);
    g_test_add_func("/host-utils/wide", test_wide);
    g_test_add_func("/host-utils/int128", test_int128);
    g_test_add_func("/host-utils/osdep", test_osdep);
    g_test_add_func("/host-utils/compiler", test_compiler);
    return g_test_run();
}
