/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message signalled interrupts (PCI Local Bus 3.0, 6.8.1).
 *
 * A vector leaves through the function's sink. It is held back, with its
 * pending bit set, while its mask bit is set or while the sink does not take it;
 * clearing the mask bit and pci_device_irq_rebind() retry. The enable bit is what
 * msi_enabled() reports; it does not gate a vector whose client bound it.
 */
#ifndef HW_PCI_MSI_H
#define HW_PCI_MSI_H

#include "hw/pci/pci_device.h"

extern bool msi_nonbroken; /* true: every function can signal messages */

/* nr_vectors: 1, 2, 4 ... 32. 0, or -errno with errp. */
int msi_init(PCIDevice *dev, uint8_t offset, unsigned int nr_vectors, bool msi64bit,
             bool msi_per_vector_mask, Error **errp);
void msi_uninit(PCIDevice *dev);
void msi_reset(PCIDevice *dev);
bool msi_enabled(const PCIDevice *dev);
bool msi_is_masked(const PCIDevice *dev, unsigned int vector);
void msi_set_mask(PCIDevice *dev, int vector, bool mask, Error **errp);
/* A vector that the capability does not have is logged and dropped. */
void msi_notify(PCIDevice *dev, unsigned int vector);
void msi_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len);
unsigned int msi_nr_vectors_allocated(const PCIDevice *dev);
MSIMessage msi_get_message(PCIDevice *dev, unsigned int vector);
void msi_set_message(PCIDevice *dev, MSIMessage msg);
/* The vector is what the low bits of msg.data select. */
void msi_send_message(PCIDevice *dev, MSIMessage msg);
void msi_set_enabled(PCIDevice *dev);
/* For pci_device_irq_rebind(): offers the pending vectors to the sink. */
void msi_retry_pending(PCIDevice *dev);

/* After loading: pending bits of vectors that do not exist are dropped. */
void msi_post_load(PCIDevice *dev);

static inline bool msi_present(const PCIDevice *dev)
{
    return dev->cap_present & QEMU_PCI_CAP_MSI;
}

#endif
