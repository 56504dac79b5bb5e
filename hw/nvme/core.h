/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the controller's core share and the command files do not
 * need: rings in host memory, the queues on them, the reach of DMA.
 *
 * Locking: as nvme.h. Lock order: none of its own.
 */
#ifndef HW_NVME_CORE_H
#define HW_NVME_CORE_H

#include "hw/nvme/nvme.h"
#include "hw/nvme/regs.h"

/* ---- dma.c: host memory as this function reaches it, its own CMB included ---- */

void nvme_dma_new(NvmeCtrl *n);
void nvme_dma_free(NvmeCtrl *n);
/* The function is a bus master and somebody's memory is behind it. */
bool nvme_dma_reachable(NvmeCtrl *n);
/* See dma_memory_pin(); nvme_dma_unpin() false: bytes were lost under the pin. */
bool nvme_dma_pin(NvmeCtrl *n, uint64_t addr, uint64_t len, DMADirection dir, DMAPin *pin);
bool nvme_dma_unpin(DMAPin *pin);
/* See dma_memory_rw_async(): NULL when done() has run already. */
DMARequest *nvme_dma_rw(NvmeCtrl *n, uint64_t addr, void *buf, uint64_t len, DMADirection dir,
                        MemoryRegionDMADone *done, void *opaque);

/* [first, last] inclusive and [addr, addr + len), neither of which wraps, share a byte. */
static inline bool nvme_overlap(uint64_t first, uint64_t last, uint64_t addr, uint64_t len)
{
    return len && addr <= last && first <= addr + (len - 1);
}

/* ---- ring.c: entries of a queue in host memory ---- */

/*
 * Physically contiguous: from addr. Otherwise: pages[i] is where the i-th page of
 * page_size bytes is. host: all of it, while it is pinned.
 */
typedef struct NvmeRing {
    uint64_t addr;
    uint64_t *pages;
    uint32_t page_size;
    uint32_t entries;
    uint8_t shift;              /* log2 of the size of an entry */
    DMADirection dir;
    uint8_t *host;
    DMAPin pin;
} NvmeRing;

bool nvme_ring_pin(NvmeCtrl *n, NvmeRing *ring);
void nvme_ring_unpin(NvmeRing *ring);
void nvme_ring_revoke(NvmeRing *ring, uint64_t first, uint64_t last);
void nvme_ring_cleanup(NvmeRing *ring);
/* Address of entry `index`; *count, at most what it was, entries lie behind each other there. */
uint64_t nvme_ring_at(const NvmeRing *ring, uint32_t index, uint32_t *count);

static inline uint32_t nvme_ring_next(const NvmeRing *ring, uint32_t index)
{
    return index + 1 == ring->entries ? 0 : index + 1;
}

/* Entries from `from` up to, not including, `to`. */
static inline uint32_t nvme_ring_distance(const NvmeRing *ring, uint32_t from, uint32_t to)
{
    return to >= from ? to - from : to + ring->entries - from;
}

/* ---- data.c: one transfer of a command, its data or its metadata ---- */

typedef struct NvmeSegment {
    uint64_t addr;
    uint64_t len;
    bool bucket;                /* SGL bit bucket: nobody's memory */
} NvmeSegment;

enum {
    NVME_INLINE_SEGMENTS = 4,
    NVME_XFER_WINDOW = 8,       /* DMA messages of one transfer under way */
    NVME_SGL_DESCRIPTORS = 4096,        /* of one transfer */
};

typedef struct NvmeXfer NvmeXfer;
/* NVME_SUCCESS: xfer->step is what comes next, NULL: ready. */
typedef uint16_t NvmeXferStep(NvmeXfer *xfer);

typedef struct NvmeXferSlot {
    NvmeXfer *xfer;
    DMARequest *request;
    bool busy;
} NvmeXferSlot;

/* How far the walk over PRPs or SGLs has come: prp.c and sgl.c. */
typedef struct NvmeWalk {
    uint64_t left;              /* bytes that have no segment yet */
    uint64_t addr;              /* of the list or segment that comes next */
    uint32_t len;               /* its bytes */
    uint32_t seen;              /* SGL descriptors, whose number is bounded */
    bool last;                  /* SGL: it may not point to another one */
    uint8_t *list;              /* a private copy of it */
} NvmeWalk;

