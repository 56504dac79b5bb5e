/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IOVA space of one served function: what its client lent with DMA_MAP.
 *
 * A space is an ordered tree of non-overlapping regions, each backed by mapped
 * client memory, by a client file, or by nothing but messages. It shows itself
 * to the PCI core as one DMA region (exec/memory.h) under the function's
 * bus-master address space; it never falls through to anything else.
 *
 * Locking: the AioContext's lock protects everything that changes the space or
 * talks to the session. space->lock (inside it) protects the use counts, and
 * the tree against those who do not hold the context's lock: a thread of a
 * device's own may translate without it. Who holds it needs no other to read
 * the tree. Lock order: context lock, then space->lock; no callback is called
 * with space->lock held.
 */
#ifndef HW_REMOTE_OUTBOUND_IOVA_SPACE_H
#define HW_REMOTE_OUTBOUND_IOVA_SPACE_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "exec/memory.h"
#include "vfio-user/server.h"

typedef struct IOVASpace IOVASpace;

/* How received file descriptors are used; docs/system/dma.rst. */
typedef enum IOVAAccess {
    IOVA_ACCESS_AUTO,           /* map them */
    IOVA_ACCESS_MESSAGE,        /* close them: DMA_READ and DMA_WRITE only */
    IOVA_ACCESS_FILE,           /* pread and pwrite, nothing mapped */
} IOVAAccess;

typedef struct IOVASpaceConfig {
    const char *name;           /* for logs: the server's id, borrowed */
    IOVAAccess access;
    bool require_shrink_seal;
    bool unmap_missing_is_error;/* ENOENT instead of success */
    unsigned max_maps;
    uint64_t max_bytes;         /* sum of mapped sizes that carry files */
    unsigned pipeline;          /* messages in flight for one transfer */
    int64_t drain_timeout_ns;   /* UNMAP waits at most so long for devices */
    int64_t op_timeout_ns;      /* a synchronous transfer gives up after it */
} IOVASpaceConfig;

typedef struct IOVASpaceStats {
    uint64_t direct_bytes, file_bytes, message_bytes;
    uint64_t message_reads, message_writes;
    uint64_t faults;            /* unmapped, permission, torn, refused by the client */
    uint64_t drains, drain_timeouts;
} IOVASpaceStats;

/* Told around a synchronous transfer that suspends its caller. Context lock
 * held. may_wait() false makes the transfer fail instead. */
typedef struct IOVAWaitOps {
    bool (*may_wait)(void *opaque, int64_t *deadline_ns);
    void (*suspended)(void *opaque);
    void (*resumed)(void *opaque);
} IOVAWaitOps;

/* With wait_ops NULL: a space that is only filled, for iova_space_adopt(); it has
 * no region and no session, and nothing is ever read or written by way of it. */
IOVASpace *iova_space_new(AioContext *ctx, Object *owner, const IOVASpaceConfig *config,
                          const IOVAWaitOps *wait_ops, void *opaque);
/* Nothing may be mapped any more (iova_space_detach()), nor used but by pins:
 * the last of these takes the space with it. */
void iova_space_free(IOVASpace *space);
/* The DMA region to hand to pci_device_set_dma_region(); borrowed. */
MemoryRegion *iova_space_region(IOVASpace *space);

void iova_space_attach(IOVASpace *space, VfuSession *session);
/* Cancels transfers, removes every region at once, detaching pointers that
 * devices still hold. The session is not used afterwards. */
void iova_space_detach(IOVASpace *space);
/* What was mapped in `from` is mapped in space, which has no maps. `from` has
 * none then. */
void iova_space_adopt(IOVASpace *space, IOVASpace *from);
/* Transfers that wait for the client fail now (device reset). */
void iova_space_abort_waits(IOVASpace *space);

/* Takes fd (or -1). 0 or -errno with errp; nothing has changed then. */
int iova_space_map(IOVASpace *space, const VfuDmaMap *map, int fd, Error **errp);

typedef void IOVAUnmapDone(void *opaque, uint64_t unmapped);
/*
 * Removes every region inside [first, last]. Revocation order (A-R, C-R3): new
 * translations fail at once, notifiers are told, messages in flight cancelled;
 * then 0 with *unmapped set when nobody uses the bytes any more, or VFU_PENDING
 * and a later done(opaque, bytes), after drain_timeout_ns at the latest.
 * -EINVAL would split a region; -ENOENT see unmap_missing_is_error.
 */
int iova_space_unmap(IOVASpace *space, hwaddr first, hwaddr last, uint64_t *unmapped,
                     IOVAUnmapDone *done, void *opaque);

const IOVASpaceConfig *iova_space_config(const IOVASpace *space);
const IOVASpaceStats *iova_space_stats(const IOVASpace *space);
unsigned iova_space_nr_maps(const IOVASpace *space);

/* --- iova-query.c: looking in from outside, context lock held --- */

/* How a region is reached. */
typedef enum IOVAKind { IOVA_MAPPED, IOVA_FILE, IOVA_MESSAGE, IOVA_NR_KINDS } IOVAKind;

typedef struct IOVAMapInfo {
    hwaddr first, size;
    IOVAKind kind;
    bool readable, writable;
    bool torn;                  /* the client has cut its file: nothing reaches it */
    uint64_t inode, offset;     /* of the file; kind is not IOVA_MESSAGE */
} IOVAMapInfo;

unsigned iova_space_nr_kind(const IOVASpace *space, IOVAKind kind);
/*
 * Copies up to max mappings in order, from the first that starts at or above
 * `from`; returns how many. There may be 65,535: a query takes them in portions
 * and lets the domain work in between.
 */
unsigned iova_space_copy_maps(IOVASpace *space, hwaddr from, IOVAMapInfo *maps, unsigned max);
/*
 * Reads what the function would read, without counting anything and without
 * asking the client: memory that only messages reach is an error.
 */
bool iova_space_peek(IOVASpace *space, hwaddr addr, void *buf, hwaddr len, Error **errp);

#endif
