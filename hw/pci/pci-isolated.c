/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root bus of an isolation domain.
 *
 * It brings its own memory and I/O space, in which the BARs of the functions
 * on it and below its bridges are decoded. Two domains cannot see each other's
 * BARs even when both clients program the same address, because no space
 * contains both. Within a domain the spaces are bookkeeping: a client's access
 * goes by (function, BAR, offset), a device's DMA by the function's own
 * bus-master space (bus-master.c); what an operator allows between functions
 * of one domain looks BARs up here.
 */
#include "qemu/osdep.h"
#include "exec/ioport.h"
#include "internal.h"

typedef struct PCIIsolatedRoot {
    MemoryRegion mem;
    MemoryRegion io;
    AddressSpace as_mem;
    AddressSpace as_io;
} PCIIsolatedRoot;

PCIBus *pci_isolated_root_new(DeviceState *parent, const char *name, bool express)
{
    PCIIsolatedRoot *root = g_new0(PCIIsolatedRoot, 1);
    PCIBus *bus;

    /* Without an owner: the regions live exactly as long as the bus. */
    memory_region_init(&root->mem, NULL, "isolated memory", UINT64_MAX);
    memory_region_init(&root->io, NULL, "isolated I/O", MAX_IOPORTS);
    address_space_init(&root->as_mem, &root->mem, name);
    address_space_init(&root->as_io, &root->io, name);
    bus = pci_root_bus_new(parent, name, &root->mem, &root->io, 0,
                           express ? TYPE_PCIE_BUS : TYPE_PCI_BUS);
    bus->isol_as_mem = &root->as_mem;
    bus->isol_as_io = &root->as_io;
    bus->isolated = root;
    if (express) {
        bus->flags |= PCI_BUS_EXTENDED_CONFIG_SPACE;
    }
    return bus;
}

void pci_isolated_root_free(PCIBus *bus)
{
    PCIIsolatedRoot *root = bus->isolated;

    pci_root_bus_cleanup(bus); /* takes the functions on it along */
    address_space_destroy(&root->as_mem);
    address_space_destroy(&root->as_io);
    object_unref(&root->mem);
    object_unref(&root->io);
    g_free(root);
}

AddressSpace *pci_isol_as_mem(PCIDevice *dev)
{
    return pci_get_bus(dev)->isol_as_mem;
}

AddressSpace *pci_isol_as_io(PCIDevice *dev)
{
    return pci_get_bus(dev)->isol_as_io;
}
