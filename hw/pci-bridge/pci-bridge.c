/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges to a conventional bus: from a conventional bus (pci-bridge) and from
 * PCI Express (pcie-pci-bridge). They order devices; the standard hot-plug
 * controller is left out, because no guest ever sees these slots.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "hw/pci/msi.h"
#include "hw/pci/slotid_cap.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "hw/pci/pci_bridge.h"

typedef struct ConventionalBridge {
    PCIBridge parent_obj;

    uint8_t chassis_nr;
    bool msi;
} ConventionalBridge;

#define TYPE_PCI_BRIDGE_DEV "pci-bridge"
#define TYPE_PCIE_PCI_BRIDGE_DEV "pcie-pci-bridge"

/* Both types have this struct: the cast is checked against the common parent. */
static ConventionalBridge *conventional(PCIDevice *dev)
{
    return (ConventionalBridge *)PCI_BRIDGE(dev);
}

static void bridge_exit(PCIDevice *dev)
{
    msi_uninit(dev);
    slotid_cap_cleanup(dev);
    pcie_aer_exit(dev);
    pcie_cap_exit(dev);
    pci_bridge_exitfn(dev);
}

static void pci_bridge_dev_realize(PCIDevice *dev, Error **errp)
{
    ConventionalBridge *b = conventional(dev);
    Error *local_err = NULL;

    pci_bridge_initfn(dev, TYPE_PCI_BUS);
    pci_config_set_interrupt_pin(dev->config, 1);
    if (b->chassis_nr) {
        slotid_cap_init(dev, 0, b->chassis_nr, 0, &local_err);
    }
    if (!local_err && b->msi) {
        msi_init(dev, 0, 1, true, true, &local_err);
    }
    if (local_err) {
        bridge_exit(dev);
        error_propagate(errp, local_err);
    }
}

static void pcie_pci_bridge_realize(PCIDevice *dev, Error **errp)
{
    ConventionalBridge *b = conventional(dev);
    Error *local_err = NULL;

    pci_bridge_initfn(dev, TYPE_PCI_BUS);
    pci_config_set_interrupt_pin(dev->config, 1);
    if (pcie_cap_init(dev, 0, PCI_EXP_TYPE_PCI_BRIDGE, 0, &local_err) >= 0
        && pci_pm_init(dev, 0, &local_err) >= 0) {
        pcie_cap_deverr_init(dev);
        pcie_aer_init(dev, PCI_ERR_VER, 0x100, PCI_ERR_SIZEOF, &local_err);
    }
    if (!local_err && b->msi) {
        msi_init(dev, 0, 1, true, true, &local_err);
    }
    if (local_err) {
        bridge_exit(dev);
        error_propagate(errp, local_err);
    }
}

static const VMStateDescription vmstate_bridge = {
    .name = "pci-bridge",
    .priority = MIG_PRI_PCI_BUS,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, PCIBridge),
        VMSTATE_END_OF_LIST()
    },
};

static const Property bridge_props[] = {
    DEFINE_PROP_UINT8(PCI_BRIDGE_DEV_PROP_CHASSIS_NR, ConventionalBridge, chassis_nr, 0),
    DEFINE_PROP_BOOL(PCI_BRIDGE_DEV_PROP_MSI, ConventionalBridge, msi, true),
    DEFINE_PROP_END_OF_LIST()
};

static void set_class(ObjectClass *klass, uint16_t device_id, const char *desc)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    pc->exit = bridge_exit;
    pc->config_write = pci_bridge_write_config;
    pc->vendor_id = PCI_VENDOR_ID_REDHAT;
    pc->device_id = device_id;
    pc->class_id = PCI_CLASS_BRIDGE_PCI;
    dc->desc = desc;
    dc->reset = pci_bridge_reset;
    dc->vmsd = &vmstate_bridge;
    dc->user_creatable = true;
    device_class_set_props(dc, bridge_props);
    set_bit(DEVICE_CATEGORY_BRIDGE, dc->categories);
}

static void pci_bridge_dev_class_init(ObjectClass *klass, void *data)
{
    PCI_DEVICE_CLASS(klass)->realize = pci_bridge_dev_realize;
    set_class(klass, PCI_DEVICE_ID_REDHAT_BRIDGE, "conventional PCI bridge");
}

static void pcie_pci_bridge_class_init(ObjectClass *klass, void *data)
{
    PCI_DEVICE_CLASS(klass)->realize = pcie_pci_bridge_realize;
    set_class(klass, PCI_DEVICE_ID_REDHAT_PCIE_BRIDGE, "PCI Express to PCI bridge");
}

static const TypeInfo bridge_types[] = {
    {
        .name = TYPE_PCI_BRIDGE_DEV,
        .parent = TYPE_PCI_BRIDGE,
        .instance_size = sizeof(ConventionalBridge),
        .class_init = pci_bridge_dev_class_init,
        .interfaces = (const InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
    },
    {
        .name = TYPE_PCIE_PCI_BRIDGE_DEV,
        .parent = TYPE_PCI_BRIDGE,
        .instance_size = sizeof(ConventionalBridge),
        .class_init = pcie_pci_bridge_class_init,
        .interfaces = (const InterfaceInfo[]) { { INTERFACE_PCIE_DEVICE }, { } },
    },
};
DEFINE_TYPES(bridge_types)
