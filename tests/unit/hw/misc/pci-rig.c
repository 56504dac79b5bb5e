/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bench of pci-rig.h: a root bus, an array as client memory, and a sink
 * that counts. All under the main context, on one thread.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "pci-rig.h"

/* ---- client memory ---- */

struct RigRequest {
    uint8_t *host;
    void *buf;
    hwaddr len;
    bool is_write;
    MemoryRegionDMADone *done;
    void *done_opaque;
};

static uint8_t *ram_at(PCIRig *rig, hwaddr addr, hwaddr len, bool is_write)
{
    if (addr < RIG_RAM_BASE || addr - RIG_RAM_BASE >= RIG_RAM_SIZE ||
        len > RIG_RAM_SIZE - (addr - RIG_RAM_BASE) || (is_write && rig->read_only)) {
        return NULL;
    }
    return rig->ram + (addr - RIG_RAM_BASE);
}

static MemTxResult move(const RigRequest *req)
{
    if (!req->host) {
        return MEMTX_DECODE_ERROR;
    }
    memcpy(req->is_write ? req->host : req->buf, req->is_write ? req->buf : req->host, req->len);
    return MEMTX_OK;
}

static MemTxResult ram_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                          MemTxAttrs attrs)
{
    PCIRig *rig = opaque;
    RigRequest req = { ram_at(rig, addr, len, is_write), buf, len, is_write };

    rig->sync_accesses++;
    return move(&req);
}

/* Mapped memory answers at once, without a request. */
static hwaddr ram_direct(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                         MemTxAttrs attrs, MemTxResult *result)
{
    PCIRig *rig = opaque;
    RigRequest req = { ram_at(rig, addr, len, is_write), buf, len, is_write };

    if (!rig->mappable || rig->slow) {
        return 0;
    }
    *result = move(&req);
    return *result == MEMTX_OK ? len : 0;
}

static void *ram_rw_async(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                          MemTxAttrs attrs, MemoryRegionDMADone *done, void *done_opaque)
{
    PCIRig *rig = opaque;
    RigRequest req = {
        ram_at(rig, addr, len, is_write), buf, len, is_write, done, done_opaque,
    };
    RigRequest *kept;

    rig->requests_made++;
    if (!rig->slow) {
        done(done_opaque, move(&req));
        return NULL;
    }
    kept = g_memdup2(&req, sizeof(req));
    g_queue_push_tail(&rig->requests, kept);
    return kept;
}

static void ram_cancel(void *opaque, void *request)
{
    PCIRig *rig = opaque;

    g_assert_true(g_queue_remove(&rig->requests, request));
    g_free(request);
    rig->cancels++;
}

static void *ram_map(void *opaque, hwaddr addr, hwaddr *plen, bool is_write, MemTxAttrs attrs)
{
    PCIRig *rig = opaque;
    uint8_t *host = rig->mappable ? ram_at(rig, addr, 1, is_write) : NULL;

    if (!host) {
        return NULL;
    }
    *plen = MIN(*plen, RIG_RAM_SIZE - (addr - RIG_RAM_BASE));
    rig->maps++;
    return host;
}

static void ram_unmap(void *opaque, void *host, hwaddr len, bool is_write, hwaddr access_len)
{
    PCIRig *rig = opaque;

    g_assert_cmpuint(rig->maps, >, 0);
    rig->maps--;
}

static void *ram_pin(void *opaque, hwaddr addr, hwaddr *plen, bool is_write, void *token[2])
{
    PCIRig *rig = opaque;
    void *host = ram_map(rig, addr, plen, is_write, MEMTXATTRS_UNSPECIFIED);

    if (host) {
        rig->maps--;
        rig->pins++;
    }
    return host;
}

static bool ram_unpin(void *opaque, void *const token[2])
{
    PCIRig *rig = opaque;

    g_assert_cmpuint(rig->pins, >, 0);
    rig->pins--;
    if (rig->lossy) {
        rig->lossy--;
        return false;
    }
    return true;
}

static void ram_add_notifier(void *opaque, MemoryRegionDMANotifier *n)
{
    PCIRig *rig = opaque;

    QLIST_INSERT_HEAD(&rig->notifiers, n, next);
}

static void ram_remove_notifier(void *opaque, MemoryRegionDMANotifier *n)
{
    QLIST_REMOVE(n, next);
}

static const MemoryRegionDMAOps ram_ops = {
    .direct = ram_direct, .rw = ram_rw, .rw_async = ram_rw_async, .cancel = ram_cancel,
    .map = ram_map, .unmap = ram_unmap, .add_notifier = ram_add_notifier,
    .remove_notifier = ram_remove_notifier, .pin = ram_pin, .unpin = ram_unpin,
};

