/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What root, upstream and downstream ports do alike when they come, are reset and go. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "migration/vmstate.h"
#include "port-common.h"

static PCIESlot *slot_of(PCIDevice *d)
{
    return (PCIESlot *)object_dynamic_cast(OBJECT(d), TYPE_PCIE_SLOT);
}

/* x-speed and x-width: what the port could do; the link itself stays at its slowest. */
static void show_link(PCIDevice *d, const PCIESlot *s)
{
    uint8_t *cap = d->config + d->exp.exp_cap;

    if (!s->speed || !s->width) {
        return;
    }
    pci_set_long_by_mask(cap + PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_SLS, s->speed);
    pci_set_long_by_mask(cap + PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_MLW, s->width);
    pci_set_long(cap + PCI_EXP_LNKCAP2, ((1u << s->speed) - 1) << 1);
    pci_set_word_by_mask(cap + PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS, s->speed);
}

static bool add_slot(PCIDevice *d, Error **errp)
{
    PCIESlot *s = slot_of(d);

    if (!s) {
        return true;
    }
    if (pcie_chassis_add_slot(s) < 0) {
        error_setg(errp, "slot=%u is taken in chassis=%u of this root complex", s->slot,
                   s->chassis);
        return false;
    }
    show_link(d, s);
    pcie_cap_slot_init(d, s);
    qbus_set_hotplug_handler(BUS(pci_bridge_get_sec_bus(PCI_BRIDGE(d))), OBJECT(d));
    return true;
}

static bool add_capabilities(PCIDevice *d, const PortLayout *layout, Error **errp)
{
    if (pci_bridge_ssvid_init(d, layout->ssvid_offset, layout->svid, layout->ssid, errp) < 0
        || pcie_cap_init(d, layout->exp_offset, layout->exp_type, PCIE_PORT(d)->port, errp) < 0) {
        return false;
    }
    pcie_cap_deverr_init(d);
    pcie_cap_lnkctl_init(d);
    pcie_cap_arifwd_init(d);
    if (!add_slot(d, errp)) {
        return false;
    }
    if (pcie_aer_init(d, PCI_ERR_VER, layout->aer_offset, PCI_ERR_SIZEOF, errp) < 0) {
        return false;
    }
    if (layout->exp_type == PCI_EXP_TYPE_ROOT_PORT) {
        pcie_cap_root_init(d);
        pcie_aer_root_init(d);
    }
    if (layout->acs_offset && !(slot_of(d) && slot_of(d)->disable_acs)) {
        pcie_acs_init(d, layout->acs_offset);
    }
    return true;
}

bool port_realize(PCIDevice *d, const PortLayout *layout, Error **errp)
{
    pci_config_set_interrupt_pin(d->config, 1);
    pci_bridge_initfn(d, TYPE_PCIE_BUS);
    pcie_port_init_reg(d);
    if (!add_capabilities(d, layout, errp)) {
        port_unrealize(d);
        return false;
    }
    return true;
}

void port_unrealize(PCIDevice *d)
{
    if (slot_of(d)) {
        pcie_chassis_del_slot(slot_of(d));
    }
    pcie_aer_exit(d);
    pcie_cap_exit(d);
    pci_bridge_exitfn(d);
}

void port_reset(DeviceState *qdev)
{
    PCIDevice *d = PCI_DEVICE(qdev);

    pci_bridge_reset(qdev);
    pcie_cap_deverr_reset(d);
    pcie_cap_lnkctl_reset(d);
    pcie_cap_arifwd_reset(d);
    pcie_acs_reset(d);
    if (pcie_cap_get_type(d) == PCI_EXP_TYPE_ROOT_PORT) {
        pcie_cap_root_reset(d);
        pcie_aer_root_reset(d);
    }
    if (slot_of(d)) {
        pcie_cap_slot_reset(d);
    }
}

void port_write_config(PCIDevice *d, uint32_t address, uint32_t val, int len)
{
    uint16_t slot_ctl;
    uint16_t slt_sta;

    pcie_cap_slot_get(d, &slot_ctl, &slt_sta);
    pci_bridge_write_config(d, address, val, len);
    if (slot_of(d)) {
        pcie_cap_slot_write_config(d, slot_ctl, slt_sta, address, val, len);
    }
    pcie_aer_write_config(d, address, val, len);
}

static int port_post_load(void *opaque, int version_id)
{
    return slot_of(opaque) ? pcie_cap_slot_post_load(opaque, version_id) : 0;
}

/* All ports begin with the function, whichever their own struct is. */
const VMStateDescription vmstate_port = {
    .name = "pcie-port",
    .priority = MIG_PRI_PCI_BUS,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = port_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj.parent_obj, PCIEPort),
        VMSTATE_STRUCT(parent_obj.parent_obj.exp.aer_log, PCIEPort, 0, vmstate_pcie_aer_log,
                       PCIEAERLog),
        VMSTATE_END_OF_LIST()
    },
};
