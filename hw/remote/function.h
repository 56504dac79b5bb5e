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
#include "outbound/sigbus.h"
#include "vfio-user/server.h"

typedef struct HeldWrite HeldWrite;
typedef struct StandIn StandIn;

typedef struct RemoteFunction {
    PCIDevice *dev;             /* counted */
    AioContext *ctx;
    const char *name;           /* the server's id, borrowed */
    void *server;               /* whoever made it, for attached and detached */
    void (*settled)(struct RemoteFunction *fn); /* its: see remote_function_is_settled() */
    /* Optional, for the server: a DMA_MAP was refused. */
    void (*map_refused)(struct RemoteFunction *fn, int err, const char *why);
    VfuSession *session;        /* NULL: no client */
    IOVASpace *space;
    MemoryRegion *unserved;     /* the DMA region that the function had before, or NULL */
    InterruptTable irqs;
    bool keep_on_disconnect;
    bool told_unshared;         /* this client has been told about share=on */
    uint8_t *reset_config;      /* config space as the last reset left it */

    /* BARs as the client sees them: reached by index and offset. */
    AddressSpace bar_as[PCI_ROM_SLOT];
    bool bar_as_ready[PCI_ROM_SLOT];
    MemoryRegion *lent[PCI_ROM_SLOT];           /* what a client may map of each, or NULL */
    SigbusWindow *lent_windows[PCI_ROM_SLOT];   /* over a page that may be lost */
    VfuSparseArea lent_areas[PCI_ROM_SLOT];     /* where, when it is not all of the BAR */

    /* Suspended callbacks of the function, see inbound/held.h. */
    unsigned suspended;
    AioWaiter *quiet;           /* who waits for none of them */
    bool aborting;              /* waits fail until nothing is suspended */
    QSIMPLEQ_HEAD(, HeldWrite) held;
    size_t held_bytes;
    bool replaying;             /* the held writes are being done */
    VfuRequest *reset_request;  /* answered when nothing is suspended */
    bool reset_wanted;
    QEMUBH *settle_bh;
} RemoteFunction;

/* Everything is allocated; the function is published to the client by the
 * caller's vfu_server_new(). owner owns the DMA region. */
RemoteFunction *remote_function_new(PCIDevice *dev, Object *owner, const IOVASpaceConfig *dma,
                                    bool keep_on_disconnect);
void remote_function_free(RemoteFunction *fn);

/* VfuDeviceOps, opaque is the RemoteFunction. attached, detached and waiting are
 * the server object's: it calls these. stand_in: what the client did before its
 * turn, or NULL; it is given back. */
void remote_function_attach(RemoteFunction *fn, VfuSession *session, StandIn *stand_in);
void remote_function_detach(RemoteFunction *fn);
extern const VfuDeviceOps remote_function_ops;

/* Returns when no callback is suspended any more and the reset is done. The client has
 * left, so it takes no long time; the lock is let go meanwhile. */
void remote_function_wait_quiet(RemoteFunction *fn);
/* Nothing of the last client is under way in it. fn->settled() is called when this
 * has become true some time after remote_function_detach(). */
bool remote_function_is_settled(const RemoteFunction *fn);

/* DMA_MAP and DMA_UNMAP in a space of fn: its own or that of a stand-in. */
int remote_function_map(RemoteFunction *fn, IOVASpace *space, const VfuDmaMap *map, int fd);
int remote_function_unmap(IOVASpace *space, VfuRequest *req, const VfuDmaUnmap *unmap,
                          uint64_t *unmapped);

/* Resets the function now, or as soon as its suspended callbacks have ended. */
void remote_function_reset(RemoteFunction *fn);

/*
 * While true, what the calling thread runs may not wait for a client: whoever
 * looks in from outside must not be kept. The DMA that wants to wait fails.
 */
void remote_function_forbid_waits(bool forbid);

#endif
