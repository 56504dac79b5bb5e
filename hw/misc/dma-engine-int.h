/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dma-engine's state, shared by its life (dma-engine.c), its registers
 * (dma-engine-regs.c) and the work of its channels (dma-engine-channel.c).
 * Everything under the lock of the device's domain.
 */
#ifndef HW_MISC_DMA_ENGINE_INT_H
#define HW_MISC_DMA_ENGINE_INT_H

#include "hw/misc/dma-engine.h"
#include "hw/pci/pci_device.h"
#include "migration/vmstate.h"
#include "qemu/timer.h"
#include "qom/object.h"

typedef struct DMAEngineState DMAEngineState;
DECLARE_INSTANCE_CHECKER(DMAEngineState, DMA_ENGINE, TYPE_DMA_ENGINE)

/*
 * What a channel does next. It leaves IDLE by START and comes back by
 * dma_channel_end(). In the phases marked (w) it waits for a request, a timer
 * or the programmer; in the others its bottom half is scheduled.
 *
 *     DELAY(w) -> BEGIN -> [FETCH(w) -> PARSE] -> TAKE -> [HELD(w)] -> READ -> [READING(w)]
 *                                                  ^       -> WRITE -> [WRITING(w)] -> NEXT -+
 *                                                  +-----------------------------------------+
 *
 * `source`, `target` and the maps are only valid from TAKE to NEXT.
 */
typedef enum DMAPhase {
    DMA_PHASE_IDLE,
    DMA_PHASE_DELAY,
    DMA_PHASE_BEGIN,
    DMA_PHASE_FETCH,
    DMA_PHASE_PARSE,
    DMA_PHASE_TAKE,
    DMA_PHASE_HELD,
    DMA_PHASE_READ,
    DMA_PHASE_READING,
    DMA_PHASE_WRITE,
    DMA_PHASE_WRITING,
    DMA_PHASE_NEXT,
    DMA_PHASE_MAX,
} DMAPhase;

/* One contiguous job: a transfer has one, a list one for each descriptor. */
typedef struct DMASegment {
    uint64_t src;
    uint64_t dst;
    uint32_t length;
    uint32_t op;
    uint32_t pattern;
} DMASegment;

/* A mapping of client memory; host NULL: none. */
typedef struct DMAMapping {
    void *host;
    dma_addr_t len;
} DMAMapping;

typedef struct DMAChannel {
    DMAEngineState *engine;
    unsigned index;

    /* registers */
    uint64_t src, dst, delay;
    uint32_t length, pattern, command;
    uint32_t error, error_index, done;
    uint64_t fault_addr;
    uint64_t bytes, transfers, errors;

    /* the transfer under way */
    uint32_t phase;              /* DMAPhase */
    uint32_t latched_command;
    uint64_t list_addr;
    int32_t nr_segments;         /* also while the list is being fetched */
    DMASegment *segments;        /* owned; NULL until the list is parsed */
    int32_t moved_segments;      /* how many of them a stream has: 0 or nr_segments */
    uint32_t segment;
    uint32_t progress;
    QEMUTimer *timer;
    QEMUBH *bh;
    bool stepping;              /* the bottom half is running phases */
    bool runnable;              /* and has another one to run */

    /* the piece under way; never migrated, taken again instead */
    uint32_t piece;
    DMAMapping map_src, map_dst;
    void *source, *target;       /* NULL: reached by requests, through `bounce` */
    uint8_t *bounce;             /* owned; also the raw list */
    DMARequest *request;
    MemTxResult result;
} DMAChannel;

struct DMAEngineState {
    PCIDevice parent_obj;
    MemoryRegion regs;
    MemoryRegion buffer_region;
    uint8_t *buffer;             /* buffer_region's RAM */
    uint32_t nr_channels;        /* properties */
    uint32_t max_descriptors;

    uint32_t hold;
    uint32_t int_status;
    uint32_t int_enable;
    DMAChannel channel[DMA_ENGINE_MAX_CHANNELS];
    MemoryRegionDMANotifier revoke; /* listed while a channel may access client memory */
};

extern const MemoryRegionOps dma_engine_regs_ops;
extern const VMStateDescription vmstate_dma_channel;

void dma_engine_reset(DMAEngineState *s);
void dma_engine_update_irq(DMAEngineState *s);
/* A transfer of channel ended and its command asked for an interrupt. */
void dma_engine_raise(DMAEngineState *s, unsigned channel);

static inline uint32_t dma_engine_channel_mask(const DMAEngineState *s)
{
    return (1u << s->nr_channels) - 1;
}

static inline bool dma_op_from_buffer(uint32_t op)
{
    return op == DMA_OP_FROM_BUFFER;
}

static inline bool dma_op_to_buffer(uint32_t op)
{
    return op == DMA_OP_TO_BUFFER;
}

/* dma-engine-check.c */
bool dma_range_ok(bool in_buffer, uint64_t addr, uint32_t length);
/* DMA_ERR_NONE, or why not; then *fault is the address that is wrong, if one is. */
DMAEngineError dma_segment_check(const DMASegment *seg, uint64_t *fault);
/* Whether a byte of [first, last] is still needed; *lost is the first such byte. */
bool dma_channel_needs(const DMAChannel *ch, hwaddr first, hwaddr last, uint64_t *lost);
/* Whether the numbers that a stream brought agree with each other. */
bool dma_channel_is_sane(const DMAChannel *ch);

void dma_channel_init(DMAEngineState *s, unsigned index);
void dma_channel_cleanup(DMAChannel *ch);
/* To the state after reset; what is under way ends without a trace in registers. */
void dma_channel_reset(DMAChannel *ch);
void dma_channel_command(DMAChannel *ch, uint32_t command);
uint32_t dma_channel_status(const DMAChannel *ch);
/* HOLD was written: a channel that is held and no longer has to be goes on. */
void dma_channel_hold_changed(DMAChannel *ch);
/* [first, last] goes away. */
void dma_channel_revoke(DMAChannel *ch, hwaddr first, hwaddr last);
/* After a load; false when the stream's numbers contradict each other. */
bool dma_channel_resume(DMAChannel *ch);

#endif
