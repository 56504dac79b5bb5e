/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Test RAM and interrupts of domains and functions; see domain.h. */
#include "qemu/osdep.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pci_sink.h"
#include "hw/qdev-core.h"
#include "hw/remote/isolated-rc.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/lockable.h"
#include "domain.h"
#include "irq.h"
#include "pci-config.h"
#include "settle.h"

/* A function that nobody serves, in its domain's context. */
typedef struct QtestFunction {
    PCIDevice *dev;
    bool tell_pin;
    MemoryRegion space, ram, msi;
} QtestFunction;

static QemuMutex lock = QEMU_MUTEX_INITIALIZER;
static QTAILQ_HEAD(, QtestDomain) domains = QTAILQ_HEAD_INITIALIZER(domains);
static uint64_t ram_size;
static bool ready;              /* hooks are in place */

/* --- interrupts of functions --- */

static void function_intx(void *opaque, int level)
{
    QtestFunction *f = opaque;

    if (f->tell_pin) {
        qtest_irq_event(pci_intx(f->dev), level);
    }
}

/* As on a bus: a write to the address, which may reach nothing. Then it stays pending. */
static bool send_message(PCIDevice *dev, MSIMessage msg)
{
    uint32_t data = cpu_to_le32(msg.data);

    return address_space_rw(&dev->bus_master_as, msg.address, MEMTXATTRS_UNSPECIFIED, &data,
                            sizeof(data), true) == MEMTX_OK;
}

static bool function_msi(void *opaque, unsigned vector)
{
    QtestFunction *f = opaque;

    return send_message(f->dev, msi_get_message(f->dev, vector));
}

static bool function_msix(void *opaque, unsigned vector)
{
    QtestFunction *f = opaque;

    return send_message(f->dev, msix_get_message(f->dev, vector));
}

static const PCIIRQSink function_sink = {
    .intx = function_intx, .msi = function_msi, .msix = function_msix,
};

/* --- functions --- */

static void function_free(gpointer opaque)
{
    QtestFunction *f = opaque;

    memory_region_del_subregion(&f->space, &f->ram);
    memory_region_del_subregion(&f->space, &f->msi);
    object_unref(OBJECT(&f->ram));
    object_unref(OBJECT(&f->msi));
    object_unref(OBJECT(&f->space));
    g_free(f);
}

static QtestFunction *function_new(QtestDomain *d, PCIDevice *dev)
{
    QtestFunction *f = g_new0(QtestFunction, 1);

    f->dev = dev;
    memory_region_init(&f->space, NULL, "qtest DMA", UINT64_MAX);
    memory_region_init_alias(&f->ram, NULL, "qtest RAM", &d->ram, 0, ram_size);
    memory_region_init_alias(&f->msi, NULL, "qtest messages", &d->msi, 0, QTEST_MSI_SIZE);
    memory_region_add_subregion(&f->space, 0, &f->ram);
    memory_region_add_subregion(&f->space, QTEST_MSI_BASE, &f->msi);
    return f;
}

static QtestDomain *domain_of(PCIDevice *dev)
{
    QEMU_LOCK_GUARD(&lock);

    return qtest_domain_find(pci_device_root_bus(dev));
}

static void function_realized(DeviceListener *listener, DeviceState *dev)
{
    PCIDevice *pci = (PCIDevice *)object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE);
    QtestDomain *d = pci ? domain_of(pci) : NULL;
    QtestFunction *f;

    if (d && d->has_ram) {
        f = function_new(d, pci);
        g_hash_table_insert(d->functions, pci, f);
        pci_device_set_dma_region(pci, &f->space);
        pci_device_set_irq_sink(pci, &function_sink, f);
    }
}

static void function_unrealized(DeviceListener *listener, DeviceState *dev)
{
    PCIDevice *pci = (PCIDevice *)object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE);
    QtestDomain *d = pci ? domain_of(pci) : NULL;

    if (d && g_hash_table_contains(d->functions, pci)) {
        pci_device_set_dma_region(pci, NULL);
        pci_device_set_irq_sink(pci, NULL, NULL);
        g_hash_table_remove(d->functions, pci);
    }
}

static DeviceListener functions_listener = {
    .realize = function_realized,
    .unrealize = function_unrealized,
};

bool qtest_domain_tell_pin(PCIDevice *dev, bool on)
{
    QtestDomain *d = domain_of(dev);
    QtestFunction *f = d ? g_hash_table_lookup(d->functions, dev) : NULL;

    if (!f || dev->sink_opaque != f) {
        return false;
    }
    f->tell_pin = on;
    return true;
}

