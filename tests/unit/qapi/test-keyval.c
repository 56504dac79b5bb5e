/* SPDX-License-Identifier: GPL-2.0-or-later */
/* key=value text: both dialects, escapes, nesting, arrays, and what is refused. */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "qapi/keyval.h"

typedef struct Case {
    const char *text;
    const char *implied;
    KeyvalDialect dialect;
    const char *json;       /* NULL: refused */
    bool help;
} Case;

static const Case cases[] = {
    { "", NULL, KEYVAL_FLAT, "{}" },
    { "a=1", NULL, KEYVAL_FLAT, "{\"a\":\"1\"}" },
    { "edu,id=d0", "driver", KEYVAL_FLAT, "{\"driver\":\"edu\",\"id\":\"d0\"}" },
    { "driver=edu,id=d0", "driver", KEYVAL_FLAT, "{\"driver\":\"edu\",\"id\":\"d0\"}" },
    { "a=1,", NULL, KEYVAL_FLAT, "{\"a\":\"1\"}" },
    { "a=,b=2", NULL, KEYVAL_FLAT, "{\"a\":\"\",\"b\":\"2\"}" },
    { "a=x,,y,b=,,", NULL, KEYVAL_FLAT, "{\"a\":\"x,y\",\"b\":\",\"}" },
    { "x,,y,a=1", "k", KEYVAL_FLAT, "{\"k\":\"x,y\",\"a\":\"1\"}" },
    { "a=b=c", NULL, KEYVAL_FLAT, "{\"a\":\"b=c\"}" },
    { "a=1,a=2", NULL, KEYVAL_FLAT, "{\"a\":\"2\"}" },
    { "a.b=1", NULL, KEYVAL_FLAT, "{\"a.b\":\"1\"}" },
    { "edu,foo,nobar", "driver", KEYVAL_FLAT,
      "{\"driver\":\"edu\",\"foo\":\"on\",\"bar\":\"off\"}" },
    { "edu,help", "driver", KEYVAL_FLAT, "{\"driver\":\"edu\"}", true },
    { "help", "driver", KEYVAL_FLAT, "{}", true },
    { "?", "driver", KEYVAL_NESTED, "{}", true },
    { "a=help", NULL, KEYVAL_FLAT, "{\"a\":\"help\"}" },
    { "=1", NULL, KEYVAL_FLAT, NULL },
    { "a=1,,", NULL, KEYVAL_FLAT, "{\"a\":\"1,\"}" },
    { "a=1,,,b=2", NULL, KEYVAL_FLAT, "{\"a\":\"1,\",\"b\":\"2\"}" },

    { "t,socket.type=unix,socket.path=/x", "qom-type", KEYVAL_NESTED,
      "{\"qom-type\":\"t\",\"socket\":{\"type\":\"unix\",\"path\":\"/x\"}}" },
    { "a.0=x,a.1=y", NULL, KEYVAL_NESTED, "{\"a\":[\"x\",\"y\"]}" },
    { "a.1=y,a.0=x", NULL, KEYVAL_NESTED, "{\"a\":[\"x\",\"y\"]}" },
    { "a.0.b=x,a.1.b=y", NULL, KEYVAL_NESTED, "{\"a\":[{\"b\":\"x\"},{\"b\":\"y\"}]}" },
    { "a.1=x", NULL, KEYVAL_NESTED, "{\"a\":{\"1\":\"x\"}}" },
    { "a.0=x,a.00=y", NULL, KEYVAL_NESTED, "{\"a\":{\"0\":\"x\",\"00\":\"y\"}}" },
    { "foo", NULL, KEYVAL_NESTED, NULL },
    { "t,foo", "qom-type", KEYVAL_NESTED, NULL },
    { "a=1,a.b=2", NULL, KEYVAL_NESTED, NULL },
    { "a.b=2,a=1", NULL, KEYVAL_NESTED, NULL },
    { "a..b=1", NULL, KEYVAL_NESTED, NULL },
    { ".a=1", NULL, KEYVAL_NESTED, NULL },
    { "a.=1", NULL, KEYVAL_NESTED, NULL },
    { ".=1", NULL, KEYVAL_NESTED, NULL },
    { "=1", NULL, KEYVAL_NESTED, NULL },
    { "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", NULL, KEYVAL_NESTED, NULL },
};

