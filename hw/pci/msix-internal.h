/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between msix.c (behaviour) and msix-table.c (what lies in the BAR, set-up). */
#ifndef HW_PCI_MSIX_INTERNAL_H
#define HW_PCI_MSIX_INTERNAL_H

#include "hw/pci/pci_device.h"

/* The vector's entry was written: notifiers, and a pending interrupt that may go now. */
void msix_entry_changed(PCIDevice *dev, unsigned vector);
/* The message control word was written or loaded. */
void msix_control_changed(PCIDevice *dev);

static inline unsigned msix_pba_bytes(unsigned entries)
{
    return QEMU_ALIGN_UP(entries, 64) / 8;
}

#endif
