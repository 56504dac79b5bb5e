/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slow clients: too slow to say hello, to finish a message, to read.
 */
#include "qemu/osdep.h"
#include "rig.h"

/* Long beside what a busy machine takes to let a thread run. */
#define TIMEOUT_US (1000 * 1000)

static void quick(VfuServerConfig *config)
{
    config->message_timeout_ns = TIMEOUT_US * SCALE_US;
    config->write_timeout_ns = TIMEOUT_US * SCALE_US;
    config->output_high_water = 64 * 1024;
}

static void test_no_version(void)
{
    Rig *rig = rig_new(quick);
    int fd = client_connect(rig);

    client_expect_eof(fd);
    close(fd);
    g_assert_cmpuint(rig->attached, ==, 0);
    close(client_connect_ready(rig));
    rig_free(rig);
}

static bool is_over(Rig *rig)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    return rig->detached > 0;
}

/* A byte now and then: the time is for the whole message, or this goes on for ever. */
static void test_trickle(void)
{
    Rig *rig = rig_new(quick);
    int fd = client_connect_ready(rig);
    VfuHeader header = { 1, VFU_REGION_WRITE, 100000, 0, 0 };

    client_send_raw(fd, &header, 16, NULL, 0);
    while (!is_over(rig)) {
        client_send_raw(fd, "x", 1, NULL, 0);
        g_usleep(10000);
    }
    client_expect_eof(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpint(rig->reason, ==, VFU_CLOSE_TIMEOUT);
    close(fd);
    rig_free(rig);
}

/* Whole messages with long pauses between them are nobody's business. */
static void test_idle_is_fine(void)
{
    Rig *rig = rig_new(quick);
    int fd = client_connect_ready(rig);

    for (unsigned i = 0; i < 2; i++) {
        g_usleep(TIMEOUT_US + TIMEOUT_US / 4);
        g_assert_cmpint(client_write(fd, 4, i), ==, 0);
    }
    close(fd);
    rig_free(rig);
}

/* Cuts in many messages, each finished in time; all together take longer. */
static void test_slow_but_steady(void)
{
    Rig *rig = rig_new(quick);
    int fd = client_connect_ready(rig);
    VfuRegionAccess access = { 0, 0, 4 };
    uint8_t bytes[64];
    VfuHeader header = { 1, VFU_REGION_READ, 32, 0, 0 };

    memcpy(bytes, &header, 16);
    memcpy(bytes + 16, &access, 16);
    client_send_raw(fd, bytes, 10, NULL, 0);
    for (unsigned i = 0; i < 8; i++) {
        g_auto(Reply) reply = { 0 };

        g_usleep(TIMEOUT_US / 7);
        client_send_raw(fd, bytes + 10, 22, NULL, 0);
        client_send_raw(fd, bytes, 10, NULL, 0);        /* there is always a rest */
        g_assert_true(client_receive(fd, &reply));
    }
    close(fd);
    rig_free(rig);
}

static void test_never_reads(void)
{
    Rig *rig = rig_new(quick);
    int fd = client_connect_ready(rig);
    VfuRegionAccess access = { 0, 0, 4096 };
    struct timeval short_time = { .tv_usec = 50000 };
    unsigned reads;

    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &short_time, sizeof(short_time));
    for (unsigned i = 0; i < 100000; i++) {
        VfuHeader header = { 1, VFU_REGION_READ, 32, 0, 0 };
        uint8_t bytes[32];

        memcpy(bytes, &header, 16);
        memcpy(bytes + 16, &access, 16);
        if (send(fd, bytes, 32, MSG_NOSIGNAL) < 0) {
            break;
        }
    }
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpint(rig->reason, ==, VFU_CLOSE_TIMEOUT);
    reads = rig->reads;
    /* Back-pressure: what was done is bounded by the socket's buffer and the high water. */
    g_assert_cmpuint(reads, <, 1000);
    close(fd);
    close(client_connect_ready(rig));
    rig_free(rig);
}

/* Reads slowly, but reads: everything arrives. */
static void test_reads_late(void)
{
    enum { N = 180 };
    Rig *rig = rig_new(quick);
    int fd = client_connect_ready(rig);
    VfuRegionAccess access = { 0, 0, 4096 };

    for (unsigned i = 0; i < N; i++) {
        client_send(fd, i, VFU_REGION_READ, 0, &access, 16, NULL, 0);
    }
    for (unsigned i = 0; i < N; i++) {
        g_auto(Reply) reply = { 0 };

        if (i % 20 == 0) {
            g_usleep(TIMEOUT_US / 7);
        }
        g_assert_true(client_receive(fd, &reply));
        g_assert_cmpuint(reply.header.id, ==, i);
        g_assert_cmpuint(reply.len, ==, 16 + 4096);
    }
    close(fd);
    rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timeouts/no-version", test_no_version);
    g_test_add_func("/timeouts/trickle", test_trickle);
    g_test_add_func("/timeouts/idle-is-fine", test_idle_is_fine);
    g_test_add_func("/timeouts/slow-but-steady", test_slow_but_steady);
    g_test_add_func("/timeouts/never-reads", test_never_reads);
    g_test_add_func("/timeouts/reads-late", test_reads_late);
    return g_test_run();
}
