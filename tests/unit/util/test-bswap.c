/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Byte order: bytes in memory are what counts, wherever they lie. */
#include "qemu/osdep.h"
#include "qemu/bswap.h"

static const uint32_t constant_le = const_le32(0x01020304);

static void test_memory(void)
{
    uint8_t m[16] = { 0xaa, 0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88 };

    g_assert_cmphex(lduw_le_p(m + 1), ==, 0x0281);
    g_assert_cmphex(lduw_be_p(m + 1), ==, 0x8102);
    g_assert_cmpint(ldsw_be_p(m + 1), ==, (int16_t)0x8102);
    g_assert_cmphex((uint32_t)ldl_le_p(m + 1), ==, 0x04030281);
    g_assert_cmphex((uint32_t)ldl_be_p(m + 1), ==, 0x81020304);
    g_assert_cmphex(ldq_le_p(m + 1), ==, 0x8807060504030281ull);
    g_assert_cmphex(ldq_be_p(m + 1), ==, 0x8102030405060788ull);
    g_assert_cmpint(ldsb_p(m + 1), ==, -127);
    g_assert_cmphex(ldub_p(m + 1), ==, 0x81);
    g_assert_cmphex(ldn_le_p(m + 1, 4), ==, 0x04030281);
    g_assert_cmphex(ldn_be_p(m + 1, 2), ==, 0x8102);
    g_assert_cmphex(ldn_le_p(m + 1, 3), ==, 0);

    stl_be_p(m + 3, 0x11223344);
    g_assert_cmphex(m[3], ==, 0x11);
    g_assert_cmphex(m[6], ==, 0x44);
    stn_le_p(m, 8, 0x0102030405060708ull);
    g_assert_cmphex(m[0], ==, 8);
    g_assert_cmphex(m[7], ==, 1);
    st24_le_p(m, 0xabcdef);
    g_assert_cmphex(m[2], ==, 0xab);
    g_assert_cmphex(m[3], ==, 5);
    st24_be_p(m, 0xabcdef);
    g_assert_cmphex(m[0], ==, 0xab);
}

static void test_values(void)
{
    const uint8_t *bytes = (const uint8_t *)&constant_le;
    uint32_t v = cpu_to_be32(0x01020304);
    uint16_t h = 0x1234;

    g_assert_cmphex(bytes[0], ==, 4);
    g_assert_cmphex(*(uint8_t *)&v, ==, 1);
    be32_to_cpus(&v);
    g_assert_cmphex(v, ==, 0x01020304);
    le16_to_cpus(&h);
    g_assert_cmphex(h, ==, le16_to_cpu(0x1234));
    g_assert_cmphex(bswap16(0x1234), ==, 0x3412);
    g_assert_cmphex(bswap64(0x0102030405060708ull), ==, 0x0807060504030201ull);
    g_assert_cmphex(le64_to_cpu(cpu_to_le64(0x0102030405060708ull)), ==, 0x0102030405060708ull);
    g_assert_cmphex(bswap24(0x010203), ==, 0x030201);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bswap/memory", test_memory);
    g_test_add_func("/bswap/values", test_values);
    return g_test_run();
}
