/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dma-engine (docs/specs/dma-engine.rst) as a source of DMA for benchmarks:
 * one channel, lists of equal descriptors, its end told by MSI-X vector 0.
 */
#ifndef TOOLS_VFU_BENCH_ENGINE_H
#define TOOLS_VFU_BENCH_ENGINE_H

#include "bench.h"

#define ENGINE_DEVICE "dma-engine,max-descriptors=4096"
#define ENGINE_MAX_DESCRIPTORS 4096
/* More than any cache holds, as a guest's buffers are not in the cache either. */
#define ENGINE_SPAN (64 * 1024 * 1024)

/* From the device's own buffer to client memory: a pci_dma_write() each. */
enum { ENGINE_FROM_BUFFER = 2, ENGINE_FILL = 3 };
#define ENGINE_BUFFER_SIZE (64 * 1024)

typedef struct Engine {
    Bench *bench;
    VfuClient *c;               /* owned */
    VfuMemory *memory;          /* list, destination */
    int eventfd;
    uint64_t span;              /* bytes that the pieces of a list go over */
} Engine;

/* Takes the client over. false: a message was printed. */
bool engine_init(Engine *e, Bench *b, VfuClient *c);
void engine_clear(Engine *e);
/*
 * The next run does `nr` operations of `piece` bytes, number first and following
 * of those that fit into `span` bytes (at most ENGINE_SPAN), round and round.
 */
void engine_prepare(Engine *e, unsigned op, unsigned first, unsigned nr, uint32_t piece,
                    uint64_t span);
bool engine_start(Engine *e, unsigned nr);
bool engine_wait(Engine *e);
/* Where the operations write to. */
uint8_t *engine_destination(Engine *e);
uint64_t engine_step(const Engine *e, unsigned i, uint32_t piece); /* offset of piece i */

#endif
