/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extended capability list, which begins at offset 0x100 and is linked by
 * rising order of addition, and the small capabilities on it.
 */
#include "qemu/osdep.h"
#include "internal.h"

#define EXT_FIRST PCI_CONFIG_SPACE_SIZE
#define EXT_MAX ((PCIE_CONFIG_SPACE_SIZE - EXT_FIRST) / 4)

static uint32_t header_at(const PCIDevice *dev, uint16_t offset)
{
    return pci_get_long(dev->config + offset);
}

/* 0 when absent; *last is the end of the chain, 0 when there is none at all. */
static uint16_t find_ext(const PCIDevice *dev, uint16_t cap_id, uint16_t *last)
{
    uint16_t at = EXT_FIRST;

    *last = 0;
    if (!pci_is_express(dev) || !header_at(dev, at)) {
        return 0;
    }
    for (int i = 0; at >= EXT_FIRST && i < EXT_MAX; i++) {
        if (PCI_EXT_CAP_ID(header_at(dev, at)) == cap_id) {
            return at;
        }
        *last = at;
        at = PCI_EXT_CAP_NEXT(header_at(dev, at));
    }
    return 0;
}

uint16_t pcie_find_capability(PCIDevice *dev, uint16_t cap_id)
{
    uint16_t last;

    return find_ext(dev, cap_id, &last);
}

/* 0xffff is no capability, so the search runs to the end of the chain. */
static uint16_t chain_end(const PCIDevice *dev)
{
    uint16_t last;

    find_ext(dev, 0xffff, &last);
    return last;
}

void pcie_add_capability(PCIDevice *dev, uint16_t cap_id, uint8_t cap_ver, uint16_t offset,
                         uint16_t size)
{
    uint16_t tail = chain_end(dev);

    g_assert(pci_is_express(dev) && offset >= EXT_FIRST && !(offset & 3) && size >= 4
             && size <= PCIE_CONFIG_SPACE_SIZE - offset);
    g_assert(tail || offset == EXT_FIRST);
    if (tail) {
        uint32_t header = header_at(dev, tail) & ~(uint32_t)PCI_EXT_CAP_NEXT_MASK;

        pci_set_long(dev->config + tail, header | (uint32_t)offset << PCI_EXT_CAP_NEXT_SHIFT);
    }
    memset(dev->config + offset, 0, size);
    pci_set_long(dev->config + offset, PCI_EXT_CAP(cap_id, cap_ver, 0));
    memset(dev->wmask + offset, 0, size);
    memset(dev->w1cmask + offset, 0, size);
    memset(dev->cmask + offset, 0xff, size);
    memset(dev->used + offset, 0xff, size);
    dev->exp.ext_tail = offset;
}

/* The next function in the chain of an ARI device: none, each is served by itself. */
void pcie_ari_init(PCIDevice *dev, uint16_t offset)
{
    pcie_add_capability(dev, PCI_EXT_CAP_ID_ARI, PCI_ARI_VER, offset, PCI_ARI_SIZEOF);
}

void pcie_dev_ser_num_init(PCIDevice *dev, uint16_t offset, uint64_t ser_num)
{
    pcie_add_capability(dev, PCI_EXT_CAP_ID_DSN, PCI_DSN_VER, offset, PCI_DSN_SIZEOF);
    pci_set_quad(dev->config + offset + PCI_DSN_CAP, ser_num);
}

void pcie_ats_init(PCIDevice *dev, uint16_t offset, bool aligned)
{
    pcie_add_capability(dev, PCI_EXT_CAP_ID_ATS, 1, offset, PCI_EXT_CAP_ATS_SIZEOF);
    dev->exp.ats_cap = offset;
    pci_set_word(dev->config + offset + PCI_ATS_CAP, aligned ? PCI_ATS_CAP_PAGE_ALIGNED : 0);
    pci_set_word(dev->wmask + offset + PCI_ATS_CTRL, PCI_ATS_CTRL_ENABLE | 0x1f);
}

/* Ports enforce; a function among several only redirects. */
void pcie_acs_init(PCIDevice *dev, uint16_t offset)
{
    bool port = pci_is_express_downstream_port(dev);
    uint16_t bits = port ? PCI_ACS_SV | PCI_ACS_TB | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF
                               | PCI_ACS_DT
                         : PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_DT;

    pcie_add_capability(dev, PCI_EXT_CAP_ID_ACS, PCI_ACS_VER, offset, PCI_ACS_SIZEOF);
    dev->exp.acs_cap = offset;
    pci_set_word(dev->config + offset + PCI_ACS_CAP, bits);
    pci_set_word(dev->wmask + offset + PCI_ACS_CTRL, bits);
}

void pcie_acs_reset(PCIDevice *dev)
{
    if (dev->exp.acs_cap) {
        pci_set_word(dev->config + dev->exp.acs_cap + PCI_ACS_CTRL, 0);
    }
}
