/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers through address spaces: cut at the borders of ranges and, for
 * devices, into accesses they take.
 *
 * A range that wraps past 2^64 is refused as a whole. Pieces that fail read
 * as zero and do not stop the others, as on a bus; the result is the OR of all.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/range.h"
#include "internal.h"

/*
 * The provider may suspend us. Meanwhile the initiator's callback does not run,
 * so others may enter the device: its guard says so until we are back.
 */
static MemTxResult rw_dma(AddressSpace *as, const FlatRange *r, hwaddr offset, void *buf,
                          hwaddr len, bool is_write, MemTxAttrs attrs)
{
    MemReentrancyGuard *guard = as->initiator;
    bool engaged = guard && guard->engaged_in_io;
    MemTxResult res;

    if (is_write && r->readonly) {
        return MEMTX_ACCESS_ERROR;
    }
    if (engaged) {
        guard->engaged_in_io = false;
    }
    res = r->mr->dma_ops->rw(r->mr->opaque, offset, buf, len, is_write, attrs);
    if (engaged) {
        guard->engaged_in_io = true;
    }
    return res;
}

static MemTxResult rw_device(MemoryRegion *mr, hwaddr offset, uint8_t *buf, hwaddr len,
                             bool is_write, MemTxAttrs attrs, bool from_dma)
{
    MemTxResult res = MEMTX_OK;

    while (len) {
        unsigned size = memory_region_chunk(mr, offset, len);
        MemOp op = size_memop(size);
        uint64_t data = 0;

        if (is_write) {
            data = ldn_he_p(buf, size);
            memory_region_fix_order(mr, &data, op);
        }
        res |= memory_region_access(mr, offset, &data, size, is_write, attrs, from_dma);
        if (!is_write) {
            memory_region_fix_order(mr, &data, op);
            stn_he_p(buf, size, data);
        }
        offset += size;
        buf += size;
        len -= size;
    }
    return res;
}

/* Small aligned accesses are single ones: a client may have the same page mapped. */
static void copy_ram(uint8_t *host, void *buf, hwaddr len, bool is_write)
{
    bool single = (len == 2 || len == 4 || len == 8) && !((uintptr_t)host & (len - 1));

    if (!single) {
        memcpy(is_write ? host : buf, is_write ? buf : host, len);
    } else if (is_write) {
        stn_he_p(host, len, ldn_he_p(buf, len));
    } else {
        stn_he_p(buf, len, ldn_he_p(host, len));
    }
}

static MemTxResult rw_range(AddressSpace *as, const FlatRange *r, hwaddr offset, void *buf,
                            hwaddr len, bool is_write, MemTxAttrs attrs)
{
    MemoryRegion *mr = r->mr;

    if (mr->kind == MR_DMA) {
        return rw_dma(as, r, offset, buf, len, is_write, attrs);
    }
    if (is_write ? memory_region_direct_write(mr, r->readonly) : memory_region_direct_read(mr)) {
        copy_ram(mr->ram_block->host + offset, buf, len, is_write);
        return MEMTX_OK;
    }
    if (is_write && (r->readonly || mr->kind == MR_RAM)) {
        return MEMTX_ACCESS_ERROR;
    }
    if (attrs.memory) {
        qemu_log_mask_ratelimited(LOG_INVALID_MEM,
                                  "%s: access to region '%s' by an initiator that wants memory\n",
                                  as->name, memory_region_name(mr));
        return MEMTX_ACCESS_ERROR;
    }
    return rw_device(mr, offset, buf, len, is_write, attrs, !as->client_side);
}

bool memory_region_is_leaf(MemoryRegion *mr)
{
    return mr->kind != MR_CONTAINER && mr->kind != MR_ALIAS
           && !(mr->children && mr->children->len);
}

MemTxResult memory_region_rw(MemoryRegion *mr, hwaddr addr, MemTxAttrs attrs, void *buf,
                             hwaddr len, bool is_write)
{
    Int128 past = int128_add(int128_make64(addr), int128_make64(len));
    bool direct = is_write ? memory_region_direct_write(mr, mr->readonly)
                           : memory_region_direct_read(mr);

    if (!mr->enabled || int128_gt(past, mr->size)) {
        return MEMTX_DECODE_ERROR;
    }
    if (is_write && mr->readonly) {
        return MEMTX_ACCESS_ERROR;
    }
    if (direct) {
        copy_ram(mr->ram_block->host + addr, buf, len, is_write);
        return MEMTX_OK;
    }
    return rw_device(mr, addr, buf, len, is_write, attrs, false);
}

