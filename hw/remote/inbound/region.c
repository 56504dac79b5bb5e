/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accesses of the client to the regions of a function; see region.h. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "exec/shared-io.h"
#include "hw/pci/pci_device.h"
#include "inbound/region.h"
#include "trace.h"

/* The client gives up after 5 s, and an answer after that kills the session. */
#define OP_ANSWER_NS (3 * NANOSECONDS_PER_SECOND)

/* Operations nest on one thread: a callback may write to itself. */
typedef struct RegionOp {
    const RemoteFunction *fn;
    int64_t start;              /* 0: not looked at the clock yet */
    struct RegionOp *outer;
} RegionOp;

static __thread RegionOp *current_op;

int64_t region_op_deadline(const RemoteFunction *fn)
{
    RegionOp *op = current_op;

    if (!op || op->fn != fn) {
        return INT64_MAX;
    }
    /* The first wait of an operation comes before time is lost elsewhere, so
     * the clock is only read by those that wait. */
    if (!op->start) {
        op->start = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    }
    return op->start + OP_ANSWER_NS;
}

/* The largest naturally aligned access, at most `most` bytes. */
static unsigned piece_size(uint64_t offset, uint32_t left, unsigned most)
{
    unsigned size = most;

    while (size > left || (offset & (size - 1))) {
        size >>= 1;
    }
    return size;
}

/* --- config space: bytes, in any alignment and length --- */

static void config_read(PCIDevice *dev, uint64_t offset, uint8_t *data, uint32_t count)
{
    while (count) {
        unsigned size = piece_size(offset, count, 4);
        uint32_t val = dev->config_read(dev, offset, size);

        stn_le_p(data, size, val);
        offset += size;
        data += size;
        count -= size;
    }
}

static void config_write(PCIDevice *dev, uint64_t offset, const uint8_t *data, uint32_t count)
{
    while (count) {
        unsigned size = piece_size(offset, count, 4);

        dev->config_write(dev, offset, ldn_le_p(data, size), size);
        offset += size;
        data += size;
        count -= size;
    }
}

/* --- BARs --- */

static MemTxResult bar_piece(RemoteFunction *fn, unsigned index, uint64_t offset, uint8_t *data,
                             unsigned size, bool is_write)
{
    MemTxResult r = address_space_rw(&fn->bar_as[index], offset, MEMTXATTRS_UNSPECIFIED, data,
                                     size, is_write);

    if (r != MEMTX_OK) {
        trace_region_refused(fn->name, index, offset, size, is_write, r);
        if (!is_write) {
            memset(data, 0xff, size);
        }
    }
    return r;
}

static bool io_size_ok(const PCIIORegion *r, uint32_t count)
{
    return !(r->type & PCI_BASE_ADDRESS_SPACE_IO) || count == 1 || count == 2 || count == 4;
}

static int bar_access(RemoteFunction *fn, unsigned index, uint64_t offset, uint8_t *data,
                      uint32_t count, bool is_write)
{
    PCIIORegion *r = &fn->dev->io_regions[index];

    if (!io_size_ok(r, count)) {
        return -EINVAL;
    }
    if (memory_region_is_ram(r->memory)) {
        bar_piece(fn, index, offset, data, count, is_write);
        return 0;
    }
    while (count) {
        unsigned size = piece_size(offset, count, 8);

        bar_piece(fn, index, offset, data, size, is_write);
        offset += size;
        data += size;
        count -= size;
    }
    return 0;
}

static int rom_read(RemoteFunction *fn, uint64_t offset, uint8_t *data, uint32_t count)
{
    const uint8_t *rom = memory_region_get_ram_ptr(fn->dev->io_regions[PCI_ROM_SLOT].memory);

    memcpy(data, rom + offset, count);
    return 0;
}

int region_read_now(RemoteFunction *fn, unsigned index, uint64_t offset, void *data,
                    uint32_t count)
{
    RegionOp op = { .fn = fn, .outer = current_op };
    int ret = 0;

    current_op = &op;
    if (index == VFU_REGION_CONFIG) {
        config_read(fn->dev, offset, data, count);
    } else if (index == VFU_REGION_ROM) {
        ret = rom_read(fn, offset, data, count);
    } else {
        ret = bar_access(fn, index, offset, data, count, false);
    }
    current_op = op.outer;
    return ret;
}

int region_write_now(RemoteFunction *fn, unsigned index, uint64_t offset, const void *data,
                     uint32_t count)
{
    RegionOp op = { .fn = fn, .outer = current_op };
    int ret = 0;

    current_op = &op;
    if (index == VFU_REGION_CONFIG) {
        config_write(fn->dev, offset, data, count);
    } else {
        ret = bar_access(fn, index, offset, (uint8_t *)data, count, true);
    }
    current_op = op.outer;
    return ret;
}

