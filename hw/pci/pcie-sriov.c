/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why there are no virtual functions: hw/pci/pcie_sriov.h. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pcie_sriov.h"

void pcie_sriov_pf_init(PCIDevice *dev, uint16_t offset, const char *vfname, uint16_t vf_dev_id,
                        uint16_t init_vfs, uint16_t total_vfs, uint16_t vf_offset,
                        uint16_t vf_stride)
{
    warn_report_once("%s: SR-IOV is not available to clients that connect to one function; the "
                     "device runs without its %u virtual functions", dev->name, total_vfs);
}

/* Nothing was set up, so nothing is taken down, configured or enabled. */
void pcie_sriov_pf_exit(PCIDevice *dev)
{
}

void pcie_sriov_pf_init_vf_bar(PCIDevice *dev, int region_num, uint8_t type, dma_addr_t size)
{
}

void pcie_sriov_pf_add_sup_pgsize(PCIDevice *dev, uint16_t opt_sup_pgsize)
{
}

void pcie_sriov_pf_disable_vfs(PCIDevice *dev)
{
}

void pcie_sriov_config_write(PCIDevice *dev, uint32_t address, uint32_t val, int len)
{
}

void pcie_sriov_vf_register_bar(PCIDevice *dev, int region_num, MemoryRegion *memory)
{
    pci_register_bar(dev, region_num, PCI_BASE_ADDRESS_MEM_TYPE_64, memory);
}

uint16_t pcie_sriov_vf_number(PCIDevice *dev)
{
    return 0;
}

PCIDevice *pcie_sriov_get_pf(PCIDevice *dev)
{
    return NULL;
}

PCIDevice *pcie_sriov_get_vf_at_index(PCIDevice *dev, int n)
{
    return NULL;
}

uint16_t pcie_sriov_num_vfs(PCIDevice *dev)
{
    return 0;
}
