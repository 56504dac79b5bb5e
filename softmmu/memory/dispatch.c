/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One access to one region: is it allowed, in which pieces does the device see
 * it, in which byte order.
 *
 *   valid.*  decides refusal (MEMTX_DECODE_ERROR, nothing is called);
 *   impl.*   decides the pieces: larger accesses are split at impl.max and, for
 *            a region that does not implement unaligned ones, at the alignment
 *            of the address; smaller ones are widened to impl.min at the same address.
 *
 * Re-entrancy. While a callback of a device runs, its guard is engaged. An
 * access that a device makes (DMA) and that would enter an engaged device is
 * refused: that is the MMIO-DMA-MMIO recursion of many CVEs. An access that
 * the client makes is never refused, though a callback of the device may be
 * suspended half-way, waiting for client memory: the client is not recursing,
 * it is another initiator. So the mark of the access, not the state of the
 * device alone, decides (`from_dma`); and rw.c disengages the initiator while it waits.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "internal.h"
#include "trace.h"

#define ALIAS_HOPS_MAX 64

static unsigned impl_max(const MemoryRegion *mr)
{
    return mr->ops->impl.max_access_size ? mr->ops->impl.max_access_size : 4;
}

static unsigned impl_min(const MemoryRegion *mr)
{
    return mr->ops->impl.min_access_size ? mr->ops->impl.min_access_size : 1;
}

static hwaddr alignment_of(hwaddr addr)
{
    return addr ? addr & -addr : 8;
}

static bool size_valid(const MemoryRegion *mr, hwaddr addr, unsigned size)
{
    const MemoryRegionOps *ops = mr->ops;

    if (!ops->valid.unaligned && (addr & (size - 1))) {
        return false;
    }
    /* No maximum: an old model that never said what it takes, and takes anything. */
    return !ops->valid.max_access_size
           || (size >= ops->valid.min_access_size && size <= ops->valid.max_access_size);
}

bool memory_region_access_valid(MemoryRegion *mr, hwaddr addr, unsigned size, bool is_write,
                                MemTxAttrs attrs)
{
    const MemoryRegionOps *ops = mr->ops;

    if (!ops || !size_valid(mr, addr, size)
        || (ops->valid.accepts && !ops->valid.accepts(mr->opaque, addr, size, is_write, attrs))) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "region '%s': invalid %s of %u bytes at 0x%" PRIx64 "\n",
                                  memory_region_name(mr), is_write ? "write" : "read", size, addr);
        return false;
    }
    return true;
}

void memory_region_fix_order(const MemoryRegion *mr, uint64_t *data, MemOp op)
{
    bool device_big = mr->ops && mr->ops->endianness == DEVICE_BIG_ENDIAN;

    if (memop_big_endian(op) == device_big) {
        return;
    }
    switch (memop_size(op)) {
    case 2:
        *data = bswap16(*data);
        break;
    case 4:
        *data = bswap32(*data);
        break;
    case 8:
        *data = bswap64(*data);
        break;
    default:
        break;
    }
}

unsigned memory_region_chunk(const MemoryRegion *mr, hwaddr addr, hwaddr len)
{
    hwaddr most = 4;

    if (mr->ops && mr->ops->valid.max_access_size) {
        most = mr->ops->valid.max_access_size;
    }
    if (!mr->ops || !mr->ops->impl.unaligned) {
        most = MIN(most, alignment_of(addr));
    }
    most = MIN(most, MIN(len, 8));
    return pow2floor(most);
}

static uint64_t low_bytes(unsigned bytes)
{
    return UINT64_MAX >> (64 - 8 * bytes);
}

static MemTxResult call_read(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned size,
                             MemTxAttrs attrs)
{
    if (mr->ops->read) {
        *data = mr->ops->read(mr->opaque, addr, size);
        return MEMTX_OK;
    }
    if (mr->ops->read_with_attrs) {
        return mr->ops->read_with_attrs(mr->opaque, addr, data, size, attrs);
    }
    return MEMTX_DECODE_ERROR;
}

static MemTxResult call_write(MemoryRegion *mr, hwaddr addr, uint64_t data, unsigned size,
                              MemTxAttrs attrs)
{
    if (mr->ops->write) {
        mr->ops->write(mr->opaque, addr, data, size);
        return MEMTX_OK;
    }
    if (mr->ops->write_with_attrs) {
        return mr->ops->write_with_attrs(mr->opaque, addr, data, size, attrs);
    }
    return MEMTX_DECODE_ERROR;
}

/* shift: where the piece's bits are in the whole value; negative for a widened big-endian piece. */
static MemTxResult read_piece(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned piece,
                              int shift, MemTxAttrs attrs)
{
    uint64_t part = 0;
    MemTxResult res = call_read(mr, addr, &part, piece, attrs);

    part &= low_bytes(piece);
    *data |= shift >= 0 ? part << shift : part >> -shift;
    return res;
}

static MemTxResult write_piece(MemoryRegion *mr, hwaddr addr, uint64_t data, unsigned piece,
                               int shift, MemTxAttrs attrs)
{
    uint64_t part = shift >= 0 ? data >> shift : data << -shift;

    return call_write(mr, addr, part & low_bytes(piece), piece, attrs);
}

