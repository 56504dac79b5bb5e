/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prometheus' text format, byte by byte. */
#include "qemu/osdep.h"
#include "metrics/text.h"

#include <locale.h>

static void assert_text(GString *out, const char *expected)
{
    g_assert_cmpstr(out->str, ==, expected);
    g_string_free(out, TRUE);
}

static void test_family(void)
{
    GString *out = g_string_new(NULL);

    metrics_family(out, "a_total", METRICS_COUNTER, "Back\\slash, \"quotes\" and\nline.");
    metrics_sample(out, "a_total", NULL, 0);
    metrics_sample(out, "a_total", "", UINT64_MAX);
    metrics_family(out, "b", METRICS_GAUGE, "B.");
    metrics_sample(out, "b", "x=\"1\"", 7);
    assert_text(out, "# HELP a_total Back\\\\slash, \"quotes\" and\\nline.\n"
                "# TYPE a_total counter\n"
                "a_total 0\n"
                "a_total 18446744073709551615\n"
                "# HELP b B.\n"
                "# TYPE b gauge\n"
                "b{x=\"1\"} 7\n");
}

static void test_labels(void)
{
    g_autofree char *plain = metrics_labels("server", "s0", "device", "d0", NULL);
    g_autofree char *wild = metrics_labels("a", "q\"b\\n\nl", NULL);
    g_autofree char *bad = metrics_labels("a", "\xff", NULL);
    g_autofree char *more = metrics_labels_add(plain, "le", "+Inf");
    g_autofree char *alone = metrics_labels_add(NULL, "le", "1");

    g_assert_cmpstr(plain, ==, "server=\"s0\",device=\"d0\"");
    g_assert_cmpstr(wild, ==, "a=\"q\\\"b\\\\n\\nl\"");
    g_assert_true(g_utf8_validate(bad, -1, NULL));
    g_assert_cmpstr(more, ==, "server=\"s0\",device=\"d0\",le=\"+Inf\"");
    g_assert_cmpstr(alone, ==, "le=\"1\"");
}

static void test_histogram(void)
{
    static const int64_t bounds[] = { 1000, 2500000, 3000000000 };
    static const uint64_t counts[] = { 4, 0, 2, 1 };
    g_auto(GStrv) texts = metrics_bounds(bounds, 3);
    GString *out = g_string_new(NULL);

    metrics_sample_histogram(out, "t", "c=\"x\"", texts, counts, 1500000001);
    assert_text(out, "t_bucket{c=\"x\",le=\"1e-06\"} 4\n"
                "t_bucket{c=\"x\",le=\"0.0025\"} 4\n"
                "t_bucket{c=\"x\",le=\"3\"} 6\n"
                "t_bucket{c=\"x\",le=\"+Inf\"} 7\n"
                "t_sum{c=\"x\"} 1.500000001\n"
                "t_count{c=\"x\"} 7\n");
}

static void test_bare_histogram(void)
{
    static const int64_t bounds[] = { 1 };
    static const uint64_t counts[] = { 0, UINT64_MAX };
    g_auto(GStrv) texts = metrics_bounds(bounds, 1);
    GString *out = g_string_new(NULL);

    metrics_sample_histogram(out, "t", NULL, texts, counts, 0);
    assert_text(out, "t_bucket{le=\"1e-09\"} 0\n"
                "t_bucket{le=\"+Inf\"} 18446744073709551615\n"
                "t_sum 0\n"
                "t_count 18446744073709551615\n");
}

static bool run(const char *const *argv)
{
    int status;

    return g_spawn_sync(NULL, (char **)argv, NULL,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                        G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL) &&
           g_spawn_check_wait_status(status, NULL);
}

/* One that is made here, as few machines have one. */
static bool set_comma_locale(const char *folder)
{
    g_autofree char *place = g_build_filename(folder, "de_DE.UTF-8", NULL);
    const char *const make[] = { "localedef", "-i", "de_DE", "-f", "UTF-8", place, NULL };
    const char *const drop[] = { "rm", "-r", folder, NULL };
    bool set = false;

    if (run(make)) {
        g_setenv("LOCPATH", folder, TRUE);
        set = setlocale(LC_ALL, "de_DE.UTF-8");
        g_unsetenv("LOCPATH");
    }
    g_assert_true(run(drop));
    return set;
}

/* A comma as the decimal point would make another number of it. */
static void test_locale(void)
{
    g_autofree char *folder = g_dir_make_tmp("metrics-locale-XXXXXX", NULL);
    g_autofree char *text = NULL;
    GString *out = g_string_new(NULL);

    if (!set_comma_locale(folder)) {
        g_test_skip("no locale with a decimal comma: Debian's package locales has what makes one");
        g_string_free(out, TRUE);
        return;
    }
    text = g_strdup_printf("%.1f", 0.5);
    g_assert_cmpstr(text, ==, "0,5");
    metrics_sample_seconds(out, "t", NULL, 0.5);
    setlocale(LC_ALL, "C");
    assert_text(out, "t 0.5\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/text/family", test_family);
    g_test_add_func("/metrics/text/labels", test_labels);
    g_test_add_func("/metrics/text/histogram", test_histogram);
    g_test_add_func("/metrics/text/bare-histogram", test_bare_histogram);
    g_test_add_func("/metrics/text/locale", test_locale);
    return g_test_run();
}
