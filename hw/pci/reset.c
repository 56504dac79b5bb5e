/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Function reset: everything a client could have changed goes back to how
 * realize left it. The core's part runs before the model's own reset, which
 * may then set registers again, and its header part once more afterwards, so
 * that a model cannot leave the function decoding or mastering.
 * What is not the device's state (its client's maps, bound interrupts) stays.
 */
#include "qemu/osdep.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "internal.h"
#include "trace.h"

void pci_core_reset(PCIDevice *dev, bool header_only)
{
    pci_device_deassert_intx(dev);
    pci_config_restore(dev, header_only);
    msi_reset(dev);
    msix_reset(dev);
    pci_config_apply_command(dev);
}

void pci_device_reset(PCIDevice *dev)
{
    if (dev->resetting) {
        return;
    }
    dev->resetting = true;
    trace_pci_function_reset(dev->name, dev->devfn);
    pci_core_reset(dev, false);
    device_cold_reset(DEVICE(dev));
    pci_core_reset(dev, true);
    dev->resetting = false;
}

void pci_bus_reset(PCIBus *bus)
{
    bus_cold_reset(BUS(bus));
}

void pci_device_set_flr_handler(PCIDevice *dev, PCIFLRHandler *flr, void *opaque)
{
    dev->flr = flr;
    dev->flr_opaque = flr ? opaque : NULL;
}

static void reset_function(PCIBus *bus, PCIDevice *dev, void *opaque)
{
    if (dev->flr) {
        dev->flr(dev, dev->flr_opaque);
    } else {
        pci_device_reset(dev);
    }
}

void pci_bus_reset_functions(PCIBus *bus)
{
    PCIBus *child;

    pci_for_each_device_under_bus(bus, reset_function, NULL);
    QLIST_FOREACH(child, &bus->child, sibling) {
        pci_bus_reset_functions(child);
    }
}

void pci_set_power(PCIDevice *pci_dev, bool state)
{
    if (pci_dev->has_power == state) {
        return;
    }
    pci_dev->has_power = state;
    pci_dev->enabled = state;
    if (!state) {
        pci_device_reset(pci_dev);
    }
    pci_config_apply_command(pci_dev);
}
