/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI Express capability of endpoints, ports and bridges (PCI Express Base 5.0,
 * 7.5.3). The link is a fiction of one lane at 2.5 GT/s: the real one is the
 * client's business, which rewrites these registers where they matter.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/pci/pcie_port.h"
#include "internal.h"

static uint8_t *cap(const PCIDevice *dev)
{
    return dev->config + dev->exp.exp_cap;
}

static uint8_t *cap_wmask(const PCIDevice *dev)
{
    return dev->wmask + dev->exp.exp_cap;
}

static uint8_t *cap_w1cmask(const PCIDevice *dev)
{
    return dev->w1cmask + dev->exp.exp_cap;
}

static void fill_common(PCIDevice *dev, uint8_t type, uint8_t port, uint8_t version)
{
    uint8_t *c = cap(dev);

    pci_set_word(c + PCI_EXP_FLAGS, type << PCI_EXP_FLAGS_TYPE_SHIFT | version);
    pci_set_long(c + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER);
    if (type == PCI_EXP_TYPE_RC_END) {
        return; /* part of the root complex: no link */
    }
    pci_set_long(c + PCI_EXP_LNKCAP, (uint32_t)port << PCI_EXP_LNKCAP_PN_SHIFT
                                         | PCI_EXP_LNKCAP_ASPM_L0S
                                         | QEMU_PCI_EXP_LNKCAP_MLW(QEMU_PCI_EXP_LNK_X1)
                                         | QEMU_PCI_EXP_LNK_2_5GT);
    pci_set_word(c + PCI_EXP_LNKSTA, QEMU_PCI_EXP_LNKSTA_NLW(QEMU_PCI_EXP_LNK_X1)
                                         | QEMU_PCI_EXP_LNK_2_5GT);
    if ((dev->cap_present & QEMU_PCIE_LNKSTA_DLLLA)
        && (type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM)) {
        pci_word_test_and_set_mask(c + PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_DLLLA);
    }
}

static int add(PCIDevice *dev, uint8_t offset, uint8_t type, uint8_t port, uint8_t version,
               Error **errp)
{
    uint8_t size = version == PCI_EXP_FLAGS_VER1 ? PCI_EXP_VER1_SIZEOF : PCI_EXP_VER2_SIZEOF;
    int at = pci_add_capability(dev, PCI_CAP_ID_EXP, offset, size, errp);

    if (at < 0) {
        return at;
    }
    dev->exp.exp_cap = at;
    fill_common(dev, type, port, version);
    return at;
}

int pcie_cap_init(PCIDevice *dev, uint8_t offset, uint8_t type, uint8_t port, Error **errp)
{
    int at;

    if (!pci_is_express(dev)) {
        error_setg(errp, "%s is not an express device", dev->name);
        return -EINVAL;
    }
    at = add(dev, offset, type, port, PCI_EXP_FLAGS_VER2, errp);
    if (at < 0) {
        return at;
    }
    pci_set_long(cap(dev) + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_EFF | PCI_EXP_DEVCAP2_EETLPP);
    pci_set_word(cap_wmask(dev) + PCI_EXP_DEVCTL2, PCI_EXP_DEVCTL2_EETLPPB);
    if (type != PCI_EXP_TYPE_RC_END) {
        pci_set_long(cap(dev) + PCI_EXP_LNKCAP2, PCI_EXP_LNKCAP2_SLS_2_5GB);
        pci_set_word(cap(dev) + PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS_2_5GT);
    }
    return at;
}

int pcie_cap_v1_init(PCIDevice *dev, uint8_t offset, uint8_t type, uint8_t port)
{
    return add(dev, offset, type, port, PCI_EXP_FLAGS_VER1, NULL);
}

static uint8_t endpoint_type(PCIDevice *dev)
{
    PCIBus *bus = pci_get_bus(dev);

    return pci_bus_is_express(bus) && pci_bus_is_root(bus) ? PCI_EXP_TYPE_RC_END
                                                           : PCI_EXP_TYPE_ENDPOINT;
}

int pcie_endpoint_cap_init(PCIDevice *dev, uint8_t offset)
{
    Error *local_err = NULL;
    int at = pcie_cap_init(dev, offset, endpoint_type(dev), 0, &local_err);

    if (at < 0) {
        error_report_err(local_err);
    }
    return at;
}

int pcie_endpoint_cap_v1_init(PCIDevice *dev, uint8_t offset)
{
    return pcie_cap_v1_init(dev, offset, endpoint_type(dev), 0);
}

void pcie_cap_exit(PCIDevice *dev)
{
    if (dev->exp.exp_cap) {
        pci_del_capability(dev, PCI_CAP_ID_EXP, PCI_EXP_VER2_SIZEOF);
        dev->exp.exp_cap = 0;
    }
}

void pcie_cap_v1_exit(PCIDevice *dev)
{
    if (dev->exp.exp_cap) {
        pci_del_capability(dev, PCI_CAP_ID_EXP, PCI_EXP_VER1_SIZEOF);
        dev->exp.exp_cap = 0;
    }
}

