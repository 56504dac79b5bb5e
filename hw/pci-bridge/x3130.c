/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Switch ports after Texas Instruments' XIO3130: one upstream port, and
 * downstream ports on the bus behind it.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "hw/qdev-properties.h"
#include "port-common.h"

static const PortLayout upstream_layout = {
    .exp_type = PCI_EXP_TYPE_UPSTREAM,
    .ssvid_offset = 0x80,
    .exp_offset = 0x90,
    .aer_offset = 0x100,
};

static const PortLayout downstream_layout = {
    .exp_type = PCI_EXP_TYPE_DOWNSTREAM,
    .ssvid_offset = 0x80,
    .exp_offset = 0x90,
    .aer_offset = 0x100,
    .acs_offset = 0x100 + PCI_ERR_SIZEOF,
};

static void upstream_realize(PCIDevice *d, Error **errp)
{
    port_realize(d, &upstream_layout, errp);
}

static void downstream_realize(PCIDevice *d, Error **errp)
{
    PCIDevice *above = pci_get_bus(d)->parent_dev;

    if (!above || !pci_is_express(above) || !above->exp.exp_cap
        || pcie_cap_get_type(above) != PCI_EXP_TYPE_UPSTREAM) {
        error_setg(errp, "a downstream port sits behind an upstream port: give bus= of one");
        return;
    }
    port_realize(d, &downstream_layout, errp);
}

static void set_class(ObjectClass *klass, uint16_t device_id, const char *desc)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    pc->exit = port_unrealize;
    pc->config_write = port_write_config;
    pc->vendor_id = PCI_VENDOR_ID_TI;
    pc->device_id = device_id;
    pc->class_id = PCI_CLASS_BRIDGE_PCI;
    dc->desc = desc;
    dc->reset = port_reset;
    dc->vmsd = &vmstate_port;
    dc->user_creatable = true;
    set_bit(DEVICE_CATEGORY_BRIDGE, dc->categories);
}

static void upstream_class_init(ObjectClass *klass, void *data)
{
    PCI_DEVICE_CLASS(klass)->realize = upstream_realize;
    set_class(klass, PCI_DEVICE_ID_TI_XIO3130U, "upstream port of a PCI Express switch");
}

static void downstream_class_init(ObjectClass *klass, void *data)
{
    PCI_DEVICE_CLASS(klass)->realize = downstream_realize;
    set_class(klass, PCI_DEVICE_ID_TI_XIO3130D, "downstream port of a PCI Express switch");
}

static const TypeInfo x3130_types[] = {
    {
        .name = "x3130-upstream",
        .parent = TYPE_PCIE_PORT,
        .instance_size = sizeof(PCIEPort),
        .class_init = upstream_class_init,
        .interfaces = (const InterfaceInfo[]) { { INTERFACE_PCIE_DEVICE }, { } },
    },
    {
        .name = "xio3130-downstream",
        .parent = TYPE_PCIE_SLOT,
        .instance_size = sizeof(PCIESlot),
        .class_init = downstream_class_init,
        .interfaces = (const InterfaceInfo[]) { { INTERFACE_PCIE_DEVICE }, { } },
    },
};
DEFINE_TYPES(x3130_types)