static unsigned piece_size(const MemoryRegion *mr, hwaddr addr, unsigned size)
{
    unsigned piece = MIN(size, impl_max(mr));

    if (!mr->ops->impl.unaligned) {
        piece = MIN(piece, alignment_of(addr));
    }
    return MAX(piece, impl_min(mr));
}

static MemTxResult access_pieces(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned size,
                                 bool is_write, MemTxAttrs attrs)
{
    unsigned piece = piece_size(mr, addr, size);
    bool big = mr->ops->endianness == DEVICE_BIG_ENDIAN;
    uint64_t value = is_write ? *data : 0;
    MemTxResult res = MEMTX_OK;

    for (unsigned i = 0; i < size; i += piece) {
        int shift = 8 * (big ? (int)size - (int)piece - (int)i : (int)i);

        res |= is_write ? write_piece(mr, addr + i, value, piece, shift, attrs)
                        : read_piece(mr, addr + i, &value, piece, shift, attrs);
    }
    if (!is_write) {
        *data = value & low_bytes(size);
    }
    return res;
}

static MemTxResult access_ram(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned size,
                              bool is_write)
{
    void *host = mr->ram_block->host + addr;

    if (!is_write) {
        *data = ldn_he_p(host, size);
        return MEMTX_OK;
    }
    if (mr->readonly) {
        return MEMTX_ACCESS_ERROR;
    }
    stn_he_p(host, size, *data);
    return MEMTX_OK;
}

static bool recursion(MemoryRegion *mr, hwaddr addr, unsigned size, bool from_dma)
{
    if (!from_dma || !mr->guard || mr->disable_reentrancy_guard || !mr->guard->engaged_in_io) {
        return false;
    }
    trace_memory_region_reentrant(memory_region_name(mr), addr, size);
    warn_report_once("region '%s': an access that its own device set off was refused",
                     memory_region_name(mr));
    return true;
}

static MemTxResult access_device(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned size,
                                 bool is_write, MemTxAttrs attrs, bool from_dma)
{
    MemReentrancyGuard *guard = mr->guard;
    bool outer;
    MemTxResult res;

    if (recursion(mr, addr, size, from_dma)) {
        return MEMTX_ACCESS_ERROR;
    }
    if (is_write && mr->eventfds && memory_region_write_eventfds(mr, addr, *data, size)) {
        return MEMTX_OK;
    }
    if (!guard) {
        return access_pieces(mr, addr, data, size, is_write, attrs);
    }
    outer = guard->engaged_in_io;
    guard->engaged_in_io = true;
    res = access_pieces(mr, addr, data, size, is_write, attrs);
    guard->engaged_in_io = outer;
    return res;
}

static bool inside(const MemoryRegion *mr, hwaddr addr, unsigned size)
{
    return int128_le(int128_add(int128_make64(addr), int128_make64(size)), mr->size);
}

MemTxResult memory_region_access(MemoryRegion *mr, hwaddr addr, uint64_t *data, unsigned size,
                                 bool is_write, MemTxAttrs attrs, bool from_dma)
{
    bool direct = is_write ? memory_region_direct_write(mr, false)
                           : memory_region_direct_read(mr);
    bool lock;
    MemTxResult res;

    if (!inside(mr, addr, size)) {
        return MEMTX_DECODE_ERROR;
    }
    if (direct) {
        return access_ram(mr, addr, data, size, is_write);
    }
    if (!memory_region_access_valid(mr, addr, size, is_write, attrs)) {
        return MEMTX_DECODE_ERROR;
    }
    lock = !mr->own_lock && !qemu_mutex_iothread_locked();
    if (lock) {
        qemu_mutex_lock_iothread();
    }
    res = access_device(mr, addr, data, size, is_write, attrs, from_dma);
    if (lock) {
        qemu_mutex_unlock_iothread();
    }
    trace_memory_region_access(mr->name ? mr->name : "", addr, size, is_write, *data, res);
    return res;
}

/* What mr is an alias of; *addr follows. NULL when the aliases run in a circle. */
static MemoryRegion *resolve_alias(MemoryRegion *mr, hwaddr *addr)
{
    for (int hops = 0; mr && mr->alias; hops++) {
        if (hops == ALIAS_HOPS_MAX) {
            return NULL;
        }
        *addr += mr->alias_offset;
        mr = mr->alias;
    }
    return mr;
}

MemTxResult memory_region_dispatch_read(MemoryRegion *mr, hwaddr addr, uint64_t *pval, MemOp op,
                                        MemTxAttrs attrs)
{
    MemTxResult res = MEMTX_DECODE_ERROR;

    *pval = 0;
    mr = resolve_alias(mr, &addr);
    if (mr) {
        res = memory_region_access(mr, addr, pval, memop_size(op), false, attrs, false);
        memory_region_fix_order(mr, pval, op);
    }
    return res;
}

MemTxResult memory_region_dispatch_write(MemoryRegion *mr, hwaddr addr, uint64_t data, MemOp op,
                                         MemTxAttrs attrs)
{
    data &= low_bytes(memop_size(op));
    mr = resolve_alias(mr, &addr);
    if (!mr) {
        return MEMTX_DECODE_ERROR;
    }
    memory_region_fix_order(mr, &data, op);
    return memory_region_access(mr, addr, &data, memop_size(op), true, attrs, false);
}
