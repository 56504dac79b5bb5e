/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receiving: every kind of fragmentation, file descriptors at all places, and
 * memory that stays valid as long as a message is held.
 */
#include "line.h"

#define MAX_MESSAGE (2u << 20)

static void expect_none(VfuRx *rx)
{
    VfuMessage msg;

    g_assert_cmpint(vfu_rx_next(rx, &msg), ==, 0);
    g_assert_false(vfu_rx_ready(rx));
}

static VfuMessage expect_one(VfuRx *rx)
{
    VfuMessage msg;

    g_assert_true(vfu_rx_ready(rx));
    g_assert_cmpint(vfu_rx_next(rx, &msg), ==, 1);
    return msg;
}

static void test_byte_by_byte(void)
{
    Line line = line_new();
    uint8_t bytes[64];
    VfuRx rx;

    vfu_rx_init(&rx, MAX_MESSAGE);
    for (unsigned id = 0; id < 3; id++) {
        size_t len = make_message(bytes, id, VFU_REGION_WRITE, 20 + id);
        VfuMessage msg;

        for (size_t i = 0; i < len; i++) {
            expect_none(&rx);
            g_assert_true(vfu_rx_partial(&rx) == (i > 0));
            line_send(&line, bytes + i, 1, NULL, 0);
            g_assert_cmpint(vfu_rx_fill(&rx, &line.socket), ==, 1);
        }
        msg = expect_one(&rx);
        check_message(&msg, id, VFU_REGION_WRITE, 20 + id);
        vfu_message_release(&msg);
    }
    g_assert_cmpint(vfu_rx_fill(&rx, &line.socket), ==, -EAGAIN);
    close(line.peer);
    line.peer = -1;
    g_assert_cmpint(vfu_rx_fill(&rx, &line.socket), ==, 0);
    vfu_rx_destroy(&rx);
    line_free(&line);
}

/* Posted writes: hundreds of messages for one system call. */
static void test_many_in_one(void)
{
    Line line = line_new();
    g_autofree uint8_t *bytes = g_malloc(36 * 1000);
    unsigned fills = 0, got = 0;
    VfuMessage msg;
    VfuRx rx;

    for (unsigned id = 0; id < 1000; id++) {
        make_message(bytes + id * 36, id, VFU_REGION_WRITE, 20);
    }
    line_send(&line, bytes, 36 * 1000, NULL, 0);
    vfu_rx_init(&rx, MAX_MESSAGE);
    while (vfu_rx_fill(&rx, &line.socket) > 0) {
        fills++;
        while (vfu_rx_next(&rx, &msg) == 1) {
            check_message(&msg, got++, VFU_REGION_WRITE, 20);
            vfu_message_release(&msg);
        }
    }
    g_assert_cmpuint(got, ==, 1000);
    g_assert_cmpuint(fills, <=, 2);
    vfu_rx_destroy(&rx);
    line_free(&line);
}

/* Held messages keep their bytes whatever is received after them. */
static void test_pinned(void)
{
    enum { N = 400, PAYLOAD = 1000 };
    Line line = line_new();
    g_autofree uint8_t *bytes = g_malloc(16 + PAYLOAD);
    g_autofree VfuMessage *held = g_new(VfuMessage, N);
    unsigned got = 0;
    VfuRx rx;

    vfu_rx_init(&rx, MAX_MESSAGE);
    for (unsigned id = 0; id < N; id++) {
        size_t len = make_message(bytes, id, VFU_REGION_WRITE, PAYLOAD);

        /* halves, so that there is always an unfinished rest to move */
        line_send(&line, bytes, len / 2, NULL, 0);
        vfu_rx_fill(&rx, &line.socket);
        line_send(&line, bytes + len / 2, len - len / 2, NULL, 0);
        vfu_rx_fill(&rx, &line.socket);
        while (vfu_rx_next(&rx, &held[got]) == 1) {
            got++;
        }
    }
    g_assert_cmpuint(got, ==, N);
    for (unsigned id = 0; id < N; id += 2) {
        vfu_message_detach(&held[id]);
    }
    vfu_rx_destroy(&rx);
    for (unsigned id = 0; id < N; id++) {
        check_message(&held[id], id, VFU_REGION_WRITE, PAYLOAD);
        vfu_message_release(&held[id]);
    }
    line_free(&line);
}

