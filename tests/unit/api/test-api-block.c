/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The synthetic disk controller of this folder, driven. */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "block/block.h"
#include "qapi/qapi-commands-block-core.h"
#include "qapi/qmp-registry.h"
#include "sysemu/block-backend.h"
#include "sysemu/runstate.h"
#include "pci-rig.h"

static JsonObject *from_json(const char *text)
{
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    g_autoptr(JsonNode) node = json_from_string(json, NULL);

    return json_node_dup_object(node);
}

static bool run(const char *command, const char *text, Error **errp)
{
    g_autoptr(JsonObject) args = from_json(text);
    g_autoptr(JsonNode) answer = qmp_call(command, args, errp);

    return answer;
}

static void add_node(const char *text)
{
    run("blockdev-add", text, &error_abort);
}

static void remove_node(const char *name)
{
    qmp_blockdev_del(name, &error_abort);
}

static uint32_t get(PCIRig *rig, hwaddr reg)
{
    return rig_read(rig, 0, reg, 4);
}

static void set(PCIRig *rig, hwaddr reg, uint32_t val)
{
    rig_write(rig, 0, reg, val, 4);
}

enum {
    DMA_READ, DMA_WRITE, DMA_TRIM, BUFFER_READ, BUFFER_WRITE, FLUSH, DISCARD, ABORT, CANCEL,
    CANCEL_ASYNC, REFUSE, OWN_TASK, LOCK, THROW_OUT, TOGGLE_CACHE, DRAIN, ONESHOT,
};

/* A command, until it has ended; the errno. */
static uint32_t command(PCIRig *rig, uint32_t what, uint32_t sector, uint32_t count)
{
    uint32_t before = get(rig, 0x10);

    set(rig, 0x04, sector);
    set(rig, 0x08, count);
    set(rig, 0x0c, RIG_RAM_BASE);
    set(rig, 0x00, what);
    for (int i = 0; get(rig, 0x10) == before; i++) {
        g_assert_cmpint(i, <, 100);
        rig_run();
    }
    g_assert_cmpuint(get(rig, 0x10), ==, before + 1);
    return get(rig, 0x14);
}

static void test_requests(void)
{
    add_node("{'driver':'null-co','node-name':'n0','size':1048576,'read-zeroes':true}");
    for (int mappable = 0; mappable < 2; mappable++) {
        g_autoptr(PCIRig) rig = rig_new("api-block", "drive=n0");
        BlockBackend *blk = blk_by_dev(rig->dev);
        BlockAcctStats *stats = blk_get_stats(blk);

        rig->mappable = mappable;
        g_assert_cmpuint(get(rig, 0x18), ==, 2048);
        g_assert_cmphex(get(rig, 0x1c), ==, 0x7);
        g_assert_cmphex(get(rig, 0x28), ==, 2);
        memset(rig_ram(rig, RIG_RAM_BASE), 0x55, 8192);
        g_assert_cmpuint(command(rig, DMA_READ, 8, 8), ==, 0);
        g_assert_cmphex(*(uint32_t *)rig_ram(rig, RIG_RAM_BASE), ==, 0);
        g_assert_cmphex(*(uint32_t *)rig_ram(rig, RIG_RAM_BASE + 4092), ==, 0);
        g_assert_cmphex(*(uint32_t *)rig_ram(rig, RIG_RAM_BASE + 4096), ==, 0x55555555);
        g_assert_cmpuint(command(rig, DMA_WRITE, 8, 8), ==, 0);
        g_assert_cmpuint(command(rig, DMA_TRIM, 8, 1), ==, 0);
        set(rig, 0x2c, 0x11);
        g_assert_cmphex(get(rig, 0x2c), ==, 0x11111111);
        g_assert_cmpuint(command(rig, BUFFER_WRITE, 1, 1), ==, 0);
        g_assert_cmpuint(command(rig, BUFFER_READ, 1, 1), ==, 0);
        g_assert_cmphex(get(rig, 0x2c), ==, 0);
        g_assert_cmpuint(command(rig, FLUSH, 0, 0), ==, 0);
        g_assert_cmpuint(command(rig, DISCARD, 0, 16), ==, 0);
        g_assert_cmpuint(command(rig, OWN_TASK, 0, 0), ==, 0);
        g_assert_cmpuint(stats->nr_ops[BLOCK_ACCT_READ], ==, 2);
        g_assert_cmpuint(stats->nr_bytes[BLOCK_ACCT_READ], ==, 9 * 512);
        g_assert_cmpuint(stats->nr_ops[BLOCK_ACCT_FLUSH], ==, 1);
        command(rig, ONESHOT, 0, 0);
        set(rig, 0x30, 1);
        rig_run();
        g_assert_cmpuint(get(rig, 0x30), ==, 1);
    }
    remove_node("n0");
}

