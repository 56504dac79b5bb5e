/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that do not end when their operation returns: pending ones, and
 * operations that suspend their thread in the middle.
 */
#include "qemu/osdep.h"
#include "rig.h"

static void test_pending(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    VfuRegionAccess access = { RIG_PEND, 0, 4 };
    g_auto(Reply) later = { 0 };

    client_send(fd, 7, VFU_REGION_READ, 0, &access, 16, NULL, 0);
    rig_await(rig, &rig->nr_pending, 1);
    g_assert_cmpint(client_write(fd, 4, 42), ==, 0);    /* others are served meanwhile */
    g_assert_cmpuint(client_read(fd, 4), ==, 42);
    rig_complete(rig, 0);
    g_assert_true(client_receive(fd, &later));
    g_assert_cmpuint(later.header.id, ==, 7);
    g_assert_cmpuint(later.header.size, ==, 36);
    close(fd);
    rig_free(rig);
}

static void test_pending_error(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    VfuRegionAccess access = { RIG_PEND, 0, 4 };
    g_auto(Reply) later = { 0 };

    client_post(fd, RIG_PEND, 1);
    client_send(fd, 7, VFU_REGION_READ, 0, &access, 16, NULL, 0);
    rig_await(rig, &rig->nr_pending, 2);
    rig_complete(rig, -EIO);
    g_assert_true(client_receive(fd, &later));          /* one: the posted write has no reply */
    g_assert_cmpuint(later.header.id, ==, 7);
    g_assert_cmpuint(later.header.error, ==, EIO);
    client_expect_silence(fd, 20);
    close(fd);
    rig_free(rig);
}

/* Completed by detached(), and, if the device does not care, after everything is gone. */
static void test_pending_disconnect(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    VfuRequest *stray;

    client_post(fd, RIG_PEND, 1);
    client_post(fd, RIG_PEND, 2);
    rig_await(rig, &rig->nr_pending, 2);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        stray = rig->pending[--rig->nr_pending];
    }
    close(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpuint(rig->nr_pending, ==, 0);
    close(client_connect_ready(rig));
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        vfu_request_answer_early(stray);
        vfu_request_complete(stray, 0);
    }
    rig_free(rig);
}

static void test_error_of_operation(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    g_assert_cmpint(client_write(fd, RIG_FAIL, EBUSY), ==, EBUSY);
    g_assert_cmpint(client_write(fd, RIG_FAIL, ENOSPC), ==, ENOSPC);
    client_post(fd, RIG_FAIL, EIO);
    g_assert_cmpint(client_write(fd, 0, 1), ==, 0);
    g_assert_cmpuint(vfu_server_stats(rig->server)->errors[VFU_REGION_WRITE], ==, 3);
    close(fd);
    rig_free(rig);
}

/* One operation sleeps; the session goes on in another thread, in order. */
static void test_suspended(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    client_post(fd, RIG_SLEEP, 0x11223344);
    rig_await(rig, &rig->nr_sleepers, 1);
    for (unsigned i = 0; i < 100; i++) {
        client_post(fd, 0, i);
        g_assert_cmpint(client_write(fd, 4, i * 3), ==, 0);
        g_assert_cmpuint(client_read(fd, 4), ==, i * 3);
    }
    g_assert_cmpuint(rig->nr_order, ==, 100);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_cmpuint(rig->order[i], ==, i);
    }
    rig_wake(rig);
    while (client_read(fd, RIG_SLEEP) != 0x11223344) {  /* its data outlived all that */
        g_usleep(200);
    }
    close(fd);
    rig_free(rig);
}

/* A flood behind a sleeping operation must not touch the memory of its message. */
static void test_suspended_flood(void)
{
    enum { N = 20000 };
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    client_post(fd, RIG_SLEEP, 0xcafe0001);
    client_post(fd, RIG_SLEEP, 0xcafe0002);
    for (unsigned i = 0; i < N; i++) {
        client_post(fd, 16, i);
    }
    g_assert_cmpuint(client_read(fd, 16), ==, N - 1);
    rig_await(rig, &rig->nr_sleepers, 2);
    rig_wake(rig);
    while (!(client_read(fd, RIG_SLEEP) >> 16)) {
        g_usleep(200);
    }
    close(fd);
    rig_free(rig);
}

static void test_suspended_disconnect(void)
{
    Rig *rig = rig_new(NULL);

    for (unsigned i = 0; i < 50; i++) {
        int fd = client_connect_ready(rig);

        client_post(fd, RIG_SLEEP, i);
        if (i % 2) {
            rig_await(rig, &rig->nr_sleepers, 1);
        }
        close(fd);
        rig_await(rig, &rig->detached, i + 1);
    }
    rig_free(rig);
}

static void test_answer_early(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    g_assert_cmpint(client_write(fd, RIG_EARLY, 5), ==, 0);     /* although it sleeps */
    rig_await(rig, &rig->nr_sleepers, 1);
    g_assert_cmpuint(client_read(fd, RIG_EARLY), ==, 0);
    rig_wake(rig);
    while (client_read(fd, RIG_EARLY) != 5) {
        g_usleep(200);
    }
    client_expect_silence(fd, 20);                              /* no second answer */
    client_post(fd, RIG_EARLY, 6);
    rig_await(rig, &rig->nr_sleepers, 1);
    rig_wake(rig);
    client_expect_silence(fd, 20);                              /* and none for a posted one */
    close(fd);
    rig_free(rig);
}

