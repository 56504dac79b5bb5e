/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the core as a stream has it: flat arrays, made before it is
 * saved, checked as a whole before anything of them is used.
 *
 * Locking: as nvme.h. Lock order: none of its own.
 */
#ifndef HW_NVME_VMSTATE_H
#define HW_NVME_VMSTATE_H

#include "hw/nvme/core.h"

/* Both kinds of queues; what only one has is 0 in the other. */
typedef struct NvmeSavedQueue {
    bool completion;
    uint16_t id;
    uint16_t cqid;              /* of a submission queue */
    uint16_t vector;
    bool irq_enabled;
    bool phase;
    uint64_t addr;
    uint32_t entries, head, tail;
    uint32_t npages;            /* 0: contiguous */
    uint64_t *pages;
    int32_t nposting;           /* entries on their way to the host: they go again */
    NvmeCqe *posting;
} NvmeSavedQueue;

/* A command that is under way: it starts again. */
typedef struct NvmeSavedCommand {
    uint16_t sqid;
    uint8_t entry[sizeof(NvmeSqe)];
} NvmeSavedCommand;

/* One that has ended, but its queue was full. */
typedef struct NvmeSavedCompletion {
    uint16_t sqid, cid, status;
    uint32_t dw0, dw1;
} NvmeSavedCompletion;

/* Blocks that Write Uncorrectable has marked. */
typedef struct NvmeSavedBad {
    uint32_t nsid;
    uint64_t first, last;
} NvmeSavedBad;

/* How a namespace is divided into zones: the same at both ends. */
typedef struct NvmeSavedZoned {
    uint32_t nsid, nr_zones, zone_size, capacity, extension_size;
} NvmeSavedZoned;

/* A zone that is not empty. */
typedef struct NvmeSavedZone {
    uint32_t nsid, index, wp;   /* wp: blocks from its start */
    uint8_t state;
    uint32_t nextension;        /* bytes; 0: it has none */
    uint8_t *extension;
} NvmeSavedZone;

typedef struct NvmeSaved {
    uint32_t irq_mask;
    bool shadow;
    uint64_t shadow_doorbells, shadow_events;
    int32_t nqueues, ncommands, ncompletions, nbad;
    NvmeSavedQueue *queues;     /* completion queues first */
    NvmeSavedCommand *commands;
    NvmeSavedCompletion *completions;
    NvmeSavedBad *bad;
    int32_t nzoned, nzones;
    NvmeSavedZoned *zoned;
    NvmeSavedZone *zones;
} NvmeSaved;

void nvme_saved_free(NvmeCtrl *n);
/* -EINVAL: a stream of nobody's; the controller is to be reset. */
int nvme_restore(NvmeCtrl *n);
/* uncorrectable-vmstate.c: of the namespaces that are attached. false: nobody's ranges. */
void nvme_bad_save(NvmeCtrl *n, NvmeSaved *s);
bool nvme_bad_restore(NvmeCtrl *n, const NvmeSaved *s);
/* zns-vmstate.c: the same for zones. */
void nvme_zones_save(NvmeCtrl *n, NvmeSaved *s);
bool nvme_zones_restore(NvmeCtrl *n, const NvmeSaved *s);
void nvme_zones_free(NvmeSaved *s);
extern const VMStateDescription nvme_vmstate_zones;

#endif
