/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory API: regions form trees, an AddressSpace shows one tree flat.
 *
 * Ownership. A MemoryRegion is embedded in, and kept alive by, its owner
 * object; whoever holds a view of it holds a reference to the owner. Regions
 * without an owner must be taken out of every tree before they are freed.
 *
 * Locking. A tree belongs to one isolation domain: its shape changes under the
 * lock of that domain (block/aio.h). An AddressSpace may be read from any
 * thread: a reader takes a reference to the current flat view and works on
 * that; a change replaces the view and disturbs no reader.
 * Lock order: domain lock -> AddressSpace.lock (a leaf: nothing is called with it held).
 *
 * Sizes. A region has up to 2^64 bytes, hence Int128 sizes; inside, ranges are
 * kept as first and inclusive last byte, and nothing adds address and length.
 */
#ifndef EXEC_MEMORY_H
#define EXEC_MEMORY_H

#include "exec/cpu-common.h"
#include "exec/hwaddr.h"
#include "exec/memattrs.h"
#include "exec/memop.h"
#include "exec/ramblock.h"
#include "qemu/bswap.h"
#include "qemu/event_notifier.h"
#include "qemu/int128.h"
#include "qemu/notify.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "qom/object.h"

#define TYPE_MEMORY_REGION "memory-region"
DECLARE_INSTANCE_CHECKER(MemoryRegion, MEMORY_REGION, TYPE_MEMORY_REGION)

#define RAM_PREALLOC (1 << 0)
#define RAM_SHARED (1 << 1)
#define RAM_NORESERVE (1 << 7)

typedef struct MemoryRegionOps MemoryRegionOps;
typedef struct AddressSpace AddressSpace;
typedef struct MemoryRegion MemoryRegion;
typedef struct MemoryRegionSection MemoryRegionSection;
typedef struct MemoryListener MemoryListener;
typedef struct MemReentrancyGuard MemReentrancyGuard;
typedef struct FlatView FlatView;

/*
 * How a device answers accesses to a region. Callbacks run under the lock of
 * the region's domain. `valid` decides which accesses are refused with
 * MEMTX_DECODE_ERROR; `impl` decides which sizes the callbacks see, larger
 * accesses are split and smaller ones widened at the same address.
 * All-zero means: any size is valid, the callbacks take 1 to 4 bytes.
 */
struct MemoryRegionOps {
    uint64_t (*read)(void *opaque, hwaddr addr, unsigned size);
    void (*write)(void *opaque, hwaddr addr, uint64_t data, unsigned size);
    MemTxResult (*read_with_attrs)(void *opaque, hwaddr addr, uint64_t *data, unsigned size,
                                   MemTxAttrs attrs);
    MemTxResult (*write_with_attrs)(void *opaque, hwaddr addr, uint64_t data, unsigned size,
                                    MemTxAttrs attrs);
    enum device_endian endianness;
    struct {
        unsigned min_access_size;
        unsigned max_access_size;
        bool unaligned;
        bool (*accepts)(void *opaque, hwaddr addr, unsigned size, bool is_write, MemTxAttrs attrs);
    } valid;
    struct {
        unsigned min_access_size;
        unsigned max_access_size;
        bool unaligned;
    } impl;
};

/* ---- DMA regions: whole accesses go to a provider (the client's memory) ---- */

typedef void MemoryRegionDMADone(void *opaque, MemTxResult res);

/*
 * Embedded in whoever keeps map()ed pointers or outstanding requests. revoke()
 * is called under the domain lock while [first, last] is being unmapped and
 * before the client gets its reply: let go of what lies in the range.
 */
typedef struct MemoryRegionDMANotifier {
    void (*revoke)(struct MemoryRegionDMANotifier *n, hwaddr first, hwaddr last);
    QLIST_ENTRY(MemoryRegionDMANotifier) next;
} MemoryRegionDMANotifier;

