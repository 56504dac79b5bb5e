/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings, numbers and sizes from text, with the inputs that break naive parsers. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/util.h"
#include "qemu/cutils.h"
#include "qemu/id.h"
#include "qemu/units.h"

static void test_strings(void)
{
    char buf[8];
    const char *rest;

    pstrcpy(buf, sizeof(buf), "abcdefghij");
    g_assert_cmpstr(buf, ==, "abcdefg");
    pstrcpy(buf, sizeof(buf), "ab");
    pstrcat(buf, sizeof(buf), "cdefghij");
    g_assert_cmpstr(buf, ==, "abcdefg");
    strpadcpy(buf, 4, "xy", ' ');
    g_assert_cmpmem(buf, 5, "xy  e", 5);
    strpadcpy(buf, 4, "12345678", ' ');
    g_assert_cmpmem(buf, 5, "1234e", 5);
    g_assert_true(strstart("foobar", "foo", &rest));
    g_assert_cmpstr(rest, ==, "bar");
    g_assert_false(strstart("fo", "foo", &rest));
    g_assert_true(stristart("FOObar", "foo", NULL));
    g_assert_cmpint(qemu_strnlen("abc", 2), ==, 2);
    g_assert_cmpstr(qemu_strchrnul("abc", 'x'), ==, "");
}

typedef struct NumberCase {
    const char *text;
    int base;
    int ret;
    int64_t value;
    int rest;       /* characters left over; -1: endptr NULL was passed */
} NumberCase;

static const NumberCase signed_cases[] = {
    { "0", 0, 0, 0, 0 },
    { " -12", 0, 0, -12, 0 },
    { "+7", 10, 0, 7, 0 },
    { "0x10", 0, 0, 16, 0 },
    { "010", 0, 0, 8, 0 },
    { "12abc", 0, 0, 12, 3 },
    { "12abc", 0, -EINVAL, 12, -1 },
    { "", 0, -EINVAL, 0, 0 },
    { "- 5", 0, -EINVAL, 0, 3 },
    { "--5", 0, -EINVAL, 0, 3 },
    { "abc", 10, -EINVAL, 0, 3 },
    { "9223372036854775807", 0, 0, INT64_MAX, 0 },
    { "9223372036854775808", 0, -ERANGE, INT64_MAX, 0 },
    { "-9223372036854775808", 0, 0, INT64_MIN, 0 },
    { "-9223372036854775809", 0, -ERANGE, INT64_MIN, 0 },
    { "99999999999999999999999", 0, -ERANGE, INT64_MAX, 0 },
};

static void test_signed(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(signed_cases); i++) {
        const NumberCase *c = &signed_cases[i];
        const char *end;
        int64_t value;
        int ret = qemu_strtoi64(c->text, c->rest < 0 ? NULL : &end, c->base, &value);

        g_test_message("'%s'", c->text);
        g_assert_cmpint(ret, ==, c->ret);
        if (c->rest >= 0) {
            g_assert_cmpint(value, ==, c->value);
            g_assert_cmpuint(strlen(end), ==, c->rest);
        }
    }
}

static void test_widths(void)
{
    unsigned int u;
    uint64_t u64;
    int i;

    g_assert_cmpint(qemu_strtoi("2147483648", NULL, 0, &i), ==, -ERANGE);
    g_assert_cmpint(i, ==, INT_MAX);
    g_assert_cmpint(qemu_strtoui("4294967295", NULL, 0, &u), ==, 0);
    g_assert_cmpuint(u, ==, UINT_MAX);
    g_assert_cmpint(qemu_strtoui("4294967296", NULL, 0, &u), ==, -ERANGE);
    g_assert_cmpint(qemu_strtou64("18446744073709551615", NULL, 0, &u64), ==, 0);
    g_assert_cmpuint(u64, ==, UINT64_MAX);
    g_assert_cmpint(qemu_strtou64("18446744073709551616", NULL, 0, &u64), ==, -ERANGE);
    g_assert_cmpint(qemu_strtou64(NULL, NULL, 0, &u64), ==, -EINVAL);
    g_assert_cmpint(parse_uint_full("-1", 0, &u64), ==, -EINVAL);
    g_assert_cmpint(parse_uint_full("42", 0, &u64), ==, 0);
    g_assert_cmpuint(u64, ==, 42);
}

typedef struct SizeCase {
    const char *text;
    int ret;
    uint64_t value;
} SizeCase;

static const SizeCase size_cases[] = {
    { "0", 0, 0 },
    { "512", 0, 512 },
    { "512B", 0, 512 },
    { "4k", 0, 4 * KiB },
    { "4K", 0, 4 * KiB },
    { "1.5G", 0, 3 * GiB / 2 },
    { "0x1000", 0, 0x1000 },
    { "16E", -ERANGE, UINT64_MAX },
    { "15E", 0, 15ull * EiB },
    { "18446744073709551615", 0, UINT64_MAX },
    { "18446744073709551616", -ERANGE, UINT64_MAX },
    { "1.5", -EINVAL, 0 },
    { "-1", -EINVAL, 0 },
    { "", -EINVAL, 0 },
    { "12x", -EINVAL, 0 },
    { "k", -EINVAL, 0 },
    { " 4k", -EINVAL, 0 },
};

