/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages cut from a stream: every fragmentation, every kind of rubbish. */
#include "qemu/osdep.h"
#include "monitor/json-framer.h"
#include "qapi/json.h"

/* What came out: messages in (), errors as !, in order. */
static char *run(const char *data, size_t len, size_t step)
{
    JsonFramer f;
    GString *out = g_string_new(NULL);

    json_framer_init(&f);
    for (size_t pos = 0; pos < len; ) {
        Error *err = NULL;
        size_t used;
        JsonFramerResult r = json_framer_feed(&f, data + pos, MIN(step, len - pos), &used,
                                              &err);

        g_assert_cmpuint(used, >, 0);
        pos += used;
        if (r == JSON_FRAMER_MESSAGE) {
            g_string_append_printf(out, "(%s)", f.text->str);
        } else if (r == JSON_FRAMER_ERROR) {
            g_assert_true(g_str_has_prefix(error_get_pretty(err), "JSON parse error, "));
            error_free(err);
            g_string_append_c(out, '!');
        }
    }
    json_framer_clear(&f);
    return g_string_free(out, FALSE);
}

typedef struct Case {
    const char *in;
    const char *out;
} Case;

static const Case cases[] = {
    { "{}", "({})" },
    { " \r\n\t{} \n ", "({})" },
    { "{\"a\":[1,{}]}[2]{}", "({\"a\":[1,{}]})([2])({})" },
    { "{\"a\":\"}]{[\"}", "({\"a\":\"}]{[\"})" },
    { "{\"a\":\"\\\"}\"}{}", "({\"a\":\"\\\"}\"})({})" },
    { "{\"a\":\"\\\\\"}{}", "({\"a\":\"\\\\\"})({})" },
    { "{\n \"a\": 1\n}\n", "({\n \"a\": 1\n})" },
    { "{\"a\":\"\xc3\xa4\"}", "({\"a\":\"\xc3\xa4\"})" },
    /* Mismatched brackets are the parser's business. */
    { "{]", "({])" },
    { "123\n{}\n", "(123\n)({})" },
    { "GET / HTTP/1.1\r\n{}", "(GET / HTTP/1.1\r\n)({})" },
    { "}\n{}", "!({})" },
    { "} {} \n{}", "!({})" },
    { "{\"a\": \x01 1}\n{}", "!({})" },
    { "{\xff}\n{}", "!({})" },
    { "\x7f\n{}", "!({})" },
    /* A string never spans lines: recovery right there. */
    { "{\"a\n{}", "!({})" },
    { "{\"a\\\n{}", "!({})" },
    { "{\"a", "" },
};

static void test_cases(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        size_t len = strlen(cases[i].in);

        for (size_t step = 1; step <= len; step++) {
            g_autofree char *out = run(cases[i].in, len, step);
            g_assert_cmpstr(out, ==, cases[i].out);
        }
    }
}

static void test_nul(void)
{
    static const char outside[] = "{\0}\n{}";
    static const char inside[] = "{\"a\0b\":1}\n{}";
    g_autofree char *a = run(outside, sizeof(outside) - 1, 3);
    g_autofree char *b = run(inside, sizeof(inside) - 1, 3);

    g_assert_cmpstr(a, ==, "!({})");
    g_assert_cmpstr(b, ==, "!({})");
}

static void test_depth(void)
{
    g_autofree char *open = g_strnfill(QAPI_JSON_MAX_DEPTH, '[');
    g_autofree char *close = g_strnfill(QAPI_JSON_MAX_DEPTH, ']');
    g_autofree char *fits = g_strconcat(open, close, NULL);
    g_autofree char *expect = g_strdup_printf("(%s)", fits);
    g_autofree char *deep = g_strconcat(open, "[]", close, "\n{}", NULL);
    g_autofree char *a = run(fits, strlen(fits), 7);
    g_autofree char *b = run(deep, strlen(deep), 7);

    g_assert_cmpstr(a, ==, expect);
    g_assert_cmpstr(b, ==, "!({})");
}

/* A message without end takes no more memory than the limit. */
static void test_size(void)
{
    JsonFramer f;
    g_autofree char *block = g_strnfill(64 * 1024, 'x');
    unsigned errors = 0;

    json_framer_init(&f);
    for (unsigned i = 0; i < 64; i++) {
        Error *err = NULL;
        size_t used;
        const char *data = i ? block : "{\"";
        size_t len = strlen(data);

        for (size_t pos = 0; pos < len; pos += used) {
            if (json_framer_feed(&f, data + pos, len - pos, &used, &err) ==
                JSON_FRAMER_ERROR) {
                errors++;
                error_free(err);
                err = NULL;
            }
            g_assert_cmpuint(f.text->allocated_len, <=, 4 * QAPI_JSON_MAX_BYTES);
        }
    }
    g_assert_cmpuint(errors, ==, 1);
    g_assert_cmpuint(f.text->allocated_len, <=, 4096);
    json_framer_clear(&f);
}

/* Random bytes: terminates, and every byte is used once. */
static void test_random(void)
{
    static const char alphabet[] = "{}[]\"\\\n ,:1a\x01\xff";

    for (int round = 0; round < 2000; round++) {
        char data[64];
        g_autofree char *whole = NULL;
        g_autofree char *pieces = NULL;

        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = alphabet[g_test_rand_int_range(0, sizeof(alphabet))];
        }
        whole = run(data, sizeof(data), sizeof(data));
        pieces = run(data, sizeof(data), g_test_rand_int_range(1, 9));
        g_assert_cmpstr(whole, ==, pieces);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/monitor/json-framer/cases", test_cases);
    g_test_add_func("/monitor/json-framer/nul", test_nul);
    g_test_add_func("/monitor/json-framer/depth", test_depth);
    g_test_add_func("/monitor/json-framer/size", test_size);
    g_test_add_func("/monitor/json-framer/random", test_random);
    return g_test_run();
}
