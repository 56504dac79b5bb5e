/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bad line itself: it must be bad as asked, and repeat for a seed.
 */
#include "line.h"

static void test_cuts_reads(void)
{
    VfuFaulty faulty = { .seed = 3, .max_read = 5 };
    Line line = line_new();
    uint8_t bytes[116];
    size_t total = 0;
    VfuRx rx;

    line.socket.ops = &vfu_faulty_ops;
    line.socket.opaque = &faulty;
    make_message(bytes, 1, VFU_REGION_WRITE, 100);
    line_send(&line, bytes, sizeof(bytes), NULL, 0);
    vfu_rx_init(&rx, 4096);
    while (total < sizeof(bytes)) {
        ssize_t n = vfu_rx_fill(&rx, &line.socket);

        g_assert_cmpint(n, >=, 1);
        g_assert_cmpint(n, <=, 5);
        total += n;
    }
    g_assert_cmpuint(faulty.read_bytes, ==, sizeof(bytes));
    vfu_rx_destroy(&rx);
    line_free(&line);
}

static void test_read_limit(void)
{
    VfuFaulty faulty = { .seed = 3, .max_read = 1, .read_limit = 7 };
    Line line = line_new();
    VfuRx rx;

    line.socket.ops = &vfu_faulty_ops;
    line.socket.opaque = &faulty;
    line_send(&line, "0123456789", 10, NULL, 0);
    vfu_rx_init(&rx, 4096);
    for (unsigned i = 0; i < 7; i++) {
        g_assert_cmpint(vfu_rx_fill(&rx, &line.socket), ==, 1);
    }
    g_assert_cmpint(vfu_rx_fill(&rx, &line.socket), ==, 0);
    vfu_rx_destroy(&rx);
    line_free(&line);
}

/* Which of 200 calls were refused, as bits. */
static void refusals(uint32_t seed, bool refused[200])
{
    VfuFaulty faulty = { .seed = seed, .again_percent = 50 };
    Line line = line_new();
    VfuRx rx;

    line.socket.ops = &vfu_faulty_ops;
    line.socket.opaque = &faulty;
    vfu_rx_init(&rx, 4096);
    for (unsigned i = 0; i < 200; i++) {
        line_send(&line, "x", 1, NULL, 0);
        refused[i] = vfu_rx_fill(&rx, &line.socket) == -EAGAIN;
    }
    vfu_rx_destroy(&rx);
    line_free(&line);
}

static void test_refuses(void)
{
    bool first[200], again[200], other[200];
    unsigned count = 0;

    refusals(3, first);
    refusals(3, again);
    refusals(4, other);
    for (unsigned i = 0; i < 200; i++) {
        count += first[i];
    }
    g_assert_cmpuint(count, >, 50);
    g_assert_cmpuint(count, <, 150);
    g_assert_cmpmem(first, sizeof(first), again, sizeof(again));
    g_assert_cmpint(memcmp(first, other, sizeof(first)), !=, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/faulty/cuts-reads", test_cuts_reads);
    g_test_add_func("/faulty/read-limit", test_read_limit);
    g_test_add_func("/faulty/refuses", test_refuses);
    return g_test_run();
}
