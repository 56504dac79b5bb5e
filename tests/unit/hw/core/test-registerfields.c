/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of registers and their fields: addresses, indices, taking out and
 * putting in, signed fields, fields at the edges of the word.
 */
#include "qemu/osdep.h"
#include "hw/registerfields.h"

REG32(CTRL, 0x10)
    FIELD(CTRL, GO, 0, 1)
    FIELD(CTRL, MODE, 4, 3)
    FIELD(CTRL, TOP, 31, 1)
    FIELD(CTRL, ALL, 0, 32)
REG64(WIDE, 0x18)
    FIELD(WIDE, HIGH, 32, 32)
    FIELD(WIDE, LOW, 0, 4)
REG8(BYTE, 3)
    FIELD(BYTE, UPPER, 4, 4)
REG16(HALF, 6)
    FIELD(HALF, MIDDLE, 4, 8)

static void test_names(void)
{
    g_assert_cmpint(A_CTRL, ==, 0x10);
    g_assert_cmpint(R_CTRL, ==, 4);
    g_assert_cmpint(R_WIDE, ==, 3);
    g_assert_cmpint(R_BYTE, ==, 3);
    g_assert_cmpint(R_HALF, ==, 3);
    g_assert_cmphex(R_CTRL_MODE_MASK, ==, 0x70);
    g_assert_cmpint(R_CTRL_MODE_SHIFT, ==, 4);
    g_assert_cmpint(R_CTRL_MODE_LENGTH, ==, 3);
    g_assert_cmphex((uint64_t)R_WIDE_HIGH_MASK, ==, 0xffffffff00000000);
    g_assert_cmphex((uint64_t)R_CTRL_ALL_MASK, ==, 0xffffffff);
}

static void test_extract(void)
{
    g_assert_cmphex(FIELD_EX32(0xffffffa5, CTRL, MODE), ==, 2);
    g_assert_cmphex(FIELD_EX32(0x80000000, CTRL, TOP), ==, 1);
    g_assert_cmphex(FIELD_EX32(0xdeadbeef, CTRL, ALL), ==, 0xdeadbeef);
    g_assert_cmphex(FIELD_EX64(0x1234567800000000, WIDE, HIGH), ==, 0x12345678);
    g_assert_cmphex(FIELD_EX8(0xa5, BYTE, UPPER), ==, 0xa);
    g_assert_cmphex(FIELD_EX16(0x1234, HALF, MIDDLE), ==, 0x23);
    g_assert_cmpint(FIELD_SEX8(0xa5, BYTE, UPPER), ==, -6);
    g_assert_cmpint(FIELD_SEX32(0x70, CTRL, MODE), ==, -1);
    g_assert_cmpint(FIELD_SEX64(0x8, WIDE, LOW), ==, -8);
}

static void test_deposit(void)
{
    uint32_t regs[8] = { [R_CTRL] = 0xffffffff };

    g_assert_cmphex(FIELD_DP32(0, CTRL, MODE, 5), ==, 0x50);
    g_assert_cmphex(FIELD_DP32(0xffffffff, CTRL, MODE, 0), ==, 0xffffff8f);
    g_assert_cmphex(FIELD_DP64(0xf, WIDE, HIGH, 0xabcd), ==, 0xabcd0000000f);
    g_assert_cmphex(FIELD_DP8(0x0f, BYTE, UPPER, 0x5), ==, 0x5f);
    g_assert_cmphex(FIELD_DP16(0xf00f, HALF, MIDDLE, 0x77), ==, 0xf77f);
    g_assert_cmphex(FIELD_SDP32(0, CTRL, MODE, -1), ==, 0x70);
    ARRAY_FIELD_DP32(regs, CTRL, MODE, 1);
    g_assert_cmphex(regs[4], ==, 0xffffff9f);
    g_assert_cmphex(ARRAY_FIELD_EX32(regs, CTRL, MODE), ==, 1);
    g_assert_cmphex(ARRAY_FIELD_EX32(regs, CTRL, GO), ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/registerfields/names", test_names);
    g_test_add_func("/registerfields/extract", test_extract);
    g_test_add_func("/registerfields/deposit", test_deposit);
    return g_test_run();
}