static void test_big(void)
{
    Line line = line_new();
    size_t payload = MAX_MESSAGE - 16;
    g_autofree uint8_t *bytes = g_malloc(MAX_MESSAGE + 20);
    VfuMessage msg;
    size_t sent = 0, total;
    VfuRx rx;

    total = make_message(bytes, 7, VFU_REGION_WRITE, payload);
    total += make_message(bytes + total, 8, VFU_REGION_READ, 4);
    vfu_rx_init(&rx, MAX_MESSAGE);
    while (sent < total) {
        size_t piece = MIN(total - sent, (size_t)60000);

        line_send(&line, bytes + sent, piece, NULL, 0);
        sent += piece;
        while (!vfu_rx_ready(&rx) && vfu_rx_fill(&rx, &line.socket) > 0) {
        }
        if (vfu_rx_next(&rx, &msg) == 1) {
            check_message(&msg, 7, VFU_REGION_WRITE, payload);
            vfu_message_release(&msg);
        }
    }
    while (!vfu_rx_ready(&rx) && vfu_rx_fill(&rx, &line.socket) > 0) {
    }
    msg = expect_one(&rx);
    check_message(&msg, 8, VFU_REGION_READ, 4);
    vfu_message_release(&msg);
    vfu_rx_destroy(&rx);
    line_free(&line);
}

static void test_bad_size(void)
{
    static const uint32_t sizes[] = { 0, 1, 15, MAX_MESSAGE + 1, UINT32_MAX };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        VfuHeader header = { .command = VFU_REGION_READ, .size = sizes[i] };
        Line line = line_new();
        VfuMessage msg;
        VfuRx rx;

        vfu_rx_init(&rx, MAX_MESSAGE);
        line_send(&line, &header, sizeof(header), NULL, 0);
        g_assert_cmpint(vfu_rx_fill(&rx, &line.socket), ==, 16);
        g_assert_true(vfu_rx_ready(&rx));
        g_assert_cmpint(vfu_rx_next(&rx, &msg), ==, -EPROTO);
        g_assert_cmpint(vfu_rx_next(&rx, &msg), ==, -EPROTO);
        vfu_rx_destroy(&rx);
        line_free(&line);
    }
}

static void test_empty_destroy(void)
{
    VfuRx rx = { 0 };

    vfu_rx_destroy(&rx);
    vfu_rx_init(&rx, MAX_MESSAGE);
    vfu_rx_destroy(&rx);
    vfu_rx_destroy(&rx);
}

/* --- file descriptors --- */

typedef struct FdTest {
    Line line;
    VfuRx rx;
    unsigned fds_before;
    int fds[253];
} FdTest;

static void fd_setup(FdTest *t, gconstpointer unused)
{
    int fd = eventfd(0, EFD_CLOEXEC);

    for (size_t i = 0; i < ARRAY_SIZE(t->fds); i++) {
        t->fds[i] = fd;         /* the kernel makes a new one of each */
    }
    t->line = line_new();
    vfu_rx_init(&t->rx, MAX_MESSAGE);
    t->fds_before = count_fds();
}

static void fd_teardown(FdTest *t, gconstpointer unused)
{
    vfu_rx_destroy(&t->rx);
    g_assert_cmpuint(count_fds(), ==, t->fds_before);
    line_free(&t->line);
    close(t->fds[0]);
}

static void fill(FdTest *t)
{
    g_assert_cmpint(vfu_rx_fill(&t->rx, &t->line.socket), >, 0);
}

static void expect_fds(FdTest *t, uint16_t id, unsigned nr, unsigned kept)
{
    VfuMessage msg = expect_one(&t->rx);

    g_assert_cmpuint(msg.header.id, ==, id);
    g_assert_cmpuint(msg.nr_fds, ==, nr);
    g_assert_cmpuint(msg.kept_fds, ==, kept);
    for (unsigned i = 0; i < kept; i++) {
        g_assert_cmpint(fcntl(msg.fds[i], F_GETFD), ==, FD_CLOEXEC);
    }
    vfu_message_release(&msg);
}

