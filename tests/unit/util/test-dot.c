/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing that a user writes gets out of the quotes. */
#include "qemu/osdep.h"
#include "qemu/dot.h"

static const struct {
    const char *text, *quoted;
} rows[] = {
    { "", "\"\"" },
    { "d0", "\"d0\"" },
    { "a\"; b [label=\"x", "\"a\\\"; b [label=\\\"x\"" },
    { "back\\slash\\", "\"back\\\\slash\\\\\"" },
    { "two\nlines", "\"two\\nlines\"" },
    { "bell\a\t\x7f", "\"bell???\"" },
    { "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
    { "half \xc3", "\"half ?\"" },
    { "\xff\xfe raw", "\"?? raw\"" },
    { "<b>&amp;</b>", "\"<b>&amp;</b>\"" },
};

static void test_quoting(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) out = g_string_new(NULL);

        dot_append_quoted(out, rows[i].text);
        g_assert_cmpstr(out->str, ==, rows[i].quoted);
    }
}

/* Any bytes: valid UTF-8, one pair of quotes, and no way out of it. */
static void test_any_bytes(void)
{
    for (int n = 0; n < 5000; n++) {
        g_autoptr(GString) out = g_string_new(NULL);
        char text[16] = { 0 };
        const char *p;

        for (int i = 0; i < 15; i++) {
            text[i] = g_test_rand_bit() ? "\"\\\n"[g_test_rand_int_range(0, 3)]
                                        : g_test_rand_int_range(1, 256);
        }
        dot_append_quoted(out, text);
        g_assert_true(g_utf8_validate(out->str, -1, NULL));
        for (p = out->str + 1; *p && *p != '"'; p++) {
            p += *p == '\\';
        }
        g_assert_cmpstr(p, ==, "\"");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dot/quoting", test_quoting);
    g_test_add_func("/dot/any-bytes", test_any_bytes);
    return g_test_run();
}