struct NvmeXfer {
    NvmeRequest *req;
    NvmeData *data;
    NvmeNext *next;
    NvmeXferStep *step;
    NvmeReceived *receive;      /* nvme_receive() */
    unsigned how;               /* NVME_DATA_* */
    bool in_use;
    bool running;               /* in the steps: an end of DMA only leaves a note */
    bool failed;                /* some DMA has */
    bool has_bucket;
    bool outward;               /* bounce to segments */

    NvmeSegment *segs;
    uint32_t nsegs, segs_room;
    DMAPin *pins;
    uint32_t npins, pins_room;
    uint8_t *bounce;
    uint64_t charged;           /* bytes of the controller's budget */
    bool waits_for_room, granted;
    QTAILQ_ENTRY(NvmeXfer) room_link;
    NvmeWalk walk;

    /* moving between bounce and segments: which comes next, and how much there is to be */
    uint32_t seg;
    uint64_t seg_offset, moved, limit;
    uint32_t slots_busy;
    NvmeXferSlot slots[NVME_XFER_WINDOW];

    NvmeSegment inline_segs[NVME_INLINE_SEGMENTS];
    DMAPin inline_pins[NVME_INLINE_SEGMENTS];
};

void nvme_data_new(NvmeCtrl *n);
void nvme_data_free(NvmeCtrl *n);
/* Ends what is under way and lets go of memory; false: bytes of the host were lost under it. */
bool nvme_xfer_release(NvmeXfer *xfer);
/* It holds pins in [first, last]. */
bool nvme_xfer_overlaps(const NvmeXfer *xfer, uint64_t first, uint64_t last);
/* Takes the next `len` bytes of the command to be at addr. */
void nvme_xfer_add(NvmeXfer *xfer, uint64_t addr, uint64_t len, bool bucket);
/* Copies `len` bytes from addr into walk.list; xfer->step goes on, now or later. */
uint16_t nvme_xfer_read_list(NvmeXfer *xfer, uint64_t addr, uint32_t len);
/* The step when all bytes have their segments. */
NvmeXferStep nvme_xfer_place;
/* First steps of walks; the second one takes PRP1 for the address of a list. */
NvmeXferStep nvme_prp_walk, nvme_prp_list_walk, nvme_sgl_walk, nvme_meta_walk;
/*
 * Only finds the segments of `length` bytes, by the list at PRP1; what it answers is
 * as for nvme_map_data(). They are in xfer->segs until the request ends.
 */
uint16_t nvme_find_pages(NvmeRequest *req, uint64_t length, NvmeNext *next);

/* ---- request.c ---- */

typedef struct NvmeRequestCore NvmeRequestCore;
struct NvmeRequestCore {
    NvmeRequest req;
    NvmeXfer data, meta;
    NvmeRequestCore *next_free;
    bool active;                /* on its queue's list: the handler has answered NVME_PENDING */
    uint32_t lists;             /* bytes that it has of budget.c's */
};

static inline NvmeRequestCore *nvme_request_core(NvmeRequest *req)
{
    return container_of(req, NvmeRequestCore, req);
}

/* NULL: all that the queue may have are in use. */
NvmeRequest *nvme_request_get(NvmeSQueue *sq);
void nvme_request_put(NvmeRequest *req);
/* Hands a command to its handler, and its answer to the completion queue. */
void nvme_request_start(NvmeRequest *req);
/* Takes it back and completes it with status; or, unanswered, frees it. */
void nvme_request_cancel(NvmeRequest *req, uint16_t status);
void nvme_request_drop(NvmeRequest *req);
/* Takes back and completes those under way that match(req, opaque). */
typedef bool NvmeRequestMatch(NvmeRequest *req, const void *opaque);
void nvme_requests_cancel(NvmeSQueue *sq, NvmeRequestMatch *match, const void *opaque,
                          uint16_t status);
