/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UUIDs: text both ways, version bits, order of bytes. */
#include "qemu/osdep.h"
#include "qemu/uuid.h"

static const char sample[] = "586ece27-7f09-41e0-9e74-e901317e9d42";

static void test_text(void)
{
    static const char *const bad[] = {
        "", "586ece27-7f09-41e0-9e74-e901317e9d4", "586ece27-7f09-41e0-9e74-e901317e9d422",
        "586ece277f09-41e0-9e74-e901317e9d42", "586ece27-7f09-41e0-9e74-e901317e9d4g",
        "586ece27 7f09-41e0-9e74-e901317e9d42", "+86ece27-7f09-41e0-9e74-e901317e9d42",
    };
    QemuUUID u, untouched = { { { 1 } } };
    char text[UUID_STR_LEN];
    g_autofree char *copy = NULL;

    g_assert_cmpint(qemu_uuid_parse(sample, &u), ==, 0);
    g_assert_cmphex(u.data[0], ==, 0x58);
    g_assert_cmphex(u.data[15], ==, 0x42);
    qemu_uuid_unparse(&u, text);
    g_assert_cmpstr(text, ==, sample);
    copy = qemu_uuid_unparse_strdup(&u);
    g_assert_cmpstr(copy, ==, sample);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        u = untouched;
        g_assert_cmpint(qemu_uuid_parse(bad[i], &u), ==, -1);
        g_assert_true(qemu_uuid_is_equal(&u, &untouched));
    }
}

static void test_values(void)
{
    const unsigned char be[16] = UUID(0x586ece27, 0x7f09, 0x41e0, 0x9e, 0x74,
                                      0xe9, 0x01, 0x31, 0x7e, 0x9d, 0x42);
    QemuUUID a, b, null = { 0 };

    qemu_uuid_parse(sample, &a);
    g_assert_cmpmem(a.data, 16, be, 16);
    b = qemu_uuid_bswap(a);
    g_assert_cmphex(b.data[0], ==, 0x27);
    g_assert_false(qemu_uuid_is_equal(&a, &b));
    b = qemu_uuid_bswap(b);
    g_assert_true(qemu_uuid_is_equal(&a, &b));
    g_assert_cmpuint(qemu_uuid_hash(&a), ==, qemu_uuid_hash(&b));
    g_assert_true(qemu_uuid_is_null(&null));
    qemu_uuid_generate(&a);
    qemu_uuid_generate(&b);
    g_assert_false(qemu_uuid_is_equal(&a, &b));
    g_assert_cmphex(a.data[6] >> 4, ==, 4);
    g_assert_cmphex(a.data[8] >> 6, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uuid/text", test_text);
    g_test_add_func("/uuid/values", test_values);
    return g_test_run();
}
