/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts of a served function: from the PCI core to the client's eventfds.
 *
 * INTx is a level. It is signalled once and masks itself (AUTOMASKED); UNMASK,
 * by message or by the resample eventfd, signals it again while the level is
 * still high. MSI and MSI-X are edges: a vector that has no eventfd or is
 * masked is refused, which makes the PCI core keep its pending bit, and is
 * tried again when its binding changes. ERR and REQ are for us to trigger.
 *
 * Locking: the lock of the function's AioContext.
 */
#ifndef HW_REMOTE_OUTBOUND_INTERRUPT_H
#define HW_REMOTE_OUTBOUND_INTERRUPT_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/pci/pci_device.h"
#include "outbound/client-event.h"
#include "vfio-user/server.h"

typedef struct IrqVector {
    int fd;                     /* the client's eventfd, ours to close; -1 unbound */
    bool masked;                /* by SET_IRQS */
} IrqVector;

typedef struct IrqIndex {
    IrqVector *vectors;
    unsigned count;
} IrqIndex;

typedef struct InterruptTable {
    AioContext *ctx;
    PCIDevice *dev;
    bool hooked;                /* the function's; else it only keeps bindings */
    IrqIndex index[VFU_NUM_IRQS];
    bool intx_level;
    bool requested;             /* the client is asked to give the device back */
    int resample_fd;            /* watched; -1 none */
    ClientEventQueue events;
    uint64_t signals;           /* sent */
    const PCIIRQSink *unserved_sink;    /* whose the interrupts were before, or NULL */
    void *unserved_opaque;
} InterruptTable;

/* Sizes come from the function's capabilities; hooks the PCI core up. */
void interrupt_table_init(InterruptTable *t, AioContext *ctx, PCIDevice *dev);
/* A table that nothing of the function reaches, for interrupt_table_adopt(). */
void interrupt_table_init_aside(InterruptTable *t, AioContext *ctx, PCIDevice *dev);
/* Takes over what is bound and masked in `from`, which has nothing then. */
void interrupt_table_adopt(InterruptTable *t, InterruptTable *from);
/* Unhooks, closes everything. */
void interrupt_table_destroy(InterruptTable *t);
/* The client has gone: closes every eventfd, clears masks. */
void interrupt_table_unbind_all(InterruptTable *t);

/* For monitors. */
typedef struct IrqCounts {
    unsigned count;             /* vectors there are */
    unsigned bound;             /* have an eventfd of the client */
    unsigned masked;            /* by SET_IRQS, or by INTx itself after it was sent */
    unsigned pending;           /* raised and not delivered; INTx: the line is high */
} IrqCounts;
void interrupt_table_count(const InterruptTable *t, unsigned index, IrqCounts *counts);

/* Raises or lowers the REQ interrupt. While it is raised the client is told when it
 * binds an eventfd to it. True: it was told now. */
bool interrupt_table_request(InterruptTable *t, bool raise);

void interrupt_table_info(InterruptTable *t, unsigned index, VfuIrq *irq);
/* DEVICE_SET_IRQS; takes every fd. 0 or -errno. */
int interrupt_table_set(InterruptTable *t, const VfuSetIrqs *set, const int *fds, unsigned nr_fds);

#endif