static void test_errors(void)
{
    g_autoptr(PCIRig) rig = NULL;
    BlockAcctStats *stats;

    add_node("{'driver':'null-co','node-name':'n0','size':1048576}");
    rig = rig_new("api-block", "drive=n0,werror=ignore,rerror=report");
    stats = blk_get_stats(blk_by_dev(rig->dev));
    g_assert_cmpuint(command(rig, BUFFER_READ, 2048, 1), ==, EIO);
    g_assert_cmpuint(command(rig, DMA_READ, 2047, 8), ==, EIO);
    /* ignored */
    g_assert_cmpuint(command(rig, BUFFER_WRITE, 2048, 1), ==, 0);
    g_assert_cmpuint(command(rig, ABORT, 0, 1), ==, 0);
    g_assert_cmpuint(command(rig, REFUSE, 0, 1), ==, EINVAL);
    g_assert_cmpuint(stats->failed_ops[BLOCK_ACCT_READ], ==, 2);
    g_assert_cmpuint(stats->failed_ops[BLOCK_ACCT_WRITE], ==, 2);
    g_assert_cmpuint(stats->invalid_ops[BLOCK_ACCT_WRITE], ==, 1);
    /* memory that is not there */
    set(rig, 0x0c, 0x10);
    set(rig, 0x04, 0);
    set(rig, 0x08, 1);
    set(rig, 0x00, DMA_READ);
    rig_run();
    g_assert_cmpuint(get(rig, 0x14), ==, EIO);
    g_clear_pointer(&rig, rig_free);
    remove_node("n0");
}

static unsigned lates;

static void late_done(BlockRequest *req, int ret)
{
    g_assert_cmpint(ret, ==, 0);
    lates++;
}

static bool is_stopped(BlockBackend *blk)
{
    return vm_domain_state(blk_get_aio_context(blk)) == RUN_STATE_IO_ERROR;
}

/* The domain stops, and goes on with what failed. */
static void test_stop(void)
{
    BlockRequest late = { .op = BLOCK_OP_FLUSH, .done = late_done };
    g_autoptr(PCIRig) rig = NULL;
    BlockBackend *blk;

    add_node("{'driver':'error','node-name':'n0','file':{'driver':'null-co','size':1048576},"
             " 'rules':[{'event':'flush','errno':'ENOSPC','once':true}]}");
    rig = rig_new("api-block", "drive=n0,werror=stop");
    blk = blk_by_dev(rig->dev);
    vm_start();
    g_assert_cmpint(blk_submit(blk, &late), ==, BLOCK_PENDING);
    g_assert_false(is_stopped(blk));
    rig_run();
    g_assert_true(is_stopped(blk));
    g_assert_cmpint(blk_iostatus(blk), ==, BLOCK_DEVICE_IO_STATUS_NOSPACE);
    g_assert_cmpuint(lates, ==, 0);
    vm_start();
    g_assert_cmpuint(lates, ==, 1);
    g_assert_cmpint(blk_iostatus(blk), ==, BLOCK_DEVICE_IO_STATUS_OK);
    /* a model that carries it out itself */
    g_assert_cmpuint(command(rig, ABORT, 0, 1), ==, ENOSPC);
    rig_run();
    g_assert_true(is_stopped(blk));
    vm_start();
    vm_stop(RUN_STATE_PAUSED);
    g_clear_pointer(&rig, rig_free);
    remove_node("n0");
}

static void test_cancel(void)
{
    g_autoptr(PCIRig) rig = NULL;

    add_node("{'driver':'null-co','node-name':'n0','size':1048576,'latency-ns':1000000000000}");
    add_node("{'driver':'null-co','node-name':'n1','size':1048576,'read-zeroes':true}");
    rig = rig_new("api-block", "drive=n1");
    rig->slow = true;
    rig->mappable = false;
    /* while the memory is asked for, and with the disk not asked yet */
    set(rig, 0x08, 8);
    set(rig, 0x0c, RIG_RAM_BASE);
    set(rig, 0x00, DMA_WRITE);
    set(rig, 0x00, CANCEL);
    g_assert_cmphex(get(rig, 0x14), ==, 0x10000 | ECANCELED);
    set(rig, 0x00, DMA_WRITE);
    set(rig, 0x00, CANCEL_ASYNC);
    rig_run();
    g_assert_cmphex(get(rig, 0x14), ==, ECANCELED);
    set(rig, 0x00, OWN_TASK);
    set(rig, 0x00, CANCEL);
    g_assert_cmphex(get(rig, 0x14), ==, 0x10000 | ECANCELED);
    set(rig, 0x00, OWN_TASK);
    set(rig, 0x00, DRAIN);
    g_assert_cmpuint(get(rig, 0x10), ==, 4);
    g_clear_pointer(&rig, rig_free);
    remove_node("n0");
    remove_node("n1");
}

