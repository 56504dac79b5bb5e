/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pollers: memory is looked at without the kernel, others have their turn, and
 * a loop without work sleeps.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

typedef struct Bell {
    AioContext *ctx;
    AioPoller *poller;
    int rung;           /* atomic: set by the test, seen by poll */
    int served;         /* atomic */
    int polled;         /* atomic */
    bool endless;       /* there is always more work */
    void (*in_ready)(struct Bell *b);
} Bell;

static bool on_poll(void *opaque)
{
    Bell *b = opaque;

    qatomic_set(&b->polled, b->polled + 1);
    return b->endless || qatomic_read(&b->rung) != b->served;
}

static void on_ready(void *opaque)
{
    Bell *b = opaque;

    qatomic_set(&b->served, b->served + 1);
    if (b->in_ready) {
        b->in_ready(b);
    }
}

static void setup_with(Bell *b, int64_t max_ns)
{
    *b = (Bell) { .ctx = aio_context_new_named("poller", &error_abort) };
    aio_context_set_poll_params(b->ctx, max_ns, 0, 0, &error_abort);
    b->poller = aio_poller_new(b->ctx, on_poll, on_ready, b);
}

static void setup(Bell *b, gconstpointer max_ns)
{
    setup_with(b, GPOINTER_TO_SIZE(max_ns));
    aio_context_start(b->ctx);
}

static void teardown(Bell *b, gconstpointer unused)
{
    aio_context_stop(b->ctx);
    aio_poller_free(b->poller);
    aio_context_unref(b->ctx);
}

static bool wait_until(int *counter, int value)
{
    int64_t end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    while (qatomic_read(counter) - value < 0) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        g_usleep(20);
    }
    return true;
}

static void ring(Bell *b)
{
    int nth = qatomic_inc_fetch(&b->rung);

    g_assert_true(wait_until(&b->served, nth));
}

static uint64_t wakeups(Bell *b)
{
    AioContextStats stats;

    aio_context_get_stats(b->ctx, &stats);
    return stats.wakeups;
}

/* The loop sleeps: nobody has looked for a while. A loaded machine may keep it from that. */
static void wait_asleep(Bell *b)
{
    int64_t end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    int before;

    do {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        before = qatomic_read(&b->polled);
        g_usleep(150000);
    } while (qatomic_read(&b->polled) != before);
}

/* Every turn looks, also of a loop that never polls. */
static void test_every_turn(void)
{
    Bell b;

    setup_with(&b, 0);
    b.rung = 2;
    WITH_AIO_CONTEXT_GUARD(b.ctx) {
        g_assert_true(aio_poll(b.ctx, false));
        g_assert_true(aio_poll(b.ctx, true));
        g_assert_false(aio_poll(b.ctx, false));
    }
    g_assert_cmpint(b.served, ==, 2);
    aio_poller_free(b.poller);
    aio_context_unref(b.ctx);
}

/* What ready() leaves is done before the loop sleeps. */
static void test_leaves_work(Bell *b, gconstpointer unused)
{
    qatomic_set(&b->rung, 1000);
    aio_notify(b->ctx);
    g_assert_true(wait_until(&b->served, 1000));
}

/* A sleeping loop does not look, unless it has a watch. */
static void test_watch(Bell *b, gconstpointer unused)
{
    wait_asleep(b);
    qatomic_inc(&b->rung);
    g_usleep(50000);
    g_assert_cmpint(qatomic_read(&b->served), ==, 0);
    aio_poller_set_watch(b->poller, 50 * SCALE_US, 2 * SCALE_MS);
    g_assert_true(wait_until(&b->served, 1));
    for (int i = 0; i < 20; i++) {
        ring(b);
        g_usleep(i * 500);
    }
    aio_poller_set_watch(b->poller, 0, 0);
    wait_asleep(b);
    qatomic_inc(&b->rung);
    g_usleep(50000);
    g_assert_cmpint(qatomic_read(&b->served), ==, 21);
}

/* Intervals grow to the longest: an idle watch costs little. */
static void test_watch_backs_off(Bell *b, gconstpointer unused)
{
    uint64_t before;

    aio_poller_set_watch(b->poller, 50 * SCALE_US, 20 * SCALE_MS);
    ring(b);
    g_usleep(200000);
    before = wakeups(b);
    g_usleep(400000);
    /* In 50 us intervals it would be thousands. */
    g_assert_cmpuint(wakeups(b) - before, <=, 200);
    while (wakeups(b) == before) {
        g_usleep(1000);
    }
}

