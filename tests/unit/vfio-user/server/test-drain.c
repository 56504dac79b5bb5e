/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end in order: what is under way is answered, then the client is let go. */
#include "rig.h"

static void drain(Rig *rig)
{
    AIO_CONTEXT_GUARD(rig->ctx);

    vfu_server_drain(rig->server);
}

/* 16 bytes of header and a REGION_READ of BAR0, 4 bytes. */
static size_t build_read(uint8_t *bytes, uint16_t id)
{
    VfuHeader header = { .id = id, .command = VFU_REGION_READ,
                         .size = sizeof(header) + sizeof(VfuRegionAccess) };
    VfuRegionAccess access = { .region = 0, .offset = 0, .count = 4 };

    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + sizeof(header), &access, sizeof(access));
    return header.size;
}

static void test_nobody(void)
{
    Rig *rig = rig_new(NULL);

    drain(rig);
    drain(rig);
    g_assert_false(g_file_test(rig->path, G_FILE_TEST_EXISTS));
    rig_free(rig);
}

static void test_idle_client(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    drain(rig);
    client_expect_eof(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpint(rig->reason, ==, VFU_CLOSE_LOCAL);
    close(fd);
    rig_free(rig);
}

/* Connected, and nothing said: there is nothing to wait for. */
static void test_before_version(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect(rig);

    drain(rig);
    client_expect_eof(fd);
    close(fd);
    rig_free(rig);
}

static void post_pending(Rig *rig, int fd)
{
    client_send_write(fd, 9, RIG_PEND);
    rig_await(rig, &rig->nr_pending, 1);
}

static void expect_last_answer(int fd, unsigned id)
{
    g_auto(Reply) reply = { 0 };

    g_assert_true(client_receive(fd, &reply));
    g_assert_cmpuint(reply.header.id, ==, id);
    client_expect_eof(fd);
    close(fd);
}

static void test_pending_request(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    post_pending(rig, fd);
    drain(rig);
    client_expect_silence(fd, 50);
    g_assert_cmpuint(rig->detached, ==, 0);
    rig_complete(rig, 0);
    expect_last_answer(fd, 9);
    rig_free(rig);
}

/* New commands are served while an older one keeps the session. */
static void test_goes_on_meanwhile(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    post_pending(rig, fd);
    drain(rig);
    for (int i = 0; i < 5; i++) {
        client_read(fd, 0);
    }
    rig_complete(rig, 0);
    expect_last_answer(fd, 9);
    rig_free(rig);
}

static void test_half_a_message(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    uint8_t bytes[64];
    size_t len = build_read(bytes, 3);

    client_send_raw(fd, bytes, 20, NULL, 0);
    drain(rig);
    client_expect_silence(fd, 50);
    client_send_raw(fd, bytes + 20, len - 20, NULL, 0);
    expect_last_answer(fd, 3);
    rig_free(rig);
}

/* A suspended operation is under way, too. */
static void test_suspended(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    client_send_write(fd, 5, RIG_SLEEP);
    rig_await(rig, &rig->nr_sleepers, 1);
    drain(rig);
    client_expect_silence(fd, 50);
    rig_wake(rig);
    expect_last_answer(fd, 5);
    rig_free(rig);
}

/* The next client's turn does not come any more. */
static void test_waiting_client(void)
{
    Rig *rig = rig_new_waiting(NULL);
    int fd = client_connect_ready(rig);
    int next = client_connect_ready(rig);

    post_pending(rig, fd);
    drain(rig);
    client_expect_eof(next);
    g_assert_cmpuint(rig->turned, ==, 0);
    rig_complete(rig, 0);
    expect_last_answer(fd, 9);
    close(next);
    rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/drain/nobody", test_nobody);
    g_test_add_func("/drain/idle-client", test_idle_client);
    g_test_add_func("/drain/before-version", test_before_version);
    g_test_add_func("/drain/pending-request", test_pending_request);
    g_test_add_func("/drain/goes-on-meanwhile", test_goes_on_meanwhile);
    g_test_add_func("/drain/half-a-message", test_half_a_message);
    g_test_add_func("/drain/suspended", test_suspended);
    g_test_add_func("/drain/waiting-client", test_waiting_client);
    return g_test_run();
}
