/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buses: who sits where. A bus below a bridge shares the spaces of the root
 * and its isolation; bus numbers are what the bridges' registers say, for
 * names and queries only.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "hw/hotplug.h"
#include "hw/pci/pci_bridge.h"
#include "internal.h"

bool pci_bus_is_root(const PCIBus *bus)
{
    return bus->flags & PCI_BUS_IS_ROOT;
}

bool pci_bus_is_express(const PCIBus *bus)
{
    return object_dynamic_cast(OBJECT(bus), TYPE_PCIE_BUS) != NULL;
}

PCIBus *pci_get_bus(const PCIDevice *dev)
{
    return (PCIBus *)dev->qdev.parent_bus;
}

PCIBus *pci_device_root_bus(const PCIDevice *d)
{
    PCIBus *bus = pci_get_bus(d);

    while (bus && !pci_bus_is_root(bus)) {
        bus = pci_get_bus(bus->parent_dev);
    }
    return bus;
}

static int bus_num_of(PCIBus *bus)
{
    return pci_bus_is_root(bus) ? 0 : bus->parent_dev->config[PCI_SECONDARY_BUS];
}

int pci_bus_num(PCIBus *s)
{
    return PCI_BUS_CLASS(object_get_class(OBJECT(s)))->bus_num(s);
}

int pci_dev_bus_num(const PCIDevice *dev)
{
    return pci_bus_num(pci_get_bus(dev));
}

void pci_bus_range(PCIBus *bus, int *min_bus, int *max_bus)
{
    *min_bus = *max_bus = pci_bus_num(bus);
    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        PCIDevice *dev = bus->devices[i];

        if (dev && object_dynamic_cast(OBJECT(dev), TYPE_PCI_BRIDGE)) {
            *min_bus = MIN(*min_bus, dev->config[PCI_SECONDARY_BUS]);
            *max_bus = MAX(*max_bus, dev->config[PCI_SUBORDINATE_BUS]);
        }
    }
}

int pci_bus_numa_node(PCIBus *bus)
{
    return -1; /* no machine, no nodes */
}

bool pci_bus_bypass_iommu(PCIBus *bus)
{
    return false;
}

bool pci_is_vf(const PCIDevice *dev)
{
    return false; /* a client cannot be given more functions than it connects to */
}

uint16_t pci_requester_id(PCIDevice *dev)
{
    return PCI_BUILD_BDF(pci_dev_bus_num(dev), dev->devfn);
}

bool pci_is_express_downstream_port(const PCIDevice *d)
{
    uint8_t type;

    if (!pci_is_express(d) || !d->exp.exp_cap) {
        return false;
    }
    type = pcie_cap_get_type(d);
    return type == PCI_EXP_TYPE_DOWNSTREAM || type == PCI_EXP_TYPE_ROOT_PORT;
}

/* ---- attaching ---- */

static bool slot_allowed(const PCIBus *bus, int slot)
{
    return !(bus->slot_reserved_mask & (1u << slot))
           && (slot == 0 || !bus->parent_dev || !pci_is_express_downstream_port(bus->parent_dev));
}

static int free_devfn(const PCIBus *bus)
{
    for (int devfn = ROUND_UP(bus->devfn_min, PCI_FUNC_MAX); devfn < PCI_DEVFN_MAX;
         devfn += PCI_FUNC_MAX) {
        if (!bus->devices[devfn] && slot_allowed(bus, PCI_SLOT(devfn))) {
            return devfn;
        }
    }
    return -1;
}

static bool choose_devfn(PCIBus *bus, PCIDevice *dev, Error **errp)
{
    if (dev->devfn < 0) {
        dev->devfn = free_devfn(bus);
        if (dev->devfn < 0) {
            error_setg(errp, "bus '%s' has no free slot for '%s'", BUS(bus)->name, dev->name);
            return false;
        }
        return true;
    }
    if (dev->devfn >= PCI_DEVFN_MAX || bus->devices[dev->devfn]) {
        error_setg(errp, "addr=%x.%x on bus '%s' is taken%s%s: choose another for '%s'",
                   PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn), BUS(bus)->name,
                   dev->devfn < PCI_DEVFN_MAX ? " by " : "",
                   dev->devfn < PCI_DEVFN_MAX ? bus->devices[dev->devfn]->name : "", dev->name);
        return false;
    }
    if (!slot_allowed(bus, PCI_SLOT(dev->devfn))) {
        error_setg(errp, "slot %x of bus '%s' cannot be used: a link has slot 0 only",
                   PCI_SLOT(dev->devfn), BUS(bus)->name);
        return false;
    }
    return true;
}

