/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rig.h. */
#include "rig.h"
#include "hw/qdev-core.h"
#include "sysemu/dma.h"

void (*rig_realize)(PCIDevice *dev, Error **errp);
void (*rig_exit)(PCIDevice *dev);
void (*rig_reset)(PCIDevice *dev);

static uint64_t reg_read(void *opaque, hwaddr addr, unsigned size)
{
    RigDevice *d = opaque;

    d->reads++;
    d->last_addr = addr;
    d->last_size = size;
    return ldn_le_p(d->regs + addr % 128, size);
}

static void reg_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    RigDevice *d = opaque;

    d->writes++;
    d->last_addr = addr;
    d->last_size = size;
    stn_le_p(d->regs + addr % 128, size, val);
}

const MemoryRegionOps rig_ops = {
    .read = reg_read,
    .write = reg_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.unaligned = true,
    .impl.unaligned = true,
};

static void rig_device_realize(PCIDevice *dev, Error **errp)
{
    if (rig_realize) {
        rig_realize(dev, errp);
    }
}

static void rig_device_exit(PCIDevice *dev)
{
    RIG(dev)->exits++;
    if (rig_exit) {
        rig_exit(dev);
    }
}

static void rig_device_reset(DeviceState *dev)
{
    RIG(PCI_DEVICE(dev))->resets++;
    if (rig_reset) {
        rig_reset(PCI_DEVICE(dev));
    }
}

static void rig_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(oc);

    pc->realize = rig_device_realize;
    pc->exit = rig_device_exit;
    pc->vendor_id = 0x1234;
    pc->device_id = 0x5678;
    pc->revision = 9;
    pc->class_id = PCI_CLASS_SYSTEM_OTHER;
    dc->reset = rig_device_reset;
    dc->hotpluggable = true;
    dc->user_creatable = true;
}

static void host_class_init(ObjectClass *oc, void *data)
{
    DEVICE_CLASS(oc)->user_creatable = true;
}

static const TypeInfo rig_types[] = {
    {
        .name = "rig-host",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(DeviceState),
        .class_init = host_class_init,
    },
    {
        .name = TYPE_RIG_PCI,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(RigDevice),
        .class_init = rig_class_init,
        .interfaces = (const InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
    },
    {
        .name = TYPE_RIG_PCIE,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(RigDevice),
        .class_init = rig_class_init,
        .interfaces = (const InterfaceInfo[]) { { INTERFACE_PCIE_DEVICE }, { } },
    },
};

void rig_init(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    qemu_init_main_loop(NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(rig_types, ARRAY_SIZE(rig_types));
    qemu_mutex_lock_iothread();
}

PCIBus *rig_root_new(const char *name)
{
    DeviceState *host = qdev_new("rig-host");

    qdev_realize_and_unref(host, NULL, &error_abort);
    return pci_isolated_root_new(host, name, true);
}

void rig_root_free(PCIBus *bus)
{
    DeviceState *host = BUS(bus)->parent;

    pci_isolated_root_free(bus);
    object_unparent(OBJECT(host));
}

PCIDevice *rig_plug(PCIBus *bus, const char *type, int devfn, Error **errp)
{
    PCIDevice *dev = pci_new(devfn, type);

    return pci_realize_and_unref(dev, bus, errp) ? dev : NULL;
}

void rig_unplug(PCIDevice *dev)
{
    object_unparent(OBJECT(dev));
}

static void sink_intx(void *opaque, int level)
{
    RigSink *s = opaque;

    s->level = level;
    s->edges++;
}

static bool sink_vector(void *opaque, unsigned vector)
{
    RigSink *s = opaque;

    if (!(s->bound & (1ULL << vector))) {
        return false;
    }
    s->fired[vector]++;
    return true;
}

const PCIIRQSink rig_sink = { .intx = sink_intx, .msi = sink_vector, .msix = sink_vector };

static MemTxResult memory_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                             MemTxAttrs attrs)
{
    RigMemory *m = opaque;

    if (addr < m->base || addr - m->base >= sizeof(m->bytes)
        || len > sizeof(m->bytes) - (addr - m->base)) {
        return MEMTX_DECODE_ERROR;
    }
    memcpy(is_write ? m->bytes + (addr - m->base) : buf,
           is_write ? buf : m->bytes + (addr - m->base), len);
    return MEMTX_OK;
}

static const MemoryRegionDMAOps memory_ops = { .rw = memory_rw };

RigMemory *rig_memory_new(PCIDevice *dev, hwaddr base)
{
    RigMemory *m = g_new0(RigMemory, 1);

    m->base = base;
    m->owner = object_new(TYPE_CONTAINER);
    memory_region_init_dma(&m->mr, m->owner, &memory_ops, m, "client", UINT64_MAX);
    pci_device_set_dma_region(dev, &m->mr);
    return m;
}

void rig_memory_free(PCIDevice *dev, RigMemory *m)
{
    pci_device_set_dma_region(dev, NULL);
    object_unref(m->owner);
    g_free(m);
}