/* After a burst the loop falls asleep, whatever the operator allows, and stays so. */
static void test_idle(Bell *b, gconstpointer unused)
{
    uint64_t woken;
    int polled;

    aio_poller_set_watch(b->poller, 50 * SCALE_US, 100 * SCALE_US);
    for (int i = 0; i < 200; i++) {
        ring(b);
    }
    aio_poller_set_watch(b->poller, 0, 0);
    wait_asleep(b);
    polled = qatomic_read(&b->polled);
    woken = wakeups(b);
    g_usleep(200000);
    g_assert_cmpint(qatomic_read(&b->polled), ==, polled);
    g_assert_cmpuint(wakeups(b), ==, woken);
}

/* Work that comes again and again is found by polling, not by sleeping. */
static void test_hits(Bell *b, gconstpointer unused)
{
    AioContextStats stats;

    aio_poller_set_watch(b->poller, 50 * SCALE_US, 100 * SCALE_US);
    for (int i = 0; i < 2000; i++) {
        ring(b);
    }
    aio_context_get_stats(b->ctx, &stats);
    g_assert_cmpuint(stats.polls_hit, >=, 2000);
    g_assert_cmpuint(stats.wakeups, <, 2000);
}

static void test_disabled(Bell *b, gconstpointer unused)
{
    int polled;

    aio_poller_set_enabled(b->poller, false);
    polled = qatomic_read(&b->polled);
    qatomic_inc(&b->rung);
    aio_notify(b->ctx);
    g_usleep(20000);
    g_assert_cmpint(qatomic_read(&b->polled), ==, polled);
    aio_poller_set_enabled(b->poller, true);
    g_assert_true(wait_until(&b->served, 1));
}

/* --- with work that never ends, everybody else has his turn --- */

static void count(void *opaque)
{
    qatomic_inc((int *)opaque);
}

static void make_endless(Bell *b)
{
    WITH_AIO_CONTEXT_GUARD(b->ctx) {
        b->endless = true;
    }
    aio_notify(b->ctx);
    g_assert_true(wait_until(&b->served, 100));
}

static void on_event(EventNotifier *e)
{
    event_notifier_test_and_clear(e);
}

static void test_endless_bhs(Bell *b, gconstpointer unused)
{
    int calls = 0;

    make_endless(b);
    for (int i = 0; i < 100; i++) {
        aio_bh_schedule_oneshot(b->ctx, count, &calls);
        g_assert_true(wait_until(&calls, i + 1));
    }
}

static void test_endless_timers(Bell *b, gconstpointer unused)
{
    int calls = 0;
    QEMUTimer *timer = aio_timer_new(b->ctx, QEMU_CLOCK_REALTIME, SCALE_NS, count, &calls);

    make_endless(b);
    for (int i = 0; i < 20; i++) {
        timer_mod(timer, get_clock() + 200 * SCALE_US);
        g_assert_true(wait_until(&calls, i + 1));
    }
    timer_free(timer);
}

typedef struct Event {
    EventNotifier e;
    int calls;
} Event;

static void count_event(EventNotifier *e)
{
    on_event(e);
    qatomic_inc(&container_of(e, Event, e)->calls);
}

static void test_endless_fds(Bell *b, gconstpointer unused)
{
    Event ev = { .calls = 0 };

    g_assert_cmpint(event_notifier_init(&ev.e, false), ==, 0);
    aio_set_event_notifier(b->ctx, &ev.e, count_event, NULL, NULL);
    make_endless(b);
    for (int i = 0; i < 100; i++) {
        event_notifier_set(&ev.e);
        g_assert_true(wait_until(&ev.calls, i + 1));
    }
    aio_set_event_notifier(b->ctx, &ev.e, NULL, NULL, NULL);
    event_notifier_cleanup(&ev.e);
}

static void test_endless_lock(Bell *b, gconstpointer unused)
{
    int64_t start = get_clock();

    make_endless(b);
    for (int i = 0; i < 200; i++) {
        AIO_CONTEXT_GUARD(b->ctx);
    }
    g_assert_cmpint(get_clock() - start, <, 10 * NANOSECONDS_PER_SECOND);
}

static bool poll_event(void *opaque)
{
    Event *ev = container_of((EventNotifier *)opaque, Event, e);

    return qatomic_read(&ev->calls) < 0;
}

