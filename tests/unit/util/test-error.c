/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error objects, their magic targets, and what the operator gets to see. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"

static GString *seen;

static bool catch_text(const char *text, bool unless_qmp)
{
    g_string_append(seen, text);
    return true;
}

static bool fails(Error **errp)
{
    error_setg(errp, "no %s in slot %d", "disk", 3);
    return false;
}

static void test_basic(void)
{
    Error *err = NULL;

    fails(NULL);
    fails(&err);
    g_assert_cmpstr(error_get_pretty(err), ==, "no disk in slot 3");
    g_assert_cmpint(error_get_class(err), ==, ERROR_CLASS_GENERIC_ERROR);
    error_prepend(&err, "start: ");
    error_append_hint(&err, "try slot %d\n", 4);
    g_assert_cmpstr(error_get_pretty(err), ==, "start: no disk in slot 3");
    g_assert_cmpstr(error_get_hint(err), ==, "try slot 4\n");
    {
        g_autoptr(Error) copy = error_copy(err);

        g_assert_cmpstr(error_get_pretty(copy), ==, error_get_pretty(err));
        g_assert_cmpstr(error_get_hint(copy), ==, error_get_hint(err));
    }
    error_free_or_abort(&err);
    g_assert_null(err);
    error_free(NULL);

    errno = 17;
    error_setg_errno(&err, ENOENT, "open");
    g_assert_cmpint(errno, ==, 17);
    g_assert_nonnull(strstr(error_get_pretty(err), "open: No such file"));
    error_free_or_abort(&err);
    error_set(&err, ERROR_CLASS_DEVICE_NOT_FOUND, "x");
    g_assert_cmpint(error_get_class(err), ==, ERROR_CLASS_DEVICE_NOT_FOUND);
    error_free_or_abort(&err);
}

static void test_propagate(void)
{
    Error *err = NULL, *local = NULL;

    error_propagate(&err, NULL);
    g_assert_null(err);
    fails(&local);
    error_propagate(&err, g_steal_pointer(&local));
    g_assert_nonnull(err);
    /* The first one stays. */
    error_setg(&local, "second");
    error_propagate(&err, g_steal_pointer(&local));
    g_assert_cmpstr(error_get_pretty(err), ==, "no disk in slot 3");
    fails(&local);
    error_propagate(NULL, g_steal_pointer(&local));
    error_free_or_abort(&err);
}

static bool guarded(Error **errp, bool fail)
{
    ERRP_GUARD();

    if (fail) {
        fails(errp);
    }
    if (*errp) {
        error_prepend(errp, "guarded: ");
        error_append_hint(errp, "hint\n");
        return false;
    }
    return true;
}

static void test_guard(void)
{
    Error *err = NULL;

    g_assert_true(guarded(NULL, false));
    g_assert_false(guarded(NULL, true));
    g_assert_true(guarded(&err, false));
    g_assert_null(err);
    g_assert_false(guarded(&err, true));
    g_assert_cmpstr(error_get_pretty(err), ==, "guarded: no disk in slot 3");
    error_free_or_abort(&err);
}

static void test_fatal(void)
{
    if (g_test_subprocess()) {
        guarded(&error_fatal, true);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*guarded: no disk in slot 3\nhint\n*");
}

static void test_abort(void)
{
    if (g_test_subprocess()) {
        fails(&error_abort);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*fails()*test-error.c*no disk in slot 3*");
}

static void test_report(void)
{
    char *argv[] = { (char *)"prog", (char *)"-device", (char *)"edu" };
    Location loc;
    Error *err = NULL;

    seen = g_string_new(NULL);
    error_report_set_sink(catch_text);
    error_init("/usr/bin/prog");
    error_report("bad");
    warn_report("odd %d", 1);
    info_report("well");
    g_assert_cmpstr(seen->str, ==, "prog: bad\nprog: warning: odd 1\nprog: info: well\n");

    g_string_truncate(seen, 0);
    loc_push_none(&loc);
    loc_set_cmdline(argv, 1, 2);
    fails(&err);
    error_report_err(err);
    loc_set_file("a.cfg", 12);
    error_report("there");
    loc_pop(&loc);
    error_report("after");
    g_assert_cmpstr(seen->str, ==, "prog: -device edu: no disk in slot 3\n"
                    "prog:a.cfg:12: there\nprog: after\n");

    g_string_truncate(seen, 0);
    for (int i = 0; i < 3; i++) {
        bool first = error_report_once("once");

        g_assert_cmpint(first, ==, i == 0);
    }
    g_assert_cmpstr(seen->str, ==, "prog: once\n");

    g_string_truncate(seen, 0);
    for (int i = 0; i < 1000; i++) {
        warn_report_ratelimited("flood");
    }
    g_assert_cmpuint(seen->len, <=, 20 * strlen("prog: warning: flood\n"));
    error_report_set_sink(NULL);
    g_string_free(g_steal_pointer(&seen), TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/basic", test_basic);
    g_test_add_func("/error/propagate", test_propagate);
    g_test_add_func("/error/guard", test_guard);
    g_test_add_func("/error/fatal", test_fatal);
    g_test_add_func("/error/abort", test_abort);
    g_test_add_func("/error/report", test_report);
    return g_test_run();
}
