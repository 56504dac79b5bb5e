/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passing messages on: bytes and descriptors unchanged, also when the bytes
 * are nonsense or end in the middle.
 */
#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include <sys/socket.h>
#include "tools/vfu/trace-pipe.h"
#include "vfio-user/client.h"

typedef struct Pair {
    int near[2], far[2];        /* near[1] -> pipe -> far[0] ... far[1] */
} Pair;

static Pair pair_new(void)
{
    Pair p;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, p.near), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, p.far), ==, 0);
    return p;
}

static void pair_free(Pair *p)
{
    for (unsigned i = 0; i < 2; i++) {
        close(p->near[i]);
        close(p->far[i]);
    }
}

static void test_message_with_fds(void)
{
    Pair p = pair_new();
    PipeMessage m, n;
    int fd = eventfd(7, EFD_NONBLOCK);
    uint64_t value;

    pipe_message_init(&m);
    pipe_message_init(&n);
    m.header = (VfuHeader) { 3, VFU_DEVICE_SET_IRQS, 20, 0, 0 };
    m.got = 16;
    g_byte_array_append(m.payload, (const uint8_t *)"data", 4);
    m.fds[m.nr_fds++] = fd;
    g_assert_cmpint(pipe_send(p.near[0], &m), ==, 0);
    g_assert_cmpuint(m.nr_fds, ==, 0);      /* closed */

    g_assert_cmpint(pipe_receive(p.near[1], &n), ==, 1);
    g_assert_true(n.sane);
    g_assert_cmpuint(n.nr_fds, ==, 1);
    g_assert_cmpint(read(n.fds[0], &value, 8), ==, 8);
    g_assert_cmpuint(value, ==, 7);
    g_assert_cmpmem(&n.header, 16, &m.header, 16);
    g_assert_cmpmem(n.payload->data, n.payload->len, "data", 4);
    pipe_message_clear(&m);
    pipe_message_clear(&n);
    pair_free(&p);
}

static void test_nonsense(void)
{
    Pair p = pair_new();
    VfuHeader h = { 1, 9, 5, 0, 0 };
    PipeMessage m;

    pipe_message_init(&m);
    g_assert_cmpint(write(p.near[0], &h, 16), ==, 16);
    g_assert_cmpint(pipe_receive(p.near[1], &m), ==, 1);
    g_assert_false(m.sane);
    g_assert_cmpuint(m.got, ==, 16);
    g_assert_cmpuint(m.payload->len, ==, 0);
    pipe_message_clear(&m);
    pair_free(&p);
}

static void test_ends(void)
{
    Pair p = pair_new();
    VfuHeader h = { 1, 9, 64, 0, 0 };
    char bytes[64];
    PipeMessage m;

    pipe_message_init(&m);
    /* 16 bytes of header and 4 of 48 */
    g_assert_cmpint(write(p.near[0], &h, 16), ==, 16);
    g_assert_cmpint(write(p.near[0], "abcd", 4), ==, 4);
    shutdown(p.near[0], SHUT_WR);
    g_assert_cmpint(pipe_receive(p.near[1], &m), ==, 1);
    g_assert_false(m.sane);
    g_assert_cmpuint(m.payload->len, ==, 4);
    g_assert_cmpint(pipe_send(p.far[0], &m), ==, 0);
    g_assert_cmpint(recv(p.far[1], bytes, sizeof(bytes), MSG_DONTWAIT), ==, 20);
    g_assert_cmpint(pipe_receive(p.near[1], &m), ==, 0);
    pipe_message_clear(&m);
    pair_free(&p);
}

static void test_half_header(void)
{
    Pair p = pair_new();
    char bytes[64];
    PipeMessage m;

    pipe_message_init(&m);
    g_assert_cmpint(write(p.near[0], "abcdefg", 7), ==, 7);
    shutdown(p.near[0], SHUT_WR);
    g_assert_cmpint(pipe_receive(p.near[1], &m), ==, 1);
    g_assert_cmpint(pipe_send(p.far[0], &m), ==, 0);
    g_assert_cmpint(recv(p.far[1], bytes, sizeof(bytes), MSG_DONTWAIT), ==, 7);
    g_assert_cmpmem(bytes, 7, "abcdefg", 7);
    pipe_message_clear(&m);
    pair_free(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu/trace-pipe/fds", test_message_with_fds);
    g_test_add_func("/vfu/trace-pipe/nonsense", test_nonsense);
    g_test_add_func("/vfu/trace-pipe/ends", test_ends);
    g_test_add_func("/vfu/trace-pipe/half-header", test_half_header);
    return g_test_run();
}