static void test_fd_first_byte(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[48];
    size_t len = make_message(bytes, 1, VFU_DMA_MAP, 32);

    line_send(&t->line, bytes, 1, t->fds, 1);
    fill(t);
    for (size_t i = 1; i < len; i++) {
        expect_none(&t->rx);
        line_send(&t->line, bytes + i, 1, NULL, 0);
        fill(t);
    }
    expect_fds(t, 1, 1, 1);
}

static void test_fd_later_byte(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[48];
    size_t len = make_message(bytes, 1, VFU_DMA_MAP, 32);

    line_send(&t->line, bytes, 20, NULL, 0);
    fill(t);
    expect_none(&t->rx);
    line_send(&t->line, bytes + 20, len - 20, t->fds, 3);
    fill(t);
    expect_fds(t, 1, 0, 0);
}

/* Plain messages and one with an fd, sent apart, received together. */
static void test_fd_behind_plain(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[48];

    for (unsigned id = 0; id < 5; id++) {
        size_t len = make_message(bytes, id, VFU_DMA_MAP, 32);

        line_send(&t->line, bytes, len, t->fds, id == 3 ? 1 : 0);
    }
    for (unsigned id = 0; id < 5; id++) {
        if (!vfu_rx_ready(&t->rx)) {
            fill(t);
        }
        expect_fds(t, id, id == 3, id == 3);
    }
}

/* Two in one send: the fds are for the one that has a use for them. */
static void test_fd_two_in_one(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[128];
    size_t len = make_message(bytes, 1, VFU_DMA_MAP, 32);

    len += make_message(bytes + len, 2, VFU_DEVICE_GET_INFO, 16);
    line_send(&t->line, bytes, len, t->fds, 1);
    fill(t);
    expect_fds(t, 1, 1, 1);
    expect_fds(t, 2, 0, 0);
}

static void test_fd_each(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[64];

    for (unsigned id = 0; id < 20; id++) {
        size_t len = make_message(bytes, id, VFU_DEVICE_SET_IRQS, 20);

        line_send(&t->line, bytes, len, t->fds, id % 17);
    }
    for (unsigned id = 0; id < 20; id++) {
        if (!vfu_rx_ready(&t->rx)) {
            fill(t);
        }
        expect_fds(t, id, id % 17, id % 17);
    }
}

static void test_fd_too_many(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[64];
    size_t len = make_message(bytes, 1, VFU_DEVICE_SET_IRQS, 20);

    line_send(&t->line, bytes, len, t->fds, 253);
    fill(t);
    expect_fds(t, 1, 253, VFU_MSG_FDS_MAX);
    line_send(&t->line, bytes, len, t->fds, 16);
    fill(t);
    expect_fds(t, 1, 16, 16);
}

/* A new message's fds in every byte position of two messages: nothing leaks. */
static void test_fd_everywhere(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[128];
    size_t len = make_message(bytes, 1, VFU_DMA_MAP, 32);
    VfuMessage msg;

    len += make_message(bytes + len, 2, VFU_DEVICE_SET_IRQS, 20);
    for (size_t at = 0; at < len; at++) {
        unsigned got = 0;

        if (at) {
            line_send(&t->line, bytes, at, NULL, 0);
        }
        line_send(&t->line, bytes + at, len - at, t->fds, 2);
        while (vfu_rx_fill(&t->rx, &t->line.socket) > 0) {
            while (vfu_rx_next(&t->rx, &msg) == 1) {
                got++;
                vfu_message_release(&msg);
            }
        }
        g_assert_cmpuint(got, ==, 2);
        g_assert_cmpuint(count_fds(), ==, t->fds_before);
    }
}