static void test_medium(void)
{
    g_autoptr(PCIRig) rig = NULL;

    add_node("{'driver':'null-co','node-name':'n0','size':1048576}");
    rig = rig_new("api-block", "drive=n0,physical_block_size=4096,cyls=5,heads=4,secs=10");
    g_assert_cmphex(get(rig, 0x1c), ==, 0x3007);
    g_assert_cmpuint(get(rig, 0x24), ==, 5);
    set(rig, 0x00, LOCK);
    set(rig, 0x00, THROW_OUT);
    set(rig, 0x00, TOGGLE_CACHE);
    g_assert_cmphex(get(rig, 0x1c), ==, 0x301e);
    g_assert_cmpuint(get(rig, 0x18), ==, 0);
    set(rig, 0x00, THROW_OUT);
    g_assert_cmpuint(get(rig, 0x18), ==, 2048);
    run("block_resize", "{'node-name':'n0','size':2097152}", &error_abort);
    g_assert_cmpuint(get(rig, 0x18), ==, 4096);
    g_assert_cmpuint(get(rig, 0x20), ==, 1);
    blk_dev_eject_request(blk_by_dev(rig->dev), false);
    g_assert_cmphex(get(rig, 0x1c) & 0x10, ==, 0);
    blk_dev_eject_request(blk_by_dev(rig->dev), true);
    g_assert_cmphex(get(rig, 0x1c) & 0x10, ==, 0x10);
    g_clear_pointer(&rig, rig_free);
    remove_node("n0");
}

static void refused(const char *props, const char *why)
{
    g_autofree char *text = rig_realize_error("api-block", props);

    if (!strstr(text, why)) {
        g_error("'%s' is not in '%s'", why, text);
    }
}

static void test_refusals(void)
{
    g_autoptr(PCIRig) rig = NULL;
    g_autoptr(Error) err = NULL;

    refused(NULL, "drive property not set");
    add_node("{'driver':'null-co','node-name':'n0','size':1048576}");
    refused("drive=n0,logical_block_size=4096,physical_block_size=512",
            "logical_block_size > physical_block_size not supported");
    refused("drive=n0,min_io_size=100", "min_io_size must be a multiple of logical_block_size");
    refused("drive=n0,discard_granularity=100", "discard_granularity must be a multiple");
    refused("drive=n0,cyls=70000,heads=1,secs=1", "cyls must be between 1 and 65535");
    refused("drive=n0,heads=17", "cyls must be between");
    rig = rig_new("api-block", "drive=n0");
    refused("drive=n0", "which does not allow 'write' on n0");
    qmp_blockdev_del("n0", &err);
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Node 'n0' is in use: remove what stands on it first");
    g_clear_pointer(&rig, rig_free);
    rig = rig_new("api-block", "drive=n0,share-rw=on");
    {
        g_autoptr(PCIRig) second = rig_new("api-block", "drive=n0,share-rw=on");

        g_assert_cmpuint(get(second, 0x18), ==, 2048);
    }
    g_clear_pointer(&rig, rig_free);
    remove_node("n0");
}

static void test_read_only(void)
{
    g_autoptr(PCIRig) rig = NULL;

    add_node("{'driver':'null-co','node-name':'n0','size':1048576,'read-only':true}");
    rig = rig_new("api-block", "drive=n0");
    g_assert_cmphex(get(rig, 0x1c) & 2, ==, 0);
    g_assert_cmpuint(command(rig, BUFFER_READ, 0, 1), ==, 0);
    g_assert_cmpuint(command(rig, BUFFER_WRITE, 0, 1), ==, EPERM);
    g_clear_pointer(&rig, rig_free);
    remove_node("n0");
}

int main(int argc, char **argv)
{
    rig_setup(&argc, &argv);
    g_test_add_func("/api/block/requests", test_requests);
    g_test_add_func("/api/block/errors", test_errors);
    g_test_add_func("/api/block/stop", test_stop);
    g_test_add_func("/api/block/cancel", test_cancel);
    g_test_add_func("/api/block/medium", test_medium);
    g_test_add_func("/api/block/refusals", test_refusals);
    g_test_add_func("/api/block/read-only", test_read_only);
    return g_test_run();
}