/* Function 0 says for the whole slot whether others are looked for. */
static bool check_multifunction(PCIBus *bus, PCIDevice *dev, Error **errp)
{
    int slot = dev->devfn & ~(PCI_FUNC_MAX - 1);
    PCIDevice *f0 = bus->devices[slot];

    if (dev->cap_present & QEMU_PCI_CAP_MULTIFUNCTION) {
        dev->config[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MULTI_FUNCTION;
    }
    if (PCI_FUNC(dev->devfn)) {
        if (f0 && !(f0->cap_present & QEMU_PCI_CAP_MULTIFUNCTION)) {
            error_setg(errp, "function 0 of slot %x is a single-function device: give '%s' "
                       "multifunction=on", PCI_SLOT(dev->devfn), f0->name);
            return false;
        }
        return true;
    }
    if (dev->cap_present & QEMU_PCI_CAP_MULTIFUNCTION) {
        return true;
    }
    for (int fn = 1; fn < PCI_FUNC_MAX; fn++) {
        if (bus->devices[slot + fn]) {
            error_setg(errp, "slot %x has other functions already: '%s' needs multifunction=on",
                       PCI_SLOT(dev->devfn), dev->name);
            return false;
        }
    }
    return true;
}

bool pci_bus_attach(PCIBus *bus, PCIDevice *dev, Error **errp)
{
    if (!choose_devfn(bus, dev, errp) || !check_multifunction(bus, dev, errp)) {
        return false;
    }
    bus->devices[dev->devfn] = dev;
    return true;
}

void pci_bus_detach(PCIBus *bus, PCIDevice *dev)
{
    if (dev->devfn >= 0 && bus->devices[dev->devfn] == dev) {
        bus->devices[dev->devfn] = NULL;
    }
}

/* ---- making buses ---- */

static void root_init(PCIBus *bus, MemoryRegion *mem, MemoryRegion *io, uint8_t devfn_min)
{
    bus->flags |= PCI_BUS_IS_ROOT;
    bus->devfn_min = devfn_min;
    bus->address_space_mem = mem;
    bus->address_space_io = io;
    QLIST_INIT(&bus->child);
}

void pci_root_bus_init(PCIBus *bus, size_t bus_size, DeviceState *parent, const char *name,
                       MemoryRegion *mem, MemoryRegion *io, uint8_t devfn_min,
                       const char *typename)
{
    qbus_init(bus, bus_size, typename, parent, name);
    root_init(bus, mem, io, devfn_min);
}

PCIBus *pci_root_bus_new(DeviceState *parent, const char *name, MemoryRegion *mem,
                         MemoryRegion *io, uint8_t devfn_min, const char *typename)
{
    PCIBus *bus = PCI_BUS(qbus_new(typename, parent, name));

    root_init(bus, mem, io, devfn_min);
    return bus;
}

void pci_root_bus_cleanup(PCIBus *bus)
{
    pci_bus_irqs_cleanup(bus);
    object_unparent(OBJECT(bus));
}

void pci_bus_init_secondary(PCIBus *bus, size_t size, PCIDevice *bridge, const char *typename,
                            const char *name)
{
    PCIBus *above = pci_get_bus(bridge);

    qbus_init(bus, size, typename, DEVICE(bridge), name);
    bus->parent_dev = bridge;
    bus->address_space_mem = above->address_space_mem;
    bus->address_space_io = above->address_space_io;
    bus->isol_as_mem = above->isol_as_mem;
    bus->isol_as_io = above->isol_as_io;
    if (pci_bus_is_express(bus)) {
        bus->flags |= PCI_BUS_EXTENDED_CONFIG_SPACE;
    }
    QLIST_INIT(&bus->child);
    QLIST_INSERT_HEAD(&above->child, bus, sibling);
}

void pci_bus_exit_secondary(PCIBus *bus)
{
    QLIST_REMOVE(bus, sibling);
}

MemoryRegion *pci_address_space(PCIDevice *dev)
{
    return pci_get_bus(dev)->address_space_mem;
}

MemoryRegion *pci_address_space_io(PCIDevice *dev)
{
    return pci_get_bus(dev)->address_space_io;
}

/* ---- the type ---- */

static char *bus_dev_path(DeviceState *dev)
{
    PCIDevice *d = PCI_DEVICE(dev);
    GString *path = g_string_new(NULL);

    for (PCIDevice *at = d; at; at = pci_get_bus(at)->parent_dev) {
        g_autofree char *hop = g_strdup_printf(":%02x.%x", PCI_SLOT(at->devfn),
                                               PCI_FUNC(at->devfn));

        g_string_prepend(path, hop);
    }
    g_string_prepend(path, "0000:00");
    return g_string_free(path, FALSE);
}

static void describe_bar(const PCIDevice *d, int i, int indent, GString *out)
{
    const PCIIORegion *r = &d->io_regions[i];

    g_string_append_printf(out, "%*sbar %d: %s at 0x%" PRIx64 " [0x%" PRIx64 "]\n", indent, "", i,
                           r->type & PCI_BASE_ADDRESS_SPACE_IO ? "i/o" : "mem", r->addr,
                           r->addr + (r->size - 1));
}

static void bus_describe_dev(DeviceState *dev, int indent, GString *out)
{
    PCIDevice *d = PCI_DEVICE(dev);
    uint16_t class = pci_get_word(d->config + PCI_CLASS_DEVICE);
    const char *name = pci_class_name(class);
    g_autofree char *number = g_strdup_printf("Class %04x", class);

    g_string_append_printf(out, "%*sclass %s, addr %02x:%02x.%x, pci id %04x:%04x "
                           "(sub %04x:%04x)\n", indent, "", name ? name : number,
                           pci_dev_bus_num(d), PCI_SLOT(d->devfn), PCI_FUNC(d->devfn),
                           pci_get_word(d->config + PCI_VENDOR_ID),
                           pci_get_word(d->config + PCI_DEVICE_ID),
                           pci_get_word(d->config + PCI_SUBSYSTEM_VENDOR_ID),
                           pci_get_word(d->config + PCI_SUBSYSTEM_ID));
    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        if (d->io_regions[i].size) {
            describe_bar(d, i, indent, out);
        }
    }
}

