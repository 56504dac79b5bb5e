/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files that make up an IOVA space; see iova-space.h. */
#ifndef HW_REMOTE_OUTBOUND_IOVA_INTERNAL_H
#define HW_REMOTE_OUTBOUND_IOVA_INTERNAL_H

#include "qemu/queue.h"
#include "qemu/thread.h"
#include "outbound/client-file.h"
#include "outbound/iova-space.h"

/* A guest's memory is two regions as a rule, below and above 4 GiB; its queues may be in others. */
enum { IOVA_NR_HITS = 4 };

typedef struct IOVADrain IOVADrain;
typedef struct IOVATransfer IOVATransfer;

typedef struct IOVARegion {
    hwaddr first, last;
    IOVAKind kind;
    bool readable, writable;
    bool dying;                 /* space->lock: out of the tree */
    bool detached;              /* context lock: pointers into it show private memory */
    unsigned users;             /* space->lock: transfers and device pointers */
    unsigned pins;              /* context lock: the same, by those who hold it */
    IOVADrain *drain;           /* context lock: who waits for users == 0 */
    ClientFile *file;
    ClientMapping *mapping;
    GSList *left_mappings;      /* counted: a thread may still copy by way of them */
    uint8_t *host;
    uint64_t offset;            /* of first in file */
} IOVARegion;

/* A pointer that a device got from map(). */
typedef struct IOVAPointer {
    uint8_t *host;
    IOVARegion *region;
    ClientMapping *mapping;
    QLIST_ENTRY(IOVAPointer) next;
} IOVAPointer;

struct IOVASpace {
    AioContext *ctx;
    IOVASpaceConfig config;
    const IOVAWaitOps *wait_ops;
    void *wait_opaque;
    MemoryRegion mr;
    VfuSession *session;        /* context lock */
    ClientFileTable *files;     /* context lock */
    QemuMutex lock;
    GTree *tree;                /* IOVARegion by first; changed under both locks */
    unsigned nr_kind[IOVA_NR_KINDS];            /* in the tree, likewise */
    IOVARegion *hits[IOVA_NR_HITS];             /* found last, newest first; context lock */
    unsigned pins;              /* of all regions; context lock */
    bool abandoned;             /* context lock: goes with its last pin */
    QLIST_HEAD(, IOVAPointer) pointers;         /* space->lock */
    QLIST_HEAD(, IOVATransfer) transfers;       /* context lock */
    size_t answers_cost;        /* context lock: what due answers need of the client's socket */
    QTAILQ_HEAD(, IOVATransfer) stalled;        /* context lock: who waits for such room */
    QEMUBH *room_bh;            /* there is some */
    QEMUTimer *silence;         /* runs while somebody waits */
    bool answered;              /* some answer came since it was set */
    QLIST_HEAD(, IOVADrain) drains;             /* context lock */
    QLIST_HEAD(, MemoryRegionDMANotifier) notifiers;    /* context lock */
    IOVASpaceStats stats;       /* context lock, but for relaxed counters */
    QEMUBH *drain_bh;
};

/* The region that holds addr, or NULL. Context lock or space->lock held. */
IOVARegion *iova_region_find(IOVASpace *space, hwaddr addr);
/* Why r does not take the access; NULL and how far it reaches when it does. */
const char *iova_region_judge(const IOVARegion *r, hwaddr addr, bool is_write, hwaddr *avail);
/* The region that holds addr, with a use counted, when it permits the access;
 * *avail is how far it reaches from addr. NULL: a fault, already counted. */
IOVARegion *iova_region_get(IOVASpace *space, hwaddr addr, bool is_write, hwaddr *avail);
void iova_region_put(IOVASpace *space, IOVARegion *region);
/* The same with *p filled in and listed; NULL without a fault when the region
 * is not mapped memory, or torn. */
IOVARegion *iova_region_point(IOVASpace *space, hwaddr addr, bool is_write, hwaddr *avail,
                              IOVAPointer *p);
static inline bool iova_region_has(const IOVARegion *r, hwaddr addr)
{
    return r && addr >= r->first && addr <= r->last;
}
/* The region that holds addr, or NULL, from the cache if it is there. Context lock held. */
IOVARegion *iova_region_find_cached(IOVASpace *space, hwaddr addr);
/* Nothing is in the cache any more. */
void iova_region_forget_hits(IOVASpace *space);
/* iova_space_free(), and nobody has a pin any more. */
void iova_space_free_now(IOVASpace *space);
/* The same without a use: for callers that hold the context's lock, and are
 * done with the region before they let go of it. */
IOVARegion *iova_region_peek(IOVASpace *space, hwaddr addr, bool is_write, hwaddr *avail);

/* direct.c: mapped and file regions; false: torn or I/O error. */
bool iova_direct_rw(IOVASpace *space, IOVARegion *region, hwaddr addr, void *buf, hwaddr len,
                    bool is_write);
/* The same, not counted. */
bool iova_direct_copy(const IOVARegion *region, hwaddr addr, void *buf, hwaddr len, bool is_write);
/* Adds to a figure of IOVASpaceStats. */
void iova_count_bytes(uint64_t *counter, hwaddr len);
/* The client has taken the pages back: nothing reaches them any more. */
bool iova_region_torn(const IOVARegion *region);
void *iova_direct_map(IOVASpace *space, hwaddr addr, hwaddr *plen, bool is_write);
void iova_direct_unmap(IOVASpace *space, void *host);
/* Pointers into region lose the client's pages. */
void iova_direct_detach(IOVASpace *space, IOVARegion *region);

/* pin.c: see MemoryRegionDMAOps */
void *iova_pin(void *opaque, hwaddr addr, hwaddr *plen, bool is_write, void *token[2]);
bool iova_unpin(void *opaque, void *const token[2]);

/* transfer.c */
extern const MemoryRegionDMAOps iova_dma_ops;
void iova_transfers_cancel_region(IOVASpace *space, IOVARegion *region);
void iova_transfers_cancel_all(IOVASpace *space);
/* What answers need is counted; for the session that is attached. */
void iova_answers_attach(IOVASpace *space);
void iova_answers_detach(IOVASpace *space, VfuSession *session);
void iova_transfers_resume(void *opaque);
void iova_transfers_give_up(void *opaque);
void iova_fault(IOVASpace *space, hwaddr addr, hwaddr len, bool is_write, const char *why);

/* drain.c */
int iova_drain_start(IOVASpace *space, GPtrArray *regions, uint64_t bytes, uint64_t *unmapped,
                     IOVAUnmapDone *done, void *opaque);
void iova_drain_region_idle(IOVASpace *space);
void iova_drains_force(IOVASpace *space);
void iova_drain_bh(void *opaque);
void iova_region_free(IOVASpace *space, IOVARegion *region);

static inline hwaddr iova_region_size(const IOVARegion *r)
{
    return r->last - r->first + 1;
}

#endif
