/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSI-X (PCI Local Bus 3.0, 6.8.2): table and pending bits in a BAR.
 *
 * When is a vector masked? Function mask set, or its own mask bit set - but a
 * table entry whose control word was never written since reset does not count:
 * clients such as QEMU keep the guest's table to themselves and say "unmasked"
 * by binding the vector. A vector that is masked, or that the sink does not
 * take, sets its pending bit; unmasking and pci_device_irq_rebind() retry.
 */
#ifndef HW_PCI_MSIX_H
#define HW_PCI_MSIX_H

#include "hw/pci/pci_device.h"

#define MSIX_CAP_LENGTH 12

/*
 * nentries vectors, table and PBA at the given offsets of BARs that the caller
 * registers; cap_pos 0 chooses. 0, -EINVAL or -ENOTSUP with errp.
 */
int msix_init(PCIDevice *dev, uint32_t nentries, MemoryRegion *table_bar, uint8_t table_bar_nr,
              unsigned table_offset, MemoryRegion *pba_bar, uint8_t pba_bar_nr,
              unsigned pba_offset, uint8_t cap_pos, Error **errp);
/* The same with a BAR of its own, sized and registered here. */
int msix_init_exclusive_bar(PCIDevice *dev, uint32_t nentries, uint8_t bar_nr, Error **errp);
void msix_uninit(PCIDevice *dev, MemoryRegion *table_bar, MemoryRegion *pba_bar);
void msix_uninit_exclusive_bar(PCIDevice *dev);

void msix_write_config(PCIDevice *dev, uint32_t address, uint32_t val, int len);
unsigned int msix_nr_vectors_allocated(const PCIDevice *dev);
int msix_present(PCIDevice *dev);
int msix_enabled(PCIDevice *dev);
bool msix_is_masked(PCIDevice *dev, unsigned vector);
void msix_set_pending(PCIDevice *dev, unsigned vector);
void msix_clr_pending(PCIDevice *dev, int vector);
int msix_is_pending(PCIDevice *dev, unsigned vector);
void msix_set_mask(PCIDevice *dev, int vector, bool mask);

/* Only vectors in use are sent; each use needs an unuse. */
void msix_vector_use(PCIDevice *dev, unsigned vector);
void msix_vector_unuse(PCIDevice *dev, unsigned vector);
void msix_unuse_all_vectors(PCIDevice *dev);
void msix_notify(PCIDevice *dev, unsigned vector);
void msix_reset(PCIDevice *dev);

MSIMessage msix_get_message(PCIDevice *dev, unsigned int vector);
void msix_set_message(PCIDevice *dev, int vector, MSIMessage msg);

int msix_set_vector_notifiers(PCIDevice *dev, MSIVectorUseNotifier use_notifier,
                              MSIVectorReleaseNotifier release_notifier,
                              MSIVectorPollNotifier poll_notifier);
void msix_unset_vector_notifiers(PCIDevice *dev);

void msix_save(PCIDevice *dev, QEMUFile *f);
void msix_load(PCIDevice *dev, QEMUFile *f);
/* For pci_device_irq_rebind(): offers the pending vectors to the sink. */
void msix_retry_pending(PCIDevice *dev);

extern const VMStateDescription vmstate_msix;

/* For users of migration/vmstate.h. */
#define VMSTATE_MSIX_TEST(_field, _state, _test)                                                  \
    VMSTATE_STRUCT_TEST(_field, _state, _test, 0, vmstate_msix, PCIDevice)
#define VMSTATE_MSIX(_field, _state) VMSTATE_MSIX_TEST(_field, _state, NULL)

#endif