static char *bus_fw_dev_path(DeviceState *dev)
{
    PCIDevice *d = PCI_DEVICE(dev);
    const char *name = qdev_fw_name(dev);

    return PCI_FUNC(d->devfn)
               ? g_strdup_printf("%s@%x,%x", name, PCI_SLOT(d->devfn), PCI_FUNC(d->devfn))
               : g_strdup_printf("%s@%x", name, PCI_SLOT(d->devfn));
}

/* The devices' own resets have run: the core's part for each function on the bus. */
static void bus_reset(BusState *qbus)
{
    PCIBus *bus = PCI_BUS(qbus);

    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        if (bus->devices[i] && !bus->devices[i]->resetting) {
            pci_core_reset(bus->devices[i], true);
        }
    }
}

static void bus_class_init(ObjectClass *klass, void *data)
{
    BusClass *bc = BUS_CLASS(klass);
    HotplugHandlerClass *hc = HOTPLUG_HANDLER_CLASS(klass);

    bc->describe_dev = bus_describe_dev;
    bc->get_dev_path = bus_dev_path;
    bc->get_fw_dev_path = bus_fw_dev_path;
    bc->reset = bus_reset;
    ((PCIBusClass *)klass)->bus_num = bus_num_of;
    /* The consent of a guest is asked for by the client, which owns the slot. */
    hc->unplug = qdev_simple_device_unplug_cb;
}

/* Set here and not by property: the bus is not in the object tree yet. A borrowed pointer. */
static void bus_instance_init(Object *obj)
{
    BUS(obj)->hotplug_handler = (HotplugHandler *)obj;
}

static void bus_finalize(Object *obj)
{
    pci_bus_irqs_cleanup((PCIBus *)obj);
}

static const TypeInfo bus_types[] = {
    {
        .name = INTERFACE_CONVENTIONAL_PCI_DEVICE,
        .parent = TYPE_INTERFACE,
    },
    {
        .name = INTERFACE_PCIE_DEVICE,
        .parent = TYPE_INTERFACE,
    },
    {
        .name = INTERFACE_CXL_DEVICE,
        .parent = TYPE_INTERFACE,
    },
    {
        .name = TYPE_PCI_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(PCIBus),
        .instance_init = bus_instance_init,
        .instance_finalize = bus_finalize,
        .class_size = sizeof(PCIBusClass),
        .class_init = bus_class_init,
        .interfaces = (const InterfaceInfo[]) { { TYPE_HOTPLUG_HANDLER }, { } },
    },
    {
        .name = TYPE_PCIE_BUS,
        .parent = TYPE_PCI_BUS,
    },
};
DEFINE_TYPES(bus_types)
