/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interrupt pin, a level. Three things are kept apart: what the device
 * drives (irq_state, and the status bit which shows it), whether the client
 * disabled INTx, and what therefore leaves the function (intx_level). The sink
 * hears changes of the last one only.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "internal.h"
#include "trace.h"

int pci_intx(PCIDevice *pci_dev)
{
    return pci_get_byte(pci_dev->config + PCI_INTERRUPT_PIN) - 1;
}

/* A machine that asked for routing (pci_bus_irqs) counts who drives each interrupt. */
void pci_bus_route_pin(PCIDevice *dev, int delta)
{
    int num = pci_intx(dev);
    PCIBus *bus = pci_get_bus(dev);

    while (bus) {
        if (bus->map_irq) {
            num = bus->map_irq(dev, num);
        }
        if (bus->set_irq) {
            if (num >= 0 && num < bus->nirq) {
                bus->irq_count[num] += delta;
                bus->set_irq(bus->irq_opaque, num, bus->irq_count[num] != 0);
            }
            return;
        }
        dev = bus->parent_dev;
        bus = dev ? pci_get_bus(dev) : NULL;
    }
}

void pci_intx_update(PCIDevice *dev)
{
    uint16_t cmd = pci_get_word(dev->config + PCI_COMMAND);
    int level = dev->irq_state && !(cmd & PCI_COMMAND_INTX_DISABLE);

    if (level == dev->intx_level) {
        return;
    }
    dev->intx_level = level;
    trace_pci_intx_level(dev->name, dev->devfn, level);
    pci_bus_route_pin(dev, level ? 1 : -1);
    if (dev->sink && dev->sink->intx) {
        dev->sink->intx(dev->sink_opaque, level);
    }
}

static void drive(PCIDevice *dev, bool level)
{
    uint8_t *status = dev->config + PCI_STATUS;

    dev->irq_state = level ? 1 << MAX(pci_intx(dev), 0) : 0;
    if (level) {
        pci_word_test_and_set_mask(status, PCI_STATUS_INTERRUPT);
    } else {
        pci_word_test_and_clear_mask(status, PCI_STATUS_INTERRUPT);
    }
    pci_intx_update(dev);
}

void pci_set_irq(PCIDevice *pci_dev, int level)
{
    int pin = pci_intx(pci_dev);

    if (pin < 0 || pin >= PCI_NUM_PINS) {
        error_report_once("device '%s' drives its interrupt pin, but names none in config space",
                          pci_dev->name);
        return;
    }
    drive(pci_dev, level);
}

void pci_irq_handler(void *opaque, int irq_num, int level)
{
    pci_set_irq(opaque, level);
}

qemu_irq pci_allocate_irq(PCIDevice *pci_dev)
{
    return qemu_allocate_irq(pci_irq_handler, pci_dev, 0);
}

void pci_device_deassert_intx(PCIDevice *dev)
{
    drive(dev, false);
}

int pci_device_intx_level(PCIDevice *dev)
{
    return dev->intx_level;
}

void pci_device_set_irq_sink(PCIDevice *dev, const PCIIRQSink *sink, void *opaque)
{
    dev->sink = sink;
    dev->sink_opaque = sink ? opaque : NULL;
}

void pci_device_irq_rebind(PCIDevice *dev)
{
    msi_retry_pending(dev);
    msix_retry_pending(dev);
}

/* There is no interrupt controller behind the root: sinks carry the pins. */
PCIINTxRoute pci_device_route_intx_to_irq(PCIDevice *dev, int pin)
{
    return (PCIINTxRoute) { .mode = PCI_INTX_DISABLED, .irq = -1 };
}

void pci_bus_irqs(PCIBus *bus, pci_set_irq_fn set_irq, void *irq_opaque, int nirq)
{
    bus->set_irq = set_irq;
    bus->irq_opaque = irq_opaque;
    bus->nirq = nirq;
    g_free(bus->irq_count);
    bus->irq_count = g_new0(int, nirq);
}

void pci_bus_map_irqs(PCIBus *bus, pci_map_irq_fn map_irq)
{
    bus->map_irq = map_irq;
}

void pci_bus_irqs_cleanup(PCIBus *bus)
{
    bus->set_irq = NULL;
    bus->map_irq = NULL;
    bus->irq_opaque = NULL;
    bus->nirq = 0;
    g_clear_pointer(&bus->irq_count, g_free);
}

int pci_bus_get_irq_level(PCIBus *bus, int irq_num)
{
    return irq_num >= 0 && irq_num < bus->nirq ? bus->irq_count[irq_num] != 0 : 0;
}

/* PCI-to-PCI Bridge 1.2, 9.1 */
int pci_swizzle_map_irq_fn(PCIDevice *pci_dev, int pin)
{
    return (PCI_SLOT(pci_dev->devfn) + pin) % PCI_NUM_PINS;
}