MemTxResult flatview_rw(AddressSpace *as, const FlatView *view, hwaddr addr, MemTxAttrs attrs,
                        void *buf, hwaddr len, bool is_write)
{
    MemTxResult res = MEMTX_OK;
    uint8_t *p = buf;

    if (len && !range_fits(addr, len)) {
        if (!is_write) {
            memset(buf, 0, len);
        }
        res = MEMTX_DECODE_ERROR;
        len = 0;
    }
    while (len) {
        hwaddr run;
        const FlatRange *r = flatview_find(view, addr, len, &run);
        MemTxResult part = MEMTX_DECODE_ERROR;

        if (r) {
            part = rw_range(as, r, r->offset + (addr - r->first), p, run, is_write, attrs);
        }
        if (part != MEMTX_OK && !is_write && (!r || r->mr->kind == MR_DMA)) {
            memset(p, 0, run); /* nothing of ours or of a half-done transfer reaches the device */
        }
        res |= part;
        addr += run;
        p += run;
        len -= run;
    }
    address_space_add_fault(as, res);
    return res;
}

MemTxResult address_space_rw(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                             hwaddr len, bool is_write)
{
    ViewHold hold;
    MemTxResult res;

    if (as->forbidden) {
        error_report_once("a device used the address space '%s' of the machine: there is none, "
                          "DMA must go through the device's own (pci_get_address_space)",
                          as->name);
    }
    hold = address_space_hold_view(as);
    res = flatview_rw(as, hold.view, addr, attrs, buf, len, is_write);
    address_space_release_view(as, hold);
    return res;
}

MemTxResult address_space_read(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                               hwaddr len)
{
    return address_space_rw(as, addr, attrs, buf, len, false);
}

MemTxResult address_space_read_full(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
                                    hwaddr len)
{
    return address_space_rw(as, addr, attrs, buf, len, false);
}

MemTxResult address_space_write(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, const void *buf,
                                hwaddr len)
{
    return address_space_rw(as, addr, attrs, (void *)buf, len, true);
}

MemTxResult address_space_write_rom(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                                    const void *buf, hwaddr len)
{
    g_autoptr(FlatView) view = address_space_get_view(as);
    const uint8_t *p = buf;

    if (len && !range_fits(addr, len)) {
        return MEMTX_DECODE_ERROR;
    }
    while (len) {
        hwaddr run;
        const FlatRange *r = flatview_find(view, addr, len, &run);

        if (r && r->mr->ram_block && r->mr->kind != MR_IO) {
            memcpy(r->mr->ram_block->host + r->offset + (addr - r->first), p, run);
        }
        addr += run;
        p += run;
        len -= run;
    }
    return MEMTX_OK;
}

MemTxResult address_space_set(AddressSpace *as, hwaddr addr, uint8_t c, hwaddr len,
                              MemTxAttrs attrs)
{
    uint8_t fill[512];
    MemTxResult res = MEMTX_OK;

    if (len && !range_fits(addr, len)) {
        return MEMTX_DECODE_ERROR;
    }
    memset(fill, c, sizeof(fill));
    while (len) {
        hwaddr part = MIN(len, sizeof(fill));

        res |= address_space_rw(as, addr, attrs, fill, part, true);
        addr += part;
        len -= part;
    }
    return res;
}

static bool range_takes(const FlatRange *r, hwaddr addr, hwaddr len, bool is_write,
                        MemTxAttrs attrs)
{
    MemoryRegion *mr = r->mr;
    hwaddr offset = r->offset + (addr - r->first);

    if (mr->kind == MR_DMA) {
        return !(is_write && r->readonly);
    }
    if (is_write ? memory_region_direct_write(mr, r->readonly) : memory_region_direct_read(mr)) {
        return true;
    }
    if (!mr->ops || (is_write && r->readonly)) {
        return false;
    }
    while (len) {
        unsigned size = memory_region_chunk(mr, offset, len);

        if (!memory_region_access_valid(mr, offset, size, is_write, attrs)) {
            return false;
        }
        offset += size;
        len -= size;
    }
    return true;
}

bool address_space_access_valid(AddressSpace *as, hwaddr addr, hwaddr len, bool is_write,
                                MemTxAttrs attrs)
{
    g_autoptr(FlatView) view = address_space_get_view(as);

    if (len && !range_fits(addr, len)) {
        return false;
    }
    while (len) {
        hwaddr run;
        const FlatRange *r = flatview_find(view, addr, len, &run);

        if (!r || !range_takes(r, addr, run, is_write, attrs)) {
            return false;
        }
        addr += run;
        len -= run;
    }
    return true;
}
