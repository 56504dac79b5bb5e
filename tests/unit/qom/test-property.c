/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of every kind: good and bad values by text, by C value and by
 * JSON; links, aliases; iteration, defaults and help.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/error.h"
#include "qapi/json.h"
#include "test-object.h"

static Object *a, *b;

static void check_refused(bool ok, Error **err, const char *why)
{
    g_assert_false(ok);
    g_assert_nonnull(*err);
    if (!strstr(error_get_pretty(*err), why)) {
        g_error("'%s' does not say '%s'", error_get_pretty(*err), why);
    }
    error_free_or_abort(err);
}

static void refuse_text(const char *name, const char *text, const char *why)
{
    Error *err = NULL;
    bool ok = object_property_parse(a, name, text, &err);

    check_refused(ok, &err, why);
}

static void check_print(const char *name, const char *expect)
{
    g_autofree char *text = object_property_print(a, name, false, &error_abort);

    g_assert_cmpstr(text, ==, expect);
}

static void test_text(void)
{
    object_property_parse(a, "text", "hello", &error_abort);
    check_print("text", "hello");
    refuse_text("text", "bad", "this text is bad");
    check_print("text", "hello");
    object_property_parse(a, "flag", "off", &error_abort);
    check_print("flag", "false");
    refuse_text("flag", "perhaps", "'on' or 'off'");
    object_property_parse(a, "mode", "off", &error_abort);
    check_print("mode", "off");
    refuse_text("mode", "sideways", "auto, on, off");
    object_property_parse(a, "u8", "0xff", &error_abort);
    check_print("u8", "255");
    refuse_text("u8", "256", "0 to 255");
    refuse_text("u16", "-1", "'-1'");
    object_property_parse(a, "u64", "18446744073709551615", &error_abort);
    check_print("u64", "18446744073709551615");
    refuse_text("u32", "1", "not writable");
    refuse_text("nope", "1", "Property 'test-probe.nope' not found");
    refuse_text("birth", "1", "not writable");
    g_assert_nonnull(strstr(object_property_get_type(a, "mode", &error_abort), "OnOffAuto"));
}

static void test_values(void)
{
    g_autofree char *text = NULL;
    Error *err = NULL;

    object_property_set_str(a, "text", "x", &error_abort);
    text = object_property_get_str(a, "text", &error_abort);
    g_assert_cmpstr(text, ==, "x");
    object_property_set_bool(a, "flag", true, &error_abort);
    g_assert_true(object_property_get_bool(a, "flag", &error_abort));
    object_property_set_int(a, "u8", 12, &error_abort);
    g_assert_cmpint(object_property_get_int(a, "u8", &error_abort), ==, 12);
    object_property_set_uint(a, "u64", UINT64_MAX, &error_abort);
    g_assert_cmpuint(object_property_get_uint(a, "u64", &error_abort), ==, UINT64_MAX);
    object_property_set_str(a, "mode", "on", &error_abort);
    g_assert_cmpint(object_property_get_enum(a, "mode", "OnOffAuto", &error_abort), ==,
                    ON_OFF_AUTO_ON);

    check_refused(object_property_set_int(a, "u8", -1, &err), &err, "not -1");
    check_refused(object_property_set_uint(a, "u8", 300, &err), &err, "0 to 255");
    check_refused(object_property_set_str(a, "u8", "12", &err), &err, "integer");
    check_refused(object_property_set_bool(a, "text", true, &err), &err, "string");
    g_assert_null(object_property_get_str(a, "u8", &err));
    error_free_or_abort(&err);
    g_assert_cmpint(object_property_get_int(a, "text", &err), ==, -1);
    error_free_or_abort(&err);
    g_assert_cmpint(object_property_get_enum(a, "mode", "OnOffSplit", &err), ==, -1);
    error_free_or_abort(&err);
    g_assert_cmpint(object_property_get_enum(a, "u8", "OnOffAuto", &err), ==, -1);
    error_free_or_abort(&err);
}

static void test_json(void)
{
    const char *text = "{\"text\":\"j\",\"u8\":\"0x11\",\"flag\":\"off\",\"u64\":5}";
    g_autoptr(JsonObject) good = qapi_json_parse_object(text, strlen(text), &error_abort);
    g_autoptr(JsonObject) bad = qapi_json_parse_object("{\"u8\":[]}", 9, &error_abort);
    g_autoptr(JsonNode) birth = NULL;
    g_autofree char *out = NULL;
    Error *err = NULL;

    object_set_properties_from_json(a, good, &error_abort);
    g_assert_cmpstr(PROBE(a)->text, ==, "j");
    g_assert_cmpuint(PROBE(a)->u8, ==, 0x11);
    g_assert_false(PROBE(a)->flag);
    g_assert_cmpuint(PROBE(a)->u64, ==, 5);
    check_refused(object_set_properties_from_json(a, bad, &err), &err, "'u8'");
    birth = object_property_get_json(a, "birth", &error_abort);
    out = qapi_json_print(birth);
    g_assert_nonnull(strstr(out, "\"tm_mday\":29"));
}

static void test_default(void)
{
    g_autoptr(Object) fresh = object_new(TYPE_PROBE);

    g_assert_true(PROBE(fresh)->flag);
}

/* --- links ------------------------------------------------------------ */

