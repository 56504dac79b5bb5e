/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a test finds in an isolation domain besides its devices.
 *
 *   memory space   0                test RAM (-accel qtest)
 *                  QTEST_ECAM_BASE  configuration space of all functions
 *                  QTEST_MSI_BASE   a page that keeps messages (-accel qtest)
 *   each function that nobody serves: the same RAM and the same page as targets
 *   of its DMA, and its message interrupts as writes there
 *
 * All of it lies below the devices' BARs. Without -accel qtest a function that
 * nobody serves reaches nothing, as in every other run.
 *
 * Locking: the list of domains is changed by the main thread; a mutex, a leaf,
 * lets others look a domain up. What is in a domain belongs to its context.
 */
#ifndef SOFTMMU_QTEST_DOMAIN_H
#define SOFTMMU_QTEST_DOMAIN_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "exec/memory.h"
#include "hw/pci/pci.h"
#include "qemu/queue.h"

#define QTEST_ECAM_BASE 0xb0000000u
#define QTEST_ECAM_SIZE 0x10000000u
#define QTEST_MSI_BASE 0xfee00000u
#define QTEST_MSI_SIZE 0x100000u
/* RAM ends where configuration space begins. */
#define QTEST_RAM_MAX QTEST_ECAM_BASE

typedef struct QtestDomain {
    PCIBus *bus;
    AioContext *ctx;            /* a reference */
    uint32_t config_address;    /* port 0xcf8 */
    MemoryRegion ecam;
    bool has_ram;
    MemoryRegion ram, msi;
    GHashTable *functions;      /* PCIDevice -> QtestFunction */

    bool line[PCI_NUM_PINS];    /* INTA to INTD as they arrive at the root */
    bool tell_lines;            /* a test listens to them */

    QEMUBH *probe_bh;           /* see settle.h */
    uint64_t probed;            /* callbacks of the context by then; atomic */
    QTAILQ_ENTRY(QtestDomain) next;
} QtestDomain;

/* ram_size 0: no accelerator. */
bool qtest_domains_init(uint64_t ram_size, Error **errp);
void qtest_domains_cleanup(void);

/* Main context. */
QtestDomain *qtest_domain_first(void);
QtestDomain *qtest_domain_next(QtestDomain *d);
QtestDomain *qtest_domain_find(PCIBus *root);

/* With the domain entered: tells of this function's pin; false: somebody serves it. */
bool qtest_domain_tell_pin(PCIDevice *dev, bool on);
void qtest_domain_tell_nothing(QtestDomain *d);

#endif
