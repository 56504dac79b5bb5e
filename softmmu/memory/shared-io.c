/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I/O regions with a page behind them that a client may map; see exec/shared-io.h.
 * The page is a RAM block like that of a RAM region, so that lending it and
 * taking it back (ram-renew.c) are the same; the kind of the region stays I/O,
 * so that no access ever goes there by itself.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "exec/shared-io.h"
#include "internal.h"

static bool page_multiple(uint64_t value)
{
    return !(value & (qemu_real_host_page_size() - 1));
}

bool memory_region_init_shared_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                                  void *opaque, const char *name, uint64_t size,
                                  uint64_t file_offset, Error **errp)
{
    memory_region_init_io(mr, owner, ops, opaque, name, size);
    if (!size || !page_multiple(size) || !page_multiple(file_offset) ||
        file_offset > INT64_MAX - size) {
        error_setg(errp, "region '%s': what is mapped has to begin and end at pages", name);
        return false;
    }
    mr->ram_block = ram_block_alloc(mr, file_offset + size, errp);
    if (!mr->ram_block) {
        return false;
    }
    mr->ram_block->shared_offset = file_offset;
    return true;
}

bool memory_region_is_shared_io(const MemoryRegion *mr)
{
    return mr->kind == MR_IO && mr->ram_block;
}

void *memory_region_shared_io_ptr(MemoryRegion *mr)
{
    return memory_region_is_shared_io(mr) ? mr->ram_block->host + mr->ram_block->shared_offset
                                          : NULL;
}

static bool shows_all_of_it(const FlatRange *r)
{
    return r->offset == 0 && r->last - r->first == memory_region_size(r->mr) - 1 &&
           r->first == r->mr->ram_block->shared_offset;
}

MemoryRegion *memory_region_find_shared_io(MemoryRegion *root, hwaddr *offset)
{
    g_autoptr(FlatView) view = flatview_build(root);
    const FlatRange *found = NULL;

    *offset = 0;
    for (unsigned i = 0; i < view->nr; i++) {
        const FlatRange *r = &view->ranges[i];

        if (!memory_region_is_shared_io(r->mr)) {
            continue;
        }
        if (found || !shows_all_of_it(r)) {
            return NULL;
        }
        found = r;
    }
    if (!found) {
        return NULL;
    }
    *offset = found->first;
    return found->mr;
}