void qtest_domain_tell_nothing(QtestDomain *d)
{
    GHashTableIter iter;
    gpointer f;

    d->tell_lines = false;
    g_hash_table_iter_init(&iter, d->functions);
    while (g_hash_table_iter_next(&iter, NULL, &f)) {
        ((QtestFunction *)f)->tell_pin = false;
    }
}

/* --- domains --- */

static void set_line(void *opaque, int n, int level)
{
    QtestDomain *d = opaque;

    if (d->line[n] == !!level) {
        return;
    }
    d->line[n] = level;
    if (d->tell_lines) {
        qtest_irq_event(n, level);
    }
}

static void add_ram(QtestDomain *d)
{
    Error *err = NULL;

    if (!memory_region_init_ram(&d->ram, NULL, "qtest RAM", ram_size, &err)) {
        error_reportf_err(err, "qtest: domain '%s' has no RAM: ", aio_context_name(d->ctx));
        object_unref(OBJECT(&d->ram));
        return;
    }
    if (!memory_region_init_ram(&d->msi, NULL, "qtest messages", QTEST_MSI_SIZE, &err)) {
        error_reportf_err(err, "qtest: domain '%s' has no RAM: ", aio_context_name(d->ctx));
        object_unref(OBJECT(&d->ram));
        object_unref(OBJECT(&d->msi));
        return;
    }
    d->has_ram = true;
    memory_region_add_subregion_overlap(d->bus->address_space_mem, 0, &d->ram, -1);
    memory_region_add_subregion_overlap(d->bus->address_space_mem, QTEST_MSI_BASE, &d->msi, -1);
}

static void domain_made(PCIBus *bus, AioContext *ctx)
{
    QtestDomain *d = g_new0(QtestDomain, 1);

    d->bus = bus;
    d->ctx = ctx;
    aio_context_ref(ctx);
    d->functions = g_hash_table_new_full(NULL, NULL, NULL, function_free);
    pci_bus_irqs(bus, set_line, d, PCI_NUM_PINS);
    pci_bus_map_irqs(bus, pci_swizzle_map_irq_fn);
    pci_config_map(d);
    if (ram_size) {
        add_ram(d);
    }
    d->probe_bh = aio_bh_new(ctx, qtest_settle_probe, d);
    QEMU_LOCK_GUARD(&lock);
    QTAILQ_INSERT_TAIL(&domains, d, next);
}

static void remove_region(QtestDomain *d, MemoryRegion *mr)
{
    memory_region_del_subregion(d->bus->address_space_mem, mr);
    object_unref(OBJECT(mr));
}

/* Its devices are gone by now. */
static void domain_going(PCIBus *bus, AioContext *ctx)
{
    QtestDomain *d = qtest_domain_find(bus);

    WITH_QEMU_LOCK_GUARD(&lock) {
        QTAILQ_REMOVE(&domains, d, next);
    }
    qtest_settle_forget(d);
    qemu_bh_delete(d->probe_bh);
    pci_bus_irqs_cleanup(bus);
    g_hash_table_unref(d->functions);
    if (d->has_ram) {
        remove_region(d, &d->ram);
        remove_region(d, &d->msi);
    }
    remove_region(d, &d->ecam);
    aio_context_unref(d->ctx);
    g_free(d);
}

QtestDomain *qtest_domain_first(void)
{
    return QTAILQ_FIRST(&domains);
}

QtestDomain *qtest_domain_next(QtestDomain *d)
{
    return QTAILQ_NEXT(d, next);
}

QtestDomain *qtest_domain_find(PCIBus *root)
{
    QtestDomain *d;

    QTAILQ_FOREACH(d, &domains, next) {
        if (d->bus == root) {
            return d;
        }
    }
    return NULL;
}

bool qtest_domains_init(uint64_t size, Error **errp)
{
    if (size > QTEST_RAM_MAX) {
        error_setg(errp, "at most %u MiB of test RAM are possible: give -m less",
                   QTEST_RAM_MAX >> 20);
        return false;
    }
    ram_size = ROUND_UP(size, qemu_real_host_page_size());
    isolated_rc_set_hooks(domain_made, domain_going);
    device_listener_register(&functions_listener);
    ready = true;
    return true;
}

void qtest_domains_cleanup(void)
{
    if (!ready) {
        return;
    }
    ready = false;
    device_listener_unregister(&functions_listener);
    isolated_rc_set_hooks(NULL, NULL);
}
