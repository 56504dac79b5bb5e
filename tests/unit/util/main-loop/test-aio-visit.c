/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who looks into a busy context again and again lets its thread in between.
 *
 * The context's thread always wants to run: its bottom half schedules itself.
 * The lock is kept until that thread waits for it, then given up and taken
 * again at once. A plain enter nearly always gets it back before the other one
 * is awake; a visit does not, unless the machine keeps the other one from the
 * CPU for a whole millisecond. A busy machine does, now and then.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

#include "util/main-loop/aio-context.h"

/* A plain enter needs tens of thousands. */
enum { ENOUGH = 20, MOST = 2000 };

typedef struct Busy {
    AioContext *ctx;
    QEMUBH *bh;
    unsigned turns;             /* lock of ctx */
} Busy;

static void turn(void *opaque)
{
    Busy *busy = opaque;

    busy->turns++;
    qemu_bh_schedule(busy->bh);
}

static unsigned turns(Busy *busy)
{
    AIO_CONTEXT_GUARD(busy->ctx);

    return busy->turns;
}

/* Returns when it runs. */
static void busy_start(Busy *busy)
{
    *busy = (Busy) { .ctx = aio_context_new_named("busy", &error_abort) };
    busy->bh = aio_bh_new(busy->ctx, turn, busy);
    aio_context_start(busy->ctx);
    qemu_bh_schedule(busy->bh);
    while (!turns(busy)) {
        g_usleep(100);
    }
}

static void busy_stop(Busy *busy)
{
    WITH_AIO_CONTEXT_GUARD(busy->ctx) {
        qemu_bh_delete(g_steal_pointer(&busy->bh));
    }
    aio_context_stop(busy->ctx);
    aio_context_unref(busy->ctx);
}

/* With the lock held: until the context's thread has come to want it. */
static void await_runner(Busy *busy)
{
    while (!qatomic_read(&busy->ctx->runner_waits)) {
        g_usleep(20);
    }
}

/* Leaves and enters; true when the context had a turn in between. */
static bool visit_again(Busy *busy)
{
    unsigned before = busy->turns;

    aio_context_leave(busy->ctx);
    aio_context_visit(busy->ctx);
    return busy->turns != before;
}

static void test_lets_the_runner_in(void)
{
    unsigned let_in = 0, visits = 0;
    Busy busy;

    busy_start(&busy);
    aio_context_visit(busy.ctx);
    while (let_in < ENOUGH) {
        await_runner(&busy);
        let_in += visit_again(&busy);
        g_assert_cmpuint(++visits, <, MOST);
    }
    aio_context_leave(busy.ctx);
    g_test_message("%u of %u", let_in, visits);
    busy_stop(&busy);
}

/* Nobody waits, nobody runs: a visit is an enter. It nests, too. */
static void test_idle(void)
{
    g_autoptr(AioContext) ctx = aio_context_new_named("idle", &error_abort);

    aio_context_start(ctx);
    for (int i = 0; i < 1000; i++) {
        AIO_CONTEXT_VISIT(ctx);
        AIO_CONTEXT_VISIT(ctx);

        g_assert_true(aio_context_entered(ctx));
    }
    g_assert_false(aio_context_entered(ctx));
    aio_context_stop(ctx);
}

/* No thread runs it: nobody is waited for. */
static void test_stopped_runner(void)
{
    g_autoptr(AioContext) ctx = aio_context_new_named("none", &error_abort);

    for (int i = 0; i < 100; i++) {
        AIO_CONTEXT_VISIT(ctx);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/aio-visit/lets-the-runner-in", test_lets_the_runner_in);
    g_test_add_func("/aio-visit/idle", test_idle);
    g_test_add_func("/aio-visit/no-runner", test_stopped_runner);
    return g_test_run();
}
