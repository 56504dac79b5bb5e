/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands and their replies: matching, errors, deadlines, pipelining, corking.
 */
#include "qemu/osdep.h"
#include "peer.h"

static const VfuDeviceInfo info9 = { 16, 3, 9, 5 };

static void test_error_replies(void)
{
    Peer p = peer_new_ready("plain");

    peer_error(&p, 0, VFU_DEVICE_RESET, EBUSY);
    g_assert_cmpint(vfu_client_reset(p.client), ==, -EBUSY);
    peer_error(&p, 0, VFU_DEVICE_RESET, 0);
    g_assert_cmpint(vfu_client_reset(p.client), ==, -EREMOTEIO);
    peer_error(&p, 0, VFU_DEVICE_RESET, 0x80000000u);
    g_assert_cmpint(vfu_client_reset(p.client), ==, -EREMOTEIO);
    g_assert_true(vfu_client_alive(p.client));
    g_assert_cmpuint(vfu_client_stats(p.client)->errors, ==, 3);
    peer_free(&p);
}

static void test_short_reply(void)
{
    Peer p = peer_new_ready("plain");
    VfuDeviceInfo info;

    peer_reply(&p, 0, VFU_DEVICE_GET_INFO, &info9, 12);
    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, -EPROTO);
    g_assert_false(vfu_client_alive(p.client));
    peer_free(&p);
}

static void test_unexpected_reply(void)
{
    Peer p = peer_new_ready("plain");
    VfuDeviceInfo info;

    peer_reply(&p, 5, VFU_DEVICE_GET_INFO, &info9, sizeof(info9));
    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, -EPROTO);
    g_assert_nonnull(strstr(vfu_client_complaint(p.client), "unexpected reply"));
    peer_free(&p);
}

static void test_timeout_and_late_reply(void)
{
    Peer p = peer_new_ready("plain");
    uint16_t id = peer_next_id(&p);
    VfuDeviceInfo info;
    int64_t start = g_get_monotonic_time();

    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, -ETIMEDOUT);
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 299000);
    g_assert_true(vfu_client_alive(p.client));
    g_assert_cmpuint(vfu_client_outstanding(p.client), ==, 0);

    peer_send(&p, id, VFU_DEVICE_GET_INFO, VFU_TYPE_REPLY, 0, &info9, 16, NULL, 0);
    peer_reply(&p, 0, VFU_DEVICE_RESET, NULL, 0);
    g_assert_cmpint(vfu_client_reset(p.client), ==, 0);
    g_assert_cmpuint(vfu_client_stats(p.client)->late_replies, ==, 1);
    peer_free(&p);
}

static void test_short_timeout(void)
{
    Peer p = peer_new_ready("plain");
    int64_t start;

    vfu_client_set_timeout(p.client, 100 * 1000000000ll);
    vfu_client_set_timeout(p.client, 20 * 1000000);
    start = g_get_monotonic_time();
    g_assert_cmpint(vfu_client_reset(p.client), ==, -ETIMEDOUT);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 50 * G_USEC_PER_SEC);
    vfu_client_set_spin(p.client, true);
    start = g_get_monotonic_time();
    g_assert_cmpint(vfu_client_reset(p.client), ==, -ETIMEDOUT);
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 20000);
    peer_free(&p);
}

static void test_hangup(void)
{
    Peer p = peer_new_ready("plain");

    close(p.fd);
    p.fd = -1;
    g_assert_cmpint(vfu_client_reset(p.client), ==, -ECONNRESET);
    g_assert_false(vfu_client_alive(p.client));
    vfu_client_free(p.client);
}

/* Replies out of order, and one to a call in between. */
static void test_pipelining(void)
{
    Peer p = peer_new_ready("plain");
    uint16_t ids[3];
    struct {
        VfuRegionAccess a;
        uint32_t value;
    } r = { .a = { .region = 0, .count = 4 } };

    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpint(vfu_client_submit_read(p.client, 0, 0, 4, &ids[i]), ==, 0);
    }
    g_assert_cmpuint(vfu_client_outstanding(p.client), ==, 3);
    peer_send(&p, ids[2], VFU_REGION_READ, 1, 0, &r, 20, NULL, 0);
    peer_reply(&p, 0, VFU_DEVICE_RESET, NULL, 0);
    peer_send(&p, ids[0], VFU_REGION_READ, 1, 0, &r, 20, NULL, 0);
    peer_send(&p, ids[1], VFU_REGION_READ, 1 | VFU_ERROR, EIO, NULL, 0, NULL, 0);
    g_assert_cmpint(vfu_client_reset(p.client), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        static const unsigned order[] = { 2, 0, 1 };
        g_autoptr(VfuClientMessage) m = NULL;

        g_assert_cmpint(vfu_client_poll(p.client, -1, &m), ==, 0);
        g_assert_cmpuint(m->header.id, ==, ids[order[i]]);
        g_assert_cmpint(vfu_client_message_error(m), ==, i == 2 ? -EIO : 0);
    }
    g_assert_cmpuint(vfu_client_outstanding(p.client), ==, 0);
    peer_free(&p);
}

