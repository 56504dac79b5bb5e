/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device model as QEMU knows them: its register callbacks read and write
 * client memory synchronously. With memory that only messages reach, its
 * writes are answered at their first wait, reads go on being served, later
 * writes keep their order, and nothing stalls (the two deadlines of the design).
 *
 * The server runs in its domain's thread, the client in this one.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "hw/boards.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qapi/qapi-commands-isolation.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qom/object_interfaces.h"
#include "vfio-user/client.h"
#include "tests/unit/json.h"

#define TYPE_SYNC_DMA "test-sync-dma"
OBJECT_DECLARE_SIMPLE_TYPE(SyncDma, SYNC_DMA)

enum {
    REG_COPY = 0,               /* w: copies the u32 at IOVA value to value + 4 */
    REG_LOAD = 8,               /* r: the u32 at IOVA 0 */
    REG_LOG = 16,               /* w: appends a nibble; r: the log */
    REG_LATER = 24,             /* w: the same copy, from a timer */
    REG_RESULT = 32,            /* r: MemTxResult of the last DMA */
};

struct SyncDma {
    PCIDevice parent_obj;

    MemoryRegion bar;
    QEMUTimer *timer;
    uint64_t later;
    uint64_t log;
    MemTxResult result;
    int depth;                  /* callbacks in progress */
};

static void copy(SyncDma *s, uint64_t iova)
{
    uint32_t word = 0;

    g_assert_cmpint(s->depth++, ==, 0);         /* never two callbacks that write */
    s->result = pci_dma_read(&s->parent_obj, iova, &word, sizeof(word));
    if (s->result == MEMTX_OK) {
        s->result = pci_dma_write(&s->parent_obj, iova + 4, &word, sizeof(word));
    }
    s->log = s->log << 4 | 0xc;
    s->depth--;
}

static void later(void *opaque)
{
    SyncDma *s = opaque;

    copy(s, s->later);
}

static uint64_t bar_read(void *opaque, hwaddr addr, unsigned size)
{
    SyncDma *s = opaque;
    uint32_t word = 0xdead;

    switch (addr) {
    case REG_LOAD:
        s->result = pci_dma_read(&s->parent_obj, 0, &word, sizeof(word));
        return word;
    case REG_LOG:
        return s->log;
    case REG_RESULT:
        return s->result;
    default:
        return 0;
    }
}

static void bar_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    SyncDma *s = opaque;

    switch (addr) {
    case REG_COPY:
        copy(s, val);
        break;
    case REG_LOG:
        s->log = s->log << 4 | (val & 0xf);
        break;
    case REG_LATER:
        s->later = val;
        timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
        break;
    }
}

static const MemoryRegionOps bar_ops = {
    .read = bar_read,
    .write = bar_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 8, .max_access_size = 8 },
};

static void sync_dma_realize(PCIDevice *pci, Error **errp)
{
    SyncDma *s = SYNC_DMA(pci);

    memory_region_init_io(&s->bar, OBJECT(s), &bar_ops, s, "sync-dma", 4096);
    pci_register_bar(pci, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->bar);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, later, s);
}

static void sync_dma_exit(PCIDevice *pci)
{
    timer_free(SYNC_DMA(pci)->timer);
}

static void sync_dma_reset(DeviceState *dev)
{
    SyncDma *s = SYNC_DMA(dev);

    g_assert_cmpint(s->depth, ==, 0);           /* never in the middle of a callback */
    timer_del(s->timer);
    s->log = 0;
}

static void sync_dma_class_init(ObjectClass *klass, void *data)
{
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->realize = sync_dma_realize;
    k->exit = sync_dma_exit;
    k->vendor_id = 0x1234;
    k->device_id = 0x4321;
    DEVICE_CLASS(klass)->reset = sync_dma_reset;
}