void nvme_requests_free(NvmeSQueue *sq);

/* ---- budget.c: the process's memory for the commands of a controller ---- */

/* How many requests more the queue may make, `wish` at most. */
uint32_t nvme_budget_requests(NvmeSQueue *sq, uint32_t wish);
/* It has made so many, or freed them. */
void nvme_budget_count(NvmeSQueue *sq, int64_t more);
bool nvme_budget_charge(NvmeRequestCore *core);
void nvme_budget_discharge(NvmeRequestCore *core);

/*
 * What the command, whose entry is there, needs at most for its lists. false: that is not
 * to be had now, and the queue is run again when others have ended.
 */
static inline bool nvme_budget_take(NvmeRequestCore *core)
{
    const NvmeSqe *cmd = &core->req.cmd;

    /* Few blocks by PRPs are not worth counting. */
    return likely(!(cmd->flags >> 6) && !(cmd->cdw12 & cpu_to_le32(0xfff8))
                  && cmd->opcode <= NVME_IO_READ) || nvme_budget_charge(core);
}

/* It has let go of them. */
static inline void nvme_budget_give_back(NvmeRequestCore *core)
{
    if (unlikely(core->lists)) {
        nvme_budget_discharge(core);
    }
}

/* ---- squeue.c ---- */

enum {
    NVME_MESSAGE_ENTRIES = 32,  /* of a queue by one message */
    NVME_GATHER = 16,           /* completions that are stored together */
    NVME_TURN_COMMANDS = 256,   /* of one controller before others of its domain get their turn */
};

typedef QTAILQ_HEAD(NvmeRequestList, NvmeRequest) NvmeRequestList;

struct NvmeSQueue {
    NvmeCtrl *ctrl;
    NvmeCQueue *cq;
    uint16_t id;
    NvmeRing ring;
    uint32_t head, tail;
    bool runnable;                      /* on the controller's list */
    bool starved;                       /* waits for a request, or for room for its lists */
    uint32_t charged;                   /* requests that have some of budget.c's */
    QTAILQ_ENTRY(NvmeSQueue) run_link;
    QTAILQ_ENTRY(NvmeSQueue) cq_link;

    NvmeRequestList active;
    NvmeRequestCore *free;
    GPtrArray *chunks;
    uint32_t allocated, limit;          /* requests */

    /* Entries that came by message; head is behind them. */
    NvmeSqe *fetched;
    uint32_t nfetched, next_fetched;
    uint32_t fetching;                  /* entries asked for; 0: none */
    DMARequest *fetch;

    uint32_t doorbell;                  /* as last seen in the mapped page */
    uint64_t bad_shadow;                /* the last bad value seen there, plus one; 0: none */
};

struct NvmeCQueue {
    NvmeCtrl *ctrl;
    uint16_t id;
    uint16_t vector;
    bool irq_enabled;
    NvmeRing ring;
    uint32_t head, tail;
    bool phase;
    QTAILQ_HEAD(, NvmeSQueue) sqs;

    NvmeRequestList waiting;            /* completed, not posted */
    uint32_t gathered;
    bool stalled;                       /* on the controller's list of queues to post from */
    QTAILQ_ENTRY(NvmeCQueue) post_link;
    NvmeCqe *posting;                   /* under way by message; tail is before them */
    uint32_t nposting;
    DMARequest *post;
    bool repost;

    bool irq_due;                       /* on irq.c's list */
    bool irq_level;                     /* counted there for INTx */
    QTAILQ_ENTRY(NvmeCQueue) irq_link;

    uint32_t doorbell;
    uint64_t bad_shadow;
};

typedef struct NvmeQueues {
    NvmeSQueue *sq[NVME_MAX_IOQPAIRS + 1];
    NvmeCQueue *cq[NVME_MAX_IOQPAIRS + 1];
    uint16_t last_sq, last_cq;          /* no queue has a higher identifier */
    uint16_t io_queues;
    uint32_t burst;                     /* commands of a queue while others wait */
    QTAILQ_HEAD(, NvmeSQueue) runnable;
    QTAILQ_HEAD(, NvmeCQueue) to_post;
    QEMUBH *bh;
    bool working;
    uint32_t requests;                  /* made by all queues for I/O */
    uint64_t lists;                     /* bytes, budget.c's */
    bool short_of_lists;
} NvmeQueues;

