/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A served function: one PCI function and everything that makes it reachable
 * for its client.
 *
 * inbound/ turns the client's commands into accesses to the function,
 * outbound/ turns what the function starts into accesses to the client. The
 * two meet here and nowhere else.
 *
 * A function is identified by its object. Bus numbers, slots, BAR addresses
 * and bridge windows play no part in how it is reached.
 *
 * Locking: all of it belongs to the AioContext of the function's domain; its
 * lock is held for every call here. Lock order: that lock, then iova-space's.
 */
#ifndef HW_REMOTE_FUNCTION_H
#define HW_REMOTE_FUNCTION_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/pci/pci_device.h"
#include "outbound/interrupt.h"
#include "outbound/iova-space.h"
#include "vfio-user/server.h"

typedef struct HeldWrite HeldWrite;

typedef struct RemoteFunction {
    PCIDevice *dev;             /* counted */
    AioContext *ctx;
    const char *name;           /* the server's id, borrowed */
    void *server;               /* whoever made it, for attached and detached */
    VfuSession *session;        /* NULL: no client */
    IOVASpace *space;
    InterruptTable irqs;
    bool keep_on_disconnect;
    bool told_unshared;         /* this client has been told about share=on */

    /* BARs as the client sees them: reached by index and offset. */
    AddressSpace bar_as[PCI_ROM_SLOT];
    bool bar_as_ready[PCI_ROM_SLOT];

    /* Suspended callbacks of the function, see inbound/held.h. */
    unsigned suspended;
    bool aborting;              /* waits fail until nothing is suspended */
    QSIMPLEQ_HEAD(, HeldWrite) held;
    size_t held_bytes;
    bool replaying;
    VfuRequest *reset_request;  /* answered when nothing is suspended */
    bool reset_wanted;
    QEMUBH *settle_bh;
} RemoteFunction;

/* Everything is allocated; the function is published to the client by the
 * caller's vfu_server_new(). owner owns the DMA region. */
RemoteFunction *remote_function_new(PCIDevice *dev, Object *owner, const IOVASpaceConfig *dma,
                                    bool keep_on_disconnect);
void remote_function_free(RemoteFunction *fn);

/* VfuDeviceOps, opaque is the RemoteFunction. attached and detached are the
 * server object's: it calls these two. */
void remote_function_attach(RemoteFunction *fn, VfuSession *session);
void remote_function_detach(RemoteFunction *fn);
extern const VfuDeviceOps remote_function_ops;

/* Resets the function now, or as soon as its suspended callbacks have ended. */
void remote_function_reset(RemoteFunction *fn);

#endif
