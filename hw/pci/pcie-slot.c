/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slot registers of downstream ports, and hot plug below them.
 *
 * A guest sees the slots of its own machine, never these: no client can reach
 * a server's port. A device may therefore come and go below a port without a
 * dialogue; presence is shown, nothing is signalled.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/pcie_port.h"
#include "internal.h"

static uint8_t *cap(const PCIDevice *dev)
{
    return dev->config + dev->exp.exp_cap;
}

void pcie_cap_slot_init(PCIDevice *dev, PCIESlot *s)
{
    uint32_t sltcap = (uint32_t)s->slot << PCI_EXP_SLTCAP_PSN_SHIFT | PCI_EXP_SLTCAP_EIP
                      | PCI_EXP_SLTCAP_PIP | PCI_EXP_SLTCAP_AIP | PCI_EXP_SLTCAP_ABP;

    if (s->hotplug) {
        sltcap |= PCI_EXP_SLTCAP_HPS | PCI_EXP_SLTCAP_HPC;
    }
    if (dev->cap_present & QEMU_PCIE_SLTCAP_PCP) {
        sltcap |= PCI_EXP_SLTCAP_PCP;
    }
    pci_word_test_and_set_mask(cap(dev) + PCI_EXP_FLAGS, PCI_EXP_FLAGS_SLOT);
    pci_long_test_and_set_mask(cap(dev) + PCI_EXP_SLTCAP, sltcap);
    pci_set_word(dev->wmask + dev->exp.exp_cap + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_SUPPORTED | PCI_EXP_SLTCTL_PIC);
    pci_set_word(dev->w1cmask + dev->exp.exp_cap + PCI_EXP_SLTSTA, PCI_EXP_HP_EV_SUPPORTED);
    pci_word_test_and_clear_mask(dev->cmask + dev->exp.exp_cap + PCI_EXP_SLTSTA,
                                 PCI_EXP_SLTSTA_PDS);
}

static void show_presence(PCIDevice *port, bool present)
{
    uint8_t *sltsta = cap(port) + PCI_EXP_SLTSTA;

    if (!port->exp.exp_cap) {
        return;
    }
    if (present) {
        pci_word_test_and_set_mask(sltsta, PCI_EXP_SLTSTA_PDS);
    } else {
        pci_word_test_and_clear_mask(sltsta, PCI_EXP_SLTSTA_PDS);
    }
}

void pcie_cap_slot_reset(PCIDevice *dev)
{
    PCIBus *sec = pci_bridge_get_sec_bus(PCI_BRIDGE(dev));

    pci_set_word(cap(dev) + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_IND_OFF << 6 | PCI_EXP_SLTCTL_IND_OFF << 8);
    pci_word_test_and_clear_mask(cap(dev) + PCI_EXP_SLTSTA, PCI_EXP_HP_EV_SUPPORTED);
    show_presence(dev, sec->devices[0] != NULL);
}

void pcie_cap_slot_get(PCIDevice *dev, uint16_t *slot_ctl, uint16_t *slt_sta)
{
    *slot_ctl = pci_get_word(cap(dev) + PCI_EXP_SLTCTL);
    *slt_sta = pci_get_word(cap(dev) + PCI_EXP_SLTSTA);
}

void pcie_cap_slot_write_config(PCIDevice *dev, uint16_t old_slot_ctl, uint16_t old_slt_sta,
                                uint32_t addr, uint32_t val, int len)
{
    if (pci_touches(addr, len, dev->exp.exp_cap + PCI_EXP_SLTCTL, 2)) {
        /* Every command is done when it is given. */
        pci_word_test_and_set_mask(cap(dev) + PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_CC);
    }
}

int pcie_cap_slot_post_load(void *opaque, int version_id)
{
    pcie_cap_slot_reset(opaque);
    return 0;
}

void pcie_cap_slot_push_attention_button(PCIDevice *dev)
{
    pci_word_test_and_set_mask(cap(dev) + PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_ABP);
}

void pcie_cap_slot_pre_plug_cb(HotplugHandler *hotplug_dev, DeviceState *dev, Error **errp)
{
    PCIESlot *slot = PCIE_SLOT(hotplug_dev);

    if (dev->hotplugged && !slot->hotplug) {
        error_setg(errp, "port '%s' has hotplug=off", DEVICE(hotplug_dev)->id);
    }
}

void pcie_cap_slot_plug_cb(HotplugHandler *hotplug_dev, DeviceState *dev, Error **errp)
{
    show_presence(PCI_DEVICE(hotplug_dev), true);
}

static bool may_unplug(HotplugHandler *hotplug_dev, Error **errp)
{
    if (!PCIE_SLOT(hotplug_dev)->hotplug) {
        error_setg(errp, "port '%s' has hotplug=off", DEVICE(hotplug_dev)->id);
        return false;
    }
    return true;
}

/* At once: the caller takes the device out of the tree. */
void pcie_cap_slot_unplug_cb(HotplugHandler *hotplug_dev, DeviceState *dev, Error **errp)
{
    if (may_unplug(hotplug_dev, errp)) {
        qdev_simple_device_unplug_cb(hotplug_dev, dev, errp);
        show_presence(PCI_DEVICE(hotplug_dev), false);
    }
}

/* Nobody to ask: a request is granted when it is made. */
void pcie_cap_slot_unplug_request_cb(HotplugHandler *hotplug_dev, DeviceState *dev,
                                     Error **errp)
{
    if (may_unplug(hotplug_dev, errp)) {
        hotplug_handler_unplug(hotplug_dev, dev, errp);
        object_unparent(OBJECT(dev));
    }
}