void rig_answer(PCIRig *rig, MemTxResult res)
{
    g_autofree RigRequest *req = g_queue_pop_head(&rig->requests);

    g_assert_nonnull(req);
    req->done(req->done_opaque, res == MEMTX_OK ? move(req) : res);
}

void rig_revoke(PCIRig *rig, hwaddr first, hwaddr last)
{
    MemoryRegionDMANotifier *n, *next;

    QLIST_FOREACH_SAFE(n, &rig->notifiers, next, next) {
        n->revoke(n, first, last);
    }
}

uint8_t *rig_ram(PCIRig *rig, hwaddr iova)
{
    return ram_at(rig, iova, 1, false);
}

/* ---- interrupts ---- */

static void sink_intx(void *opaque, int level)
{
    ((PCIRig *)opaque)->intx = level;
}

static bool sink_msi(void *opaque, unsigned vector)
{
    ((PCIRig *)opaque)->msi[vector]++;
    return true;
}

static bool sink_msix(void *opaque, unsigned vector)
{
    ((PCIRig *)opaque)->msix[vector]++;
    return true;
}

static const PCIIRQSink rig_sink = { .intx = sink_intx, .msi = sink_msi, .msix = sink_msix };

/* ---- life ---- */

static void rig_root_class_init(ObjectClass *klass, const void *data)
{
    DEVICE_CLASS(klass)->user_creatable = false;
}

/* What the root bus hangs on. */
static const TypeInfo rig_root_info = {
    .name = "rig-root",
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(DeviceState),
    .class_init = rig_root_class_init,
};

void rig_setup(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    qemu_init_main_loop(&error_abort);
    module_call_init(MODULE_INIT_QOM);
    type_register_static(&rig_root_info);
    msi_nonbroken = true;
    qemu_clock_set_virtual_running(false);
}

static PCIDevice *make(PCIBus *bus, const char *type, const char *props, Error **errp)
{
    PCIDevice *dev = pci_new(-1, type);
    g_auto(GStrv) pairs = g_strsplit(props ? props : "", ",", -1);

    for (size_t i = 0; pairs[i] && *pairs[i]; i++) {
        char *value = strchr(pairs[i], '=');

        *value++ = '\0';
        object_property_parse(OBJECT(dev), pairs[i], value, &error_abort);
    }
    return pci_realize_and_unref(dev, bus, errp) ? dev : NULL;
}

static PCIBus *make_bus(void)
{
    DeviceState *root = qdev_new("rig-root");

    qdev_realize(root, NULL, &error_abort);
    return pci_isolated_root_new(root, "rig", true);
}

static void free_bus(PCIBus *bus)
{
    DeviceState *root = BUS(bus)->parent;

    pci_isolated_root_free(bus);
    object_unparent(OBJECT(root));
    object_unref(root);
}

PCIRig *rig_new(const char *type, const char *props)
{
    PCIRig *rig = g_new0(PCIRig, 1);

    rig->bus = make_bus();
    rig->ram = g_malloc0(RIG_RAM_SIZE);
    rig->mappable = true;
    g_queue_init(&rig->requests);
    QLIST_INIT(&rig->notifiers);
    memory_region_init_dma(&rig->region, NULL, &ram_ops, rig, "rig-ram", UINT64_MAX);
    rig->dev = make(rig->bus, type, props, &error_abort);
    pci_device_set_irq_sink(rig->dev, &rig_sink, rig);
    pci_device_set_dma_region(rig->dev, &rig->region);
    rig_config_write(rig, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER,
                     2);
    return rig;
}

char *rig_realize_error(const char *type, const char *props)
{
    PCIBus *bus = make_bus();
    Error *err = NULL;
    char *text;

    g_assert_null(make(bus, type, props, &err));
    text = g_strdup(error_get_pretty(err));
    error_free(err);
    free_bus(bus);
    return text;
}

void rig_free(PCIRig *rig)
{
    pci_device_set_dma_region(rig->dev, NULL);
    pci_device_set_irq_sink(rig->dev, NULL, NULL);
    object_unparent(OBJECT(rig->dev));
    rig_run();
    g_assert_cmpuint(rig->maps, ==, 0);
    g_assert_cmpuint(rig->pins, ==, 0);
    g_assert_cmpuint(rig->requests.length, ==, 0);
    g_assert_true(QLIST_EMPTY(&rig->notifiers));
    free_bus(rig->bus);
    object_unref(&rig->region);
    g_free(rig->ram);
    g_free(rig);
}

