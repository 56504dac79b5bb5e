/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values from text and to text: every scalar with good and bad values, ranges
 * of narrow integers, lists and the limits of lists.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-types-common.h"
#include "qapi/string-input-visitor.h"
#include "qapi/string-output-visitor.h"

/* A visit succeeds or sets an error, never both or neither. */
static bool consistent(bool ok, Error **err)
{
    g_assert(ok == !*err);
    error_free(*err);
    return ok;
}

/* Reads @text with @visit into @value; false when it was refused. */
#define READ(visit, text, value) ({                                         \
        g_autoptr(Visitor) rv_ = string_input_visitor_new(text);            \
        Error *re_ = NULL;                                                  \
        consistent(visit(rv_, "p", (value), &re_), &re_);                   \
    })

static void test_int(void)
{
    int64_t v = 7;

    g_assert_true(READ(visit_type_int, "-42", &v));
    g_assert_cmpint(v, ==, -42);
    g_assert_true(READ(visit_type_int, "0x10", &v));
    g_assert_cmpint(v, ==, 16);
    g_assert_true(READ(visit_type_int, "-9223372036854775808", &v));
    g_assert_cmpint(v, ==, INT64_MIN);
    g_assert_false(READ(visit_type_int, "", &v));
    g_assert_false(READ(visit_type_int, " 1", &v));
    g_assert_false(READ(visit_type_int, "1 ", &v));
    g_assert_false(READ(visit_type_int, "9223372036854775808", &v));
    g_assert_false(READ(visit_type_int, "one", &v));
}

static void test_narrow(void)
{
    uint8_t u8 = 9;
    int8_t i8 = 9;
    uint16_t u16;
    uint32_t u32;
    int32_t i32;

    g_assert_true(READ(visit_type_uint8, "255", &u8));
    g_assert_cmpuint(u8, ==, 255);
    g_assert_false(READ(visit_type_uint8, "256", &u8));
    g_assert_false(READ(visit_type_uint8, "-1", &u8));
    g_assert_cmpuint(u8, ==, 255);
    g_assert_true(READ(visit_type_int8, "-128", &i8));
    g_assert_false(READ(visit_type_int8, "128", &i8));
    g_assert_cmpint(i8, ==, -128);
    g_assert_true(READ(visit_type_uint16, "0xffff", &u16));
    g_assert_false(READ(visit_type_uint16, "0x10000", &u16));
    g_assert_true(READ(visit_type_uint32, "4294967295", &u32));
    g_assert_false(READ(visit_type_uint32, "4294967296", &u32));
    g_assert_true(READ(visit_type_int32, "-2147483648", &i32));
    g_assert_false(READ(visit_type_int32, "2147483648", &i32));
}

static void test_uint64(void)
{
    uint64_t v;

    g_assert_true(READ(visit_type_uint64, "18446744073709551615", &v));
    g_assert_cmpuint(v, ==, UINT64_MAX);
    g_assert_false(READ(visit_type_uint64, "18446744073709551616", &v));
    g_assert_false(READ(visit_type_uint64, "-1", &v));
}

static void test_size(void)
{
    uint64_t v;

    g_assert_true(READ(visit_type_size, "512", &v));
    g_assert_cmpuint(v, ==, 512);
    g_assert_true(READ(visit_type_size, "4k", &v));
    g_assert_cmpuint(v, ==, 4096);
    g_assert_true(READ(visit_type_size, "1.5G", &v));
    g_assert_cmpuint(v, ==, 1610612736);
    g_assert_true(READ(visit_type_size, "0x1000", &v));
    g_assert_cmpuint(v, ==, 4096);
    g_assert_true(READ(visit_type_size, "010", &v));
    g_assert_cmpuint(v, ==, 10);
    g_assert_true(READ(visit_type_size, "15E", &v));
    g_assert_cmpuint(v, ==, 15ULL << 60);
    g_assert_false(READ(visit_type_size, "16E", &v));
    g_assert_false(READ(visit_type_size, "1.5", &v));
    g_assert_false(READ(visit_type_size, "-1k", &v));
    g_assert_false(READ(visit_type_size, "4kk", &v));
    g_assert_false(READ(visit_type_size, "4x", &v));
    g_assert_false(READ(visit_type_size, "k", &v));
    g_assert_false(READ(visit_type_size, "", &v));
}

static void test_bool_number_str(void)
{
    g_autofree char *s = NULL;
    double d;
    bool b;

    g_assert_true(READ(visit_type_bool, "on", &b));
    g_assert_true(b);
    g_assert_true(READ(visit_type_bool, "no", &b));
    g_assert_false(b);
    g_assert_false(READ(visit_type_bool, "ON", &b));
    g_assert_false(READ(visit_type_bool, "1", &b));
    g_assert_true(READ(visit_type_number, "-2.5", &d));
    g_assert_cmpfloat(d, ==, -2.5);
    g_assert_false(READ(visit_type_number, "inf", &d));
    g_assert_false(READ(visit_type_number, "1e999", &d));
    g_assert_true(READ(visit_type_str, "a,b", &s));
    g_assert_cmpstr(s, ==, "a,b");
}