/* Destroyed while fds wait for the rest of their message. */
static void test_fd_unfinished(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[48];

    make_message(bytes, 1, VFU_DMA_MAP, 32);
    line_send(&t->line, bytes, 10, t->fds, 4);
    fill(t);
    expect_none(&t->rx);
}

static void test_fd_steal(FdTest *t, gconstpointer unused)
{
    uint8_t bytes[64];
    size_t len = make_message(bytes, 1, VFU_DEVICE_SET_IRQS, 20);
    VfuMessage msg;
    int fd;

    line_send(&t->line, bytes, len, t->fds, 2);
    fill(t);
    msg = expect_one(&t->rx);
    fd = vfu_message_steal_fd(&msg, 1);
    g_assert_cmpint(vfu_message_steal_fd(&msg, 2), ==, -1);
    vfu_message_release(&msg);
    g_assert_cmpint(fcntl(fd, F_GETFD), >=, 0);
    close(fd);
}

/* Random messages, cut at random places, come out as they went in. */
static void test_random_cuts(FdTest *t, gconstpointer unused)
{
    enum { N = 40 };
    uint8_t bytes[N * 300];
    size_t start[N + 1];
    unsigned fds[N], next;

    for (unsigned round = 0; round < 200; round++) {
        size_t sent = 0;

        start[0] = 0;
        for (unsigned i = 0; i < N; i++) {
            fds[i] = g_test_rand_int_range(0, 4) ? 0 : g_test_rand_int_range(1, 17);
            start[i + 1] = start[i] + make_message(bytes + start[i], i, VFU_DEVICE_SET_IRQS,
                                                   g_test_rand_int_range(0, 280));
        }
        next = 0;
        for (unsigned i = 0; i < N; ) {
            /* A cut may lie anywhere but an fd travels with its message's first byte. */
            size_t most = start[i + 1] - sent;
            size_t piece = g_test_rand_int_range(1, most + 1);
            bool first = sent == start[i];
            VfuMessage msg;

            line_send(&t->line, bytes + sent, piece, t->fds, first ? fds[i] : 0);
            sent += piece;
            i += sent == start[i + 1];
            if (g_test_rand_int_range(0, 3)) {
                continue;
            }
            while (vfu_rx_next(&t->rx, &msg) == 1 ||
                   (vfu_rx_fill(&t->rx, &t->line.socket) > 0 && vfu_rx_next(&t->rx, &msg) == 1)) {
                check_message(&msg, next, VFU_DEVICE_SET_IRQS, start[next + 1] - start[next] - 16);
                g_assert_cmpuint(msg.nr_fds, ==, fds[next]);
                vfu_message_release(&msg);
                next++;
            }
        }
        for (; next < N; next++) {
            VfuMessage msg;

            while (vfu_rx_next(&t->rx, &msg) == 0) {
                fill(t);
            }
            g_assert_cmpuint(msg.header.id, ==, next);
            g_assert_cmpuint(msg.nr_fds, ==, fds[next]);
            vfu_message_release(&msg);
        }
    }
}

#define FD_TEST(name, fn) g_test_add("/rx/fd/" name, FdTest, NULL, fd_setup, fn, fd_teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rx/byte-by-byte", test_byte_by_byte);
    g_test_add_func("/rx/many-in-one", test_many_in_one);
    g_test_add_func("/rx/pinned", test_pinned);
    g_test_add_func("/rx/big", test_big);
    g_test_add_func("/rx/bad-size", test_bad_size);
    g_test_add_func("/rx/empty-destroy", test_empty_destroy);
    FD_TEST("first-byte", test_fd_first_byte);
    FD_TEST("later-byte", test_fd_later_byte);
    FD_TEST("behind-plain", test_fd_behind_plain);
    FD_TEST("two-in-one", test_fd_two_in_one);
    FD_TEST("each", test_fd_each);
    FD_TEST("too-many", test_fd_too_many);
    FD_TEST("everywhere", test_fd_everywhere);
    FD_TEST("unfinished", test_fd_unfinished);
    FD_TEST("steal", test_fd_steal);
    FD_TEST("random-cuts", test_random_cuts);
    return g_test_run();
}
