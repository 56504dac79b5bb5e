/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that runs out of file descriptors while it receives some: the
 * kernel drops the rest, and the connection is not to be trusted any more.
 */
#include <sys/resource.h>
#include "line.h"

static void test_out_of_fds(void)
{
    Line line = line_new();
    struct rlimit old, low;
    unsigned before = count_fds();
    uint8_t bytes[64];
    int fds[16];
    VfuRx rx;

    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        fds[i] = line.peer;
    }
    make_message(bytes, 1, VFU_DEVICE_SET_IRQS, 20);
    line_send(&line, bytes, 36, fds, 16);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &old), ==, 0);
    low = old;
    low.rlim_cur = before + 3;  /* some fit, not all */
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
    vfu_rx_init(&rx, 4096);
    g_assert_cmpint(vfu_rx_fill(&rx, &line.socket), ==, -EPROTO);
    vfu_rx_destroy(&rx);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &old), ==, 0);
    g_assert_cmpuint(count_fds(), ==, before);
    line_free(&line);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/out-of-fds", test_out_of_fds);
    return g_test_run();
}
