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
} FunctionCopy;

static PciDeviceInfoList *query_bus(PCIBus *bus);

static void copy_function(PCIDevice *dev, FunctionCopy *copy)
{
    AIO_CONTEXT_GUARD(qdev_get_aio_context(DEVICE(dev)));

    memcpy(copy->config, dev->config, sizeof(copy->config));
    memcpy(copy->regions, dev->io_regions, sizeof(copy->regions));
}

static PciDeviceClass *query_class(const FunctionCopy *copy)
{
    PciDeviceClass *info = g_new0(PciDeviceClass, 1);

    info->q_class = pci_get_word(copy->config + PCI_CLASS_DEVICE);
    info->desc = g_strdup(pci_class_name(info->q_class));
    return info;
}

static bool is_bridge(const FunctionCopy *copy)
{
    return (copy->config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE;
}

static PciDeviceId *query_id(const FunctionCopy *copy)
{
    PciDeviceId *info = g_new0(PciDeviceId, 1);

    info->device = pci_get_word(copy->config + PCI_DEVICE_ID);
    info->vendor = pci_get_word(copy->config + PCI_VENDOR_ID);
    if (!is_bridge(copy)) {
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

static PciMemoryRange *query_window(PCIDevice *bridge, uint8_t type)
{
    PciMemoryRange *range = g_new0(PciMemoryRange, 1);
    AIO_CONTEXT_GUARD(qdev_get_aio_context(DEVICE(bridge)));

    range->base = pci_bridge_get_base(bridge, type);
    range->limit = pci_bridge_get_limit(bridge, type);
    return range;
}

static PciBridgeInfo *query_bridge(PCIDevice *dev, const FunctionCopy *copy)
{
    PciBridgeInfo *info = g_new0(PciBridgeInfo, 1);

    info->bus = g_new0(PciBusInfo, 1);
    info->bus->number = copy->config[PCI_PRIMARY_BUS];
    info->bus->secondary = copy->config[PCI_SECONDARY_BUS];
    info->bus->subordinate = copy->config[PCI_SUBORDINATE_BUS];
    info->bus->io_range = query_window(dev, PCI_BASE_ADDRESS_SPACE_IO);
    info->bus->memory_range = query_window(dev, PCI_BASE_ADDRESS_SPACE_MEMORY);
    info->bus->prefetchable_range = query_window(dev, PCI_BASE_ADDRESS_SPACE_MEMORY |
                                                      PCI_BASE_ADDRESS_MEM_PREFETCH);
    info->devices = query_bus(pci_bridge_get_sec_bus(PCI_BRIDGE(dev)));
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
    info->id = query_id(&copy);
    info->irq_pin = copy.config[PCI_INTERRUPT_PIN];
    info->has_irq = info->irq_pin != 0;
    info->irq = info->has_irq ? copy.config[PCI_INTERRUPT_LINE] : 0;
    info->qdev_id = g_strdup(DEVICE(dev)->id ? DEVICE(dev)->id : "");
    info->regions = query_regions(&copy);
    if (object_dynamic_cast(OBJECT(dev), TYPE_PCI_BRIDGE)) {
        info->pci_bridge = query_bridge(dev, &copy);
    }
    return info;
}

static int bus_number(PCIBus *bus)
{
    AIO_CONTEXT_GUARD(qbus_get_aio_context(BUS(bus)));

    return pci_bus_num(bus);
}

static PciDeviceInfoList *query_bus(PCIBus *bus)
{
    PciDeviceInfoList *list = NULL, **tail = &list;
    int number = bus_number(bus);

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

    info->bus = bus_number(bus);
    info->devices = query_bus(bus);
    info->domain = g_strdup(domain);
    return info;
}