static const TypeInfo sync_dma_info = {
    .name = TYPE_SYNC_DMA,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(SyncDma),
    .class_init = sync_dma_class_init,
    .interfaces = (InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
};

static void sync_dma_register(void)
{
    type_register_static(&sync_dma_info);
}
type_init(sync_dma_register)

/* --- the client's side --- */

typedef struct Fixture {
    VfuClient *client;
    VfuMemory *memory;
    bool silent;                /* DMA commands are not answered */
    unsigned commands;          /* DMA commands that came */
} Fixture;

static char *socket_path;
static DeviceState *device;

static int on_command(void *opaque, VfuClient *c, const VfuClientMessage *msg)
{
    Fixture *f = opaque;

    f->commands++;
    return f->silent ? VFU_HOOK_SILENT : VFU_HOOK_DEFAULT;
}

static const VfuClientHooks hooks = { .command = on_command };

static uint32_t *word(Fixture *f, unsigned index)
{
    return (uint32_t *)vfu_memory_data(f->memory) + index;
}

static void setup(Fixture *f, gconstpointer share)
{
    f->silent = false;
    f->commands = 0;
    f->client = vfu_client_open(socket_path, NULL, &error_abort);
    f->memory = vfu_memory_new(64 * 1024, &error_abort);
    vfu_client_set_hooks(f->client, &hooks, f);
    g_assert_cmpint(vfu_client_writen(f->client, VFU_REGION_CONFIG, PCI_COMMAND, 2,
                                      PCI_COMMAND_MASTER), ==, 0);
    g_assert_cmpint(vfu_client_dma_map(f->client, f->memory, 0, 0, 64 * 1024,
                                       VFU_DMA_F_READ | VFU_DMA_F_WRITE, share != NULL), ==, 0);
}

static void teardown(Fixture *f, gconstpointer share)
{
    vfu_client_free(f->client);
    vfu_memory_free(f->memory);
}

static uint64_t reg(Fixture *f, unsigned addr)
{
    return vfu_client_readn(f->client, 0, addr, 8);
}

static void wait_log(Fixture *f, uint64_t expected)
{
    int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    while (reg(f, REG_LOG) != expected) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
}

static int64_t write_timed(Fixture *f, unsigned addr, uint64_t value)
{
    int64_t start = g_get_monotonic_time();

    g_assert_cmpint(vfu_client_writen(f->client, 0, addr, 8, value), ==, 0);
    return g_get_monotonic_time() - start;
}

static void test_write_callback(Fixture *f, gconstpointer share)
{
    *word(f, 4) = 0x11223344;
    write_timed(f, REG_COPY, 16);
    wait_log(f, 0xc);
    g_assert_cmphex(*word(f, 5), ==, 0x11223344);
    g_assert_cmpuint(reg(f, REG_RESULT), ==, MEMTX_OK);
}

static void test_timer_callback(Fixture *f, gconstpointer share)
{
    *word(f, 4) = 0x55667788;
    write_timed(f, REG_LATER, 16);
    wait_log(f, 0xc);
    g_assert_cmphex(*word(f, 5), ==, 0x55667788);
}

/*
 * A monitor reads a register whose callback wants client memory: it is told that
 * there is none, and neither the monitor nor the client hears of it. (This thread
 * is both: if one waited for the other, nothing would go on.)
 */
static void test_monitor_does_not_wait(Fixture *f, gconstpointer share)
{
    g_autoptr(MemoryContent) content = NULL;
    g_autoptr(Error) err = NULL;

    vfu_client_writen(f->client, VFU_REGION_CONFIG, PCI_BASE_ADDRESS_0, 4, 0xe0000000);
    vfu_client_writen(f->client, VFU_REGION_CONFIG, PCI_COMMAND, 2,
                      PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
    content = qmp_x_read_memory("d0/mem", 0xe0000000 + REG_LOAD, 8, &error_abort);
    g_assert_nonnull(content->data);
    g_assert_cmpuint(reg(f, REG_RESULT), !=, MEMTX_OK);
    g_assert_null(qmp_x_read_memory("d0/dma", 0, 4, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "messages to the client"));
    g_assert_cmpuint(f->commands, ==, 0);
    /* The same access by the client is one that asks it. */
    reg(f, REG_LOAD);
    g_assert_cmpuint(f->commands, >, 0);
}

/* The answer to the write comes although the client answers no DMA. */
static void test_write_is_answered_at_first_wait(Fixture *f, gconstpointer share)
{
    f->silent = true;
    g_assert_cmpint(write_timed(f, REG_COPY, 16), <, G_USEC_PER_SEC / 2);
    for (int i = 0; i < 20; i++) {
        g_assert_cmphex(reg(f, REG_LOG), ==, 0);        /* served, still suspended */
    }
}

static void test_later_writes_keep_their_order(Fixture *f, gconstpointer share)
{
    uint64_t value = 16;

    vfu_client_post(f->client, 0, REG_COPY, &value, 8);
    for (value = 1; value <= 3; value++) {
        vfu_client_post(f->client, 0, REG_LOG, &value, 8);
    }
    value = 16;
    vfu_client_post(f->client, 0, REG_COPY, &value, 8);
    value = 4;
    g_assert_cmpint(vfu_client_write(f->client, 0, REG_LOG, &value, 8), ==, 0);
    wait_log(f, 0xc123c4);
}

static void test_read_callback_fails_in_time(Fixture *f, gconstpointer share)
{
    int64_t start = g_get_monotonic_time();

    f->silent = true;
    g_assert_cmphex(reg(f, REG_LOAD), ==, 0);           /* what a failed read gives */
    g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
    g_assert_cmpuint(reg(f, REG_RESULT), !=, MEMTX_OK);
}

static void test_read_callback(Fixture *f, gconstpointer share)
{
    *word(f, 0) = 0xfeedf00d;
    g_assert_cmphex(reg(f, REG_LOAD), ==, 0xfeedf00d);
}

static void test_reset_while_suspended(Fixture *f, gconstpointer share)
{
    f->silent = true;
    write_timed(f, REG_COPY, 16);
    g_assert_cmpint(vfu_client_reset(f->client), ==, 0);
    g_assert_cmphex(reg(f, REG_LOG), ==, 0);
    f->silent = false;
    vfu_client_writen(f->client, VFU_REGION_CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
    test_write_callback(f, share);
}

static void test_unmap_while_suspended(Fixture *f, gconstpointer share)
{
    uint64_t unmapped;

    f->silent = true;
    write_timed(f, REG_COPY, 16);
    g_assert_cmpint(vfu_client_dma_unmap(f->client, 0, 64 * 1024, &unmapped), ==, 0);
    wait_log(f, 0xc);
    g_assert_cmpuint(reg(f, REG_RESULT), !=, MEMTX_OK);
}

static void test_disconnect_while_suspended(Fixture *f, gconstpointer share)
{
    for (int i = 0; i < 10; i++) {
        f->silent = true;
        write_timed(f, REG_COPY, 16);
        teardown(f, share);
        setup(f, share);
        g_assert_cmphex(reg(f, REG_LOG), ==, 0);
    }
}

/* A flood of writes behind a suspended one ends in an error, not in memory. */
static void test_flood_while_suspended(Fixture *f, gconstpointer share)
{
    uint64_t value = 16;

    f->silent = true;
    vfu_client_post(f->client, 0, REG_COPY, &value, 8);
    for (value = 0; value < 20000; value++) {
        vfu_client_post(f->client, 0, REG_LOG, &value, 8);
    }
    value = 5;
    vfu_client_write(f->client, 0, REG_LOG, &value, 8);
    f->silent = false;
    g_assert_cmpint(reg(f, REG_LOG) & 0xf, ==, 5);
}

static void add_server(void)
{
    g_autoptr(JsonObject) server =
        json_of("{\"qom-type\": \"vfio-user-server\", \"id\": \"s0\", \"device\": \"d0\", "
                "\"path\": \"%s\", \"dma-timeout\": 1000}", socket_path);

    user_creatable_add_from_json(server, &error_fatal);
}

/* The server goes while a callback waits for its client: it waits for the callback. */
static void test_delete_while_suspended(Fixture *f, gconstpointer share)
{
    for (int i = 0; i < 10; i++) {
        f->silent = true;
        write_timed(f, i & 1 ? REG_LATER : REG_COPY, 16);
        user_creatable_del("s0", &error_abort);
        vfu_client_free(f->client);
        add_server();
        f->client = vfu_client_open(socket_path, NULL, &error_abort);
        vfu_client_set_hooks(f->client, &hooks, f);
        g_assert_cmphex(reg(f, REG_LOG), ==, 0);
        g_assert_cmpint(vfu_client_writen(f->client, VFU_REGION_CONFIG, PCI_COMMAND, 2,
                                          PCI_COMMAND_MASTER), ==, 0);
        g_assert_cmpint(vfu_client_dma_map(f->client, f->memory, 0, 0, 64 * 1024,
                                           VFU_DMA_F_READ | VFU_DMA_F_WRITE, false), ==, 0);
    }
}

static void add(const char *name, void (*fn)(Fixture *, gconstpointer))
{
    g_autofree char *by_message = g_strdup_printf("/suspend/message/%s", name);

    g_test_add(by_message, Fixture, NULL, setup, fn, teardown);
}

static void add_both(const char *name, void (*fn)(Fixture *, gconstpointer))
{
    g_autofree char *shared = g_strdup_printf("/suspend/shared/%s", name);

    add(name, fn);
    g_test_add(shared, Fixture, "share", setup, fn, teardown);
}

int main(int argc, char **argv)
{
    g_autofree char *dir = g_dir_make_tmp("suspend-XXXXXX", NULL);
    g_autoptr(JsonObject) dev = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_fatal);
    current_machine = MACHINE(object_new("x-remote-machine"));
    machine_run_board_init(current_machine);
    socket_path = g_build_filename(dir, "s", NULL);
    dev = json_of("{\"driver\": \"%s\", \"id\": \"d0\"}", TYPE_SYNC_DMA);
    device = qdev_device_add_from_json(dev, &error_fatal);
    object_unref(OBJECT(device));
    add_server();

    add_both("write", test_write_callback);
    add_both("timer", test_timer_callback);
    add_both("order", test_later_writes_keep_their_order);
    g_test_add("/suspend/shared/read", Fixture, "share", setup, test_read_callback, teardown);
    add("monitor", test_monitor_does_not_wait);
    add("answered", test_write_is_answered_at_first_wait);
    add("read-fails", test_read_callback_fails_in_time);
    add("reset", test_reset_while_suspended);
    add("unmap", test_unmap_while_suspended);
    add("disconnect", test_disconnect_while_suspended);
    add("flood", test_flood_while_suspended);
    add("delete", test_delete_while_suspended);
    status = g_test_run();
    user_creatable_del("s0", &error_abort);
    object_unparent(OBJECT(device));
    rmdir(dir);
    return status;
}
