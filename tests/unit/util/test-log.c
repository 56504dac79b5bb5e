/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log: masks, files, rotation, whole lines from several threads, floods. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/thread.h"
#include <glib/gstdio.h>

static char *dir, *path;

static void setup(int mask)
{
    dir = g_dir_make_tmp("log-XXXXXX", NULL);
    path = g_build_filename(dir, "log", NULL);
    g_assert_true(qemu_set_log_filename_flags(path, mask, &error_abort));
}

static char *read_log(void)
{
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void teardown(void)
{
    g_assert_true(qemu_set_log_filename_flags("", 0, &error_abort));
    g_unlink(path);
    g_rmdir(dir);
    g_free(path);
    g_free(dir);
}

static int evaluated(void)
{
    static int calls;

    return ++calls;
}

static void test_mask(void)
{
    g_autofree char *text = NULL;

    setup(LOG_GUEST_ERROR);
    g_assert_true(qemu_log_enabled());
    g_assert_true(qemu_log_separate());
    qemu_log_mask(LOG_UNIMP, "no %d\n", evaluated());
    qemu_log_mask(LOG_GUEST_ERROR, "yes %d\n", evaluated());
    text = read_log();
    g_assert_cmpstr(text, ==, "yes 1\n");
    teardown();
    g_assert_false(qemu_log_enabled());
    g_assert_null(qemu_log_trylock());
}

static void test_block_of_lines(void)
{
    g_autofree char *text = NULL;
    FILE *f;

    setup(LOG_UNIMP);
    f = qemu_log_trylock();
    g_assert_nonnull(f);
    fprintf(f, "a");
    qemu_log("b");      /* from inside: the lock is ours */
    fprintf(f, "c\n");
    qemu_log_unlock(f);
    text = read_log();
    g_assert_cmpstr(text, ==, "abc\n");
    teardown();
}

static void *log_lines(void *opaque)
{
    for (int i = 0; i < 200; i++) {
        qemu_log("%s%s%s\n", "0123456789", "0123456789", "0123456789");
    }
    return NULL;
}

static void test_threads(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    QemuThread threads[4];

    setup(LOG_UNIMP);
    for (int i = 0; i < 4; i++) {
        qemu_thread_create(&threads[i], "log", log_lines, NULL, QEMU_THREAD_JOINABLE);
    }
    for (int i = 0; i < 4; i++) {
        qemu_thread_join(&threads[i]);
    }
    text = read_log();
    lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 801);
    for (int i = 0; i < 800; i++) {
        g_assert_cmpuint(strlen(lines[i]), ==, 30);
    }
    teardown();
}

static void test_flood(void)
{
    LogRateLimit rl = { 0 };
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    setup(LOG_GUEST_ERROR);
    for (int i = 0; i < 100000; i++) {
        qemu_log_mask_ratelimited_by(&rl, LOG_GUEST_ERROR, "flood\n");
    }
    text = read_log();
    lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), >=, LOG_RATE_BURST);
    g_assert_cmpuint(g_strv_length(lines), <, 3 * LOG_RATE_BURST);
    g_clear_pointer(&text, g_free);

    /* Time refills it, and the next line tells how many are missing. */
    rl.refill_ns -= (int64_t)3600 * 1000000000;
    qemu_log_mask_ratelimited_by(&rl, LOG_GUEST_ERROR, "after\n");
    text = read_log();
    g_assert_nonnull(strstr(text, "dropped)\nafter\n"));
    for (int i = 0; i < 3; i++) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "own budget\n");
    }
    teardown();
}

static void test_reopen(void)
{
    g_autofree char *moved = NULL;
    g_autofree char *old = NULL;
    g_autofree char *new = NULL;

    setup(LOG_UNIMP);
    moved = g_strconcat(path, ".1", NULL);
    qemu_log("before\n");
    g_assert_cmpint(g_rename(path, moved), ==, 0);
    qemu_log("between\n");
    g_assert_true(qemu_log_reopen(&error_abort));
    qemu_log("after\n");
    new = read_log();
    g_assert_cmpstr(new, ==, "after\n");
    g_assert_true(g_file_get_contents(moved, &old, NULL, NULL));
    g_assert_cmpstr(old, ==, "before\nbetween\n");
    g_unlink(moved);
    teardown();
}

/* The folder is gone: what was open stays open. */
static void test_reopen_fails(void)
{
    g_autofree char *elsewhere = NULL;
    g_autofree char *text = NULL;
    g_autofree char *moved = NULL;
    g_autoptr(Error) err = NULL;

    setup(LOG_UNIMP);
    elsewhere = g_strconcat(dir, ".moved", NULL);
    g_assert_cmpint(g_rename(dir, elsewhere), ==, 0);
    g_assert_false(qemu_log_reopen(&err));
    g_assert_nonnull(strstr(error_get_pretty(err), path));
    qemu_log("still here\n");
    moved = g_build_filename(elsewhere, "log", NULL);
    g_assert_true(g_file_get_contents(moved, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "still here\n");
    g_assert_cmpint(g_rename(elsewhere, dir), ==, 0);
    teardown();
}

static void test_reopen_stderr(void)
{
    g_assert_true(qemu_log_reopen(&error_abort));
    g_assert_false(qemu_log_separate());
}

static void test_options(void)
{
    Error *err = NULL;

    g_assert_cmpint(qemu_str_to_log_mask("guest_errors,unimp"), ==, LOG_GUEST_ERROR | LOG_UNIMP);
    g_assert_cmpint(qemu_str_to_log_mask("guest_errors,nonsense"), ==, 0);
    g_assert_cmpint(qemu_str_to_log_mask("all") & LOG_GUEST_ERROR, ==, LOG_GUEST_ERROR);
    g_assert_cmpint(qemu_str_to_log_mask("trace:no_such_event"), ==, 0);
    for (const QEMULogItem *item = qemu_log_items; item->mask; item++) {
        g_assert_cmpint(qemu_str_to_log_mask(item->name), ==, item->mask);
    }
    g_assert_false(qemu_set_log_filename("/nonexistent/dir/log", &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "/nonexistent/dir/log"));
    error_free_or_abort(&err);
    g_assert_false(qemu_set_log_filename("a%s", &err));
    error_free_or_abort(&err);
    qemu_set_dfilter_ranges("0..1", &err);
    error_free_or_abort(&err);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/mask", test_mask);
    g_test_add_func("/log/block", test_block_of_lines);
    g_test_add_func("/log/threads", test_threads);
    g_test_add_func("/log/flood", test_flood);
    g_test_add_func("/log/reopen", test_reopen);
    g_test_add_func("/log/reopen-fails", test_reopen_fails);
    g_test_add_func("/log/reopen-stderr", test_reopen_stderr);
    g_test_add_func("/log/options", test_options);
    return g_test_run();
}
