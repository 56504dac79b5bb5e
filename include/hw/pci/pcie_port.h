/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express ports: bridges whose secondary bus is a link. See pci_bridge.h
 * for what a bridge means in this process.
 */
#ifndef HW_PCI_PCIE_PORT_H
#define HW_PCI_PCIE_PORT_H

#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"

#define TYPE_PCIE_PORT "pcie-port"
DECLARE_INSTANCE_CHECKER(PCIEPort, PCIE_PORT, TYPE_PCIE_PORT)

struct PCIEPort {
    PCIBridge parent_obj;

    uint8_t port;
};

void pcie_port_init_reg(PCIDevice *d);
PCIDevice *pcie_find_port_by_pn(PCIBus *bus, uint8_t pn);
PCIDevice *pcie_find_port_first(PCIBus *bus);
int pcie_count_ds_ports(PCIBus *bus);

#define TYPE_PCIE_SLOT "pcie-slot"
DECLARE_INSTANCE_CHECKER(PCIESlot, PCIE_SLOT, TYPE_PCIE_SLOT)

struct PCIESlot {
    PCIEPort parent_obj;

    uint8_t chassis;
    uint16_t slot;
    PCIExpLinkSpeed speed;
    PCIExpLinkWidth width;
    bool disable_acs;
    bool hotplug;
    bool chassis_taken;
};

/*
 * Slot numbers are unique within (domain, chassis). -EBUSY when taken. The
 * set is that of the root bus of the slot, so that domains do not meet.
 */
void pcie_chassis_create(uint8_t chassis_number);
int pcie_chassis_add_slot(PCIESlot *slot);
void pcie_chassis_del_slot(PCIESlot *s);

#define TYPE_PCIE_ROOT_PORT "pcie-root-port-base"
typedef struct PCIERootPortClass PCIERootPortClass;
DECLARE_CLASS_CHECKERS(PCIERootPortClass, PCIE_ROOT_PORT, TYPE_PCIE_ROOT_PORT)

struct PCIERootPortClass {
    PCIDeviceClass parent_class;
    DeviceRealize parent_realize;
    DeviceReset parent_reset;

    uint8_t (*aer_vector)(const PCIDevice *dev);
    int (*interrupts_init)(PCIDevice *dev, Error **errp);
    void (*interrupts_uninit)(PCIDevice *dev);

    int exp_offset;
    int aer_offset;
    int ssvid_offset;
    int acs_offset;
    int ssid;
};

#endif