static void test_sizes(void)
{
    uint64_t value;

    for (size_t i = 0; i < ARRAY_SIZE(size_cases); i++) {
        const SizeCase *c = &size_cases[i];

        g_test_message("'%s'", c->text);
        g_assert_cmpint(qemu_strtosz(c->text, NULL, &value), ==, c->ret);
        g_assert_cmpuint(value, ==, c->value);
    }
    g_assert_cmpint(qemu_strtosz_MiB("3", NULL, &value), ==, 0);
    g_assert_cmpuint(value, ==, 3 * MiB);
    g_assert_cmpint(qemu_strtosz_metric("3k", NULL, &value), ==, 0);
    g_assert_cmpuint(value, ==, 3000);
}

static void test_text_of_numbers(void)
{
    g_autofree char *size = size_to_str(3 * GiB / 2);
    g_autofree char *freq = freq_to_str(33000000);
    g_autofree char *now = qemu_now_iso8601();

    g_assert_cmpstr(size, ==, "1.5 GiB");
    g_assert_cmpstr(freq, ==, "33 MHz");
    g_assert_cmpuint(strlen(now), ==, strlen("2026-01-31T12:00:00.123456Z"));
}

static void test_doubles(void)
{
    const char *end;
    double d;

    g_assert_cmpint(qemu_strtod("1.25x", &end, &d), ==, 0);
    g_assert_cmpfloat(d, ==, 1.25);
    g_assert_cmpstr(end, ==, "x");
    g_assert_cmpint(qemu_strtod("x", NULL, &d), ==, -EINVAL);
    g_assert_cmpint(qemu_strtod_finite("inf", NULL, &d), ==, -EINVAL);
}

static void test_hex_and_zero(void)
{
    uint8_t data[33] = { 0 };
    char line[QEMU_HEXDUMP_LINE_LEN + 1];

    g_assert_true(buffer_is_zero(data, sizeof(data)));
    data[32] = 'A';
    g_assert_false(buffer_is_zero(data, sizeof(data)));
    g_assert_true(buffer_is_zero(data, 32));
    g_assert_true(buffer_is_zero(data, 0));
    qemu_hexdump_line(line, data + 31, 2);
    g_assert_nonnull(strstr(line, " 00 41"));
    g_assert_nonnull(strstr(line, ".A"));
}

static void test_uleb128(void)
{
    static const uint32_t values[] = { 0, 1, 0x7f, 0x80, 0x3fff };
    uint8_t out[2], bad[2] = { 0x80, 0x80 };
    uint32_t n;

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        int len = uleb128_encode_small(out, values[i]);

        g_assert_cmpint(uleb128_decode_small(out, &n), ==, len);
        g_assert_cmpuint(n, ==, values[i]);
    }
    g_assert_cmpint(uleb128_decode_small(bad, &n), ==, -1);
}

static void test_qapi(void)
{
    static const char *const names[] = { "red", "green" };
    const QEnumLookup lookup = { .array = names, .size = 2 };
    Error *err = NULL;
    bool b;

    g_assert_cmpstr(qapi_enum_lookup(&lookup, 1), ==, "green");
    g_assert_cmpint(qapi_enum_parse(&lookup, "green", -1, &error_abort), ==, 1);
    g_assert_cmpint(qapi_enum_parse(&lookup, NULL, -1, &error_abort), ==, -1);
    g_assert_cmpint(qapi_enum_parse(&lookup, "blue", -1, &err), ==, -1);
    error_free_or_abort(&err);
    g_assert_true(qapi_bool_parse("x", "yes", &b, &error_abort) && b);
    g_assert_true(qapi_bool_parse("x", "off", &b, &error_abort) && !b);
    g_assert_false(qapi_bool_parse("x", "maybe", &b, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "'x'"));
    error_free_or_abort(&err);
    g_assert_cmpint(parse_qapi_name("a-b_c", true), ==, 5);
    g_assert_cmpint(parse_qapi_name("a,b", false), ==, 1);
    g_assert_cmpint(parse_qapi_name("a,b", true), ==, -1);
    g_assert_cmpint(parse_qapi_name("__com.x_foo", true), ==, 11);
    g_assert_cmpint(parse_qapi_name("1a", true), ==, -1);
}

static void test_ids(void)
{
    g_autofree char *a = id_generate(ID_BLOCK);
    g_autofree char *b = id_generate(ID_BLOCK);

    g_assert_cmpstr(a, !=, b);
    g_assert_false(id_wellformed(a));
    g_assert_true(id_wellformed("disk-0.a_b"));
    g_assert_false(id_wellformed("0disk"));
    g_assert_false(id_wellformed("a b"));
    g_assert_false(id_wellformed(""));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cutils/strings", test_strings);
    g_test_add_func("/cutils/signed", test_signed);
    g_test_add_func("/cutils/widths", test_widths);
    g_test_add_func("/cutils/sizes", test_sizes);
    g_test_add_func("/cutils/text", test_text_of_numbers);
    g_test_add_func("/cutils/doubles", test_doubles);
    g_test_add_func("/cutils/hex", test_hex_and_zero);
    g_test_add_func("/cutils/uleb128", test_uleb128);
    g_test_add_func("/cutils/qapi", test_qapi);
    g_test_add_func("/cutils/ids", test_ids);
    return g_test_run();
}