void nvme_queues_new(NvmeCtrl *n);
void nvme_queues_free(NvmeCtrl *n);
/* All queues go, with all that is under way, unanswered. */
void nvme_queues_reset(NvmeCtrl *n);
void nvme_queues_revoke(NvmeCtrl *n, uint64_t first, uint64_t last);
/* Reach changed: what could not be fetched or posted may be now. */
void nvme_queues_kick(NvmeCtrl *n);
/* One bounded turn: fetch, start, post, raise interrupts. */
void nvme_work(NvmeCtrl *n);
void nvme_work_soon(NvmeCtrl *n);

/* ring is taken over. */
NvmeSQueue *nvme_sq_new(NvmeCtrl *n, uint16_t id, NvmeCQueue *cq, NvmeRing *ring);
/* Commands that are under way end with NVME_ABORTED_SQ_DELETION. */
void nvme_sq_delete(NvmeSQueue *sq);
void nvme_sq_runnable(NvmeSQueue *sq);
NvmeCQueue *nvme_cq_new(NvmeCtrl *n, uint16_t id, uint16_t vector, bool irq, NvmeRing *ring);
void nvme_cq_delete(NvmeCQueue *cq);
/* req has its status: its entry is stored now, or when there is room; then req is free. */
void nvme_cq_complete(NvmeCQueue *cq, NvmeRequest *req);
void nvme_cq_post(NvmeCQueue *cq);
void nvme_cq_post_soon(NvmeCQueue *cq);
/* What was on its way by message when the state was saved goes again, from the loop. */
void nvme_cq_repost(NvmeCQueue *cq);
/* What waits of sq, which goes, is forgotten. */
void nvme_cq_forget(NvmeCQueue *cq, NvmeSQueue *sq);

static inline NvmeSQueue *nvme_sq(NvmeCtrl *n, uint32_t id)
{
    return id <= NVME_MAX_IOQPAIRS ? n->queues->sq[id] : NULL;
}

static inline NvmeCQueue *nvme_cq(NvmeCtrl *n, uint32_t id)
{
    return id <= NVME_MAX_IOQPAIRS ? n->queues->cq[id] : NULL;
}

static inline bool nvme_cq_full(const NvmeCQueue *cq)
{
    return nvme_ring_next(&cq->ring, cq->tail) == cq->head;
}

/* ---- irq.c ---- */

void nvme_irq_new(NvmeCtrl *n);
void nvme_irq_free(NvmeCtrl *n);
void nvme_irq_reset(NvmeCtrl *n);
/* So many entries were posted to cq. */
void nvme_irq_posted(NvmeCQueue *cq, uint32_t entries);
/* The host has consumed entries. */
void nvme_irq_consumed(NvmeCQueue *cq);
/* It holds the pin until the host has. */
bool nvme_irq_is_level(const NvmeCQueue *cq);
/* Migration: its indexes are what they were. */
void nvme_irq_restore(NvmeCQueue *cq);
/* The queue goes. */
void nvme_irq_forget(NvmeCQueue *cq);
/* Raises what is due: once for a batch. */
void nvme_irq_flush(NvmeCtrl *n);
/* The level of the pin again: masks or MSI-X enable have changed. */
void nvme_irq_update(NvmeCtrl *n);
/* INTMS. */
uint32_t nvme_irq_mask(NvmeCtrl *n);
void nvme_irq_set_mask(NvmeCtrl *n, uint32_t mask);

/* ---- doorbell.c ---- */