static void test_poll_nothing(void)
{
    Peer p = peer_new_ready("plain");
    VfuClientMessage *m;

    g_assert_cmpint(vfu_client_poll(p.client, 0, &m), ==, -EAGAIN);
    g_assert_null(m);
    g_assert_cmpint(vfu_client_poll(p.client, -1, &m), ==, -ETIMEDOUT);
    peer_free(&p);
}

/* id 0 for everything: the oldest command of that number is meant. */
static void test_equal_ids(void)
{
    Peer p = peer_new_ready("spdk");
    VfuDeviceInfo info;

    vfu_client_submit_read(p.client, 0, 0, 4, NULL);
    peer_reply(&p, 0, VFU_DEVICE_GET_INFO, &info9, sizeof(info9));
    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, 0);
    g_assert_cmpuint(info.num_regions, ==, 9);
    g_assert_cmpuint(vfu_client_outstanding(p.client), ==, 1);
    peer_free(&p);
}

static void test_cork(void)
{
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    uint32_t v = 7;

    vfu_client_cork(p.client);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpint(vfu_client_post(p.client, 0, 4 * i, &v, 4), ==, 0);
    }
    peer_quiet(&p);
    g_assert_cmpint(vfu_client_uncork(p.client), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        peer_recv(&p, &m);
        g_assert_cmpuint(m.header.flags, ==, VFU_NO_REPLY);
        g_assert_cmpuint(m.header.command, ==, VFU_REGION_WRITE);
        g_assert_cmpuint(m.payload[0], ==, 4 * i);
        g_assert_cmpuint(m.size, ==, 20);
    }
    peer_quiet(&p);
    /* a wait sends what is corked, in order */
    vfu_client_cork(p.client);
    vfu_client_post(p.client, 0, 0, &v, 4);
    peer_reply(&p, 0, VFU_DEVICE_RESET, NULL, 0);
    g_assert_cmpint(vfu_client_reset(p.client), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.header.command, ==, VFU_REGION_WRITE);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.header.command, ==, VFU_DEVICE_RESET);
    peer_free(&p);
}

static void test_raw(void)
{
    Peer p = peer_new_ready("plain");
    uint64_t dma[2] = { 0x1000, 4 };
    PeerMessage m;
    VfuClientMessage *msg;
    VfuHeader h = { 9, 99, 16, 0, 0 };

    g_assert_cmpint(vfu_client_send_raw(p.client, &h, sizeof(h), NULL, 0), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpmem(&m.header, 16, &h, 16);
    peer_send(&p, 3, VFU_DMA_READ, 0, 0, dma, sizeof(dma), NULL, 0);
    g_assert_cmpint(vfu_client_recv_raw(p.client, -1, &msg), ==, 0);
    g_assert_cmpuint(msg->header.command, ==, VFU_DMA_READ);
    g_assert_cmpmem(msg->payload, msg->size, dma, sizeof(dma));
    vfu_client_message_free(msg);
    peer_quiet(&p);             /* not answered */
    peer_free(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-client/call/error-replies", test_error_replies);
    g_test_add_func("/vfu-client/call/short-reply", test_short_reply);
    g_test_add_func("/vfu-client/call/unexpected-reply", test_unexpected_reply);
    g_test_add_func("/vfu-client/call/late-reply", test_timeout_and_late_reply);
    g_test_add_func("/vfu-client/call/short-timeout", test_short_timeout);
    g_test_add_func("/vfu-client/call/hangup", test_hangup);
    g_test_add_func("/vfu-client/call/pipelining", test_pipelining);
    g_test_add_func("/vfu-client/call/poll-nothing", test_poll_nothing);
    g_test_add_func("/vfu-client/call/equal-ids", test_equal_ids);
    g_test_add_func("/vfu-client/call/cork", test_cork);
    g_test_add_func("/vfu-client/call/raw", test_raw);
    return g_test_run();
}
