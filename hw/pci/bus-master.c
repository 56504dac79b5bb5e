/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The space a function's DMA goes through: its own, keyed by nothing but the
 * object, and empty until whoever serves the function puts the client's memory
 * into it. COMMAND.MASTER, power and D-state open and close it as a whole.
 *
 *     bus_master_as -> container -> enable region (the gate) -> DMA region
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "internal.h"

void pci_bus_master_init(PCIDevice *dev)
{
    memory_region_init(&dev->bus_master_container_region, OBJECT(dev), "bus master container",
                       UINT64_MAX);
    memory_region_init(&dev->bus_master_enable_region, OBJECT(dev), "bus master", UINT64_MAX);
    memory_region_set_enabled(&dev->bus_master_enable_region, false);
    memory_region_add_subregion(&dev->bus_master_container_region, 0,
                                &dev->bus_master_enable_region);
    address_space_init(&dev->bus_master_as, &dev->bus_master_container_region, dev->name);
    address_space_set_initiator(&dev->bus_master_as, &DEVICE(dev)->mem_reentrancy_guard);
    dev->bus_master_as.max_bounce_buffer_size = dev->max_bounce_buffer_size;
}

void pci_bus_master_exit(PCIDevice *dev)
{
    pci_device_set_dma_region(dev, NULL);
    memory_region_del_subregion(&dev->bus_master_container_region,
                                &dev->bus_master_enable_region);
    address_space_destroy(&dev->bus_master_as);
    object_unparent(OBJECT(&dev->bus_master_enable_region));
    object_unparent(OBJECT(&dev->bus_master_container_region));
}

void pci_bus_master_update(PCIDevice *dev)
{
    uint16_t cmd = pci_get_word(dev->config + PCI_COMMAND);

    dev->is_master = (cmd & PCI_COMMAND_MASTER) && dev->has_power && pci_in_d0(dev);
    memory_region_set_enabled(&dev->bus_master_enable_region, dev->is_master);
}

void pci_device_set_dma_region(PCIDevice *dev, MemoryRegion *mr)
{
    memory_region_transaction_begin();
    if (dev->dma_region) {
        memory_region_del_subregion(&dev->bus_master_enable_region, dev->dma_region);
    }
    dev->dma_region = mr;
    if (mr) {
        memory_region_add_subregion(&dev->bus_master_enable_region, 0, mr);
    }
    memory_region_transaction_commit();
}

AddressSpace *pci_device_iommu_address_space(PCIDevice *dev)
{
    return &dev->bus_master_as;
}

void pci_setup_iommu(PCIBus *bus, const PCIIOMMUOps *ops, void *opaque)
{
    error_report_once("bus '%s': a DMA space chosen by bus and devfn is not supported, because "
                      "every function has its own", BUS(bus)->name);
}

MemTxResult pci_dma_rw(PCIDevice *dev, dma_addr_t addr, void *buf, dma_addr_t len,
                       DMADirection dir, MemTxAttrs attrs)
{
    return dma_memory_rw(&dev->bus_master_as, addr, buf, len, dir, attrs);
}

DMARequest *pci_dma_rw_async(PCIDevice *dev, dma_addr_t addr, void *buf, dma_addr_t len,
                             DMADirection dir, MemoryRegionDMADone *done, void *opaque)
{
    return dma_memory_rw_async(&dev->bus_master_as, addr, buf, len, dir, MEMTXATTRS_UNSPECIFIED,
                               done, opaque);
}
