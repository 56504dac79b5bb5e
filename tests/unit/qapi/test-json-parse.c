/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The strict JSON parser: what it takes, what it refuses and with which words,
 * and that its limits hold.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/json.h"

static JsonNode *parse(const char *text)
{
    return qapi_json_parse(text, strlen(text), &error_abort);
}

/* Printed again, a value looks as expected. */
static void check_same(const char *text, const char *expect)
{
    g_autoptr(JsonNode) node = parse(text);
    g_autofree char *out = qapi_json_print(node);

    g_assert_cmpstr(out, ==, expect);
}

static void check_bad_len(const char *text, size_t len, const char *why)
{
    Error *err = NULL;

    g_assert_null(qapi_json_parse(text, len, &err));
    g_assert_nonnull(err);
    if (!strstr(error_get_pretty(err), why)) {
        g_error("'%s' does not say '%s' for '%s'", error_get_pretty(err), why, text);
    }
    error_free(err);
}

static void check_bad(const char *text, const char *why)
{
    check_bad_len(text, strlen(text), why);
}

static void test_good(void)
{
    check_same(" { \"a\" : [ 1 , -2, true,false ,null ] , \"b\":{} }\n",
               "{\"a\":[1,-2,true,false,null],\"b\":{}}");
    check_same("[]", "[]");
    check_same("9223372036854775807", "9223372036854775807");
    check_same("-9223372036854775808", "-9223372036854775808");
    check_same("9223372036854775808", "9223372036854775808");
    check_same("18446744073709551615", "18446744073709551615");
    check_same("0", "0");
    check_same("1.5e1", "15.0");
    check_same("50e16", "5e+17");
    check_same("-0.25", "-0.25");
    check_same("\"\\u0001\\u007f\\n\\\"\"", "\"\\u0001\\u007f\\n\\\"\"");
}

static void test_strings(void)
{
    g_autoptr(JsonNode) node = parse("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00 \"");

    g_assert_cmpstr(json_node_get_string(node), ==,
                    "a\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x98\x80 ");
}

static void test_bad_strings(void)
{
    check_bad("\"abc", "closing quote");
    check_bad("\"a\nb\"", "control character");
    check_bad("\"\\x\"", "unknown escape");
    check_bad("\"\\u12g4\"", "four hexadecimal");
    check_bad("\"\\u12\"", "four hexadecimal");
    check_bad("\"\\ud800\"", "surrogate");
    check_bad("\"\\ud800\\u0041\"", "surrogate");
    check_bad("\"\\udc00\"", "cannot be used");
    check_bad("\"\\u0000\"", "cannot be used");
    check_bad("\"\xff\"", "not UTF-8");
    check_bad_len("\"a\0b\"", 5, "not UTF-8");
}

static void test_bad_structure(void)
{
    check_bad("", "text ends");
    check_bad("   ", "text ends");
    check_bad("{", "name of a member");
    check_bad("{\"a\"}", "expected ':'");
    check_bad("{\"a\":}", "expected a value");
    check_bad("{\"a\":1,}", "name of a member");
    check_bad("[1,]", "expected a value");
    check_bad("[1 2]", "expected ',' or ']'");
    check_bad("{\"a\":1 \"b\":2}", "expected ',' or '}'");
    check_bad("{\"a\":1,\"a\":2}", "given twice");
    check_bad("{a:1}", "name of a member");
    check_bad("/* x */ 1", "expected a value");
    check_bad("1 2", "text after");
    check_bad("truex", "expected a value");
    check_bad("tru", "expected a value");
    check_bad("'a'", "expected a value");
}

static void test_bad_numbers(void)
{
    check_bad("01", "malformed number");
    check_bad("-", "malformed number");
    check_bad("1.", "malformed number");
    check_bad("1e", "malformed number");
    check_bad("18446744073709551616", "64 bits");
    check_bad("-9223372036854775809", "64 bits");
    check_bad("1e999", "out of range");
    check_bad("+1", "expected a value");
    check_bad("NaN", "expected a value");
    check_bad("0x10", "text after");
}

static void test_depth(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) node = NULL;
    int i;

    for (i = 0; i < QAPI_JSON_MAX_DEPTH; i++) {
        g_string_append_c(text, '[');
    }
    for (i = 0; i < QAPI_JSON_MAX_DEPTH; i++) {
        g_string_append_c(text, ']');
    }
    node = parse(text->str);
    g_assert_nonnull(node);

    g_string_prepend_c(text, '[');
    g_string_append_c(text, ']');
    check_bad(text->str, "too deeply");
}

static void test_tokens(void)
{
    g_autoptr(GString) text = g_string_new("[1");
    unsigned i;

    /* the array itself is one */
    for (i = 2; i < QAPI_JSON_MAX_TOKENS; i++) {
        g_string_append(text, ",1");
    }
    g_string_append_c(text, ']');
    json_node_unref(parse(text->str));

    g_string_truncate(text, text->len - 1);
    g_string_append(text, ",1]");
    check_bad(text->str, "too many");
}

static void test_bytes(void)
{
    g_autofree char *text = g_malloc(QAPI_JSON_MAX_BYTES + 1);

    memset(text, ' ', QAPI_JSON_MAX_BYTES + 1);
    text[0] = '1';
    json_node_unref(qapi_json_parse(text, QAPI_JSON_MAX_BYTES, &error_abort));
    check_bad_len(text, QAPI_JSON_MAX_BYTES + 1, "longer than");
}

static void test_object_only(void)
{
    g_autoptr(JsonObject) obj = qapi_json_parse_object("{\"x\":1}", 7, &error_abort);
    Error *err = NULL;

    g_assert_cmpint(json_object_get_int_member(obj, "x"), ==, 1);
    g_assert_null(qapi_json_parse_object("[1]", 3, &err));
    error_free_or_abort(&err);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-parse/good", test_good);
    g_test_add_func("/json-parse/strings", test_strings);
    g_test_add_func("/json-parse/bad-strings", test_bad_strings);
    g_test_add_func("/json-parse/bad-structure", test_bad_structure);
    g_test_add_func("/json-parse/bad-numbers", test_bad_numbers);
    g_test_add_func("/json-parse/depth", test_depth);
    g_test_add_func("/json-parse/tokens", test_tokens);
    g_test_add_func("/json-parse/bytes", test_bytes);
    g_test_add_func("/json-parse/object-only", test_object_only);
    return g_test_run();
}
