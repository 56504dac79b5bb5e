/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of a PCI bus; a model that only sits on one needs pci.h alone.
 *
 * Locking: the lock of the isolation domain that the root bus belongs to.
 */
#ifndef HW_PCI_PCI_BUS_H
#define HW_PCI_PCI_BUS_H

#include "hw/pci/pci.h"

struct PCIBusClass {
    BusClass parent_class;

    int (*bus_num)(PCIBus *bus);
    uint16_t (*numa_node)(PCIBus *bus);
};

enum PCIBusFlags {
    PCI_BUS_IS_ROOT = 0x0001,
    PCI_BUS_EXTENDED_CONFIG_SPACE = 0x0002,
    PCI_BUS_CXL = 0x0004,
};

#define PCI_NO_PASID UINT32_MAX

struct PCIBus {
    BusState qbus;
    enum PCIBusFlags flags;
    uint8_t devfn_min; /* first devfn handed out without addr= */
    uint32_t slot_reserved_mask;
    PCIDevice *devices[PCI_DEVFN_MAX]; /* not owned */
    PCIDevice *parent_dev;             /* the bridge, NULL for a root */

    /* The root's spaces; a bus below a bridge has the same ones. */
    MemoryRegion *address_space_mem;
    MemoryRegion *address_space_io;
    AddressSpace *isol_as_mem;
    AddressSpace *isol_as_io;
    struct PCIIsolatedRoot *isolated; /* private to pci-isolated.c */

    QLIST_HEAD(, PCIBus) child;
    QLIST_ENTRY(PCIBus) sibling;

    /* pci_bus_irqs(): a machine that routes pins itself, besides the sinks */
    pci_set_irq_fn set_irq;
    pci_map_irq_fn map_irq;
    void *irq_opaque;
    int nirq;
    int *irq_count;
};

static inline bool pci_bus_is_cxl(PCIBus *bus)
{
    return bus->flags & PCI_BUS_CXL;
}

static inline bool pci_bus_allows_extended_config_space(PCIBus *bus)
{
    return bus->flags & PCI_BUS_EXTENDED_CONFIG_SPACE;
}

#endif