typedef struct MemoryRegionDMAOps {
    /*
     * Optional: moves what can be moved at once, from the start, and returns
     * how much; *result is set when the rest failed rather than has to wait.
     */
    hwaddr (*direct)(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                     MemTxAttrs attrs, MemTxResult *result);
    /* May suspend the caller (aio_waiter_wait) when only messages reach the memory. */
    MemTxResult (*rw)(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                      MemTxAttrs attrs);
    /*
     * Starts an access; buf stays valid until done() ran or cancel() returned.
     * done() is called exactly once unless cancelled, maybe before returning:
     * then the result is NULL, else a handle for cancel().
     */
    void *(*rw_async)(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                      MemTxAttrs attrs, MemoryRegionDMADone *done, void *done_opaque);
    void (*cancel)(void *opaque, void *request);
    /* A host pointer to at most *plen bytes; NULL when only messages reach them. */
    void *(*map)(void *opaque, hwaddr addr, hwaddr *plen, bool is_write, MemTxAttrs attrs);
    void (*unmap)(void *opaque, void *host, hwaddr len, bool is_write, hwaddr access_len);
    /*
     * Optional: the same for requests by the million, under the domain lock,
     * without allocating, counting faults or searching at unpin. NULL: not in
     * one piece of mapped memory. A pin keeps the provider alive. unpin:
     * false when bytes of the region were lost since, what was moved is void.
     */
    void *(*pin)(void *opaque, hwaddr addr, hwaddr *plen, bool is_write, void *token[2]);
    bool (*unpin)(void *opaque, void *const token[2]);
    void (*add_notifier)(void *opaque, MemoryRegionDMANotifier *n);
    void (*remove_notifier)(void *opaque, MemoryRegionDMANotifier *n);
} MemoryRegionDMAOps;

/* ---- MemoryRegion ---- */

typedef struct MemoryRegionIoeventfd MemoryRegionIoeventfd; /* private */

struct MemoryRegion {
    Object parent_obj;

    /* Members that models read. */
    Object *owner;
    const MemoryRegionOps *ops;
    void *opaque;
    MemoryRegion *container;
    Int128 size;
    hwaddr addr; /* offset inside the container */
    uint64_t align;
    RAMBlock *ram_block;
    char *name;
    bool disable_reentrancy_guard;

    /* Private to softmmu/memory. */
    uint8_t kind;
    bool enabled;
    bool readonly;
    bool nonvolatile;
    bool rom_device;
    bool romd_mode;
    bool unmergeable;
    bool sealed;     /* address_space_memory's root: takes no children */
    bool visiting;   /* mark of a walk in progress */
    bool own_lock;   /* memory_region_clear_global_locking() */
    bool live;       /* initialised and not yet finalised */
    int32_t priority;
    uint64_t child_serial;
    MemoryRegion *alias;
    hwaddr alias_offset;
    const MemoryRegionDMAOps *dma_ops;
    MemReentrancyGuard *guard;
    GPtrArray *children; /* by rising priority, then age; NULL when none */
    GPtrArray *aliases;  /* alias regions that show this one */
    GPtrArray *spaces;   /* AddressSpaces whose root this is */
    GArray *eventfds;
};

/*
 * Every initialiser makes the region a child of owner (may be NULL) under
 * name, which frees it with its owner. size UINT64_MAX means 2^64.
 */
void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size);
void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size);
void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name,
                              MemoryRegion *orig, hwaddr offset, uint64_t size);
/* RAM and ROM: false and errp set when the host has no memory to give. */
bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            Error **errp);
bool memory_region_init_ram_nomigrate(MemoryRegion *mr, Object *owner, const char *name,
                                      uint64_t size, Error **errp);
bool memory_region_init_ram_flags_nomigrate(MemoryRegion *mr, Object *owner, const char *name,
                                            uint64_t size, uint32_t ram_flags, Error **errp);
bool memory_region_init_ram_from_fd(MemoryRegion *mr, Object *owner, const char *name,
                                    uint64_t size, uint32_t ram_flags, int fd, ram_addr_t offset,
                                    Error **errp);
bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            Error **errp);
bool memory_region_init_rom_nomigrate(MemoryRegion *mr, Object *owner, const char *name,
                                      uint64_t size, Error **errp);
bool memory_region_init_rom_device(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                                   void *opaque, const char *name, uint64_t size, Error **errp);
bool memory_region_init_rom_device_nomigrate(MemoryRegion *mr, Object *owner,
                                             const MemoryRegionOps *ops, void *opaque,
                                             const char *name, uint64_t size, Error **errp);
void memory_region_init_ram_ptr(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                void *ptr);
void memory_region_init_ram_device_ptr(MemoryRegion *mr, Object *owner, const char *name,
                                       uint64_t size, void *ptr);
void memory_region_init_dma(MemoryRegion *mr, Object *owner, const MemoryRegionDMAOps *ops,
                            void *opaque, const char *name, uint64_t size);

