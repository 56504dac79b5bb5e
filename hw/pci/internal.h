/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of hw/pci share about a function and its bus. All under the domain lock. */
#ifndef HW_PCI_INTERNAL_H
#define HW_PCI_INTERNAL_H

#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"

/* bus.c: false and errp set when devfn (-1: any) cannot be had. */
bool pci_bus_attach(PCIBus *bus, PCIDevice *dev, Error **errp);
void pci_bus_detach(PCIBus *bus, PCIDevice *dev);
/* bus.c: for a bus below a bridge, which shares everything with the one above. */
void pci_bus_init_secondary(PCIBus *bus, size_t size, PCIDevice *bridge, const char *typename,
                            const char *name);
void pci_bus_exit_secondary(PCIBus *bus);
/* irq.c: dev's pin now counts delta more towards the root's routed interrupt. */
void pci_bus_route_pin(PCIDevice *dev, int delta);

/* config.c */
void pci_config_alloc(PCIDevice *dev);
void pci_config_free(PCIDevice *dev);
void pci_config_init_masks(PCIDevice *dev);
/* Everything that follows from COMMAND and the power state. */
void pci_config_apply_command(PCIDevice *dev);
/* Puts back what the client could have changed; header_only: not the device's own registers. */
void pci_config_restore(PCIDevice *dev, bool header_only);
bool pci_in_d0(const PCIDevice *dev);

/* bar.c */
void pci_unmap_bars(PCIDevice *dev);
void pci_drop_bar_views(PCIDevice *dev);

/* bus-master.c */
void pci_bus_master_init(PCIDevice *dev);
void pci_bus_master_exit(PCIDevice *dev);
void pci_bus_master_update(PCIDevice *dev);

/* irq.c */
void pci_intx_update(PCIDevice *dev);

/* rom.c */
bool pci_add_option_rom(PCIDevice *dev, Error **errp);
void pci_del_option_rom(PCIDevice *dev);

/* class-names.c: NULL when there is no word for it */
const char *pci_class_name(uint16_t class);

/* reset.c: the core's own part of a reset; header_only: the model has had its turn */
void pci_core_reset(PCIDevice *dev, bool header_only);

/* pcie.c: FLR, when the write asked for it and the function has it */
void pcie_flr_check(PCIDevice *dev, uint32_t addr, int len);

/* true when [addr, addr+len) touches [reg, reg+size): config numbers, below 8192 */
static inline bool pci_touches(uint32_t addr, int len, uint32_t reg, uint32_t size)
{
    return addr < reg + size && reg < addr + (uint32_t)len;
}

#endif
