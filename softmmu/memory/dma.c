/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA helpers over address spaces, and scatter lists.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "sysemu/dma.h"
#include "internal.h"

/*
 * Only a read can overtake an earlier store (a device that publishes an index
 * and then looks at its peer's); keeping writes behind what came before them
 * needs no full fence, and the full one costs as much as moving a kilobyte.
 */
void dma_barrier(AddressSpace *as, DMADirection dir)
{
    if (dir == DMA_DIRECTION_TO_DEVICE) {
        smp_mb();
    } else {
        smp_mb_acquire();
        smp_mb_release();
    }
}

bool dma_memory_valid(AddressSpace *as, dma_addr_t addr, dma_addr_t len, DMADirection dir,
                      MemTxAttrs attrs)
{
    return address_space_access_valid(as, addr, len, dir == DMA_DIRECTION_FROM_DEVICE, attrs);
}

MemTxResult dma_memory_rw_relaxed(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                                  DMADirection dir, MemTxAttrs attrs)
{
    return address_space_rw(as, addr, attrs, buf, len, dir == DMA_DIRECTION_FROM_DEVICE);
}

MemTxResult dma_memory_rw(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                          DMADirection dir, MemTxAttrs attrs)
{
    dma_barrier(as, dir);
    return dma_memory_rw_relaxed(as, addr, buf, len, dir, attrs);
}

MemTxResult dma_memory_read(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                            MemTxAttrs attrs)
{
    return dma_memory_rw(as, addr, buf, len, DMA_DIRECTION_TO_DEVICE, attrs);
}

MemTxResult dma_memory_write(AddressSpace *as, dma_addr_t addr, const void *buf, dma_addr_t len,
                             MemTxAttrs attrs)
{
    return dma_memory_rw(as, addr, (void *)buf, len, DMA_DIRECTION_FROM_DEVICE, attrs);
}

MemTxResult dma_memory_set(AddressSpace *as, dma_addr_t addr, uint8_t c, dma_addr_t len,
                           MemTxAttrs attrs)
{
    dma_barrier(as, DMA_DIRECTION_FROM_DEVICE);
    return address_space_set(as, addr, c, len, attrs);
}

void *dma_memory_map(AddressSpace *as, dma_addr_t addr, dma_addr_t *len, DMADirection dir,
                     MemTxAttrs attrs)
{
    return address_space_map(as, addr, len, dir == DMA_DIRECTION_FROM_DEVICE, attrs);
}

void dma_memory_unmap(AddressSpace *as, void *buffer, dma_addr_t len, DMADirection dir,
                      dma_addr_t access_len)
{
    address_space_unmap(as, buffer, len, dir == DMA_DIRECTION_FROM_DEVICE, access_len);
}

/* fn for each DMA region that as shows, once. */
static void each_dma_region(AddressSpace *as, MemoryRegionDMANotifier *n, bool add)
{
    g_autoptr(FlatView) view = address_space_get_view(as);
    MemoryRegion *last = NULL;

    for (unsigned i = 0; view && i < view->nr; i++) {
        MemoryRegion *mr = view->ranges[i].mr;

        if (mr->kind != MR_DMA || mr == last) {
            continue;
        }
        last = mr;
        if (add && mr->dma_ops->add_notifier) {
            mr->dma_ops->add_notifier(mr->opaque, n);
        } else if (!add && mr->dma_ops->remove_notifier) {
            mr->dma_ops->remove_notifier(mr->opaque, n);
        }
    }
}

void dma_add_revoke_notifier(AddressSpace *as, MemoryRegionDMANotifier *n)
{
    each_dma_region(as, n, true);
}

void dma_remove_revoke_notifier(AddressSpace *as, MemoryRegionDMANotifier *n)
{
    each_dma_region(as, n, false);
}

void qemu_sglist_init(QEMUSGList *qsg, DeviceState *dev, int alloc_hint, AddressSpace *as)
{
    *qsg = (QEMUSGList) { .nalloc = MAX(alloc_hint, 1), .as = as, .dev = dev };
    qsg->sg = g_new(ScatterGatherEntry, qsg->nalloc);
    object_ref(dev);
}

void qemu_sglist_add(QEMUSGList *qsg, dma_addr_t base, dma_addr_t len)
{
    if (qsg->nsg == qsg->nalloc) {
        qsg->nalloc *= 2;
        qsg->sg = g_renew(ScatterGatherEntry, qsg->sg, qsg->nalloc);
    }
    qsg->sg[qsg->nsg++] = (ScatterGatherEntry) { base, len };
    qsg->size += len;
}

void qemu_sglist_destroy(QEMUSGList *qsg)
{
    object_unref(qsg->dev);
    g_free(qsg->sg);
    memset(qsg, 0, sizeof(*qsg));
}

static MemTxResult sglist_rw(uint8_t *p, dma_addr_t len, dma_addr_t *residual, QEMUSGList *sg,
                             DMADirection dir, MemTxAttrs attrs)
{
    dma_addr_t left = MIN(len, sg->size);
    MemTxResult res = MEMTX_OK;

    if (residual) {
        *residual = sg->size - left;
    }
    for (int i = 0; left && i < sg->nsg; i++) {
        dma_addr_t part = MIN(left, sg->sg[i].len);

        res |= dma_memory_rw(sg->as, sg->sg[i].base, p, part, dir, attrs);
        p += part;
        left -= part;
    }
    return res;
}

MemTxResult dma_buf_read(void *ptr, dma_addr_t len, dma_addr_t *residual, QEMUSGList *sg,
                         MemTxAttrs attrs)
{
    return sglist_rw(ptr, len, residual, sg, DMA_DIRECTION_FROM_DEVICE, attrs);
}

MemTxResult dma_buf_write(void *ptr, dma_addr_t len, dma_addr_t *residual, QEMUSGList *sg,
                          MemTxAttrs attrs)
{
    return sglist_rw(ptr, len, residual, sg, DMA_DIRECTION_TO_DEVICE, attrs);
}

uint64_t dma_aligned_pow2_mask(uint64_t start, uint64_t end, int max_addr_bits)
{
    uint64_t bits = max_addr_bits >= 64 ? UINT64_MAX : (1ULL << max_addr_bits) - 1;
    uint64_t aligned = start ? (start & -start) - 1 : UINT64_MAX;
    uint64_t fits = end - start; /* bytes after the first */
    uint64_t mask = UINT64_MAX;

    while (mask > aligned || mask > bits || mask > fits) {
        mask >>= 1;
    }
    return mask;
}