/* ---- the client's side ---- */

uint32_t rig_config_read(PCIRig *rig, unsigned offset, unsigned size)
{
    uint32_t val = 0;

    g_assert_cmpint(pci_device_config_rw(rig->dev, offset, &val, size, false), ==, 0);
    return le32_to_cpu(val);
}

void rig_config_write(PCIRig *rig, unsigned offset, uint32_t val, unsigned size)
{
    val = cpu_to_le32(val);
    g_assert_cmpint(pci_device_config_rw(rig->dev, offset, &val, size, true), ==, 0);
}

uint64_t rig_read(PCIRig *rig, int bar, hwaddr offset, unsigned size)
{
    uint64_t val = 0;

    g_assert_cmpint(pci_device_bar_rw(rig->dev, bar, offset, &val, size, false), ==, MEMTX_OK);
    return le64_to_cpu(val);
}

MemTxResult rig_try_read(PCIRig *rig, int bar, hwaddr offset, unsigned size)
{
    uint64_t val;

    return pci_device_bar_rw(rig->dev, bar, offset, &val, size, false);
}

void rig_write(PCIRig *rig, int bar, hwaddr offset, uint64_t val, unsigned size)
{
    val = cpu_to_le64(val);
    g_assert_cmpint(pci_device_bar_rw(rig->dev, bar, offset, &val, size, true), ==, MEMTX_OK);
}

void rig_enable_msi(PCIRig *rig)
{
    unsigned flags = rig->dev->msi_cap + PCI_MSI_FLAGS;

    rig_config_write(rig, flags, rig_config_read(rig, flags, 2) | PCI_MSI_FLAGS_ENABLE, 2);
}

void rig_enable_msix(PCIRig *rig)
{
    unsigned flags = rig->dev->msix_cap + PCI_MSIX_FLAGS;

    rig_config_write(rig, flags, rig_config_read(rig, flags, 2) | PCI_MSIX_FLAGS_ENABLE, 2);
}

void rig_run(void)
{
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
}

void rig_advance(int64_t ns)
{
    rig_run();
    qemu_clock_advance_virtual_time(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ns);
    rig_run();
}

void rig_reset(PCIRig *rig)
{
    device_cold_reset(DEVICE(rig->dev));
    rig_config_write(rig, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER,
                     2);
}

/* ---- migration ---- */

GBytes *rig_save(PCIRig *rig)
{
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);

    g_assert_cmpint(vmstate_save_state(f, qdev_get_vmsd(DEVICE(rig->dev)), rig->dev, NULL,
                                       &error_abort), ==, 0);
    return qemu_file_take_bytes(f);
}

int rig_load(PCIRig *rig, GBytes *bytes)
{
    const VMStateDescription *vmsd = qdev_get_vmsd(DEVICE(rig->dev));
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);
    Error *err = NULL;
    int ret = vmstate_load_state(f, vmsd, rig->dev, vmsd->version_id, &err);

    if (err) {
        g_test_message("%s", error_get_pretty(err));
        error_free(err);
    } else {
        g_assert_cmpuint(qemu_file_remaining(f), ==, 0);
    }
    return ret;
}

void rig_truncate_everywhere(PCIRig *rig, GBytes *bytes)
{
    size_t len = g_bytes_get_size(bytes);
    /* Large states are mostly one buffer: not every byte of it is another case. */
    size_t stride = len > 2000 ? 97 : 1;

    for (size_t cut = 0; cut < len; cut += cut < 2000 ? 1 : stride) {
        g_autoptr(GBytes) part = g_bytes_new_from_bytes(bytes, 0, cut);

        g_assert_cmpint(rig_load(rig, part), <, 0);
        rig_reset(rig);
    }
}

void rig_corrupt(PCIRig *rig, GBytes *bytes, unsigned rounds)
{
    size_t len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);
    g_autoptr(GRand) rand = g_rand_new_with_seed(20);

    for (unsigned i = 0; i < rounds; i++) {
        uint8_t *bad = g_memdup2(data, len);
        g_autoptr(GBytes) wrong = NULL;

        for (int n = g_rand_int_range(rand, 1, 5); n > 0; n--) {
            bad[g_rand_int_range(rand, 0, MIN(len, 1000))] = g_rand_int_range(rand, 0, 256);
        }
        wrong = g_bytes_new_take(bad, len);
        if (rig_load(rig, wrong) == 0) {
            rig_advance(1000000000);
        }
        rig_reset(rig);
    }
}