/* An fd with io_poll beside a poller: found by the kernel when its io_poll is not looked at. */
static void test_fd_beside(Bell *b, gconstpointer unused)
{
    Event ev = { .calls = 0 };

    g_assert_cmpint(event_notifier_init(&ev.e, false), ==, 0);
    aio_set_event_notifier(b->ctx, &ev.e, count_event, poll_event, NULL);
    make_endless(b);
    for (int i = 0; i < 100; i++) {
        event_notifier_set(&ev.e);
        g_assert_true(wait_until(&ev.calls, i + 1));
        g_usleep(i * 10);
    }
    aio_set_event_notifier(b->ctx, &ev.e, NULL, NULL, NULL);
    event_notifier_cleanup(&ev.e);
}

/* --- somebody who can be asked to tell --- */

typedef struct Asked {
    Bell bell;
    int asked;                  /* atomic: he tells of what comes from now on */
    int late;                   /* rung in the callback, as if between the look and the question */
} Asked;

static bool on_arm(void *opaque)
{
    Asked *a = container_of(opaque, Asked, bell);

    qatomic_set(&a->asked, true);
    if (a->late) {
        a->late--;
        a->bell.rung++;
    }
    smp_mb();
    return on_poll(opaque);
}

/* Rings, and wakes only a loop that has asked for it. */
static void ring_and_tell(Asked *a)
{
    int nth = qatomic_inc_fetch(&a->bell.rung);

    smp_mb();
    if (qatomic_xchg(&a->asked, false)) {
        aio_notify(a->bell.ctx);
    }
    g_assert_true(wait_until(&a->bell.served, nth));
}

static void test_arm(gconstpointer max_ns)
{
    Asked a = { .late = 0 };

    setup_with(&a.bell, GPOINTER_TO_SIZE(max_ns));
    aio_poller_set_arm(a.bell.poller, on_arm);
    aio_context_start(a.bell.ctx);
    for (int i = 0; i < 2000; i++) {
        ring_and_tell(&a);
        for (int spin = 0; spin < i % 64 * 50; spin++) {
            barrier();
        }
    }
    wait_asleep(&a.bell);
    g_assert_true(qatomic_read(&a.asked));
    teardown(&a.bell, NULL);
}

/* Turns that do not sleep ask nobody; work that the question finds keeps the loop awake. */
static void test_arm_before_sleep(void)
{
    Asked a = { .late = 3 };

    setup_with(&a.bell, 0);
    aio_poller_set_arm(a.bell.poller, on_arm);
    WITH_AIO_CONTEXT_GUARD(a.bell.ctx) {
        g_assert_false(aio_poll(a.bell.ctx, false));
        g_assert_false(a.asked);
        for (int i = 1; i <= 3; i++) {
            aio_poll(a.bell.ctx, true);
            g_assert_true(a.asked);
            g_assert_true(aio_poll(a.bell.ctx, false));
            g_assert_cmpint(a.bell.served, ==, i);
        }
    }
    aio_poller_free(a.bell.poller);
    aio_context_unref(a.bell.ctx);
}

/* --- changes in the middle --- */

static void free_itself(Bell *b)
{
    aio_poller_free(g_steal_pointer(&b->poller));
}

static void test_frees_itself(Bell *b, gconstpointer unused)
{
    WITH_AIO_CONTEXT_GUARD(b->ctx) {
        b->in_ready = free_itself;
        b->endless = true;
    }
    aio_notify(b->ctx);
    g_assert_true(wait_until(&b->served, 1));
    g_usleep(10000);
    g_assert_cmpint(qatomic_read(&b->served), ==, 1);
}

static void test_comes_and_goes(Bell *b, gconstpointer unused)
{
    make_endless(b);
    for (int i = 0; i < 500; i++) {
        Bell other = { .ctx = b->ctx, .rung = 1 };

        other.poller = aio_poller_new(b->ctx, on_poll, on_ready, &other);
        g_assert_true(wait_until(&other.served, 1));
        aio_poller_free(other.poller);
    }
}

static bool poll_and_work(void *opaque)
{
    Bell *b = opaque;

    if (qatomic_read(&b->rung) == b->served) {
        return false;
    }
    qatomic_set(&b->served, b->served + 1);
    return true;
}

static void test_without_ready(Bell *b, gconstpointer unused)
{
    Bell other = { .ctx = b->ctx };

    other.poller = aio_poller_new(b->ctx, poll_and_work, NULL, &other);
    aio_poller_set_watch(other.poller, 50 * SCALE_US, SCALE_MS);
    for (int i = 0; i < 100; i++) {
        ring(&other);
    }
    aio_poller_free(other.poller);
}

