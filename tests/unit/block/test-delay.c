/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delay: requests that are late, or held. */
#include "node-rig.h"
#include "qapi/qapi-commands-block-core.h"

static unsigned held(bool *hold)
{
    g_autoptr(BlockdevHeld) answer = qmp_x_query_blockdev_held("d0", &error_abort);

    if (hold) {
        *hold = answer->hold;
    }
    return answer->held;
}

static void test_hold(void)
{
    BlockDriverState *bs = rig_open("driver=delay,node-name=d0,hold=on,file.driver=null-co",
                                    &error_abort);
    g_autoptr(RigRequest) a = rig_request(BLOCK_OP_WRITE, 0, 512, NULL);
    g_autoptr(RigRequest) b = rig_request(BLOCK_OP_READ, 0, 512, NULL);
    g_autoptr(RigRequest) c = rig_request(BLOCK_OP_FLUSH, 0, 0, NULL);
    bool hold;

    rig_submit(bs, a);
    rig_submit(bs, b);
    rig_submit(bs, c);
    rig_settle();
    g_assert_cmpuint(held(&hold), ==, 3);
    g_assert_true(hold);
    qmp_x_blockdev_release("d0", true, 1, &error_abort);
    g_assert_cmpuint(a->ends, ==, 0);       /* from the loop only */
    rig_settle();
    g_assert_cmpuint(a->ends, ==, 1);
    g_assert_cmpuint(held(NULL), ==, 2);
    block_request_cancel(&b->req);
    g_assert_cmpuint(held(NULL), ==, 1);
    qmp_x_blockdev_release("d0", false, 0, &error_abort);
    rig_settle();
    g_assert_cmpint(c->result, ==, 0);
    g_assert_cmpuint(b->ends, ==, 0);
    g_assert_cmpuint(held(&hold), ==, 0);
    g_assert_false(hold);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 0, 512, NULL), ==, 0);
    bdrv_unref(bs);
}

/* More is let go than is there, and a released one is taken back before it could go. */
static void test_release_and_cancel(void)
{
    BlockDriverState *bs = rig_open("driver=delay,node-name=d0,hold=on,file.driver=null-co",
                                    &error_abort);
    g_autoptr(RigRequest) a = rig_request(BLOCK_OP_WRITE, 0, 512, NULL);
    g_autoptr(RigRequest) b = rig_request(BLOCK_OP_WRITE, 0, 512, NULL);

    rig_submit(bs, a);
    qmp_x_blockdev_release("d0", true, UINT64_MAX, &error_abort);
    block_request_cancel(&a->req);
    rig_submit(bs, b);
    rig_settle();
    g_assert_cmpuint(a->ends, ==, 0);
    g_assert_cmpuint(b->ends, ==, 0);
    qmp_x_blockdev_release("d0", true, 5, &error_abort);
    rig_settle();
    g_assert_cmpuint(b->ends, ==, 1);
    bdrv_unref(bs);
}

static void test_hold_kind(void)
{
    BlockDriverState *bs = rig_open("driver=delay,node-name=d0,file.driver=null-co", &error_abort);
    g_autoptr(RigRequest) w = rig_request(BLOCK_OP_WRITE, 0, 512, NULL);

    qmp_x_blockdev_hold("d0", true, BLOCK_ERROR_EVENT_WRITE, &error_abort);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, 512, NULL), ==, 0);
    g_assert_cmpint(rig_submit(bs, w), ==, BLOCK_PENDING);
    g_assert_cmpuint(held(NULL), ==, 1);
    qmp_x_blockdev_release("d0", false, 0, &error_abort);
    g_assert_cmpint(rig_wait(w), ==, 0);
    bdrv_unref(bs);
}

/* A request that fails below, after it was held. */
static void test_error_below(void)
{
    BlockDriverState *bs = rig_open("driver=delay,node-name=d0,hold=on,file.driver=error"
                                    ",file.rules.0.event=write,file.file.driver=null-co",
                                    &error_abort);
    g_autoptr(RigRequest) w = rig_request(BLOCK_OP_WRITE, 0, 512, NULL);

    rig_submit(bs, w);
    qmp_x_blockdev_release("d0", false, 0, &error_abort);
    g_assert_cmpint(rig_wait(w), ==, -EIO);
    bdrv_unref(bs);
}

static void test_wrong_node(void)
{
    BlockDriverState *bs = rig_open("driver=null-co,node-name=n0", &error_abort);
    g_autoptr(Error) err = NULL;

    qmp_x_blockdev_hold("n0", false, 0, &err);
    g_assert_cmpstr(error_get_pretty(err), ==, "Node 'n0' has the driver 'null-co', not 'delay'");
    bdrv_unref(bs);
    rig_expect_refusal("driver=delay,latency-ns=9223372036854775807,file.driver=null-co",
                       "delay: 'latency-ns=9223372036854775807' is too long: use up to "
                       "4611686018427387903");
}

/* The clock is moved by hand from here on. */
static void test_latency(void)
{
    BlockDriverState *bs;
    g_autoptr(RigRequest) a = rig_request(BLOCK_OP_WRITE, 0, 512, NULL);
    g_autoptr(RigRequest) b = rig_request(BLOCK_OP_WRITE, 0, 512, NULL);
    int64_t start;

    qemu_clock_set_by_hand();
    start = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    bs = rig_open("driver=delay,latency-ns=1000000,file.driver=null-co", &error_abort);
    rig_submit(bs, a);
    rig_submit(bs, b);
    qemu_clock_advance_virtual_time(start + 999999);
    g_assert_cmpuint(a->ends, ==, 0);
    block_request_cancel(&a->req);
    qemu_clock_advance_virtual_time(start + 1000000);
    g_assert_cmpuint(a->ends, ==, 0);
    g_assert_cmpuint(b->ends, ==, 1);
    bdrv_unref(bs);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/block/delay/hold", test_hold);
    g_test_add_func("/block/delay/release-and-cancel", test_release_and_cancel);
    g_test_add_func("/block/delay/hold-kind", test_hold_kind);
    g_test_add_func("/block/delay/error-below", test_error_below);
    g_test_add_func("/block/delay/wrong-node", test_wrong_node);
    g_test_add_func("/block/delay/latency", test_latency);
    return g_test_run();
}
