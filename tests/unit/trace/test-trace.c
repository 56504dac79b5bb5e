/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trace points: off, on by name and pattern, their lines, the -trace option. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "trace.h"
#include <glib/gstdio.h>

static char *dir, *path;

static void setup(void)
{
    dir = g_dir_make_tmp("trace-XXXXXX", NULL);
    path = g_build_filename(dir, "log", NULL);
    g_assert_true(qemu_set_log_filename_flags(path, 0, &error_abort));
}

static char *read_log(void)
{
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void teardown(void)
{
    trace_event_set_state_by_pattern("*", false);
    g_assert_true(qemu_set_log_filename_flags("", 0, &error_abort));
    g_unlink(path);
    g_rmdir(dir);
    g_free(path);
    g_free(dir);
}

static void fire_all(void)
{
    trace_unit_no_args();
    trace_unit_numbers(-1, 2, UINT64_MAX);
    trace_unit_pointer(NULL, "x");
    trace_unit_compiled_out(3);
}

static void test_off_and_on(void)
{
    g_autofree char *text = NULL;
    g_autofree char *prefix = g_strdup_printf("%d@", (int)getpid());

    setup();
    g_assert_false(trace_event_get_state_backends(TRACE_UNIT_NUMBERS));
    fire_all();
    g_assert_true(trace_enable_events("unit_numbers", &error_abort));
    g_assert_true(trace_event_get_state_backends(TRACE_UNIT_NUMBERS));
    fire_all();
    text = read_log();
    g_assert_true(g_str_has_prefix(text, prefix));
    g_assert_true(g_str_has_suffix(text, ":unit_numbers i -1 u 2 addr 0xffffffffffffffff end\n"));
    g_assert_true(strchr(text, '\n') == text + strlen(text) - 1);
    teardown();
}

static void test_patterns(void)
{
    Error *err = NULL;

    setup();
    g_assert_cmpuint(trace_event_set_state_by_pattern("unit_*", true), ==, 3);
    g_assert_true(trace_event_get_state(TRACE_UNIT_POINTER));
    g_assert_true(trace_enable_events("-unit_po*", &error_abort));
    g_assert_false(trace_event_get_state(TRACE_UNIT_POINTER));
    g_assert_false(trace_event_get_state(TRACE_UNIT_COMPILED_OUT));
    g_assert_false(trace_enable_events("no_such", &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "no_such"));
    error_free_or_abort(&err);
    g_assert_true(trace_event_name("unit_no_args") == TRACE_UNIT_NO_ARGS);
    g_assert_null(trace_event_name("unit_compiled_out"));
    teardown();
}

static void test_list(void)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    trace_list_events(f);
    fclose(f);
    g_assert_nonnull(strstr(text, "unit_no_args\nunit_numbers\nunit_pointer\n"));
    free(text);
}

static void test_option(void)
{
    g_autofree char *events = NULL, *option = NULL, *target = NULL, *text = NULL;
    Error *err = NULL;

    setup();
    events = g_build_filename(dir, "events", NULL);
    target = g_build_filename(dir, "out", NULL);
    option = g_strdup_printf("events=%s,file=%s", events, target);
    g_file_set_contents(events, "# comment\n\nunit_p*\n unit_numbers \n-unit_numbers\n", -1, NULL);
    g_assert_true(trace_opt_parse(option, &error_abort));
    g_assert_true(trace_event_get_state(TRACE_UNIT_POINTER));
    g_assert_false(trace_event_get_state(TRACE_UNIT_NUMBERS));
    g_assert_true(trace_init_file(&error_abort));
    fire_all();
    g_assert_true(g_file_get_contents(target, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "unit_pointer p (nil) name 'x'"));

    g_assert_true(trace_opt_parse("enable=unit_no_args", &error_abort));
    g_assert_true(trace_opt_parse("unit_numbers", &error_abort));
    g_assert_true(trace_event_get_state(TRACE_UNIT_NUMBERS));
    g_assert_false(trace_opt_parse("colour=red", &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "colour=red"));
    error_free_or_abort(&err);
    g_file_set_contents(events, "unit_no_args\nnonsense\n", -1, NULL);
    g_assert_false(trace_opt_parse(option, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "events:2"));
    error_free_or_abort(&err);
    g_unlink(events);
    g_unlink(target);
    teardown();
}

static void test_help(void)
{
    if (g_test_subprocess()) {
        trace_opt_parse("help", &error_abort);
        g_assert_not_reached();
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout("*unit_no_args*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/off-and-on", test_off_and_on);
    g_test_add_func("/trace/patterns", test_patterns);
    g_test_add_func("/trace/list", test_list);
    g_test_add_func("/trace/option", test_option);
    g_test_add_func("/trace/help", test_help);
    return g_test_run();
}
