/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What device models use to reach memory: an address space, an address in it,
 * a buffer. All transfers return a MemTxResult; nothing is ever partly
 * reported as done. Any thread may call the synchronous forms; the
 * asynchronous form belongs to the domain of the device.
 */
#ifndef SYSEMU_DMA_H
#define SYSEMU_DMA_H

#include "block/accounting.h"
#include "block/aio.h"
#include "exec/memory.h"
#include "exec/address-spaces.h"

typedef uint64_t dma_addr_t;
#define DMA_ADDR_BITS 64
#define DMA_ADDR_FMT "%" PRIx64

typedef enum {
    DMA_DIRECTION_TO_DEVICE = 0,   /* the device reads memory */
    DMA_DIRECTION_FROM_DEVICE = 1, /* the device writes memory */
} DMADirection;

/* Orders earlier accesses of this thread before later DMA. */
void dma_barrier(AddressSpace *as, DMADirection dir);

bool dma_memory_valid(AddressSpace *as, dma_addr_t addr, dma_addr_t len, DMADirection dir,
                      MemTxAttrs attrs);
MemTxResult dma_memory_rw_relaxed(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                                  DMADirection dir, MemTxAttrs attrs);
MemTxResult dma_memory_rw(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                          DMADirection dir, MemTxAttrs attrs);
MemTxResult dma_memory_read(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                            MemTxAttrs attrs);
MemTxResult dma_memory_write(AddressSpace *as, dma_addr_t addr, const void *buf, dma_addr_t len,
                             MemTxAttrs attrs);
MemTxResult dma_memory_set(AddressSpace *as, dma_addr_t addr, uint8_t c, dma_addr_t len,
                           MemTxAttrs attrs);
/* See address_space_map(). */
void *dma_memory_map(AddressSpace *as, dma_addr_t addr, dma_addr_t *len, DMADirection dir,
                     MemTxAttrs attrs);
void dma_memory_unmap(AddressSpace *as, void *buffer, dma_addr_t len, DMADirection dir,
                      dma_addr_t access_len);

/* ---- pins: mapped memory in place, for requests by the million (ours) ---- */

typedef struct DMAPin {
    void *host;
    dma_addr_t len;
    /* private: */
    MemoryRegion *mr;
    void *token[2];
} DMAPin;

/*
 * The bytes from addr, up to len of them, where they are: pin->len may be
 * shorter when what holds them ends. RAM and mapped client memory only; false,
 * with nothing counted and nothing held, for anything else (memory reached by
 * messages, torn, read-only, unmapped): dma_memory_rw_async() then does or
 * counts it. Neither allocates nor searches. There is no barrier in it.
 *
 * While the bytes are pinned DMA_UNMAP of them waits, for dma-drain-timeout at
 * most. Keep a revoke notifier and unpin what lies in its range at once.
 * Domain lock held, for both.
 */
bool dma_memory_pin(AddressSpace *as, dma_addr_t addr, dma_addr_t len, DMADirection dir,
                    MemTxAttrs attrs, DMAPin *pin);
/*
 * The pin is over, pin->host dead. false: client memory under it was lost
 * meanwhile (its file was cut, or the pages were taken away after the
 * timeout): what was read is zeros in part, what was written nobody sees.
 */
bool dma_memory_unpin(DMAPin *pin);

/* On failure a load leaves *pval untouched. */
#define DMA_LDST_DECLARE(ld, st, type)                                                            \
    MemTxResult ld##_dma(AddressSpace *as, dma_addr_t addr, type *pval, MemTxAttrs attrs);        \
    MemTxResult st##_dma(AddressSpace *as, dma_addr_t addr, type val, MemTxAttrs attrs);
DMA_LDST_DECLARE(ldub, stb, uint8_t)
DMA_LDST_DECLARE(lduw_le, stw_le, uint16_t)
DMA_LDST_DECLARE(lduw_be, stw_be, uint16_t)
DMA_LDST_DECLARE(ldl_le, stl_le, uint32_t)
DMA_LDST_DECLARE(ldl_be, stl_be, uint32_t)
DMA_LDST_DECLARE(ldq_le, stq_le, uint64_t)
DMA_LDST_DECLARE(ldq_be, stq_be, uint64_t)
#undef DMA_LDST_DECLARE