uint8_t pcie_cap_get_type(const PCIDevice *dev)
{
    return (pci_get_word(cap(dev) + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_TYPE)
           >> PCI_EXP_FLAGS_TYPE_SHIFT;
}

uint8_t pcie_cap_get_version(const PCIDevice *dev)
{
    return pci_get_word(cap(dev) + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_VERS;
}

void pcie_cap_flags_set_vector(PCIDevice *dev, uint8_t vector)
{
    pci_set_word_by_mask(cap(dev) + PCI_EXP_FLAGS, PCI_EXP_FLAGS_IRQ, vector);
}

uint8_t pcie_cap_flags_get_vector(PCIDevice *dev)
{
    return pci_get_word_by_mask(cap(dev) + PCI_EXP_FLAGS, PCI_EXP_FLAGS_IRQ);
}

#define DEVCTL_REPORTING                                                                          \
    (PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE)
#define DEVSTA_ERRORS                                                                             \
    (PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD)

void pcie_cap_deverr_init(PCIDevice *dev)
{
    pci_long_test_and_set_mask(cap(dev) + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER);
    pci_word_test_and_set_mask(cap_wmask(dev) + PCI_EXP_DEVCTL, DEVCTL_REPORTING);
    pci_word_test_and_set_mask(cap_w1cmask(dev) + PCI_EXP_DEVSTA, DEVSTA_ERRORS);
}

void pcie_cap_deverr_reset(PCIDevice *dev)
{
    pci_word_test_and_clear_mask(cap(dev) + PCI_EXP_DEVCTL, DEVCTL_REPORTING);
}

void pcie_cap_lnkctl_init(PCIDevice *dev)
{
    pci_word_test_and_set_mask(cap_wmask(dev) + PCI_EXP_LNKCTL,
                               PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES);
}

void pcie_cap_lnkctl_reset(PCIDevice *dev)
{
    pci_word_test_and_clear_mask(cap(dev) + PCI_EXP_LNKCTL,
                                 PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES);
}

#define RTCTL_ERRORS (PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE | PCI_EXP_RTCTL_SEFEE)

void pcie_cap_root_init(PCIDevice *dev)
{
    pci_set_word(cap_wmask(dev) + PCI_EXP_RTCTL, RTCTL_ERRORS);
}

void pcie_cap_root_reset(PCIDevice *dev)
{
    pci_word_test_and_clear_mask(cap(dev) + PCI_EXP_RTCTL, RTCTL_ERRORS);
}

void pcie_cap_arifwd_init(PCIDevice *dev)
{
    pci_long_test_and_set_mask(cap(dev) + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_ARI);
    pci_word_test_and_set_mask(cap_wmask(dev) + PCI_EXP_DEVCTL2, PCI_EXP_DEVCTL2_ARI);
}

void pcie_cap_arifwd_reset(PCIDevice *dev)
{
    pci_word_test_and_clear_mask(cap(dev) + PCI_EXP_DEVCTL2, PCI_EXP_DEVCTL2_ARI);
}

bool pcie_cap_is_arifwd_enabled(const PCIDevice *dev)
{
    return pci_is_express(dev) && dev->exp.exp_cap
           && (pci_get_word(cap(dev) + PCI_EXP_DEVCTL2) & PCI_EXP_DEVCTL2_ARI);
}

/* The upstream end of a link shows what the device below it has. */
void pcie_sync_bridge_lnk(PCIDevice *dev)
{
    PCIBridge *br = PCI_BRIDGE(dev);
    PCIDevice *below = pci_bridge_get_sec_bus(br)->devices[0];
    uint16_t lnksta;

    if (!below || !below->exp.exp_cap) {
        return;
    }
    lnksta = pci_get_word(cap(below) + PCI_EXP_LNKSTA);
    pci_set_word_by_mask(cap(dev) + PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW,
                         lnksta & (PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW));
}

/* ---- function level reset ---- */

void pcie_cap_flr_init(PCIDevice *dev)
{
    pci_long_test_and_set_mask(cap(dev) + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
    /* Writable so that the request can be seen; it is taken back at once and reads as zero. */
    pci_word_test_and_set_mask(cap_wmask(dev) + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
}

void pcie_flr_check(PCIDevice *dev, uint32_t addr, int len)
{
    uint8_t *devctl = cap(dev) + PCI_EXP_DEVCTL;

    if (!dev->exp.exp_cap || !pci_touches(addr, len, dev->exp.exp_cap + PCI_EXP_DEVCTL, 2)
        || !(pci_get_long(cap(dev) + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR)) {
        return;
    }
    if (!pci_word_test_and_clear_mask(devctl, PCI_EXP_DEVCTL_BCR_FLR)) {
        return;
    }
    if (dev->flr) {
        dev->flr(dev, dev->flr_opaque);
    } else {
        pci_device_reset(dev);
    }
}

void pcie_cap_flr_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len)
{
    pcie_flr_check(dev, addr, len);
}