/* --- REGION_WRITE_MULTI --- */

typedef struct Multi {
    uint64_t nr;
    VfuWriteMultiEntry entries[4];
} Multi;

static VfuWriteMultiEntry entry(uint64_t offset, uint32_t value)
{
    VfuWriteMultiEntry e = { .offset = offset, .count = 4 };

    memcpy(e.data, &value, 4);
    return e;
}

static uint64_t multi_reply(int fd)
{
    g_auto(Reply) reply = { 0 };
    uint64_t nr;

    g_assert_true(client_receive(fd, &reply));
    g_assert_cmpuint(reply.header.command, ==, VFU_REGION_WRITE_MULTI);
    g_assert_cmphex(reply.header.flags, ==, VFU_TYPE_REPLY);
    g_assert_cmpuint(reply.header.size, ==, 24);
    memcpy(&nr, reply.payload, 8);
    return nr;
}

static void test_multi(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    Multi multi = { 4, { entry(0, 1), entry(0, 2), entry(RIG_FAIL, EIO), entry(0, 3) } };

    client_send(fd, 1, VFU_REGION_WRITE_MULTI, 0, &multi, sizeof(multi), NULL, 0);
    g_assert_cmpuint(multi_reply(fd), ==, 3);
    g_assert_cmpuint(rig->nr_order, ==, 3);
    g_assert_cmpuint(rig->order[2], ==, 3);
    multi.entries[3].offset = 4096;         /* judged as a whole: nothing is done */
    client_send(fd, 1, VFU_REGION_WRITE_MULTI, VFU_NO_REPLY, &multi, sizeof(multi), NULL, 0);
    g_assert_cmpint(client_call(fd, VFU_REGION_WRITE_MULTI, &multi, sizeof(multi), NULL, 0, NULL),
                    ==, EINVAL);
    g_assert_cmpuint(rig->nr_order, ==, 3);
    multi.nr = 0;
    client_send(fd, 1, VFU_REGION_WRITE_MULTI, 0, &multi, 8, NULL, 0);
    g_assert_cmpuint(multi_reply(fd), ==, 0);
    close(fd);
    rig_free(rig);
}

static void test_multi_pending(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    Multi multi = { 4, { entry(0, 1), entry(RIG_PEND, 2), entry(RIG_PEND, 3), entry(0, 4) } };

    client_send(fd, 1, VFU_REGION_WRITE_MULTI, 0, &multi, sizeof(multi), NULL, 0);
    rig_await(rig, &rig->nr_order, 2);
    client_expect_silence(fd, 20);
    rig_complete(rig, 0);
    g_assert_cmpuint(multi_reply(fd), ==, 4);
    client_send(fd, 1, VFU_REGION_WRITE_MULTI, 0, &multi, sizeof(multi), NULL, 0);
    rig_await(rig, &rig->nr_pending, 2);
    close(fd);                              /* leaves with two of four open */
    rig_await(rig, &rig->detached, 1);
    rig_free(rig);
}

static void test_multi_early(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    Multi multi = { 3, { entry(0, 1), entry(RIG_EARLY, 2), entry(0, 4) } };

    client_send(fd, 1, VFU_REGION_WRITE_MULTI, 0, &multi, 8 + 3 * 24, NULL, 0);
    g_assert_cmpuint(multi_reply(fd), ==, 3);
    rig_await(rig, &rig->nr_sleepers, 1);
    rig_wake(rig);
    rig_await(rig, &rig->nr_order, 2);
    client_expect_silence(fd, 20);
    close(fd);
    rig_free(rig);
}

static void no_multi(VfuServerConfig *config)
{
    config->write_multiple = false;
}

static void test_multi_not_offered(void)
{
    Rig *rig = rig_new(no_multi);
    int fd = client_connect_ready(rig);
    Multi multi = { 1, { entry(0, 1) } };

    g_assert_cmpint(client_call(fd, VFU_REGION_WRITE_MULTI, &multi, 32, NULL, 0, NULL), ==,
                    EINVAL);
    close(fd);
    rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/request/pending", test_pending);
    g_test_add_func("/request/pending-error", test_pending_error);
    g_test_add_func("/request/pending-disconnect", test_pending_disconnect);
    g_test_add_func("/request/error-of-operation", test_error_of_operation);
    g_test_add_func("/request/suspended", test_suspended);
    g_test_add_func("/request/suspended-flood", test_suspended_flood);
    g_test_add_func("/request/suspended-disconnect", test_suspended_disconnect);
    g_test_add_func("/request/answer-early", test_answer_early);
    g_test_add_func("/request/multi", test_multi);
    g_test_add_func("/request/multi-pending", test_multi_pending);
    g_test_add_func("/request/multi-early", test_multi_early);
    g_test_add_func("/request/multi-not-offered", test_multi_not_offered);
    return g_test_run();
}
