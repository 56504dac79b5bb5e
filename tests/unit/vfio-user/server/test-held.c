/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that wait for an unfinished DMA_UNMAP or DEVICE_RESET, or because
 * too many requests are open.
 */
#include "qemu/osdep.h"
#include "rig.h"

static const VfuDmaMap map = { 32, 3, 0, 0x10000, 0x1000 };
static const VfuDmaUnmap unmap = { 24, 0, 0x10000, 0x1000 };

static void complete_unmap(Rig *rig, int err, uint64_t bytes)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    g_assert_cmpuint(rig->nr_pending, >, 0);
    vfu_request_complete_unmap(rig->pending[--rig->nr_pending], err, bytes);
}

static void expect_reply(int fd, uint16_t id)
{
    g_auto(Reply) reply = { 0 };

    g_assert_true(client_receive(fd, &reply));
    g_assert_cmpuint(reply.header.id, ==, id);
}

static void set_pend(Rig *rig, bool on)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    rig->pend_unmap = on;
    rig->pend_reset = on;
}

static void test_behind_unmap(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    g_auto(Reply) reply = { 0 };
    VfuDmaUnmap got;
    int one = rig->bar2_fd;

    set_pend(rig, true);
    client_send(fd, 1, VFU_DMA_UNMAP, 0, &unmap, 24, NULL, 0);
    client_send(fd, 2, VFU_DMA_MAP, 0, &map, 32, &one, 1);
    client_send(fd, 3, VFU_DMA_UNMAP, 0, &unmap, 24, NULL, 0);
    client_send(fd, 4, VFU_DEVICE_RESET, 0, NULL, 0, NULL, 0);
    g_assert_cmpint(client_write(fd, 4, 5), ==, 0);     /* everything else goes on */
    g_assert_cmpuint(client_read(fd, 4), ==, 5);
    g_assert_cmpuint(rig->maps + rig->resets, ==, 0);
    g_assert_cmpuint(rig->unmaps, ==, 1);
    complete_unmap(rig, 0, 0x7000);
    g_assert_true(client_receive(fd, &reply));
    g_assert_cmpuint(reply.header.id, ==, 1);
    g_assert_cmpuint(reply.header.size, ==, 40);
    memcpy(&got, reply.payload, 24);
    g_assert_cmphex(got.size, ==, 0x7000);
    expect_reply(fd, 2);                                /* with its fd, after the unmap */
    g_assert_cmpuint(rig->map_fds, ==, 1);
    rig_await(rig, &rig->unmaps, 2);
    g_assert_cmpuint(rig->resets, ==, 0);               /* waits for the second unmap */
    complete_unmap(rig, 0, 0);
    expect_reply(fd, 3);
    rig_await(rig, &rig->resets, 1);
    client_send(fd, 5, VFU_DMA_MAP, 0, &map, 32, NULL, 0);
    client_read(fd, 0);
    g_assert_cmpuint(rig->maps, ==, 1);                 /* waits for the reset */
    rig_complete(rig, 0);
    expect_reply(fd, 4);
    expect_reply(fd, 5);
    close(fd);
    rig_free(rig);
}

static void test_unmap_fails(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    g_auto(Reply) reply = { 0 };

    set_pend(rig, true);
    client_send(fd, 1, VFU_DMA_UNMAP, 0, &unmap, 24, NULL, 0);
    client_send(fd, 2, VFU_DMA_MAP, VFU_NO_REPLY, &map, 32, NULL, 0);
    rig_await(rig, &rig->nr_pending, 1);
    complete_unmap(rig, -EBUSY, 0);
    g_assert_true(client_receive(fd, &reply));
    g_assert_cmpuint(reply.header.error, ==, EBUSY);
    rig_await(rig, &rig->maps, 1);
    close(fd);
    rig_free(rig);
}

/* Far more than is held: the socket is not read any more, and nothing is lost. */
static void test_many(void)
{
    enum { N = 400 };          /* more than 256, and what is left fits the socket */
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    int one = rig->bar2_fd;

    set_pend(rig, true);
    client_send(fd, 1, VFU_DMA_UNMAP, 0, &unmap, 24, NULL, 0);
    rig_await(rig, &rig->nr_pending, 1);
    set_pend(rig, false);
    for (unsigned i = 0; i < N; i++) {
        client_send(fd, 100 + i, VFU_DMA_MAP, 0, &map, 32, &one, i % 2);
    }
    g_usleep(10000);
    g_assert_cmpuint(rig->maps, ==, 0);
    complete_unmap(rig, 0, 0);
    expect_reply(fd, 1);
    for (unsigned i = 0; i < N; i++) {
        expect_reply(fd, 100 + i);
    }
    g_assert_cmpuint(rig->map_fds, ==, N / 2);
    close(fd);
    rig_free(rig);
}

/* What waits may not use up the process's file descriptors. */
static void test_dear_messages(void)
{
    enum { N = 40 };
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    int many[16];
    unsigned before;

    for (unsigned i = 0; i < 16; i++) {
        many[i] = rig->bar2_fd;
    }
    set_pend(rig, true);
    client_send(fd, 1, VFU_DMA_UNMAP, 0, &unmap, 24, NULL, 0);
    rig_await(rig, &rig->nr_pending, 1);
    set_pend(rig, false);
    before = count_fds();
    for (unsigned i = 0; i < N; i++) {
        client_send(fd, 100 + i, VFU_DMA_MAP, 0, &map, 32, many, 16);
    }
    g_usleep(50000);
    g_assert_cmpuint(count_fds() - before, <, 300);
    complete_unmap(rig, 0, 0);
    expect_reply(fd, 1);
    for (unsigned i = 0; i < N; i++) {
        expect_reply(fd, 100 + i);
    }
    g_assert_cmpuint(count_fds(), ==, before);
    close(fd);
    rig_free(rig);
}

static void test_disconnect(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    int one = rig->bar2_fd;

    set_pend(rig, true);
    client_send(fd, 1, VFU_DMA_UNMAP, 0, &unmap, 24, NULL, 0);
    for (unsigned i = 0; i < 100; i++) {
        client_send(fd, 100 + i, VFU_DMA_MAP, 0, &map, 32, &one, 1);
    }
    close(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpuint(rig->maps, ==, 0);
    rig_free(rig);              /* finds fds that are left */
}

/* A client that makes every request pend cannot make more than so many. */
static void test_in_flight_limit(void)
{
    enum { N = 60 };
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    for (unsigned i = 0; i < N; i++) {
        client_post(fd, RIG_PEND, i);
    }
    client_post(fd, 0, 77);     /* must not overtake those that wait */
    rig_await(rig, &rig->nr_pending, 32);
    g_usleep(10000);
    g_assert_cmpuint(rig->nr_pending, ==, 32);
    g_assert_cmpuint(rig->nr_order, ==, 0);
    rig_complete(rig, 0);
    rig_await(rig, &rig->nr_pending, N - 32);
    rig_complete(rig, 0);
    rig_await(rig, &rig->nr_order, 1);
    close(fd);
    rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/held/behind-unmap", test_behind_unmap);
    g_test_add_func("/held/unmap-fails", test_unmap_fails);
    g_test_add_func("/held/many", test_many);
    g_test_add_func("/held/dear-messages", test_dear_messages);
    g_test_add_func("/held/disconnect", test_disconnect);
    g_test_add_func("/held/in-flight-limit", test_in_flight_limit);
    return g_test_run();
}
