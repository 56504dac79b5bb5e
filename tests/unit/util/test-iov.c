/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iovec arrays against flat buffers. */
#include "qemu/osdep.h"
#include "qemu/crc32c.h"
#include "qemu/iov.h"
#include <sys/socket.h>

enum { TOTAL = 100 };

/* Pieces of 0..17 bytes over one flat buffer. */
static unsigned cut(uint8_t *flat, struct iovec *iov, unsigned max)
{
    size_t at = 0;
    unsigned n = 0;

    while (at < TOTAL) {
        size_t len = n == max - 1 ? TOTAL - at
                                  : MIN((size_t)g_test_rand_int_range(0, 18), TOTAL - at);

        iov[n++] = (struct iovec) { .iov_base = flat + at, .iov_len = len };
        at += len;
    }
    return n;
}

static void fill(uint8_t *buf)
{
    for (int i = 0; i < TOTAL; i++) {
        buf[i] = g_test_rand_int();
    }
}

static void test_copy(void)
{
    for (int round = 0; round < 500; round++) {
        uint8_t flat[TOTAL], copy[TOTAL], other[TOTAL];
        struct iovec iov[64], part[64];
        unsigned n = cut(flat, iov, 64), parts;
        size_t offset = g_test_rand_int_range(0, TOTAL + 10);
        size_t len = g_test_rand_int_range(0, TOTAL + 10);
        size_t real = offset < TOTAL ? MIN(len, TOTAL - offset) : 0;

        fill(flat);
        g_assert_cmpuint(iov_size(iov, n), ==, TOTAL);
        g_assert_cmpuint(iov_to_buf(iov, n, offset, copy, MIN(len, (size_t)TOTAL)), ==,
                         MIN(real, (size_t)TOTAL));
        if (real) {
            g_assert_cmpmem(copy, real, flat + offset, real);
        }
        parts = iov_copy(part, 64, iov, n, offset, len);
        g_assert_cmpuint(iov_size(part, parts), ==, real);
        fill(other);
        g_assert_cmpuint(iov_from_buf(iov, n, offset, other, MIN(len, (size_t)TOTAL)), ==, real);
        if (real) {
            g_assert_cmpmem(flat + offset, real, other, real);
        }
        g_assert_cmpuint(iov_memset(iov, n, offset, 0x5a, len), ==, real);
        g_assert_true(!real || (flat[offset] == 0x5a && flat[offset + real - 1] == 0x5a));
    }
}

static void test_discard(void)
{
    uint8_t flat[TOTAL];
    struct iovec store[3] = { { flat, 10 }, { flat + 10, 20 }, { flat + 30, 70 } };
    struct iovec *iov = store;
    unsigned n = 3;
    IOVDiscardUndo undo;

    g_assert_cmpuint(iov_discard_front_undoable(&iov, &n, 15, &undo), ==, 15);
    g_assert_cmpuint(n, ==, 2);
    g_assert_true(iov[0].iov_base == flat + 15 && iov[0].iov_len == 15);
    iov_discard_undo(&undo);
    g_assert_true(store[1].iov_base == flat + 10 && store[1].iov_len == 20);
    iov = store;
    n = 3;
    g_assert_cmpuint(iov_discard_back(iov, &n, 75), ==, 75);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(iov[1].iov_len, ==, 15);
    g_assert_cmpuint(iov_discard_back(iov, &n, 1000), ==, 25);
    g_assert_cmpuint(n, ==, 0);
}

static void test_socket(void)
{
    uint8_t out[TOTAL], in[TOTAL] = { 0 };
    struct iovec a[64], b[64];
    unsigned na, nb;
    int sv[2];

    fill(out);
    na = cut(out, a, 64);
    nb = cut(in, b, 64);
    g_assert_cmpint(qemu_socketpair(AF_UNIX, SOCK_STREAM, 0, sv), ==, 0);
    g_assert_cmpint(iov_send(sv[0], a, na, 10, 80), ==, 80);
    g_assert_cmpint(iov_recv(sv[1], b, nb, 10, 80), ==, 80);
    g_assert_cmpmem(in + 10, 80, out + 10, 80);
    close(sv[0]);
    close(sv[1]);
}

static void test_qiov(void)
{
    uint8_t a[10], b[20], flat[30];
    QEMUIOVector q, slice, one = QEMU_IOVEC_INIT_BUF(one, a, sizeof(a));

    g_assert_true(qemu_iovec_buf(&one) == a);
    qemu_iovec_init(&q, 1);
    qemu_iovec_add(&q, a, sizeof(a));
    qemu_iovec_add(&q, b, sizeof(b));
    g_assert_cmpuint(q.size, ==, 30);
    g_assert_cmpint(q.niov, ==, 2);
    for (int i = 0; i < 30; i++) {
        flat[i] = i;
    }
    g_assert_cmpuint(qemu_iovec_from_buf(&q, 0, flat, 30), ==, 30);
    g_assert_cmpuint(b[19], ==, 29);
    qemu_iovec_init_slice(&slice, &q, 5, 10);
    g_assert_cmpuint(slice.size, ==, 10);
    g_assert_cmpint(slice.niov, ==, 2);
    g_assert_cmpuint(*(uint8_t *)slice.iov[0].iov_base, ==, 5);
    g_assert_cmpint(qemu_iovec_compare(&q, &q), ==, -1);
    g_assert_cmpint(qemu_iovec_compare(&q, &slice), ==, 0);
    g_assert_false(qemu_iovec_is_zero(&q, 0, 30));
    qemu_iovec_memset(&q, 8, 0, 10);
    g_assert_true(qemu_iovec_is_zero(&q, 8, 10));
    g_assert_false(qemu_iovec_is_zero(&q, 8, 11));
    qemu_iovec_discard_back(&q, 25);
    g_assert_cmpuint(q.size, ==, 5);
    qemu_iovec_reset(&q);
    g_assert_cmpuint(q.size, ==, 0);
    qemu_iovec_destroy(&slice);
    qemu_iovec_destroy(&q);
}

/* RFC 3720 (iSCSI), B.4: 32 bytes of zeroes, of ones, and 0..31; stored low byte first. */
static void test_crc32c(void)
{
    uint8_t buf[32] = { 0 };
    struct iovec iov[2] = { { buf, 5 }, { buf + 5, 27 } };

    g_assert_cmphex(crc32c(0xffffffff, buf, 32), ==, 0x8a9136aa);
    memset(buf, 0xff, 32);
    g_assert_cmphex(crc32c(0xffffffff, buf, 32), ==, 0x62a8ab43);
    for (int i = 0; i < 32; i++) {
        buf[i] = i;
    }
    g_assert_cmphex(crc32c(0xffffffff, buf, 32), ==, 0x46dd794e);
    g_assert_cmphex(iov_crc32c(0xffffffff, iov, 2), ==, 0x46dd794e);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iov/copy", test_copy);
    g_test_add_func("/iov/discard", test_discard);
    g_test_add_func("/iov/socket", test_socket);
    g_test_add_func("/iov/qiov", test_qiov);
    g_test_add_func("/iov/crc32c", test_crc32c);
    return g_test_run();
}
