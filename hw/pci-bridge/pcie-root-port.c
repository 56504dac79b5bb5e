/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A generic PCI Express root port: one link below the root of a domain. With
 * the firmware hints (bus-reserve= ...) of its model.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "migration/vmstate.h"
#include "port-common.h"

#define TYPE_GEN_ROOT_PORT "pcie-root-port"
OBJECT_DECLARE_SIMPLE_TYPE(GenRootPort, GEN_ROOT_PORT)

struct GenRootPort {
    PCIESlot parent_obj;

    PCIResReserve reserve;
};

static void root_port_realize(PCIDevice *d, Error **errp)
{
    PCIERootPortClass *rpc = PCIE_ROOT_PORT_GET_CLASS(d);
    PortLayout layout = {
        .exp_type = PCI_EXP_TYPE_ROOT_PORT,
        .ssvid_offset = rpc->ssvid_offset,
        .exp_offset = rpc->exp_offset,
        .aer_offset = rpc->aer_offset,
        .acs_offset = rpc->acs_offset,
        .svid = PCI_DEVICE_GET_CLASS(d)->vendor_id,
        .ssid = rpc->ssid,
    };

    if (!pci_bus_is_express(pci_get_bus(d)) || !pci_bus_is_root(pci_get_bus(d))) {
        error_setg(errp, "a root port sits on an express root bus, not on '%s'",
                   BUS(pci_get_bus(d))->name);
        return;
    }
    port_realize(d, &layout, errp);
}

static void root_port_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    pc->realize = root_port_realize;
    pc->exit = port_unrealize;
    pc->config_write = port_write_config;
    dc->reset = port_reset;
    set_bit(DEVICE_CATEGORY_BRIDGE, dc->categories);
}

static void gen_realize(DeviceState *dev, Error **errp)
{
    PCIERootPortClass *rpc = PCIE_ROOT_PORT_GET_CLASS(dev);
    PCIDevice *d = PCI_DEVICE(dev);
    Error *local_err = NULL;

    rpc->parent_realize(dev, &local_err);
    if (!local_err
        && pci_bridge_qemu_reserve_cap_init(d, 0, GEN_ROOT_PORT(dev)->reserve, &local_err) < 0) {
        DEVICE_GET_CLASS(dev)->unrealize(dev);
    }
    error_propagate(errp, local_err);
}

static const Property gen_props[] = {
    DEFINE_PROP_UINT32("bus-reserve", GenRootPort, reserve.bus, -1),
    DEFINE_PROP_SIZE("io-reserve", GenRootPort, reserve.io, -1),
    DEFINE_PROP_SIZE("mem-reserve", GenRootPort, reserve.mem_non_pref, -1),
    DEFINE_PROP_SIZE("pref32-reserve", GenRootPort, reserve.mem_pref_32, -1),
    DEFINE_PROP_SIZE("pref64-reserve", GenRootPort, reserve.mem_pref_64, -1),
    DEFINE_PROP_PCIE_LINK_SPEED("x-speed", PCIESlot, speed, QEMU_PCI_EXP_LNK_16GT),
    DEFINE_PROP_PCIE_LINK_WIDTH("x-width", PCIESlot, width, QEMU_PCI_EXP_LNK_X32),
    DEFINE_PROP_END_OF_LIST()
};

static void gen_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    PCIERootPortClass *rpc = (PCIERootPortClass *)klass;

    pc->vendor_id = PCI_VENDOR_ID_REDHAT;
    pc->device_id = PCI_DEVICE_ID_REDHAT_PCIE_RP;
    pc->class_id = PCI_CLASS_BRIDGE_PCI;
    dc->desc = "PCI Express root port";
    dc->user_creatable = true;
    dc->vmsd = &vmstate_port;
    device_class_set_props(dc, gen_props);
    device_class_set_parent_realize(dc, gen_realize, &rpc->parent_realize);
    rpc->ssvid_offset = 0x40;
    rpc->exp_offset = 0x54;
    rpc->aer_offset = 0x100;
    rpc->acs_offset = 0x100 + PCI_ERR_SIZEOF;
}

static const TypeInfo root_port_types[] = {
    {
        .name = TYPE_PCIE_ROOT_PORT,
        .parent = TYPE_PCIE_SLOT,
        .instance_size = sizeof(PCIESlot),
        .abstract = true,
        .class_size = sizeof(PCIERootPortClass),
        .class_init = root_port_class_init,
        .interfaces = (const InterfaceInfo[]) { { INTERFACE_PCIE_DEVICE }, { } },
    },
    {
        .name = TYPE_GEN_ROOT_PORT,
        .parent = TYPE_PCIE_ROOT_PORT,
        .instance_size = sizeof(GenRootPort),
        .class_init = gen_class_init,
    },
};
DEFINE_TYPES(root_port_types)