static void suspend_a_moment(Bell *b)
{
    AioWaiter w;

    b->in_ready = NULL;
    aio_waiter_init(&w, b->ctx);
    aio_waiter_wait(&w, 20 * SCALE_MS);
    aio_waiter_destroy(&w);
}

/* ready() that waits: another thread runs the loop, and the pollers. */
static void test_suspends(Bell *b, gconstpointer unused)
{
    for (int i = 0; i < 10; i++) {
        int before = qatomic_read(&b->served);

        WITH_AIO_CONTEXT_GUARD(b->ctx) {
            b->in_ready = suspend_a_moment;
        }
        qatomic_set(&b->rung, before + 100);
        aio_notify(b->ctx);
        g_assert_true(wait_until(&b->served, before + 100));
    }
}

/* The test's own thread sleeps meanwhile. */
static int64_t cpu_time_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return ts.tv_sec * NANOSECONDS_PER_SECOND + ts.tv_nsec;
}

/* Printed, not judged. */
static void test_cost(Bell *b, gconstpointer unused)
{
    int64_t start, spent;
    int before;

    make_endless(b);
    before = qatomic_read(&b->served);
    start = cpu_time_ns();
    g_usleep(500000);
    spent = cpu_time_ns() - start;
    g_test_message("a hit: %.1f ns", (double)spent / (qatomic_read(&b->served) - before));
}

/* A round in vain: the window is kept open by another poller, one hit in a thousand looks. */
static bool rarely(void *opaque)
{
    Bell *b = opaque;

    return ++b->polled % 1000 == 0;
}

static void nothing(void *opaque)
{
}

static void test_cost_of_a_round(Bell *b, gconstpointer unused)
{
    Bell other = { .ctx = b->ctx };
    int64_t start, spent;
    int before;

    aio_poller_set_watch(b->poller, 50 * SCALE_US, 100 * SCALE_US);
    for (int i = 0; i < 200; i++) {
        ring(b);                /* opens the window wide */
        g_usleep(100);
    }
    other.poller = aio_poller_new(b->ctx, rarely, nothing, &other);
    before = qatomic_read(&other.polled);
    start = cpu_time_ns();
    g_usleep(500000);
    spent = cpu_time_ns() - start;
    g_test_message("a round: %.1f ns", (double)spent / (qatomic_read(&other.polled) - before));
    aio_poller_free(other.poller);
}

#define ADD(name, max_ns, fn) \
    g_test_add("/poller/" name, Bell, GSIZE_TO_POINTER(max_ns), setup, fn, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/poller/every-turn", test_every_turn);
    ADD("leaves-work", 0, test_leaves_work);
    ADD("watch", 0, test_watch);
    ADD("watch-backs-off", 0, test_watch_backs_off);
    ADD("watch-backs-off-polling", 5 * SCALE_MS, test_watch_backs_off);
    ADD("idle", 10ull * NANOSECONDS_PER_SECOND, test_idle);
    ADD("hits", 5 * SCALE_MS, test_hits);
    ADD("disabled", SCALE_MS, test_disabled);
    ADD("endless/bottom-halves", SCALE_MS, test_endless_bhs);
    ADD("endless/timers", SCALE_MS, test_endless_timers);
    ADD("endless/fds", SCALE_MS, test_endless_fds);
    ADD("endless/lock", SCALE_MS, test_endless_lock);
    ADD("endless/fds-not-polling", 0, test_endless_fds);
    ADD("fd-beside", SCALE_MS, test_fd_beside);
    g_test_add_data_func("/poller/arm", GSIZE_TO_POINTER(0), test_arm);
    g_test_add_data_func("/poller/arm-polling", GSIZE_TO_POINTER(SCALE_MS), test_arm);
    g_test_add_func("/poller/arm-before-sleep", test_arm_before_sleep);
    ADD("frees-itself", SCALE_MS, test_frees_itself);
    ADD("comes-and-goes", SCALE_MS, test_comes_and_goes);
    ADD("without-ready", SCALE_MS, test_without_ready);
    ADD("suspends", SCALE_MS, test_suspends);
    if (g_test_perf()) {
        ADD("cost-of-a-hit", SCALE_MS, test_cost);
        ADD("cost-of-a-round", 10 * SCALE_MS, test_cost_of_a_round);
    }
    return g_test_run();
}
