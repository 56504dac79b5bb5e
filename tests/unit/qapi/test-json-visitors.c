/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values from and to a JSON tree: nesting, members nobody asked for, types that
 * do not fit, and the keyval form that also takes text.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qapi/json-visitor.h"

static JsonNode *tree(const char *text)
{
    return qapi_json_parse(text, strlen(text), &error_abort);
}

static void test_struct(void)
{
    g_autoptr(JsonNode) root = tree("{\"a\":1,\"b\":{\"c\":\"x\"},\"l\":[1,2]}");
    g_autoptr(Visitor) v = json_input_visitor_new(root);
    g_autoptr(intList) list = NULL;
    g_autofree char *c = NULL;
    bool present = true;
    int64_t a;

    g_assert_true(visit_start_struct(v, NULL, NULL, 0, &error_abort));
    g_assert_true(visit_type_int(v, "a", &a, &error_abort));
    g_assert_true(visit_start_struct(v, "b", NULL, 0, &error_abort));
    g_assert_true(visit_type_str(v, "c", &c, &error_abort));
    g_assert_true(visit_check_struct(v, &error_abort));
    visit_end_struct(v, NULL);
    g_assert_false(visit_optional(v, "zzz", &present));
    g_assert_false(present);
    g_assert_true(visit_optional(v, "l", &present));
    g_assert_true(visit_type_intList(v, "l", &list, &error_abort));
    g_assert_true(visit_check_struct(v, &error_abort));
    visit_end_struct(v, NULL);
    g_assert_cmpint(a, ==, 1);
    g_assert_cmpstr(c, ==, "x");
    g_assert_cmpint(list->next->value, ==, 2);
}

static void test_unexpected_and_missing(void)
{
    g_autoptr(JsonNode) root = tree("{\"a\":1,\"odd\":2}");
    g_autoptr(Visitor) v = json_input_visitor_new(root);
    Error *err = NULL;
    int64_t a;

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    visit_type_int(v, "a", &a, &error_abort);
    g_assert_false(visit_check_struct(v, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "Parameter 'odd' is unexpected");
    error_free_or_abort(&err);
    g_assert_false(visit_type_int(v, "b", &a, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "Parameter 'b' is missing");
    error_free_or_abort(&err);
    visit_end_struct(v, NULL);
}

/* A visit succeeds or sets an error, never both or neither. */
static bool consistent(bool ok, Error **err)
{
    g_assert(ok == !*err);
    error_free(*err);
    return ok;
}

#define READ(keyval, text, visit, value) ({                                 \
        g_autoptr(JsonNode) rn_ = tree(text);                               \
        g_autoptr(Visitor) rv_ = (keyval) ?                                 \
            json_input_visitor_new_keyval(rn_) : json_input_visitor_new(rn_); \
        Error *re_ = NULL;                                                  \
        consistent(visit(rv_, "p", (value), &re_), &re_);                   \
    })

static void test_types(void)
{
    int64_t i;
    uint64_t u;
    bool b;
    double d;
    char *s = NULL;

    g_assert_false(READ(false, "\"1\"", visit_type_int, &i));
    g_assert_true(READ(true, "\"0x20\"", visit_type_int, &i));
    g_assert_cmpint(i, ==, 32);
    g_assert_false(READ(true, "1.0", visit_type_int, &i));
    g_assert_false(READ(false, "-1", visit_type_uint64, &u));
    g_assert_true(READ(true, "\"18446744073709551615\"", visit_type_uint64, &u));
    g_assert_cmpuint(u, ==, UINT64_MAX);
    g_assert_true(READ(true, "\"2M\"", visit_type_size, &u));
    g_assert_cmpuint(u, ==, 2 << 20);
    g_assert_false(READ(false, "\"2M\"", visit_type_size, &u));
    g_assert_true(READ(false, "18446744073709551615", visit_type_uint64, &u));
    g_assert_cmpuint(u, ==, UINT64_MAX);
    g_assert_false(READ(false, "9223372036854775808", visit_type_int, &i));
    g_assert_false(READ(false, "9223372036854775808", visit_type_str, &s));
    g_assert_false(READ(false, "\"on\"", visit_type_bool, &b));
    g_assert_true(READ(true, "\"on\"", visit_type_bool, &b));
    g_assert_true(b);
    g_assert_false(READ(true, "1", visit_type_bool, &b));
    g_assert_true(READ(false, "3", visit_type_number, &d));
    g_assert_cmpfloat(d, ==, 3);
    g_assert_false(READ(true, "3", visit_type_str, &s));
    g_assert_null(s);
}