void memory_region_ref(MemoryRegion *mr);
void memory_region_unref(MemoryRegion *mr);

Object *memory_region_owner(MemoryRegion *mr);
const char *memory_region_name(const MemoryRegion *mr);
uint64_t memory_region_size(MemoryRegion *mr);
uint64_t memory_region_get_alignment(const MemoryRegion *mr);
bool memory_region_is_ram(MemoryRegion *mr);
bool memory_region_is_rom(MemoryRegion *mr);
bool memory_region_is_romd(MemoryRegion *mr);
bool memory_region_is_ram_device(MemoryRegion *mr);
bool memory_region_is_nonvolatile(MemoryRegion *mr);
bool memory_region_is_dma(MemoryRegion *mr);
bool memory_region_is_mapped(MemoryRegion *mr);
/* The file behind RAM, or -1. The region keeps it; dup() to give it away. */
int memory_region_get_fd(MemoryRegion *mr);
/*
 * ours: the file that memory_region_renew() will put behind the region, made by
 * the first call; the region keeps it. -1 with errp set for a region whose memory is not ours.
 */
int memory_region_next_fd(MemoryRegion *mr, Error **errp);
/* ours: whoever was given the next file shares nothing with the region, ever. */
void memory_region_drop_next_fd(MemoryRegion *mr);
/*
 * ours: gives the region another file with the same contents at the same host
 * address. Whoever was given the old one shares nothing with the region from
 * here on. Without a file to be had the region goes on without one
 * (memory_region_get_fd() is -1 then). False: out of memory, nothing changed.
 * Called under the lock of the device's domain.
 */
bool memory_region_renew(MemoryRegion *mr);
void *memory_region_get_ram_ptr(MemoryRegion *mr);
ram_addr_t memory_region_get_ram_addr(MemoryRegion *mr);
void memory_region_msync(MemoryRegion *mr, hwaddr addr, hwaddr size);

void memory_region_add_subregion(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion);
void memory_region_add_subregion_overlap(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion,
                                         int priority);
void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *subregion);
void memory_region_set_enabled(MemoryRegion *mr, bool enabled);
void memory_region_set_address(MemoryRegion *mr, hwaddr addr);
void memory_region_set_size(MemoryRegion *mr, uint64_t size);
void memory_region_set_alias_offset(MemoryRegion *mr, hwaddr offset);
void memory_region_set_readonly(MemoryRegion *mr, bool readonly);
void memory_region_set_nonvolatile(MemoryRegion *mr, bool nonvolatile);
void memory_region_set_unmergeable(MemoryRegion *mr, bool unmergeable);
void memory_region_rom_device_set_romd(MemoryRegion *mr, bool romd_mode);
/* Is there a direct or indirect child of container at addr? */
bool memory_region_present(MemoryRegion *container, hwaddr addr);

/* Changes between begin and commit reach the flat views at the outermost commit of the thread. */
void memory_region_transaction_begin(void);
void memory_region_transaction_commit(void);

/*
 * A write of size bytes at addr (any size when 0) that carries data (any when
 * !match_data) signals e instead of calling the region's write callback.
 * The notifier is borrowed until memory_region_del_eventfd() with equal arguments.
 */
void memory_region_add_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, EventNotifier *e);
void memory_region_del_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, EventNotifier *e);
typedef struct MemoryRegionEventfdInfo {
    hwaddr addr;
    unsigned size;
    bool match_data;
    uint64_t data;
    EventNotifier *e;
} MemoryRegionEventfdInfo;
/* Lists the eventfds of mr itself (not of its children). */
void memory_region_foreach_eventfd(MemoryRegion *mr,
                                   void (*fn)(const MemoryRegionEventfdInfo *info, void *opaque),
                                   void *opaque);

/*
 * Coalescing lets KVM gather writes before it tells the device. There is no
 * KVM here, and every write that arrives is dispatched at once, so that these
 * have nothing to change; clients that batch posted writes keep their order.
 */
void memory_region_set_coalescing(MemoryRegion *mr);
void memory_region_add_coalescing(MemoryRegion *mr, hwaddr offset, uint64_t size);
void memory_region_clear_coalescing(MemoryRegion *mr);
void memory_region_set_flush_coalesced(MemoryRegion *mr);
void memory_region_clear_flush_coalesced(MemoryRegion *mr);
void qemu_flush_coalesced_mmio_buffer(void);
/* The callbacks of mr take their own locks: dispatch must not take the domain's. */
void memory_region_clear_global_locking(MemoryRegion *mr);

