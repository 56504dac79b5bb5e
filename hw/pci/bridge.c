/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The base of all bridges: a function with a bus behind it. What it does not
 * do is told in hw/pci/pci_bridge.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "hw/pci/pci_bridge.h"
#include "internal.h"

PCIDevice *pci_bridge_get_device(PCIBus *bus)
{
    return bus->parent_dev;
}

PCIBus *pci_bridge_get_sec_bus(PCIBridge *br)
{
    return &br->sec_bus;
}

void pci_bridge_map_irq(PCIBridge *br, const char *bus_name, pci_map_irq_fn map_irq)
{
    br->map_irq = map_irq;
    br->bus_name = bus_name;
}

/* ---- windows: what the registers say, for those who ask ---- */

static pcibus_t io_window(const PCIDevice *d, unsigned reg, unsigned upper)
{
    pcibus_t base = (pcibus_t)(pci_get_byte(d->config + reg) & PCI_IO_RANGE_MASK) << 8;

    return base | (pcibus_t)pci_get_word(d->config + upper) << 16;
}

static pcibus_t mem_window(const PCIDevice *d, unsigned reg)
{
    return (pcibus_t)(pci_get_word(d->config + reg) & PCI_MEMORY_RANGE_MASK) << 16;
}

pcibus_t pci_bridge_get_base(const PCIDevice *bridge, uint8_t type)
{
    if (type & PCI_BASE_ADDRESS_SPACE_IO) {
        return io_window(bridge, PCI_IO_BASE, PCI_IO_BASE_UPPER16);
    }
    if (type & PCI_BASE_ADDRESS_MEM_PREFETCH) {
        return mem_window(bridge, PCI_PREF_MEMORY_BASE)
               | (pcibus_t)pci_get_long(bridge->config + PCI_PREF_BASE_UPPER32) << 32;
    }
    return mem_window(bridge, PCI_MEMORY_BASE);
}

/* Inclusive: the bits that a limit register lacks are ones. */
pcibus_t pci_bridge_get_limit(const PCIDevice *bridge, uint8_t type)
{
    if (type & PCI_BASE_ADDRESS_SPACE_IO) {
        return io_window(bridge, PCI_IO_LIMIT, PCI_IO_LIMIT_UPPER16) | 0xfff;
    }
    if (type & PCI_BASE_ADDRESS_MEM_PREFETCH) {
        return mem_window(bridge, PCI_PREF_MEMORY_LIMIT) | 0xfffff
               | (pcibus_t)pci_get_long(bridge->config + PCI_PREF_LIMIT_UPPER32) << 32;
    }
    return mem_window(bridge, PCI_MEMORY_LIMIT) | 0xfffff;
}

/* BARs below are decoded whatever the windows say: there is nothing to move. */
void pci_bridge_update_mappings(PCIBridge *br)
{
}

void pci_bridge_disable_base_limit(PCIDevice *dev)
{
    pci_byte_test_and_set_mask(dev->config + PCI_IO_BASE, PCI_IO_RANGE_MASK & 0xff);
    pci_byte_test_and_clear_mask(dev->config + PCI_IO_LIMIT, PCI_IO_RANGE_MASK & 0xff);
    pci_word_test_and_set_mask(dev->config + PCI_MEMORY_BASE, PCI_MEMORY_RANGE_MASK & 0xffff);
    pci_word_test_and_clear_mask(dev->config + PCI_MEMORY_LIMIT, PCI_MEMORY_RANGE_MASK & 0xffff);
    pci_word_test_and_set_mask(dev->config + PCI_PREF_MEMORY_BASE, PCI_PREF_RANGE_MASK & 0xffff);
    pci_word_test_and_clear_mask(dev->config + PCI_PREF_MEMORY_LIMIT,
                                 PCI_PREF_RANGE_MASK & 0xffff);
    pci_set_long(dev->config + PCI_PREF_BASE_UPPER32, 0);
    pci_set_long(dev->config + PCI_PREF_LIMIT_UPPER32, 0);
}

void pci_bridge_write_config(PCIDevice *d, uint32_t address, uint32_t val, int len)
{
    uint16_t before = pci_get_word(d->config + PCI_BRIDGE_CONTROL);
    uint16_t after;

    pci_default_write_config(d, address, val, len);
    after = pci_get_word(d->config + PCI_BRIDGE_CONTROL);
    if (~before & after & PCI_BRIDGE_CTL_BUS_RESET) {
        pci_bus_reset(&PCI_BRIDGE(d)->sec_bus);
    }
}

void pci_bridge_reset(DeviceState *qdev)
{
    PCIDevice *dev = PCI_DEVICE(qdev);

    pci_set_long(dev->config + PCI_PRIMARY_BUS, 0);
    pci_bridge_disable_base_limit(dev);
    pci_set_word(dev->config + PCI_BRIDGE_CONTROL, 0);
}

static const char *secondary_name(PCIBridge *br)
{
    const char *id = DEVICE(br)->id;

    return br->bus_name ? br->bus_name : id && *id ? id : NULL;
}

void pci_bridge_initfn(PCIDevice *pci_dev, const char *typename)
{
    PCIBridge *br = PCI_BRIDGE(pci_dev);

    pci_set_word(pci_dev->config + PCI_STATUS, PCI_STATUS_66MHZ | PCI_STATUS_FAST_BACK);
    pci_config_set_class(pci_dev->config, PCI_CLASS_BRIDGE_PCI);
    pci_set_word(pci_dev->config + PCI_SEC_STATUS, PCI_STATUS_66MHZ | PCI_STATUS_FAST_BACK);
    pci_bus_init_secondary(&br->sec_bus, sizeof(br->sec_bus), pci_dev, typename,
                           secondary_name(br));
    br->sec_bus.map_irq = br->map_irq ? br->map_irq : pci_swizzle_map_irq_fn;
    memory_region_init(&br->address_space_mem, OBJECT(br), "pci_bridge_pci", UINT64_MAX);
    memory_region_init(&br->address_space_io, OBJECT(br), "pci_bridge_io", 4 * GiB);
}

/* The bus itself is unparented by qdev; its devices are gone by now. */
void pci_bridge_exitfn(PCIDevice *pci_dev)
{
    pci_bus_exit_secondary(&PCI_BRIDGE(pci_dev)->sec_bus);
}

static const TypeInfo pci_bridge_info = {
    .name = TYPE_PCI_BRIDGE,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(PCIBridge),
    .abstract = true,
};

static void pci_bridge_register_types(void)
{
    type_register_static(&pci_bridge_info);
}

type_init(pci_bridge_register_types)
