/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express ports and slots: base types of root, upstream and downstream
 * ports, and the uniqueness of slot numbers within a domain's chassis.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "hw/qdev-properties.h"
#include "hw/pci/pcie_port.h"
#include "internal.h"

void pcie_port_init_reg(PCIDevice *d)
{
    /* Unlike a conventional bridge, a port has neither 66 MHz nor fast back-to-back. */
    pci_set_word(d->config + PCI_STATUS, 0);
    pci_set_word(d->config + PCI_SEC_STATUS, 0);
    pci_word_test_and_clear_mask(d->wmask + PCI_BRIDGE_CONTROL,
                                 PCI_BRIDGE_CTL_MASTER_ABORT | PCI_BRIDGE_CTL_FAST_BACK
                                     | PCI_BRIDGE_CTL_PRI_DISCARD | PCI_BRIDGE_CTL_SEC_DISCARD
                                     | PCI_BRIDGE_CTL_DISCARD_STATUS
                                     | PCI_BRIDGE_CTL_DISCARD_SERR);
}

static PCIDevice *port_at(PCIBus *bus, int devfn)
{
    PCIDevice *d = bus->devices[devfn];

    return d && pci_is_express(d) && d->exp.exp_cap
                   && object_dynamic_cast(OBJECT(d), TYPE_PCIE_PORT)
               ? d : NULL;
}

PCIDevice *pcie_find_port_by_pn(PCIBus *bus, uint8_t pn)
{
    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        PCIDevice *d = port_at(bus, i);

        if (d && PCIE_PORT(d)->port == pn) {
            return d;
        }
    }
    return NULL;
}

PCIDevice *pcie_find_port_first(PCIBus *bus)
{
    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        PCIDevice *d = port_at(bus, i);

        if (d) {
            return d;
        }
    }
    return NULL;
}

int pcie_count_ds_ports(PCIBus *bus)
{
    int count = 0;

    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        PCIDevice *d = port_at(bus, i);

        count += d && pci_is_express_downstream_port(d);
    }
    return count;
}

/* ---- chassis: the set of slots is the tree below the domain's root itself ---- */

typedef struct SlotQuery {
    PCIESlot *asking;
    bool taken;
} SlotQuery;

static void compare_slot(PCIBus *bus, PCIDevice *d, void *opaque)
{
    SlotQuery *q = opaque;
    PCIESlot *s = (PCIESlot *)object_dynamic_cast(OBJECT(d), TYPE_PCIE_SLOT);

    if (s && s != q->asking && s->chassis_taken && s->chassis == q->asking->chassis
        && s->slot == q->asking->slot) {
        q->taken = true;
    }
}

static void *compare_bus(PCIBus *bus, void *opaque)
{
    pci_for_each_device_under_bus(bus, compare_slot, opaque);
    return opaque;
}

void pcie_chassis_create(uint8_t chassis_number)
{
    /* A chassis is nothing but the slots that name it. */
}

int pcie_chassis_add_slot(PCIESlot *slot)
{
    SlotQuery q = { .asking = slot };

    pci_for_each_bus_depth_first(pci_device_root_bus(PCI_DEVICE(slot)), compare_bus, NULL, &q);
    if (q.taken) {
        return -EBUSY;
    }
    slot->chassis_taken = true;
    return 0;
}

void pcie_chassis_del_slot(PCIESlot *s)
{
    s->chassis_taken = false;
}

/* ---- types ---- */

static const Property port_props[] = {
    DEFINE_PROP_UINT8("port", PCIEPort, port, 0),
    DEFINE_PROP_UINT16("aer_log_max", PCIEPort, parent_obj.parent_obj.exp.aer_log.log_max,
                       PCIE_AER_LOG_MAX_DEFAULT),
    DEFINE_PROP_END_OF_LIST()
};

static void port_class_init(ObjectClass *oc, void *data)
{
    device_class_set_props(DEVICE_CLASS(oc), port_props);
}

static const Property slot_props[] = {
    DEFINE_PROP_UINT8("chassis", PCIESlot, chassis, 0),
    DEFINE_PROP_UINT16("slot", PCIESlot, slot, 0),
    DEFINE_PROP_BOOL("hotplug", PCIESlot, hotplug, true),
    DEFINE_PROP_END_OF_LIST()
};

static void slot_class_init(ObjectClass *oc, void *data)
{
    HotplugHandlerClass *hc = HOTPLUG_HANDLER_CLASS(oc);

    device_class_set_props(DEVICE_CLASS(oc), slot_props);
    hc->pre_plug = pcie_cap_slot_pre_plug_cb;
    hc->plug = pcie_cap_slot_plug_cb;
    hc->unplug = pcie_cap_slot_unplug_cb;
}

static const TypeInfo port_types[] = {
    {
        .name = TYPE_PCIE_PORT,
        .parent = TYPE_PCI_BRIDGE,
        .instance_size = sizeof(PCIEPort),
        .abstract = true,
        .class_init = port_class_init,
    },
    {
        .name = TYPE_PCIE_SLOT,
        .parent = TYPE_PCIE_PORT,
        .instance_size = sizeof(PCIESlot),
        .abstract = true,
        .class_init = slot_class_init,
        .interfaces = (const InterfaceInfo[]) { { TYPE_HOTPLUG_HANDLER }, { } },
    },
};
DEFINE_TYPES(port_types)
