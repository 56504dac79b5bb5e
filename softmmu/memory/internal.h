/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this folder share: kinds of regions, the flat view and
 * its ranges, and the single entry through which every access reaches a region.
 */
#ifndef SOFTMMU_MEMORY_INTERNAL_H
#define SOFTMMU_MEMORY_INTERNAL_H

#include "exec/memory.h"
#include "exec/address-spaces.h"

typedef enum MemoryKind {
    MR_CONTAINER,
    MR_IO,
    MR_ALIAS,
    MR_RAM,
    MR_RAM_DEVICE,
    MR_ROM_DEVICE, /* reads like RAM while romd_mode, else and for writes like I/O */
    MR_DMA,
} MemoryKind;

/* A visible piece: bytes [first, last] of the space are mr from offset on. */
typedef struct FlatRange {
    hwaddr first;
    hwaddr last;
    MemoryRegion *mr;
    hwaddr offset;
    bool readonly;
    bool nonvolatile;
} FlatRange;

/* Constant once built, sorted, free of overlaps. Holds a reference to every mr. */
struct FlatView {
    int refs;            /* atomic */
    unsigned home_holds; /* these two: under the lock of the space's domain */
    bool replaced;
    unsigned nr;
    FlatRange ranges[];
};

FlatView *flatview_build(MemoryRegion *root);
FlatView *flatview_ref(FlatView *view);
void flatview_unref(FlatView *view); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlatView, flatview_unref)
/* NULL for a hole; *run is how many of the len bytes from addr have the same answer. */
const FlatRange *flatview_find(const FlatView *view, hwaddr addr, hwaddr len, hwaddr *run);

/* The current view with a reference; NULL for the empty space of legacy.c. */
FlatView *address_space_get_view(AddressSpace *as);

/* The same for the length of one access, and free for those who hold the domain lock. */
typedef struct ViewHold {
    FlatView *view;             /* NULL: nothing there */
    bool home;
} ViewHold;
ViewHold address_space_hold_view(AddressSpace *as);
/* as may be gone by now: nothing in it is touched. */
void address_space_release_view(AddressSpace *as, ViewHold hold);
void address_space_rebuild(AddressSpace *as);
void address_space_add_fault(AddressSpace *as, MemTxResult res);
/* Returns res, having counted it when it is an error. */
MemTxResult flatview_rw(AddressSpace *as, const FlatView *view, hwaddr addr, MemTxAttrs attrs,
                        void *buf, hwaddr len, bool is_write);

/* Tells the listeners of as what changed between two views. */
void memory_listeners_update(AddressSpace *as, const FlatView *old, const FlatView *new);

/* All spaces that can see mr, through containers and aliases too, get a new view at commit. */
void memory_region_mark_dirty(MemoryRegion *mr);
void memory_transaction_forget(AddressSpace *as);

/* tree.c: for the finaliser */
void memory_region_detach(MemoryRegion *mr);
/* ram.c: regions with a RAMBlock, which is set after this */
void memory_region_init_ram_kind(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                 MemoryKind kind);
void ram_block_free(RAMBlock *rb);
/* Memory with a file of its own, mapped; NULL with errp. */
RAMBlock *ram_block_alloc(MemoryRegion *mr, uint64_t size, Error **errp);
/* A new memfd of the block's size; the caller closes. */
int ram_block_open(RAMBlock *rb, Error **errp);
/* shared-wakeup.c, for ram-renew.c: where the device has its page now, which can be touched */
void *shared_wakeup_page(struct SharedWakeup *w);
/* The region has another file; or none, and its memory is not to be touched any more. */
void shared_wakeup_renewed(struct SharedWakeup *w);
void shared_wakeup_lost_file(struct SharedWakeup *w);
/* eventfd.c: signals what matches; true: the write is done with */
bool memory_region_write_eventfds(MemoryRegion *mr, hwaddr addr, uint64_t data, unsigned size);

/*
 * One access in the byte order of the device. from_dma: made by a device, so
 * that the owner's re-entrancy guard counts.
 */
MemTxResult memory_region_access(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned size,
                                 bool is_write, MemTxAttrs attrs, bool from_dma);
/* Swaps *data when op's order and that of the device differ. */
void memory_region_fix_order(const MemoryRegion *mr, uint64_t *data, MemOp op);
/* How much of len bytes at addr may go in one access. */
unsigned memory_region_chunk(const MemoryRegion *mr, hwaddr addr, hwaddr len);

static inline bool memory_region_direct_read(const MemoryRegion *mr)
{
    return mr->kind == MR_RAM || mr->kind == MR_RAM_DEVICE
           || (mr->kind == MR_ROM_DEVICE && mr->romd_mode);
}

static inline bool memory_region_direct_write(const MemoryRegion *mr, bool readonly)
{
    return (mr->kind == MR_RAM || mr->kind == MR_RAM_DEVICE) && !readonly;
}

#endif