bool nvme_doorbells_new(NvmeCtrl *n, Error **errp);
void nvme_doorbells_free(NvmeCtrl *n);
void nvme_doorbells_reset(NvmeCtrl *n);
/* A queue is new: its doorbell is 0. */
void nvme_sq_doorbell_init(NvmeSQueue *sq);
void nvme_cq_doorbell_init(NvmeCQueue *cq);
/* The values that a host has left for the queue are looked at. */
void nvme_sq_look(NvmeSQueue *sq);
void nvme_cq_look(NvmeCQueue *cq);
/* It says so: the value is checked, and used or reported. */
void nvme_sq_ring(NvmeSQueue *sq, uint32_t tail);
void nvme_cq_ring(NvmeCQueue *cq, uint32_t head);
bool nvme_doorbells_are_mapped(NvmeCtrl *n);
/* SharedWakeupMoved: the words are there now. */
void nvme_doorbells_moved(void *opaque, void *page);
/* Migration: the page says where the queue is. */
void nvme_sq_doorbell_restore(NvmeSQueue *sq);
void nvme_cq_doorbell_restore(NvmeCQueue *cq);

/* ---- shadow.c: base 5.8, the doorbells' words in host memory ---- */

/* The word has been looked at; false: shadow doorbells are not in use for this queue, now. */
bool nvme_shadow_sq(NvmeSQueue *sq);
bool nvme_shadow_cq(NvmeCQueue *cq);
/* The queue of this doorbell is new. */
void nvme_shadow_init(NvmeCtrl *n, unsigned index);
/* Asks the host to ring when it goes on from here; what it did meanwhile has been seen. */
void nvme_shadow_sq_wake(NvmeSQueue *sq);
void nvme_shadow_cq_wake(NvmeCQueue *cq);
void nvme_shadow_revoke(NvmeCtrl *n, uint64_t first, uint64_t last);
void nvme_shadow_off(NvmeCtrl *n);
/* Migration: the pages that are in use, and that they are; false: they cannot be. */
bool nvme_shadow_pages(NvmeCtrl *n, uint64_t *doorbells, uint64_t *events);
bool nvme_shadow_restore(NvmeCtrl *n, uint64_t doorbells, uint64_t events);

/* ---- poll.c ---- */

bool nvme_poll_new(NvmeCtrl *n, Error **errp);
void nvme_poll_free(NvmeCtrl *n);
/* The state, or what there is to look at, has changed. */
void nvme_poll_update(NvmeCtrl *n);

/* ---- cmb.c ---- */

bool nvme_cmb_new(NvmeCtrl *n, Error **errp);
void nvme_cmb_free(NvmeCtrl *n);
void nvme_cmb_reset(NvmeCtrl *n);
/* With n->cmb: the buffer at addr, NULL when that is not in it; *len is cut to what is. */
void *nvme_cmb_at(NvmeCtrl *n, uint64_t addr, uint64_t *len);
uint32_t nvme_cmb_read(NvmeCtrl *n, uint32_t offset);
void nvme_cmb_write(NvmeCtrl *n, uint32_t offset, uint32_t value);
extern const VMStateDescription nvme_vmstate_cmb;

/* ---- regs.c ---- */

struct NvmeRegs {
    uint32_t cc, csts, aqa;
    uint64_t asq, acq;
};

/* What is wrong with the registers for enabling, NULL: nothing. Takes page size and CSS over. */
const char *nvme_bad_configuration(NvmeCtrl *n);

void nvme_regs_new(NvmeCtrl *n);
void nvme_regs_free(NvmeCtrl *n);

/* shutdown.c: base 3.6.1. notification: CC.SHN, normal or abrupt. */
void nvme_shutdown(NvmeCtrl *n, unsigned notification);
void nvme_shutdown_cancel(NvmeCtrl *n);

typedef enum NvmeResetKind {
    NVME_RESET_CONTROLLER,              /* CC.EN went to 0: base 3.7.2 */
    NVME_RESET_SUBSYSTEM,               /* NSSR: base 3.7.1 */
    NVME_RESET_DEVICE,                  /* FLR, power, a client that left */
} NvmeResetKind;
void nvme_ctrl_reset(NvmeCtrl *n, NvmeResetKind kind);

/* ---- vmstate.c, vmstate-load.c ---- */

extern const VMStateDescription nvme_vmstate;

#endif