static void test_any_and_null(void)
{
    g_autoptr(JsonNode) root = tree("[null, {\"deep\":[1]}]");
    g_autoptr(Visitor) v = json_input_visitor_new(root);
    g_autoptr(JsonNode) any = NULL;
    g_autofree char *text = NULL;
    g_autofree GenericList *list = NULL;
    g_autofree GenericList *second = NULL;

    g_assert_true(visit_start_list(v, NULL, &list, sizeof(*list), &error_abort));
    g_assert_true(visit_type_null(v, NULL, &error_abort));
    second = visit_next_list(v, list, sizeof(*list));
    g_assert_nonnull(second);
    g_assert_true(visit_type_any(v, NULL, &any, &error_abort));
    g_assert_true(visit_check_list(v, &error_abort));
    visit_end_list(v, NULL);
    text = qapi_json_print(any);
    g_assert_cmpstr(text, ==, "{\"deep\":[1]}");
}

/* An error says where in the tree it is. */
static void test_names(void)
{
    g_autoptr(JsonNode) root = tree("{\"disks\":[{\"size\":1},{\"size\":true}]}");
    g_autoptr(Visitor) v = json_input_visitor_new(root);
    g_autofree GenericList *list = NULL, *second = NULL;
    uint8_t u;
    Error *err = NULL;

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    visit_start_list(v, "disks", &list, sizeof(*list), &error_abort);
    second = visit_next_list(v, list, sizeof(*list));
    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    g_assert_false(visit_type_uint8(v, "size", &u, &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Invalid parameter type for 'disks[1].size', expected: integer");
    error_free_or_abort(&err);
    g_assert_false(visit_type_uint8(v, "path", &u, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "Parameter 'disks[1].path' is missing");
    error_free_or_abort(&err);
    visit_end_struct(v, NULL);
    g_assert_true(visit_check_list(v, &error_abort));
    visit_end_list(v, NULL);
    visit_end_struct(v, NULL);
}

static void test_bad_list_element(void)
{
    uint8List *list = (uint8List *)1;

    g_assert_false(READ(false, "[1,2,300]", visit_type_uint8List, &list));
    g_assert_null(list);
}

static void test_output(void)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    g_autofree char *text = NULL;
    int64_t i = -1;
    uint64_t big = UINT64_MAX;
    char *s = NULL;
    bool b = false;

    visit_start_struct(v, NULL, NULL, 0, &error_abort);
    visit_type_int(v, "i", &i, &error_abort);
    visit_type_uint64(v, "u", &big, &error_abort);
    visit_type_str(v, "s", &s, &error_abort);
    visit_start_struct(v, "in", NULL, 0, &error_abort);
    visit_type_bool(v, "b", &b, &error_abort);
    visit_end_struct(v, NULL);
    visit_end_struct(v, NULL);
    visit_complete(v, &node);
    text = qapi_json_print(node);
    g_assert_cmpstr(text, ==, "{\"i\":-1,\"u\":18446744073709551615,\"s\":\"\","
                    "\"in\":{\"b\":false}}");
    json_node_unref(node);
}

static void test_output_not_utf8(void)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    char raw[] = "a\xff\xc3", *text = raw;

    visit_type_str(v, NULL, &text, &error_abort);
    visit_complete(v, &node);
    g_assert_cmpstr(json_node_get_string(node), ==, "a\xef\xbf\xbd\xef\xbf\xbd");
    json_node_unref(node);
}

static void test_output_scalar(void)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    uint8_t u = 200;

    visit_type_uint8(v, "ignored", &u, &error_abort);
    visit_complete(v, &node);
    g_assert_cmpint(json_node_get_int(node), ==, 200);
    json_node_unref(node);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-visitors/struct", test_struct);
    g_test_add_func("/json-visitors/unexpected", test_unexpected_and_missing);
    g_test_add_func("/json-visitors/types", test_types);
    g_test_add_func("/json-visitors/any", test_any_and_null);
    g_test_add_func("/json-visitors/names", test_names);
    g_test_add_func("/json-visitors/bad-element", test_bad_list_element);
    g_test_add_func("/json-visitors/output", test_output);
    g_test_add_func("/json-visitors/output-not-utf8", test_output_not_utf8);
    g_test_add_func("/json-visitors/output-scalar", test_output_scalar);
    return g_test_run();
}
