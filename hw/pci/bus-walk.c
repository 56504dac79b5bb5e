/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding functions and walking buses. A callback may remove the function it is given, no other. */
#include "qemu/osdep.h"
#include "internal.h"

static PCIBus *find_bus(PCIBus *bus, int bus_num)
{
    PCIBus *child;

    if (pci_bus_num(bus) == bus_num) {
        return bus;
    }
    QLIST_FOREACH(child, &bus->child, sibling) {
        PCIBus *hit = find_bus(child, bus_num);

        if (hit) {
            return hit;
        }
    }
    return NULL;
}

PCIBus *pci_find_bus_nr(PCIBus *bus, int bus_num)
{
    return bus ? find_bus(bus, bus_num) : NULL;
}

PCIDevice *pci_find_device(PCIBus *bus, int bus_num, uint8_t devfn)
{
    PCIBus *at = pci_find_bus_nr(bus, bus_num);

    return at ? at->devices[devfn] : NULL;
}

void pci_for_each_device_under_bus(PCIBus *bus, pci_bus_dev_fn fn, void *opaque)
{
    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        if (bus->devices[i]) {
            fn(bus, bus->devices[i], opaque);
        }
    }
}

void pci_for_each_device_under_bus_reverse(PCIBus *bus, pci_bus_dev_fn fn, void *opaque)
{
    for (int i = PCI_DEVFN_MAX - 1; i >= 0; i--) {
        if (bus->devices[i]) {
            fn(bus, bus->devices[i], opaque);
        }
    }
}

void pci_for_each_device(PCIBus *bus, int bus_num, pci_bus_dev_fn fn, void *opaque)
{
    PCIBus *at = pci_find_bus_nr(bus, bus_num);

    if (at) {
        pci_for_each_device_under_bus(at, fn, opaque);
    }
}

void pci_for_each_device_reverse(PCIBus *bus, int bus_num, pci_bus_dev_fn fn, void *opaque)
{
    PCIBus *at = pci_find_bus_nr(bus, bus_num);

    if (at) {
        pci_for_each_device_under_bus_reverse(at, fn, opaque);
    }
}

void pci_for_each_bus_depth_first(PCIBus *bus, pci_bus_ret_fn begin, pci_bus_fn end,
                                  void *parent_state)
{
    PCIBus *child;
    void *state = begin ? begin(bus, parent_state) : parent_state;

    QLIST_FOREACH(child, &bus->child, sibling) {
        pci_for_each_bus_depth_first(child, begin, end, state);
    }
    if (end) {
        end(bus, state);
    }
}

PCIDevice *pci_get_function_0(PCIDevice *pci_dev)
{
    PCIBus *bus = pci_get_bus(pci_dev);

    return bus->devices[PCI_DEVFN(PCI_SLOT(pci_dev->devfn), 0)];
}

const char *pci_root_bus_path(PCIDevice *dev)
{
    return BUS(pci_device_root_bus(dev))->name;
}

int pci_qdev_find_device(const char *id, PCIDevice **pdev)
{
    DeviceState *dev = qdev_find_by_id(id, NULL);

    if (!dev) {
        return -ENODEV;
    }
    *pdev = (PCIDevice *)object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE);
    return *pdev ? 0 : -EINVAL;
}
