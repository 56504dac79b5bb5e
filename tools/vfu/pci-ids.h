/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of vendors, devices and classes from the pci.ids file, when the
 * machine has one (/usr/share/misc/pci.ids, /usr/share/hwdata/pci.ids).
 */
#ifndef TOOLS_VFU_PCI_IDS_H
#define TOOLS_VFU_PCI_IDS_H

#include <glib.h>

typedef struct PciIds PciIds;

/* path NULL: the usual places. NULL when there is none. */
PciIds *pci_ids_load(const char *path);
void pci_ids_free(PciIds *ids);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PciIds, pci_ids_free)

/* New strings, or NULL when the name is not known; ids may be NULL. */
char *pci_ids_vendor(PciIds *ids, unsigned vendor);
char *pci_ids_device(PciIds *ids, unsigned vendor, unsigned device);
char *pci_ids_class(PciIds *ids, unsigned base, unsigned sub);

#endif
