/* SPDX-License-Identifier: GPL-2.0-or-later */
/* null-co and null-aio: at once, or after their latency. */
#include "node-rig.h"
#include "qemu/units.h"

static void test_at_once(gconstpointer name)
{
    g_autofree char *text = g_strdup_printf("driver=%s,node-name=n0", (const char *)name);
    BlockDriverState *bs = rig_open(text, &error_abort);
    g_autoptr(RigRequest) r = rig_request(BLOCK_OP_READ, GiB - 4096, 4096, NULL);
    uint8_t *data = r->iov.iov_base;

    g_assert_cmpint(bs->length, ==, GiB);
    memset(data, 0x5a, 4096);
    g_assert_cmpint(rig_submit(bs, r), ==, 0);
    g_assert_cmphex(data[0], ==, 0x5a);
    g_assert_cmphex(data[4095], ==, 0x5a);
    for (BlockOp op = BLOCK_OP_WRITE; op < BLOCK_OP__MAX; op++) {
        g_autoptr(RigRequest) other = rig_request(op, 0, op == BLOCK_OP_FLUSH ? 0 : 512, NULL);

        g_assert_cmpint(rig_submit(bs, other), ==, 0);
        g_assert_cmpuint(other->ends, ==, 0);
    }
    bdrv_unref(bs);
}

static void test_read_zeroes(void)
{
    BlockDriverState *bs = rig_open("driver=null-co,size=64k,read-zeroes=on", &error_abort);
    uint8_t data[64];
    struct iovec iov[2] = { { data, 16 }, { data + 32, 16 } };
    BlockRequest req = { .op = BLOCK_OP_READ, .bytes = 32, .iov = iov, .niov = 2 };

    memset(data, 0xff, sizeof(data));
    g_assert_cmpint(bs->length, ==, 64 * KiB);
    g_assert_cmpint(bdrv_submit(bs, &req), ==, 0);
    for (size_t i = 0; i < sizeof(data); i++) {
        g_assert_cmphex(data[i], ==, i / 16 % 2 ? 0xff : 0);
    }
    bdrv_unref(bs);
}

static void test_status(void)
{
    static const struct {
        const char *node;
        int status;
    } rows[] = {
        { "driver=null-co", 0 },
        { "driver=null-aio,latency-ns=1000,read-zeroes=on", BDRV_BLOCK_ZERO },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        BlockDriverState *bs = rig_open(rows[i].node, &error_abort);
        g_autoptr(RigRequest) r = rig_request(BLOCK_OP_STATUS, 3, 5000, NULL);

        rig_submit(bs, r);
        g_assert_cmpint(rig_wait(r), ==, 0);
        g_assert_cmpint(r->req.status, ==, rows[i].status);
        g_assert_cmpint(r->req.status_bytes, ==, 5000);
        bdrv_unref(bs);
    }
}

static void test_bounds(void)
{
    BlockDriverState *bs = rig_open("driver=null-co,size=4096", &error_abort);

    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 4095, 1, NULL), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 4096, 1, NULL), ==, -EIO);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_DISCARD, INT64_MAX, 1, NULL), ==, -EIO);
    bdrv_unref(bs);
}

/* The clock is moved by hand from here on. */
static void test_latency(void)
{
    BlockDriverState *bs;
    g_autoptr(RigRequest) a = rig_request(BLOCK_OP_READ, 0, 16, "abcdefghijklmno");
    g_autoptr(RigRequest) b = rig_request(BLOCK_OP_WRITE, 0, 16, NULL);
    g_autoptr(RigRequest) c = rig_request(BLOCK_OP_FLUSH, 0, 0, NULL);
    const char *data = a->iov.iov_base;
    int64_t start;

    qemu_clock_set_by_hand();
    start = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    bs = rig_open("driver=null-aio,latency-ns=1000,read-zeroes=on", &error_abort);
    g_assert_cmpint(rig_submit(bs, a), ==, BLOCK_PENDING);
    qemu_clock_advance_virtual_time(start + 500);
    g_assert_cmpint(rig_submit(bs, b), ==, BLOCK_PENDING);
    g_assert_cmpint(rig_submit(bs, c), ==, BLOCK_PENDING);
    qemu_clock_advance_virtual_time(start + 999);
    g_assert_cmpuint(a->ends, ==, 0);
    g_assert_cmpint(data[0], ==, 'a');
    qemu_clock_advance_virtual_time(start + 1000);
    g_assert_cmpuint(a->ends, ==, 1);
    g_assert_cmpint(a->result, ==, 0);
    g_assert_cmpint(data[0], ==, 0);
    g_assert_cmpuint(b->ends, ==, 0);
    block_request_cancel(&b->req);
    qemu_clock_advance_virtual_time(start + 1500);
    g_assert_cmpuint(b->ends, ==, 0);
    g_assert_cmpuint(c->ends, ==, 1);
    bdrv_unref(bs);
}

static void test_resize(void)
{
    BlockDriverState *bs = rig_open("driver=null-co,size=1M", &error_abort);

    g_assert_true(bdrv_truncate(bs, 2 * MiB, &error_abort));
    g_assert_cmpint(bs->length, ==, 2 * MiB);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, MiB, 512, NULL), ==, 0);
    bdrv_unref(bs);
}

static void test_refusals(void)
{
    rig_expect_refusal("driver=null-co,size=8E", "null-co: 'size=9223372036854775808' is more"
                       " than a disk can have: use up to 9223372035781033984 bytes");
    rig_expect_refusal("driver=null-aio,latency-ns=18446744073709551615", "null-aio:"
                       " 'latency-ns=18446744073709551615' is too long: use up to"
                       " 4611686018427387903");
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/block/null/status", test_status);
    g_test_add_data_func("/block/null/co", "null-co", test_at_once);
    g_test_add_data_func("/block/null/aio", "null-aio", test_at_once);
    g_test_add_func("/block/null/read-zeroes", test_read_zeroes);
    g_test_add_func("/block/null/bounds", test_bounds);
    g_test_add_func("/block/null/resize", test_resize);
    g_test_add_func("/block/null/refusals", test_refusals);
    g_test_add_func("/block/null/latency", test_latency);
    return g_test_run();
}
