/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions as query-pci shows them. Which functions there are is settled in
 * the main context; what their registers say is copied with their domain
 * entered, a header and seven regions at a time.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/query.h"
#include "internal.h"

typedef struct FunctionCopy {
    uint8_t config[PCI_CONFIG_HEADER_SIZE];
    PCIIORegion regions[PCI_NUM_REGIONS];
    PciMemoryRange io, memory, prefetchable;    /* of a bridge */
} FunctionCopy;

static PciDeviceInfoList *query_bus(PCIBus *bus, int number);

static bool is_bridge(const PCIDevice *dev)
{
    return object_dynamic_cast(OBJECT(dev), TYPE_PCI_BRIDGE) != NULL;
}

static PciMemoryRange window(const PCIDevice *bridge, uint8_t type)
{
    return (PciMemoryRange) { .base = pci_bridge_get_base(bridge, type),
                              .limit = pci_bridge_get_limit(bridge, type) };
}

static void copy_function(PCIDevice *dev, FunctionCopy *copy)
{
    AIO_CONTEXT_VISIT(qdev_get_aio_context(DEVICE(dev)));

    memcpy(copy->config, dev->config, sizeof(copy->config));
    memcpy(copy->regions, dev->io_regions, sizeof(copy->regions));
    if (is_bridge(dev)) {
        copy->io = window(dev, PCI_BASE_ADDRESS_SPACE_IO);
        copy->memory = window(dev, PCI_BASE_ADDRESS_SPACE_MEMORY);
        copy->prefetchable = window(dev, PCI_BASE_ADDRESS_SPACE_MEMORY |
                                         PCI_BASE_ADDRESS_MEM_PREFETCH);
    }
}

static PciDeviceClass *query_class(const FunctionCopy *copy)
{
    PciDeviceClass *info = g_new0(PciDeviceClass, 1);

    info->q_class = pci_get_word(copy->config + PCI_CLASS_DEVICE);
    info->desc = g_strdup(pci_class_name(info->q_class));
    return info;
}

static PciDeviceId *query_id(const PCIDevice *dev, const FunctionCopy *copy)
{
    PciDeviceId *info = g_new0(PciDeviceId, 1);

    info->device = pci_get_word(copy->config + PCI_DEVICE_ID);
    info->vendor = pci_get_word(copy->config + PCI_VENDOR_ID);
    if (!is_bridge(dev)) {
        info->has_subsystem = info->has_subsystem_vendor = true;
        info->subsystem = pci_get_word(copy->config + PCI_SUBSYSTEM_ID);
        info->subsystem_vendor = pci_get_word(copy->config + PCI_SUBSYSTEM_VENDOR_ID);
    }
    return info;
}

static PciMemoryRegion *query_region(const PCIIORegion *r, int bar)
{
    PciMemoryRegion *info = g_new0(PciMemoryRegion, 1);
    bool io = r->type & PCI_BASE_ADDRESS_SPACE_IO;

    info->bar = bar;
    info->type = g_strdup(io ? "io" : "memory");
    info->address = r->addr;
    info->size = r->size;
    if (!io) {
        info->has_prefetch = info->has_mem_type_64 = true;
        info->prefetch = r->type & PCI_BASE_ADDRESS_MEM_PREFETCH;
        info->mem_type_64 = r->type & PCI_BASE_ADDRESS_MEM_TYPE_64;
    }
    return info;
}

static PciMemoryRegionList *query_regions(const FunctionCopy *copy)
{
    PciMemoryRegionList *list = NULL, **tail = &list;

    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        if (copy->regions[i].size) {
            QAPI_LIST_APPEND(tail, query_region(&copy->regions[i], i));
        }
    }
    return list;
}

static PciBridgeInfo *query_bridge(PCIDevice *dev, const FunctionCopy *copy)
{
    PciBridgeInfo *info = g_new0(PciBridgeInfo, 1);

    info->bus = g_new0(PciBusInfo, 1);
    info->bus->number = copy->config[PCI_PRIMARY_BUS];
    info->bus->secondary = copy->config[PCI_SECONDARY_BUS];
    info->bus->subordinate = copy->config[PCI_SUBORDINATE_BUS];
    info->bus->io_range = g_memdup2(&copy->io, sizeof(copy->io));
    info->bus->memory_range = g_memdup2(&copy->memory, sizeof(copy->memory));
    info->bus->prefetchable_range = g_memdup2(&copy->prefetchable, sizeof(copy->prefetchable));
    info->devices = query_bus(pci_bridge_get_sec_bus(PCI_BRIDGE(dev)), info->bus->secondary);
    info->has_devices = info->devices != NULL;
    return info;
}

static PciDeviceInfo *query_function(PCIDevice *dev, int bus_num)
{
    PciDeviceInfo *info = g_new0(PciDeviceInfo, 1);
    FunctionCopy copy;

    copy_function(dev, &copy);
    info->bus = bus_num;
    info->slot = PCI_SLOT(dev->devfn);
    info->function = PCI_FUNC(dev->devfn);
    info->class_info = query_class(&copy);
    info->id = query_id(dev, &copy);
    info->irq_pin = copy.config[PCI_INTERRUPT_PIN];
    info->has_irq = info->irq_pin != 0;
    info->irq = info->has_irq ? copy.config[PCI_INTERRUPT_LINE] : 0;
    info->qdev_id = g_strdup(DEVICE(dev)->id ? DEVICE(dev)->id : "");
    info->regions = query_regions(&copy);
    if (is_bridge(dev)) {
        info->pci_bridge = query_bridge(dev, &copy);
    }
    return info;
}

static PciDeviceInfoList *query_bus(PCIBus *bus, int number)
{
    PciDeviceInfoList *list = NULL, **tail = &list;

    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        if (bus->devices[i]) {
            QAPI_LIST_APPEND(tail, query_function(bus->devices[i], number));
        }
    }
    return list;
}

PciInfo *pci_query_root_bus(PCIBus *bus, const char *domain)
{
    PciInfo *info = g_new0(PciInfo, 1);

    info->bus = 0;              /* root buses are 0, and no register says so */
    info->devices = query_bus(bus, info->bus);
    info->domain = g_strdup(domain);
    return info;
}
