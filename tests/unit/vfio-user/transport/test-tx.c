/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending: order and bytes survive a full socket and short writes; file
 * descriptors leave with the first byte of their message, once.
 */
#include "line.h"

static int send_message(VfuTx *tx, Line *line, uint16_t id, size_t payload, const int *fds,
                        unsigned nr_fds)
{
    g_autofree uint8_t *bytes = g_malloc(16 + payload);
    size_t len = make_message(bytes, id, VFU_DEVICE_GET_REGION_INFO, payload);
    /* as the server does: header, two pieces of payload */
    struct iovec iov[3] = { { bytes, 16 }, { bytes + 16, payload / 2 },
                            { bytes + 16 + payload / 2, len - 16 - payload / 2 } };

    ((VfuHeader *)bytes)->flags = VFU_TYPE_REPLY;
    return vfu_tx_send(tx, &line->socket, iov, 3, fds, nr_fds);
}

/* Reads what the peer got with the receiver, and checks it. */
static unsigned drain(VfuRx *rx, Line *line, unsigned next, size_t (*payload)(unsigned id),
                      unsigned (*fds)(unsigned id))
{
    VfuSocket peer = { .fd = line->peer };
    VfuMessage msg;

    for (;;) {
        int ret = vfu_rx_next(rx, &msg);

        g_assert_cmpint(ret, >=, 0);
        if (ret == 1) {
            check_message(&msg, next, VFU_DEVICE_GET_REGION_INFO, payload(next));
            g_assert_cmpuint(msg.nr_fds, ==, fds(next));
            vfu_message_release(&msg);
            next++;
        } else if (vfu_rx_fill(rx, &peer) <= 0) {
            return next;
        }
    }
}

static size_t some_payload(unsigned id)
{
    return id * 977 % 30000;
}

static unsigned some_fds(unsigned id)
{
    return id % 5 == 0 ? id % 16 : 0;
}

static void run_lossless(VfuFaulty *faulty, unsigned count)
{
    unsigned before = count_fds(), next = 0;
    Line line = line_new();
    int fds[16];
    VfuTx tx;
    VfuRx rx;

    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        fds[i] = line.peer;
    }
    if (faulty) {
        line.socket.ops = &vfu_faulty_ops;
        line.socket.opaque = faulty;
    }
    vfu_tx_init(&tx);
    vfu_rx_init(&rx, 1 << 20);
    for (unsigned id = 0; id < count; id++) {
        g_assert_cmpint(send_message(&tx, &line, id, some_payload(id), fds, some_fds(id)), ==, 0);
        if (id % 16 == 15) {
            next = drain(&rx, &line, next, some_payload, some_fds);
            g_assert_cmpint(vfu_tx_flush(&tx, &line.socket), ==, 0);
        }
    }
    while (next < count) {
        g_assert_cmpint(vfu_tx_flush(&tx, &line.socket), ==, 0);
        next = drain(&rx, &line, next, some_payload, some_fds);
    }
    g_assert_cmpuint(tx.queued, ==, 0);
    vfu_rx_destroy(&rx);
    vfu_tx_destroy(&tx);
    line_free(&line);
    g_assert_cmpuint(count_fds(), ==, before);
}

static void test_full_socket(void)
{
    run_lossless(NULL, 300);
}

static void test_short_writes(void)
{
    VfuFaulty faulty = { .seed = 12345, .max_write = 1500, .again_percent = 30 };

    run_lossless(&faulty, 200);
}

static void test_single_bytes(void)
{
    VfuFaulty faulty = { .seed = 99, .max_write = 1, .again_percent = 10 };

    run_lossless(&faulty, 6);
}

static void test_queue_figures(void)
{
    Line line = line_new();
    VfuTx tx;
    unsigned sent = 0;

    vfu_tx_init(&tx);
    while (tx.queued == 0) {
        g_assert_cmpint(send_message(&tx, &line, sent++, 30000, NULL, 0), ==, 0);
    }
    g_assert_cmpuint(tx.queued + tx.sent, ==, sent * 30016u);
    g_assert_cmpint(send_message(&tx, &line, sent++, 30000, NULL, 0), ==, 0);
    g_assert_cmpuint(tx.queued + tx.sent, ==, sent * 30016u);
    vfu_tx_destroy(&tx);
    g_assert_cmpuint(tx.queued, ==, 0);
    line_free(&line);
}

static void test_peer_gone(void)
{
    Line line = line_new();
    VfuTx tx;

    vfu_tx_init(&tx);
    close(line.peer);
    line.peer = -1;
    g_assert_cmpint(send_message(&tx, &line, 0, 10, NULL, 0), ==, -EPIPE);
    vfu_tx_destroy(&tx);
    line_free(&line);
}

/* Queued messages that are never sent give their duplicates back. */
static void test_destroy_with_fds(void)
{
    unsigned before = count_fds();
    Line line = line_new();
    int fds[4] = { line.peer, line.peer, line.peer, line.peer };
    VfuTx tx;

    vfu_tx_init(&tx);
    while (tx.queued == 0) {
        g_assert_cmpint(send_message(&tx, &line, 0, 30000, NULL, 0), ==, 0);
    }
    g_assert_cmpint(send_message(&tx, &line, 0, 100, fds, 4), ==, 0);
    g_assert_cmpuint(count_fds(), ==, before + 2 + 4);
    vfu_tx_destroy(&tx);
    line_free(&line);
    g_assert_cmpuint(count_fds(), ==, before);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tx/full-socket", test_full_socket);
    g_test_add_func("/tx/short-writes", test_short_writes);
    g_test_add_func("/tx/single-bytes", test_single_bytes);
    g_test_add_func("/tx/queue-figures", test_queue_figures);
    g_test_add_func("/tx/peer-gone", test_peer_gone);
    g_test_add_func("/tx/destroy-with-fds", test_destroy_with_fds);
    return g_test_run();
}
