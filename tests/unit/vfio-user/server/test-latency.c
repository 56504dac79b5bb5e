/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Latency histograms: buckets, groups, what is measured and what is not. */
#include "rig.h"

static uint64_t total(const VfuHistogram *h)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i <= VFU_LATENCY_BUCKETS; i++) {
        sum += h->count[i];
    }
    return sum;
}

static void test_bounds(void)
{
    VfuLatency latency = { 0 };
    VfuHistogram *h = &latency.group[VFU_LATENCY_READ];

    for (unsigned i = 0; i < VFU_LATENCY_BUCKETS; i++) {
        g_assert_true(i == 0 || vfu_latency_bounds_ns[i] > vfu_latency_bounds_ns[i - 1]);
        vfu_latency_add(&latency, VFU_LATENCY_READ, vfu_latency_bounds_ns[i]);
        g_assert_cmpuint(h->count[i], ==, 1);       /* bounds are inclusive */
        vfu_latency_add(&latency, VFU_LATENCY_READ, vfu_latency_bounds_ns[i] + 1);
        g_assert_cmpuint(h->count[i + 1], ==, 1);
        h->count[i + 1] = 0;
    }
    vfu_latency_add(&latency, VFU_LATENCY_READ, INT64_MAX);
    g_assert_cmpuint(h->count[VFU_LATENCY_BUCKETS], ==, 1);
    g_assert_cmpuint(total(&latency.group[VFU_LATENCY_WRITE]), ==, 0);
}

static void test_clock_goes_back(void)
{
    VfuLatency latency = { 0 };

    vfu_latency_add(&latency, VFU_LATENCY_MAP, -5);
    g_assert_cmpuint(latency.group[VFU_LATENCY_MAP].count[0], ==, 1);
    g_assert_cmpuint(latency.group[VFU_LATENCY_MAP].sum_ns, ==, 0);
}

static void test_groups(void)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned g = 0; g < VFU_LATENCY_GROUPS; g++) {
        g_assert_nonnull(vfu_latency_group_name(g));
        g_assert_true(g_hash_table_add(names, (void *)vfu_latency_group_name(g)));
    }
    g_assert_cmpint(vfu_latency_group(VFU_REGION_READ), ==, VFU_LATENCY_READ);
    g_assert_cmpint(vfu_latency_group(VFU_REGION_WRITE_MULTI), ==, VFU_LATENCY_WRITE);
    g_assert_cmpint(vfu_latency_group(VFU_VERSION), ==, VFU_LATENCY_SETUP);
    g_assert_cmpint(vfu_latency_group(60000), ==, VFU_LATENCY_SETUP);
}

static void measure(Rig *rig, bool on)
{
    AIO_CONTEXT_GUARD(rig->ctx);

    vfu_server_measure_latency(rig->server, on);
}

static VfuHistogram histogram(Rig *rig, VfuLatencyGroup group)
{
    AIO_CONTEXT_GUARD(rig->ctx);

    return vfu_server_latency(rig->server)->group[group];
}

static void test_off(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    client_read(fd, 0);
    g_assert_null(vfu_server_latency(rig->server));
    close(fd);
    rig_free(rig);
}

static void test_each_answer_once(void)
{
    Rig *rig = rig_new(NULL);
    VfuHistogram h;
    int fd;

    measure(rig, true);
    measure(rig, true);             /* keeps what there is */
    fd = client_connect_ready(rig);
    for (int i = 0; i < 7; i++) {
        client_read(fd, 0);
    }
    for (int i = 0; i < 3; i++) {
        client_post(fd, 0, i);      /* has no answer, and counts */
    }
    g_assert_cmpint(client_write(fd, RIG_FAIL, EIO), ==, EIO);
    h = histogram(rig, VFU_LATENCY_READ);
    g_assert_cmpuint(total(&h), ==, 7);
    g_assert_cmpuint(h.sum_ns, >, 0);
    h = histogram(rig, VFU_LATENCY_WRITE);
    g_assert_cmpuint(total(&h), ==, 4);
    h = histogram(rig, VFU_LATENCY_SETUP);
    g_assert_cmpuint(total(&h), >=, 1);
    measure(rig, false);
    client_read(fd, 0);
    g_assert_null(vfu_server_latency(rig->server));
    close(fd);
    rig_free(rig);
}

/* The time until the answer, not until the operation is over; once. */
static void test_early_answer(void)
{
    Rig *rig = rig_new(NULL);
    VfuHistogram h;
    int fd;

    measure(rig, true);
    fd = client_connect_ready(rig);
    g_assert_cmpint(client_write(fd, RIG_EARLY, 1), ==, 0);
    client_read(fd, 0);             /* served while the write's operation sleeps */
    h = histogram(rig, VFU_LATENCY_WRITE);
    g_assert_cmpuint(total(&h), ==, 1);
    rig_wake(rig);
    client_read(fd, 0);
    h = histogram(rig, VFU_LATENCY_WRITE);
    g_assert_cmpuint(total(&h), ==, 1);
    close(fd);
    rig_free(rig);
}

/* Switched on and off while a request is under way: it is not counted. */
static void test_switched_meanwhile(void)
{
    Rig *rig = rig_new(NULL);
    g_auto(Reply) reply = { 0 };
    VfuHistogram h;
    int fd = client_connect_ready(rig);

    client_send_write(fd, 9, RIG_PEND);
    rig_await(rig, &rig->nr_pending, 1);
    measure(rig, true);
    rig_complete(rig, 0);
    g_assert_true(client_receive(fd, &reply));
    h = histogram(rig, VFU_LATENCY_WRITE);
    g_assert_cmpuint(total(&h), ==, 0);
    close(fd);
    rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/latency/bounds", test_bounds);
    g_test_add_func("/latency/clock-goes-back", test_clock_goes_back);
    g_test_add_func("/latency/groups", test_groups);
    g_test_add_func("/latency/off", test_off);
    g_test_add_func("/latency/each-answer-once", test_each_answer_once);
    g_test_add_func("/latency/early-answer", test_early_answer);
    g_test_add_func("/latency/switched-meanwhile", test_switched_meanwhile);
    return g_test_run();
}
