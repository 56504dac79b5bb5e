/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status line and the counters that it shows. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "softmmu/startup/status.h"
#include "sysemu/population.h"

static void assert_text(const char *expected)
{
    g_autofree char *text = status_text();

    g_assert_cmpstr(text, ==, expected);
}

static void test_text(void)
{
    assert_text("0 devices, 0 servers, 0 clients");
    g_assert_cmpint(population_add(POPULATION_DEVICES, 2), ==, 2);
    g_assert_cmpint(population_add(POPULATION_SERVERS, 1), ==, 1);
    g_assert_cmpint(population_add(POPULATION_CLIENTS, 1), ==, 1);
    assert_text("2 devices, 1 server, 1 client");
    population_add(POPULATION_DEVICES, -2);
    population_add(POPULATION_SERVERS, -1);
    g_assert_cmpint(population_add(POPULATION_CLIENTS, -1), ==, 0);
    g_assert_cmpint(population_get(POPULATION_DEVICES), ==, 0);
}

static gpointer change(gpointer opaque)
{
    population_add(POPULATION_CLIENTS, 1);
    return NULL;
}

/* What waits in the main loop for the last client sees it go, whoever told. */
static void test_change_wakes_the_loop(void)
{
    GThread *thread;

    status_init();
    thread = g_thread_new("change", change, NULL);
    while (population_get(POPULATION_CLIENTS) == 0) {
        main_loop_wait(false);
    }
    g_thread_join(thread);
    population_add(POPULATION_CLIENTS, -1);
    status_cleanup();
    population_add(POPULATION_CLIENTS, 1);      /* nobody is told any more */
    population_add(POPULATION_CLIENTS, -1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("NOTIFY_SOCKET");
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/status/text", test_text);
    g_test_add_func("/status/change-wakes-the-loop", test_change_wakes_the_loop);
    return g_test_run();
}
