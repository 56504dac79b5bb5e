/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watchdog's ping: only while every loop turns; who is stuck is named. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "softmmu/startup/watchdog.h"

#define PERIOD_NS (20 * SCALE_MS)

static int pings;
static GString *said;

static void ping(void)
{
    pings++;
}

static bool keep(const char *text, bool unless_qmp)
{
    g_string_append(said, text);
    return true;
}

static void begin(void)
{
    pings = 0;
    said = g_string_new(NULL);
    error_report_set_sink(keep);
}

static void end(void)
{
    error_report_set_sink(NULL);
    g_string_free(g_steal_pointer(&said), TRUE);
}

static AioContext *domain_new(const char *name)
{
    AioContext *ctx = aio_context_new_named(name, &error_abort);

    aio_context_start(ctx);
    return ctx;
}

static void domain_free(AioContext *ctx)
{
    aio_context_stop(ctx);
    aio_context_unref(ctx);
}

static void wait_for_pings(int n)
{
    while (pings < n) {
        main_loop_wait(false);
    }
}

/* A callback that does not return until it is let go. */
typedef struct Block {
    QemuSemaphore inside, go;
} Block;

static void block(void *opaque)
{
    Block *b = opaque;

    qemu_sem_post(&b->inside);
    qemu_sem_wait(&b->go);
}

static void block_begin(Block *b, AioContext *ctx)
{
    qemu_sem_init(&b->inside, 0);
    qemu_sem_init(&b->go, 0);
    aio_bh_schedule_oneshot(ctx, block, b);
    qemu_sem_wait(&b->inside);
}

static void block_end(Block *b)
{
    qemu_sem_post(&b->go);
}

static void test_no_domain(void)
{
    begin();
    watchdog_start(PERIOD_NS, ping);
    g_assert_cmpint(pings, ==, 1);
    wait_for_pings(4);
    watchdog_stop();
    g_assert_cmpstr(said->str, ==, "");
    end();
}

static void test_domains(void)
{
    AioContext *a = domain_new("a"), *b = domain_new("b");

    begin();
    watchdog_start(PERIOD_NS, ping);
    wait_for_pings(5);
    domain_free(a);
    domain_free(b);
    watchdog_stop();
    end();
}

static void wait_for_text(const char *text)
{
    while (!strstr(said->str, text)) {
        main_loop_wait(false);
    }
}

static void test_stuck(void)
{
    AioContext *a = domain_new("a"), *b = domain_new("b");
    Block blocked;

    begin();
    block_begin(&blocked, b);
    watchdog_start(PERIOD_NS, ping);
    wait_for_text("the event loop of 'b' has not turned");
    g_assert_cmpint(pings, ==, 0);
    /* Several rounds' time: named once, and still no ping. */
    for (int i = 0; i < 5; i++) {
        main_loop_wait(false);
    }
    g_assert_cmpint(pings, ==, 0);
    g_assert_true(strstr(said->str, "of 'b'") == g_strrstr(said->str, "of 'b'"));
    block_end(&blocked);
    wait_for_text("the event loop of 'b' turns again");
    wait_for_pings(2);
    domain_free(a);
    domain_free(b);
    watchdog_stop();
    end();
}

/* It is asked and ends without an answer: others do not suffer. */
static void test_ended(void)
{
    AioContext *a = domain_new("a");

    begin();
    watchdog_start(PERIOD_NS, ping);
    for (int i = 0; i < 50; i++) {
        AioContext *b = domain_new("b");
        int before = pings;

        while (pings == before) {
            main_loop_wait(true);
        }
        domain_free(b);
    }
    wait_for_pings(pings + 2);
    domain_free(a);
    watchdog_stop();
    end();
}

static void test_stop_without_start(void)
{
    watchdog_stop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/watchdog/no-domain", test_no_domain);
    g_test_add_func("/watchdog/domains", test_domains);
    g_test_add_func("/watchdog/stuck", test_stuck);
    g_test_add_func("/watchdog/ended", test_ended);
    g_test_add_func("/watchdog/stop-without-start", test_stop_without_start);
    return g_test_run();
}
