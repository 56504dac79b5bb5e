/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins: pointers to guest memory for requests by the million. What
 * address_space_map() does with a table, a reference and a lock is left to
 * the domain lock here, which the caller holds: nobody replaces the view
 * beside it, and the region is kept by its provider (or by a reference, when
 * it is RAM) rather than by an entry that unmap would have to find again.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qemu/range.h"
#include "sysemu/dma.h"
#include "internal.h"

static bool pin_ram(MemoryRegion *mr, hwaddr offset, bool is_write, bool readonly, DMAPin *pin)
{
    if (!(is_write ? memory_region_direct_write(mr, readonly) : memory_region_direct_read(mr))) {
        return false;
    }
    memory_region_ref(mr);
    pin->host = mr->ram_block->host + offset;
    return true;
}

static bool pin_provider(MemoryRegion *mr, hwaddr offset, bool is_write, bool readonly,
                         DMAPin *pin)
{
    if (!mr->dma_ops->pin || (is_write && readonly)) {
        return false;
    }
    pin->host = mr->dma_ops->pin(mr->opaque, offset, &pin->len, is_write, pin->token);
    return pin->host != NULL;
}

bool dma_memory_pin(AddressSpace *as, dma_addr_t addr, dma_addr_t len, DMADirection dir,
                    MemTxAttrs attrs, DMAPin *pin)
{
    bool is_write = dir == DMA_DIRECTION_FROM_DEVICE;
    const FlatRange *r;
    hwaddr offset;

    g_assert(aio_context_entered(as->home));
    if (!range_fits(addr, len)) {
        return false;
    }
    r = flatview_find(as->current_map, addr, len, &pin->len);
    if (!r) {
        return false;
    }
    pin->mr = r->mr;
    offset = r->offset + (addr - r->first);
    return r->mr->kind == MR_DMA ? pin_provider(r->mr, offset, is_write, r->readonly, pin)
                                 : pin_ram(r->mr, offset, is_write, r->readonly, pin);
}

bool dma_memory_unpin(DMAPin *pin)
{
    MemoryRegion *mr = pin->mr;

    pin->host = NULL;
    if (mr->kind == MR_DMA) {
        return mr->dma_ops->unpin(mr->opaque, pin->token);
    }
    memory_region_unref(mr);
    return true;
}
