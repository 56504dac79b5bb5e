/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges: a function with a type 1 header and a secondary bus.
 *
 * A bridge in this process orders the devices of a domain and nothing more. A
 * client reaches a function by its socket, not through bus numbers and
 * windows, so that neither filters anything (isolation requirements, A-R5);
 * the registers are storage. Below a bridge a BAR is decoded in the spaces of
 * the root, and the DMA identity stays that of the endpoint.
 */
#ifndef HW_PCI_PCI_BRIDGE_H
#define HW_PCI_PCI_BRIDGE_H

#include "hw/pci/pci_device.h"
#include "hw/pci/pci_bus.h"

struct PCIBridge {
    PCIDevice parent_obj;

    PCIBus sec_bus;
    MemoryRegion address_space_mem; /* present for the device API, not in any tree */
    MemoryRegion address_space_io;
    const char *bus_name;
    pci_map_irq_fn map_irq;
    bool pcie_writeable_slt_bug;
};

#define TYPE_PCI_BRIDGE "base-pci-bridge"
DECLARE_INSTANCE_CHECKER(PCIBridge, PCI_BRIDGE, TYPE_PCI_BRIDGE)

#define PCI_BRIDGE_DEV_PROP_CHASSIS_NR "chassis_nr"
#define PCI_BRIDGE_DEV_PROP_MSI "msi"
#define PCI_BRIDGE_DEV_PROP_SHPC "shpc"

int pci_bridge_ssvid_init(PCIDevice *dev, uint8_t offset, uint16_t svid, uint16_t ssid,
                          Error **errp);
PCIDevice *pci_bridge_get_device(PCIBus *bus);
PCIBus *pci_bridge_get_sec_bus(PCIBridge *br);
pcibus_t pci_bridge_get_base(const PCIDevice *bridge, uint8_t type);
pcibus_t pci_bridge_get_limit(const PCIDevice *bridge, uint8_t type);
void pci_bridge_update_mappings(PCIBridge *br);
void pci_bridge_write_config(PCIDevice *d, uint32_t address, uint32_t val, int len);
void pci_bridge_disable_base_limit(PCIDevice *dev);
void pci_bridge_reset(DeviceState *qdev);
void pci_bridge_initfn(PCIDevice *pci_dev, const char *typename);
void pci_bridge_exitfn(PCIDevice *pci_dev);
void pci_bridge_map_irq(PCIBridge *br, const char *bus_name, pci_map_irq_fn map_irq);

#define PCI_BRIDGE_CTL_PRI_DISCARD 0x0100
#define PCI_BRIDGE_CTL_SEC_DISCARD 0x0200
#define PCI_BRIDGE_CTL_DISCARD_STATUS 0x0400
#define PCI_BRIDGE_CTL_DISCARD_SERR 0x0800
#define PCI_BRIDGE_CTL_VGA_16BIT 0x10

/* What firmware should keep free behind a bridge; -1: say nothing. */
typedef struct PCIResReserve {
    uint32_t bus;
    uint64_t io;
    uint64_t mem_non_pref;
    uint64_t mem_pref_32;
    uint64_t mem_pref_64;
} PCIResReserve;

#define REDHAT_PCI_CAP_RESOURCE_RESERVE 1

int pci_bridge_qemu_reserve_cap_init(PCIDevice *dev, int cap_offset, PCIResReserve res_reserve,
                                     Error **errp);

#endif