/*
 * One access of 1, 2, 4 or 8 bytes to a region itself (children and aliases
 * are not consulted). Such an access comes from the client: it is never taken
 * for DMA recursion. *pval is 0 when the access is refused.
 */
MemTxResult memory_region_dispatch_read(MemoryRegion *mr, hwaddr addr, uint64_t *pval, MemOp op,
                                        MemTxAttrs attrs);
MemTxResult memory_region_dispatch_write(MemoryRegion *mr, hwaddr addr, uint64_t data, MemOp op,
                                         MemTxAttrs attrs);
/*
 * A client's access of any length to a region that is a leaf: cut into
 * accesses that the region takes. For trees make an AddressSpace over them and
 * address_space_set_client_side() it.
 */
MemTxResult memory_region_rw(MemoryRegion *mr, hwaddr addr, MemTxAttrs attrs, void *buf,
                             hwaddr len, bool is_write);
/* Neither children nor an alias: every access to it is its own. */
bool memory_region_is_leaf(MemoryRegion *mr);
bool memory_region_access_valid(MemoryRegion *mr, hwaddr addr, unsigned size, bool is_write,
                                MemTxAttrs attrs);

extern const MemoryRegionOps unassigned_mem_ops;

/*
 * The hook through which a region learns the re-entrancy guard of its owner.
 * hw/ registers it once, before the first region is made.
 */
void memory_region_set_guard_lookup(MemReentrancyGuard *(*lookup)(Object *owner));

/* ---- sections ---- */

struct MemoryRegionSection {
    Int128 size;
    MemoryRegion *mr; /* NULL: nothing there */
    FlatView *fv;
    hwaddr offset_within_region;
    hwaddr offset_within_address_space;
    bool readonly;
    bool nonvolatile;
    bool unmergeable;
};

/*
 * What an access of size bytes at addr inside mr (its children and aliases
 * included) would meet first. A found section holds a reference to section.mr:
 * memory_region_unref() it.
 */
MemoryRegionSection memory_region_find(MemoryRegion *mr, hwaddr addr, uint64_t size);
MemoryRegionSection *memory_region_section_new_copy(MemoryRegionSection *s);
void memory_region_section_free_copy(MemoryRegionSection *s);

/* ---- AddressSpace ---- */

#define DEFAULT_MAX_BOUNCE_BUFFER_SIZE 4096

typedef struct AddressSpaceMapClient {
    QEMUBH *bh;
    QLIST_ENTRY(AddressSpaceMapClient) link;
} AddressSpaceMapClient;

struct AddressSpace {
    char *name;
    MemoryRegion *root;

    /* Bytes that address_space_map() may have bounced at a time. */
    uint64_t max_bounce_buffer_size;

    /* Private to softmmu/memory. */
    QemuMutex lock; /* current_map, bounce_*, bounces, maps, map_clients */
    FlatView *current_map;
    AioContext *home; /* of the domain, whose lock most readers hold */
    uint64_t bounce_bytes;
    uint64_t bounces, bounce_stalls;
    GHashTable *maps;
    QLIST_HEAD(, AddressSpaceMapClient) map_clients;
    QTAILQ_HEAD(, MemoryListener) listeners;
    MemReentrancyGuard *initiator;
    bool client_side;
    bool heap;
    bool dirty;
    bool forbidden; /* address_space_memory and _io */
    uint64_t faults;
};

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name);
/* No map of it may be outstanding. */
void address_space_destroy(AddressSpace *as);
/*
 * Whose DMA goes through as: accesses to MMIO of a device that is in the
 * middle of a callback are refused as recursion, and while the access waits
 * for client memory the initiator does not count as being in one.
 */
void address_space_set_initiator(AddressSpace *as, MemReentrancyGuard *guard);
/* Accesses through as come from the client, and are never recursion. */
void address_space_set_client_side(AddressSpace *as);
/* Accesses refused or failed since init; for queries. */
uint64_t address_space_fault_count(AddressSpace *as);
/* Maps that went through a buffer, and those refused because there was no room for one. */
void address_space_bounce_counts(AddressSpace *as, uint64_t *bounces, uint64_t *stalls);