static void test_weak_link(void)
{
    g_autofree char *path = NULL;
    Error *err = NULL;

    object_property_set_link(a, "weak", b, &error_abort);
    g_assert_true(PROBE(a)->weak == b);
    g_assert_true(object_property_get_link(a, "weak", &error_abort) == b);
    path = object_property_print(a, "weak", false, &error_abort);
    g_assert_cmpstr(path, ==, "/b");
    g_assert_true(object_resolve_path("/a/weak", NULL) == b);

    object_property_set_link(a, "weak", NULL, &error_abort);
    g_assert_null(PROBE(a)->weak);
    object_property_parse(a, "weak", "/b", &error_abort);
    g_assert_true(PROBE(a)->weak == b);
    object_property_parse(a, "weak", "", &error_abort);
    g_assert_null(PROBE(a)->weak);

    refuse_text("weak", "/nowhere", "Device '/nowhere' not found");
    refuse_text("weak", "/", "Invalid parameter type for 'weak', expected: test-probe");
    check_refused(object_property_set_link(a, "weak", object_get_root(), &err), &err,
                  "expected: test-probe");
    PROBE(a)->refuse_link = true;
    check_refused(object_property_set_link(a, "weak", b, &err), &err, "no new links");
    PROBE(a)->refuse_link = false;
    g_assert_null(PROBE(a)->weak);
}

static void test_strong_link(void)
{
    Object *owner = object_new(TYPE_PROBE);
    Object *target = object_new(TYPE_PROBE);
    int alive = probes_alive;

    /* works for objects outside the tree too */
    object_property_set_link(owner, "strong", target, &error_abort);
    object_unref(target);
    g_assert_cmpint(probes_alive, ==, alive);
    object_property_set_link(owner, "strong", target, &error_abort);
    g_assert_cmpint(probes_alive, ==, alive);
    object_unref(owner);
    g_assert_cmpint(probes_alive, ==, alive - 2);
}

static void test_const_link(void)
{
    Error *err = NULL;

    object_property_add_const_link(a, "fixed", b);
    g_assert_true(object_property_get_link(a, "fixed", &error_abort) == b);
    check_refused(object_property_set_link(a, "fixed", NULL, &err), &err, "not writable");
    object_property_del(a, "fixed");
    g_assert_null(object_property_find(a, "fixed"));
}

/* --- aliases ---------------------------------------------------------- */

static void test_alias(void)
{
    g_autoptr(Object) front = object_new(TYPE_CONTAINER);
    Object *back = object_new(TYPE_PROBE);
    Error *err = NULL;

    object_property_add_child(front, "back", back);
    object_unref(back);
    object_property_add_alias(front, "words", back, "text");
    object_property_add_alias(front, "n", back, "u8");
    object_property_add_alias(front, "to", back, "weak");
    object_property_add_alias(front, "inner", front, "back");

    object_property_parse(front, "words", "via", &error_abort);
    g_assert_cmpstr(PROBE(back)->text, ==, "via");
    check_refused(object_property_parse(front, "n", "256", &err), &err, "0 to 255");
    object_property_set_link(front, "to", b, &error_abort);
    g_assert_true(PROBE(back)->weak == b);
    g_assert_true(object_property_get_link(front, "to", &error_abort) == b);
    g_assert_cmpstr(object_property_find(front, "words")->description, ==, "Any words");
    g_assert_cmpstr(object_property_find(front, "inner")->type, ==, "link<test-probe>");
    g_assert_true(object_resolve_path_component(front, "inner") == back);
}

/* --- iteration and help ----------------------------------------------- */

static void test_iterate(void)
{
    static const char *const want[] = { "text", "flag", "mode", "birth", "u8", "u16",
                                        "u32", "u64", "weak", "strong", "kid" };
    g_autoptr(Object) obj = object_new(TYPE_PROBE);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    ObjectPropertyIterator iter;
    ObjectProperty *prop;
    unsigned i;

    container_get(obj, "/kid");
    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        g_assert_true(g_hash_table_add(seen, prop->name));
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, ARRAY_SIZE(want));
    for (i = 0; i < ARRAY_SIZE(want); i++) {
        g_assert_true(g_hash_table_contains(seen, want[i]));
    }
}

static void test_help(void)
{
    g_autofree char *text = object_class_help(object_class_by_name(TYPE_PROBE), NULL);

    g_assert_true(g_str_has_prefix(text, "test-probe options:\n"));
    g_assert_nonnull(strstr(text, "\n  text=<string>          - Any words\n"));
    g_assert_nonnull(strstr(text, "\n  flag=<bool>            - (default: true)\n"));
    g_assert_nonnull(strstr(text, "\n  u8=<uint8>\n"));
    g_assert_null(strstr(text, "birth"));
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    probe_register();
    a = object_new_with_props(TYPE_PROBE, object_get_root(), "a", &error_abort, NULL);
    b = object_new_with_props(TYPE_PROBE, object_get_root(), "b", &error_abort, NULL);
    g_test_add_func("/property/text", test_text);
    g_test_add_func("/property/values", test_values);
    g_test_add_func("/property/json", test_json);
    g_test_add_func("/property/default", test_default);
    g_test_add_func("/property/weak-link", test_weak_link);
    g_test_add_func("/property/strong-link", test_strong_link);
    g_test_add_func("/property/const-link", test_const_link);
    g_test_add_func("/property/alias", test_alias);
    g_test_add_func("/property/iterate", test_iterate);
    g_test_add_func("/property/help", test_help);
    ret = g_test_run();
    object_unparent(a);
    object_unparent(b);
    g_assert_cmpint(probes_alive, ==, 0);
    return ret;
}