static bool visit_onoffauto(Visitor *v, const char *name, int *obj, Error **errp)
{
    return visit_type_enum(v, name, obj, &OnOffAuto_lookup, errp);
}

static void test_enum(void)
{
    g_autoptr(Visitor) v = string_input_visitor_new("maybe");
    Error *err = NULL;
    int value = -1;

    g_assert_true(READ(visit_onoffauto, "off", &value));
    g_assert_cmpint(value, ==, ON_OFF_AUTO_OFF);
    g_assert_false(visit_onoffauto(v, "rombar", &value, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "'rombar'"));
    g_assert_nonnull(strstr(error_get_pretty(err), "'maybe'"));
    g_assert_nonnull(strstr(error_get_pretty(err), "auto, on, off"));
    g_assert_cmpint(value, ==, ON_OFF_AUTO_OFF);
    error_free(err);
}

static void check_list(const char *text, const char *expect)
{
    g_autoptr(Visitor) in = string_input_visitor_new(text);
    g_autofree char *out = NULL;
    g_autoptr(Visitor) ov = string_output_visitor_new(false, &out);
    g_autoptr(intList) list = NULL;

    g_assert_true(visit_type_intList(in, "l", &list, &error_abort));
    g_assert_true(visit_type_intList(ov, "l", &list, &error_abort));
    visit_complete(ov, &out);
    g_assert_cmpstr(out, ==, expect);
}

static void test_int_list(void)
{
    g_autoptr(intList) list = NULL;
    g_autoptr(uint8List) bytes = NULL;

    check_list("", "");
    check_list("5", "5");
    check_list("1,2,3", "1,2,3");
    check_list("0-3,8,-2", "0,1,2,3,8,-2");
    check_list("-3--1", "-3,-2,-1");
    g_assert_false(READ(visit_type_intList, "3-1", &list));
    g_assert_null(list);
    g_assert_false(READ(visit_type_intList, "1,", &list));
    g_assert_false(READ(visit_type_intList, "0-65536", &list));
    g_assert_false(READ(visit_type_intList, "0-9223372036854775807", &list));
    g_assert_false(READ(visit_type_uint8List, "250-260", &bytes));
    g_assert_null(bytes);
}

static void test_list_limit(void)
{
    g_autoptr(intList) list = NULL;

    g_assert_true(READ(visit_type_intList, "0-65535", &list));
    qapi_free_intList(g_steal_pointer(&list));
    g_assert_false(READ(visit_type_intList, "0-65535,7", &list));
    g_assert_null(list);
}

static void test_str_list(void)
{
    g_autoptr(strList) list = NULL;

    g_assert_true(READ(visit_type_strList, "a,,b-c", &list));
    g_assert_cmpstr(list->value, ==, "a");
    g_assert_cmpstr(list->next->value, ==, "");
    g_assert_cmpstr(list->next->next->value, ==, "b-c");
    g_assert_null(list->next->next->next);
}

static void test_no_struct(void)
{
    g_autoptr(Visitor) v = string_input_visitor_new("x");
    void *obj = (void *)1;
    Error *err = NULL;

    g_assert_false(visit_start_struct(v, "s", &obj, 8, &err));
    g_assert_null(obj);
    error_free_or_abort(&err);
}

#define WRITE(human, visit, value) ({                                       \
        char *out_ = NULL;                                                  \
        g_autoptr(Visitor) wv_ = string_output_visitor_new(human, &out_);   \
        visit(wv_, NULL, (value), &error_abort);                            \
        visit_complete(wv_, &out_);                                         \
        out_;                                                               \
    })

static void check_text(char *text, const char *expect)
{
    g_assert_cmpstr(text, ==, expect);
    g_free(text);
}

static void test_output(void)
{
    int64_t i = -5;
    uint64_t u = UINT64_MAX, size = 4096;
    bool b = true;
    char *s = (char *)"hi", *none = NULL;

    check_text(WRITE(false, visit_type_int, &i), "-5");
    check_text(WRITE(false, visit_type_uint64, &u), "18446744073709551615");
    check_text(WRITE(true, visit_type_size, &size), "4096 (4.0\xc2\xa0KiB)");
    check_text(WRITE(false, visit_type_bool, &b), "true");
    check_text(WRITE(true, visit_type_str, &s), "\"hi\"");
    check_text(WRITE(true, visit_type_str, &none), "<null>");
    check_text(WRITE(false, visit_type_str, &none), "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/string-visitors/int", test_int);
    g_test_add_func("/string-visitors/narrow", test_narrow);
    g_test_add_func("/string-visitors/uint64", test_uint64);
    g_test_add_func("/string-visitors/size", test_size);
    g_test_add_func("/string-visitors/bool-number-str", test_bool_number_str);
    g_test_add_func("/string-visitors/enum", test_enum);
    g_test_add_func("/string-visitors/int-list", test_int_list);
    g_test_add_func("/string-visitors/list-limit", test_list_limit);
    g_test_add_func("/string-visitors/str-list", test_str_list);
    g_test_add_func("/string-visitors/no-struct", test_no_struct);
    g_test_add_func("/string-visitors/output", test_output);
    return g_test_run();
}
