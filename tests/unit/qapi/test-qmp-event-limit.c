/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first at once, then one a second, and nothing is lost without being counted. */
#include "qemu/osdep.h"
#include "qapi/qmp-event-limit.h"

#define START 5000000           /* any moment */

static void test_first_at_once(void)
{
    QmpEventLimit limit = { 0 };
    uint64_t lost = 99;

    /* Also when the clock says 0: "never" is not a time. */
    g_assert_true(qmp_event_limit_pass_at(&limit, 0, &lost));
    g_assert_cmpuint(lost, ==, 0);
    g_assert_false(qmp_event_limit_pass_at(&limit, 1, &lost));
}

static void test_one_a_second(void)
{
    QmpEventLimit limit = { 0 };
    uint64_t lost;

    g_assert_true(qmp_event_limit_pass_at(&limit, START, &lost));
    g_assert_false(qmp_event_limit_pass_at(&limit, START, &lost));
    g_assert_false(qmp_event_limit_pass_at(&limit, START + QMP_EVENT_LIMIT_US - 1, &lost));
    g_assert_true(qmp_event_limit_pass_at(&limit, START + QMP_EVENT_LIMIT_US, &lost));
    g_assert_cmpuint(lost, ==, 2);
    /* The second that counts is that of the last event sent, not of the last asked for. */
    g_assert_false(qmp_event_limit_pass_at(&limit, START + 2 * QMP_EVENT_LIMIT_US - 1, &lost));
    g_assert_true(qmp_event_limit_pass_at(&limit, START + 2 * QMP_EVENT_LIMIT_US, &lost));
    g_assert_cmpuint(lost, ==, 1);
}

static void test_pending_count_is_kept(void)
{
    QmpEventLimit limit = { 0 };
    uint64_t lost;

    qmp_event_limit_pass_at(&limit, START, &lost);
    for (int i = 0; i < 1000; i++) {
        g_assert_false(qmp_event_limit_pass_at(&limit, START + i, &lost));
    }
    /* An hour of silence: the next event tells. */
    g_assert_true(qmp_event_limit_pass_at(&limit, START + 3600ll * G_USEC_PER_SEC, &lost));
    g_assert_cmpuint(lost, ==, 1000);
    g_assert_true(qmp_event_limit_pass_at(&limit, START + 3602ll * G_USEC_PER_SEC, &lost));
    g_assert_cmpuint(lost, ==, 0);
}

static void test_limits_are_apart(void)
{
    QmpEventLimit one = { 0 }, other = { 0 };
    uint64_t lost;

    g_assert_true(qmp_event_limit_pass(&one, &lost));
    g_assert_false(qmp_event_limit_pass(&one, &lost));
    g_assert_true(qmp_event_limit_pass(&other, &lost));
    g_assert_cmpuint(lost, ==, 0);
}

/* Every event asked for is either sent or counted by a later one. */
static void test_sum(void)
{
    QmpEventLimit limit = { 0 };
    uint64_t sent = 0, told = 0, lost;
    int64_t now = START;

    for (int i = 0; i < 20000; i++) {
        now += g_test_rand_int_range(0, 300000);
        if (qmp_event_limit_pass_at(&limit, now, &lost)) {
            sent++;
            told += lost;
        }
    }
    g_assert_cmpuint(sent + told + limit.lost, ==, 20000);
    g_assert_cmpuint(sent, <=, (now - START) / QMP_EVENT_LIMIT_US + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp-event-limit/first-at-once", test_first_at_once);
    g_test_add_func("/qmp-event-limit/one-a-second", test_one_a_second);
    g_test_add_func("/qmp-event-limit/pending-count", test_pending_count_is_kept);
    g_test_add_func("/qmp-event-limit/apart", test_limits_are_apart);
    g_test_add_func("/qmp-event-limit/sum", test_sum);
    return g_test_run();
}
