/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single-root I/O virtualization, refused. A client connects to one function
 * over one socket; there is no way to tell it that a write to the physical
 * function's registers made more of them, and no socket on which they would be.
 * So pcie_sriov_pf_init() says once that the device runs without virtual
 * functions and adds no capability: a guest finds none to enable, and the
 * queries below answer for a device that has none.
 */
#ifndef HW_PCI_PCIE_SRIOV_H
#define HW_PCI_PCIE_SRIOV_H

#include "hw/pci/pci.h"

void pcie_sriov_pf_init(PCIDevice *dev, uint16_t offset, const char *vfname, uint16_t vf_dev_id,
                        uint16_t init_vfs, uint16_t total_vfs, uint16_t vf_offset,
                        uint16_t vf_stride);
void pcie_sriov_pf_exit(PCIDevice *dev);
void pcie_sriov_pf_init_vf_bar(PCIDevice *dev, int region_num, uint8_t type, dma_addr_t size);
void pcie_sriov_pf_add_sup_pgsize(PCIDevice *dev, uint16_t opt_sup_pgsize);
void pcie_sriov_pf_disable_vfs(PCIDevice *dev);
void pcie_sriov_config_write(PCIDevice *dev, uint32_t address, uint32_t val, int len);
/* For virtual functions: a device of such a type is an ordinary function here. */
void pcie_sriov_vf_register_bar(PCIDevice *dev, int region_num, MemoryRegion *memory);
uint16_t pcie_sriov_vf_number(PCIDevice *dev);
PCIDevice *pcie_sriov_get_pf(PCIDevice *dev);
PCIDevice *pcie_sriov_get_vf_at_index(PCIDevice *dev, int n);
uint16_t pcie_sriov_num_vfs(PCIDevice *dev);

#endif
