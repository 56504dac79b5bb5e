/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a monitor may see of PCI.
 *
 * Locking: main context, with no domain entered; each function's domain is
 * entered to copy its registers and left again before the next function.
 */
#ifndef HW_PCI_QUERY_H
#define HW_PCI_QUERY_H

#include "hw/pci/pci.h"
#include "qapi/qapi-types-pci.h"

/* The bus, what is on it and behind its bridges. */
PciInfo *pci_query_root_bus(PCIBus *bus, const char *domain);

#endif