static void check(const Case *c)
{
    bool help;
    Error *err = NULL;
    g_autofree char *text = NULL;
    g_autoptr(JsonObject) obj = keyval_parse(c->text, c->implied, c->dialect, &help, &err);

    if (!c->json) {
        g_assert_null(obj);
        g_assert_nonnull(err);
        error_free(err);
        return;
    }
    g_assert_null(err);
    text = qapi_json_print_object(obj);
    g_assert_cmpstr(text, ==, c->json);
    g_assert_cmpint(help, ==, c->help);
}

static void test_cases(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_test_message("'%s'", cases[i].text);
        check(&cases[i]);
    }
}

static void test_messages(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "foo", "Expected '=' after parameter 'foo'" },
        { "=x", "Expected parameter before '=x'" },
        { "a=1,a.b=2", "Parameters 'a.b.*' used inconsistently" },
        { "a..b=1", "Invalid parameter 'a..b'" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        bool help;
        Error *err = NULL;

        g_assert_null(keyval_parse(rows[i].text, NULL, KEYVAL_NESTED, &help, &err));
        g_assert_cmpstr(error_get_pretty(err), ==, rows[i].message);
        error_free(err);
    }
}

static void test_json(void)
{
    bool help;
    Error *err = NULL;
    g_autoptr(JsonObject) obj = keyval_or_json_parse("{\"driver\": \"edu\", \"n\": 1}",
                                                     "driver", KEYVAL_FLAT, &help,
                                                     &error_abort);

    g_assert_cmpint(json_object_get_int_member(obj, "n"), ==, 1);
    g_assert_null(keyval_or_json_parse("{\"driver\": }", "driver", KEYVAL_FLAT, &help, &err));
    g_assert_nonnull(err);
    error_free(err);
}

static void test_merge(void)
{
    bool help;
    g_autoptr(JsonObject) into = keyval_parse("a=1,b=2", NULL, KEYVAL_FLAT, &help, &error_abort);
    g_autoptr(JsonObject) later = keyval_parse("b=3,c=4", NULL, KEYVAL_FLAT, &help,
                                               &error_abort);

    keyval_merge(into, later);
    g_assert_cmpuint(json_object_get_size(into), ==, 3);
    g_assert_cmpstr(json_object_get_string_member(into, "a"), ==, "1");
    g_assert_cmpstr(json_object_get_string_member(into, "b"), ==, "3");
    g_assert_cmpstr(json_object_get_string_member(into, "c"), ==, "4");
    g_assert_cmpuint(json_object_get_size(later), ==, 2);
}

/* Any text ends in an object or an error. */
static void test_random(void)
{
    static const char alphabet[] = "ab01.=,,?nohelp";

    for (int round = 0; round < 20000; round++) {
        char text[24];
        size_t len = g_test_rand_int_range(0, sizeof(text));
        bool help;
        Error *err = NULL;
        g_autoptr(JsonObject) obj = NULL;

        for (size_t i = 0; i < len; i++) {
            text[i] = alphabet[g_test_rand_int_range(0, sizeof(alphabet) - 1)];
        }
        text[len] = '\0';
        obj = keyval_parse(text, "i", KEYVAL_NESTED, &help, &err);
        g_assert_true(!obj == !!err);
        error_free(err);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi/keyval/cases", test_cases);
    g_test_add_func("/qapi/keyval/messages", test_messages);
    g_test_add_func("/qapi/keyval/json", test_json);
    g_test_add_func("/qapi/keyval/merge", test_merge);
    g_test_add_func("/qapi/keyval/random", test_random);
    return g_test_run();
}
