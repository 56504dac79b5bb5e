/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slot numbering capability of a conventional bridge (PCI-to-PCI Bridge 1.2, chapter 13). */
#ifndef HW_PCI_SLOTID_CAP_H
#define HW_PCI_SLOTID_CAP_H

#include "hw/pci/pci_device.h"

int slotid_cap_init(PCIDevice *dev, int nslots, uint8_t chassis, unsigned offset, Error **errp);
void slotid_cap_cleanup(PCIDevice *dev);

#endif