/* A ROM image, or a model's own region of RAM behind the ROM BAR. */
static bool has_rom(PCIDevice *dev)
{
    const PCIIORegion *r = &dev->io_regions[PCI_ROM_SLOT];

    return r->size && r->memory && memory_region_get_ram_ptr(r->memory);
}

/* --- memory that is lent by its file --- */

static bool page_sized(uint64_t size)
{
    return size && !(size & (sysconf(_SC_PAGESIZE) - 1));
}

static bool is_lent_whole(const PCIIORegion *r)
{
    return memory_region_is_ram(r->memory) && !memory_region_is_rom(r->memory) &&
           page_sized(r->size);
}

void region_find_lent(RemoteFunction *fn)
{
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        const PCIIORegion *r = &fn->dev->io_regions[i];
        hwaddr offset;

        if (!fn->bar_as_ready[i]) {
            continue;
        }
        if (is_lent_whole(r)) {
            fn->lent[i] = r->memory;
            continue;
        }
        fn->lent[i] = memory_region_find_shared_io(r->memory, &offset);
        if (fn->lent[i]) {
            uint64_t size = memory_region_size(fn->lent[i]);

            fn->lent_areas[i] = (VfuSparseArea) { .offset = offset, .size = size };
            /* Of a file that another process serves, and may be killed. */
            fn->lent_windows[i] = sigbus_window_add(memory_region_shared_io_ptr(fn->lent[i]), size,
                                                    sysconf(_SC_PAGESIZE));
        }
    }
}

void region_forget_lent(RemoteFunction *fn)
{
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        sigbus_window_remove(g_steal_pointer(&fn->lent_windows[i]));
    }
}

void region_take_back(RemoteFunction *fn)
{
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        if (fn->lent[i] && !memory_region_renew(fn->lent[i])) {
            warn_report_ratelimited("%s: no memory to take BAR %u back from the client that left: "
                                    "its former file stays in use", fn->name, i);
        }
    }
}

void region_take_back_next(RemoteFunction *fn)
{
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        if (fn->lent[i]) {
            memory_region_drop_next_fd(fn->lent[i]);
        }
    }
    if (!fn->session) {
        region_take_back(fn);   /* what was the next file is the present one already */
    }
}

/* --- descriptions --- */

static void describe_bar(RemoteFunction *fn, unsigned index, VfuRegion *region)
{
    MemoryRegion *mr = fn->lent[index];

    region->size = fn->dev->io_regions[index].size;
    region->flags = VFU_REGION_F_READ | VFU_REGION_F_WRITE;
    region->fd = mr ? memory_region_get_fd(mr) : -1;
    if (region->fd >= 0) {
        region->flags |= VFU_REGION_F_MMAP;
        region->areas = &fn->lent_areas[index];
        region->nr_areas = fn->lent_areas[index].size != 0;
    }
}

void region_describe(RemoteFunction *fn, unsigned index, VfuRegion *region)
{
    *region = (VfuRegion) { .fd = -1 };
    if (index == VFU_REGION_CONFIG) {
        region->size = pci_config_size(fn->dev);
        region->flags = VFU_REGION_F_READ | VFU_REGION_F_WRITE;
    } else if (index == VFU_REGION_ROM && has_rom(fn->dev)) {
        region->size = fn->dev->io_regions[PCI_ROM_SLOT].size;
        region->flags = VFU_REGION_F_READ;
    } else if (index < PCI_ROM_SLOT && fn->bar_as_ready[index]) {
        describe_bar(fn, index, region);
    }
}

void region_describe_next(RemoteFunction *fn, unsigned index, VfuRegion *region)
{
    region_describe(fn, index, region);
    if (region->flags & VFU_REGION_F_MMAP) {
        region->fd = memory_region_next_fd(fn->lent[index], NULL);
        if (region->fd < 0) {
            region->flags &= ~VFU_REGION_F_MMAP;
        }
    }
}

typedef struct IoFdList {
    VfuIoFd *fds;
    unsigned max, count;
} IoFdList;

static void add_io_fd(const MemoryRegionEventfdInfo *info, void *opaque)
{
    IoFdList *list = opaque;

    if (list->count < list->max) {
        list->fds[list->count] = (VfuIoFd) {
            .entry = { .offset = info->addr, .size = info->size,
                       .flags = info->match_data ? 1 : 0, .datamatch = info->data },
            .fd = event_notifier_get_fd(info->e),
        };
    }
    list->count++;
}

unsigned region_io_fds(RemoteFunction *fn, unsigned index, VfuIoFd *fds, unsigned max)
{
    IoFdList list = { .fds = fds, .max = max };

    if (index < PCI_ROM_SLOT && fn->bar_as_ready[index]) {
        memory_region_foreach_eventfd(fn->dev->io_regions[index].memory, add_io_fd, &list);
    }
    return list.count;
}
