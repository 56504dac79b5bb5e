/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of a drive's own, and waiting until nothing is under way in spite of limits and holds. */
#include "node-rig.h"
#include "block/backend-throttle.h"
#include "qapi/qapi-commands-block-core.h"
#include "sysemu/block-backend.h"

#define MS 1000000LL
enum { MANY = 50 };

typedef struct Disk {
    BlockDriverState *bs;
    BlockBackend *blk;
    RigRequest *r[MANY];
} Disk;

static void disk_open(Disk *d, const char *blockdev)
{
    d->bs = rig_open(blockdev, &error_abort);
    d->blk = blk_new(aio_context_main(), BLK_PERM_ALL, BLK_PERM_ALL);
    g_assert_cmpint(blk_insert_bs(d->blk, d->bs, &error_abort), ==, 0);
}

static void disk_start(Disk *d)
{
    for (int i = 0; i < MANY; i++) {
        d->r[i] = rig_request(BLOCK_OP_WRITE, 0, 4096, NULL);
        d->r[i]->result = blk_submit(d->blk, &d->r[i]->req);
    }
}

static int disk_ended(const Disk *d)
{
    int n = 0;

    for (int i = 0; i < MANY; i++) {
        n += d->r[i]->result != BLOCK_PENDING;
    }
    return n;
}

static void disk_close(Disk *d)
{
    for (int i = 0; i < MANY; i++) {
        if (d->r[i]) {
            block_request_cancel(&d->r[i]->req);
        }
    }
    blk_unref(d->blk);
    for (int i = 0; i < MANY; i++) {
        g_clear_pointer(&d->r[i], rig_free);
    }
    bdrv_unref(d->bs);
}

static ThrottleConfig iops(int64_t avg)
{
    ThrottleConfig config;

    throttle_config_init(&config);
    config.limit[THROTTLE_IOPS_TOTAL].avg = avg;
    return config;
}

static void expect_about(int number, int expected)
{
    g_assert_cmpint(number, >=, expected - 1);
    g_assert_cmpint(number, <=, expected + 1);
}

static void test_limit(void)
{
    ThrottleConfig config = iops(10), seen;
    int64_t start = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    Disk d = { 0 };

    disk_open(&d, "driver=null-co");
    g_assert_null(blk_get_throttle(d.blk, &seen));
    blk_set_throttle(d.blk, "g", &config);
    g_assert_cmpstr(blk_get_throttle(d.blk, &seen), ==, "g");
    g_assert_cmpint(seen.limit[THROTTLE_IOPS_TOTAL].avg, ==, 10);
    disk_start(&d);
    expect_about(disk_ended(&d), 2);
    qemu_clock_advance_virtual_time(start + 1000 * MS);
    expect_about(disk_ended(&d), 12);
    g_assert_false(blk_is_idle(d.blk));
    disk_close(&d);
}

/* Two drives with the name of one group. */
static void test_group(void)
{
    ThrottleConfig config = iops(10), none = iops(0), seen;
    int64_t start = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    Disk a = { 0 }, b = { 0 };

    disk_open(&a, "driver=null-co");
    disk_open(&b, "driver=null-co");
    blk_set_throttle(a.blk, "g", &config);
    blk_set_throttle(b.blk, "g", &config);
    disk_start(&a);
    disk_start(&b);
    qemu_clock_advance_virtual_time(start + 2000 * MS);
    expect_about(disk_ended(&a) + disk_ended(&b), 22);
    expect_about(disk_ended(&a) - 2, disk_ended(&b));
    /* One has no limits any more: all of it ends, the other goes on as before. */
    blk_set_throttle(a.blk, NULL, &none);
    g_assert_null(blk_get_throttle(a.blk, &seen));
    g_assert_cmpint(disk_ended(&a), ==, MANY);
    g_assert_cmpint(disk_ended(&b), <, MANY);
    disk_close(&a);
    disk_close(&b);
}

static void test_drain(void)
{
    ThrottleConfig config = iops(1);
    Disk d = { 0 };

    disk_open(&d, "driver=null-co");
    blk_set_throttle(d.blk, "g", &config);
    disk_start(&d);
    blk_drain(d.blk);
    g_assert_cmpint(disk_ended(&d), ==, MANY);
    g_assert_true(blk_is_idle(d.blk));
    disk_close(&d);
}

/* The same with a node that holds, above one that holds, too. */
static void test_drain_nodes(void)
{
    g_autoptr(BlockdevHeld) held = NULL;
    Disk d = { 0 };

    disk_open(&d, "driver=delay,node-name=d0,hold=on,file.driver=delay,file.hold=on"
                  ",file.file.driver=null-co");
    disk_start(&d);
    g_assert_cmpint(disk_ended(&d), ==, 0);
    qmp_x_blockdev_release("d0", true, 10, &error_abort);
    rig_settle();
    held = qmp_x_query_blockdev_held("d0", &error_abort);
    g_assert_cmpuint(held->held, ==, MANY - 10);
    block_request_cancel(&d.r[0]->req);
    block_request_cancel(&d.r[MANY - 1]->req);
    blk_drain(d.blk);
    g_assert_cmpint(disk_ended(&d), ==, MANY - 2);
    /* It holds again, after that. */
    rig_free(d.r[1]);
    d.r[1] = rig_request(BLOCK_OP_FLUSH, 0, 0, NULL);
    g_assert_cmpint(blk_submit(d.blk, &d.r[1]->req), ==, BLOCK_PENDING);
    rig_settle();
    g_assert_cmpuint(d.r[1]->ends, ==, 0);
    disk_close(&d);
}

static void test_refusals(void)
{
    g_autoptr(Error) neither = NULL;
    g_autoptr(Error) unknown = NULL;
    BlockIOThrottle arg = { .iops = 5 };

    qmp_block_set_io_throttle(&arg, &neither);
    g_assert_cmpstr(error_get_pretty(neither), ==,
                    "'device' and 'id' say which disk it is: give one of them");
    arg.id = (char *)"nobody";
    qmp_block_set_io_throttle(&arg, &unknown);
    g_assert_cmpstr(error_get_pretty(unknown), ==, "Device 'nobody' not found");
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    qemu_clock_set_by_hand();
    g_test_add_func("/block/backend-throttle/limit", test_limit);
    g_test_add_func("/block/backend-throttle/group", test_group);
    g_test_add_func("/block/backend-throttle/drain", test_drain);
    g_test_add_func("/block/backend-throttle/drain-nodes", test_drain_nodes);
    g_test_add_func("/block/backend-throttle/refusals", test_refusals);
    return g_test_run();
}