MemTxResult address_space_rw(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                             hwaddr len, bool is_write);
MemTxResult address_space_read(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                               hwaddr len);
MemTxResult address_space_read_full(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                                    hwaddr len);
MemTxResult address_space_write(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, const void *buf,
                                hwaddr len);
/* Like write, and also into ROM. */
MemTxResult address_space_write_rom(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                                    const void *buf, hwaddr len);
MemTxResult address_space_set(AddressSpace *as, hwaddr addr, uint8_t c, hwaddr len,
                              MemTxAttrs attrs);
/* Would an access of this range reach something that takes it? */
bool address_space_access_valid(AddressSpace *as, hwaddr addr, hwaddr len, bool is_write,
                                MemTxAttrs attrs);

/*
 * A host pointer to at most *plen bytes from addr; *plen tells how many. What
 * cannot be mapped is bounced, within max_bounce_buffer_size: NULL when that
 * is used up (address_space_register_map_client() tells when to retry) or
 * when nothing is there.
 */
void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write,
                        MemTxAttrs attrs);
void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len, bool is_write,
                         hwaddr access_len);
/* bh is scheduled once, when bounce space came free. */
void address_space_register_map_client(AddressSpace *as, QEMUBH *bh);
void address_space_unregister_map_client(AddressSpace *as, QEMUBH *bh);

/*
 * Loads and stores of a fixed width. On failure *result (may be NULL) says so
 * and a load returns 0. The forms without suffix use the clients' order: little.
 */
#define MEMORY_LDST_DECLARE(sfx, type)                                                            \
    type address_space_ld##sfx(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,                   \
                               MemTxResult *result);
MEMORY_LDST_DECLARE(ub, uint8_t)
MEMORY_LDST_DECLARE(uw, uint32_t)
MEMORY_LDST_DECLARE(uw_le, uint32_t)
MEMORY_LDST_DECLARE(uw_be, uint32_t)
MEMORY_LDST_DECLARE(l, uint32_t)
MEMORY_LDST_DECLARE(l_le, uint32_t)
MEMORY_LDST_DECLARE(l_be, uint32_t)
MEMORY_LDST_DECLARE(q, uint64_t)
MEMORY_LDST_DECLARE(q_le, uint64_t)
MEMORY_LDST_DECLARE(q_be, uint64_t)
#undef MEMORY_LDST_DECLARE
#define MEMORY_LDST_DECLARE(sfx, type)                                                            \
    void address_space_st##sfx(AddressSpace *as, hwaddr addr, type val, MemTxAttrs attrs,         \
                               MemTxResult *result);
MEMORY_LDST_DECLARE(b, uint8_t)
MEMORY_LDST_DECLARE(w, uint16_t)
MEMORY_LDST_DECLARE(w_le, uint16_t)
MEMORY_LDST_DECLARE(w_be, uint16_t)
MEMORY_LDST_DECLARE(l, uint32_t)
MEMORY_LDST_DECLARE(l_le, uint32_t)
MEMORY_LDST_DECLARE(l_be, uint32_t)
MEMORY_LDST_DECLARE(q, uint64_t)
MEMORY_LDST_DECLARE(q_le, uint64_t)
MEMORY_LDST_DECLARE(q_be, uint64_t)
#undef MEMORY_LDST_DECLARE

/* ---- listeners ---- */

/*
 * Told under the domain lock what an AddressSpace gains and loses. On
 * registration it hears region_add for everything there is.
 */
struct MemoryListener {
    void (*begin)(MemoryListener *listener);
    void (*commit)(MemoryListener *listener);
    void (*region_add)(MemoryListener *listener, MemoryRegionSection *section);
    void (*region_del)(MemoryListener *listener, MemoryRegionSection *section);
    void (*region_nop)(MemoryListener *listener, MemoryRegionSection *section);
    unsigned priority; /* adds by rising, deletions by falling priority */
    const char *name;
    AddressSpace *address_space; /* private */
    QTAILQ_ENTRY(MemoryListener) link;
};

#define MEMORY_LISTENER_PRIORITY_MIN 0
#define MEMORY_LISTENER_PRIORITY_ACCEL 10
#define MEMORY_LISTENER_PRIORITY_DEV_BACKEND 10

void memory_listener_register(MemoryListener *listener, AddressSpace *as);
void memory_listener_unregister(MemoryListener *listener);

#endif
