/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a test reaches configuration space: by the two ports of mechanism 1, or
 * by memory (ECAM: bus << 20 | device << 15 | function << 12 | register). A
 * domain has no host bridge; the qtest server plays it.
 *
 * Locking: the domain is entered.
 */
#ifndef SOFTMMU_QTEST_PCI_CONFIG_H
#define SOFTMMU_QTEST_PCI_CONFIG_H

#include "domain.h"

/* true: the access was one to the two ports, and is done. */
bool pci_config_port_rw(QtestDomain *d, uint16_t port, void *buf, unsigned len, bool is_write);

/* Puts d->ecam into the domain's memory space. */
void pci_config_map(QtestDomain *d);

#endif