/* ---- asynchronous access ---- */

typedef struct DMARequest DMARequest;

/*
 * Starts a transfer and returns; done(opaque, result) runs once, under the
 * domain lock, unless dma_request_cancel() came first. It may run before this
 * returns, and then the result is NULL. buf stays valid until then.
 */
DMARequest *dma_memory_rw_async(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                                DMADirection dir, MemTxAttrs attrs, MemoryRegionDMADone *done,
                                void *opaque);
/* Frees the request; done() will not run. buf is free again on return. */
void dma_request_cancel(DMARequest *req);

/*
 * Hear of client memory that is being unmapped. The notifier is tied to the
 * DMA regions that as shows now; add it again when those are exchanged.
 */
void dma_add_revoke_notifier(AddressSpace *as, MemoryRegionDMANotifier *n);
void dma_remove_revoke_notifier(AddressSpace *as, MemoryRegionDMANotifier *n);

/* ---- scatter lists ---- */

typedef struct ScatterGatherEntry {
    dma_addr_t base;
    dma_addr_t len;
} ScatterGatherEntry;

typedef struct QEMUSGList {
    ScatterGatherEntry *sg;
    int nsg;
    int nalloc;
    dma_addr_t size;
    DeviceState *dev; /* holds a reference */
    AddressSpace *as;
} QEMUSGList;

void qemu_sglist_init(QEMUSGList *qsg, DeviceState *dev, int alloc_hint, AddressSpace *as);
void qemu_sglist_add(QEMUSGList *qsg, dma_addr_t base, dma_addr_t len);
void qemu_sglist_destroy(QEMUSGList *qsg);

/*
 * Move between ptr and the listed memory: dma_buf_read() is the device's answer
 * to a read (writes memory). *residual, when given, is what the list could
 * have taken beyond len.
 */
MemTxResult dma_buf_read(void *ptr, dma_addr_t len, dma_addr_t *residual, QEMUSGList *sg,
                         MemTxAttrs attrs);
MemTxResult dma_buf_write(void *ptr, dma_addr_t len, dma_addr_t *residual, QEMUSGList *sg,
                          MemTxAttrs attrs);

/*
 * Between a scatter list and a disk (hw/block/dma-blk.c): cb(opaque, ret) once,
 * from the loop, unless the handle is cancelled by blk_aio_cancel*(). The bytes
 * go through a buffer of at most 1 MiB at a time, cut at multiples of align. sg
 * is borrowed until then. -EIO when the memory cannot be reached.
 */
typedef BlockAIOCB *DMAIOFunc(int64_t offset, QEMUIOVector *iov, BlockCompletionFunc *cb,
                              void *cb_opaque, void *opaque);
BlockAIOCB *dma_blk_io(AioContext *ctx, QEMUSGList *sg, uint64_t offset, uint32_t align,
                       DMAIOFunc *io_func, void *io_func_opaque, BlockCompletionFunc *cb,
                       void *opaque, DMADirection dir);
BlockAIOCB *dma_blk_read(BlockBackend *blk, QEMUSGList *sg, uint64_t offset, uint32_t align,
                         BlockCompletionFunc *cb, void *opaque);
BlockAIOCB *dma_blk_write(BlockBackend *blk, QEMUSGList *sg, uint64_t offset, uint32_t align,
                          BlockCompletionFunc *cb, void *opaque);
/* block_acct_start() with the length of the list. */
void dma_acct_start(BlockBackend *blk, BlockAcctCookie *cookie, QEMUSGList *sg,
                    enum BlockAcctType type);

/* The mask of the largest power-of-two block at start that stays within end and max_addr_bits. */
uint64_t dma_aligned_pow2_mask(uint64_t start, uint64_t end, int max_addr_bits);

#endif
