/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of this very process, compared with what else it knows of itself. */
#include "qemu/osdep.h"
#include "metrics/process.h"

#include <time.h>

static double value_of(const char *page, const char *name)
{
    g_autofree char *start = g_strdup_printf("\n%s ", name);
    const char *line = strstr(page, start);

    g_assert_nonnull(line);
    return g_ascii_strtod(line + strlen(start), NULL);
}

static char *page(void)
{
    GString *out = g_string_new(NULL);

    metrics_process(out);
    return g_string_free(out, FALSE);
}

static gpointer wait_for_end(gpointer opaque)
{
    g_mutex_lock(opaque);
    g_mutex_unlock(opaque);
    return NULL;
}

static void test_figures(void)
{
    g_autofree char *first = page();
    double start = value_of(first, "process_start_time_seconds");
    int fd = dup(0);
    g_autofree char *second = page();

    g_assert_cmpfloat(start, <=, time(NULL) + 1);
    g_assert_cmpfloat(start, >, time(NULL) - 600);
    g_assert_cmpfloat(value_of(second, "process_start_time_seconds"), ==, start);
    g_assert_cmpfloat(value_of(first, "process_resident_memory_bytes"), >, 100 * 1024);
    g_assert_cmpfloat(value_of(first, "process_virtual_memory_bytes"), >,
                      value_of(first, "process_resident_memory_bytes"));
    g_assert_cmpfloat(value_of(second, "process_open_fds"), ==,
                      value_of(first, "process_open_fds") + 1);
    g_assert_cmpfloat(value_of(first, "process_max_fds"), >,
                      value_of(first, "process_open_fds"));
    close(fd);
}

static void test_threads(void)
{
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    GMutex lock;
    GThread *thread;

    g_mutex_init(&lock);
    /* A sanitizer makes one of its own beside the first. */
    g_thread_join(g_thread_new("first", wait_for_end, &lock));
    before = page();
    g_mutex_lock(&lock);
    thread = g_thread_new("x", wait_for_end, &lock);
    after = page();
    g_mutex_unlock(&lock);
    g_thread_join(thread);
    g_mutex_clear(&lock);
    g_assert_cmpfloat(value_of(after, "process_threads"), ==,
                      value_of(before, "process_threads") + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/process/figures", test_figures);
    g_test_add_func("/metrics/process/threads", test_threads);
    return g_test_run();
}
