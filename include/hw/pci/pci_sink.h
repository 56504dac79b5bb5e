/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam between a PCI function and whoever serves it (hw/remote, tests):
 * client accesses come in through the calls below, interrupts go out through
 * a sink, DMA goes out through a region. hw/pci knows nothing beyond this.
 *
 * Locking: every call, and every callback, under the function's domain lock.
 */
#ifndef HW_PCI_PCI_SINK_H
#define HW_PCI_PCI_SINK_H

#include "exec/memory.h"

typedef struct PCIDevice PCIDevice;

typedef struct PCIIRQSink {
    /* The level that leaves the function changed (INTx disable already applied). */
    void (*intx)(void *opaque, int level);
    /* true: delivered. false: cannot be now, so the core sets the pending bit. */
    bool (*msi)(void *opaque, unsigned vector);
    bool (*msix)(void *opaque, unsigned vector);
} PCIIRQSink;

/*
 * One sink for each function; NULL removes it. sink and opaque are borrowed.
 * Without one interrupts only change state: pending bits and the line's level.
 */
void pci_device_set_irq_sink(PCIDevice *dev, const PCIIRQSink *sink, void *opaque);
int pci_device_intx_level(PCIDevice *dev);
/* The sink can deliver more than before: offers it all pending vectors again. */
void pci_device_irq_rebind(PCIDevice *dev);

/*
 * Puts mr, a DMA region, under the function's bus-master space. NULL removes
 * it, and until there is one every DMA fails. mr is borrowed.
 */
void pci_device_set_dma_region(PCIDevice *dev, MemoryRegion *mr);

/* Config space as the client sees it: any length inside it, else -EINVAL and nothing done. */
int pci_device_config_rw(PCIDevice *dev, hwaddr offset, void *buf, hwaddr len, bool is_write);

/*
 * A client's access to BAR region_num (PCI_ROM_SLOT: the ROM), at an offset in it,
 * whatever the BAR register and COMMAND hold. Checks the range. Splits by the
 * region's rules; 1, 2, 4 and 8 bytes aligned reach the model as one access if it
 * allows. Never taken for DMA recursion. A write to the ROM is MEMTX_ACCESS_ERROR.
 */
MemTxResult pci_device_bar_rw(PCIDevice *dev, int region_num, hwaddr offset, void *buf,
                              hwaddr len, bool is_write);
/* Bytes of BAR region_num; 0 when there is none. Constant after realize. */
uint64_t pci_device_bar_size(PCIDevice *dev, int region_num);

/*
 * The client asked for a function level reset by config space. flr() takes it
 * over: it calls pci_device_reset() now or, when callbacks of the function are
 * suspended, after they have ended. Without one the reset happens at once.
 */
typedef void PCIFLRHandler(PCIDevice *dev, void *opaque);
void pci_device_set_flr_handler(PCIDevice *dev, PCIFLRHandler *flr, void *opaque);

/*
 * Resets every function on the bus and below it for the host: one that has a flr()
 * is asked that way, because its callbacks may be suspended. Of a domain that was
 * entered.
 */
void pci_bus_reset_functions(PCIBus *bus);

#endif
