/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking a region tree up without an address space: the tree is flattened
 * for the question. Slow, exact, and for set-up code only.
 */
#include "qemu/osdep.h"
#include "qemu/range.h"
#include "internal.h"

static MemoryRegionSection section_at(const FlatRange *r, hwaddr addr, uint64_t run)
{
    return (MemoryRegionSection) {
        .size = int128_make64(run),
        .mr = r->mr,
        .offset_within_region = r->offset + (addr - r->first),
        .offset_within_address_space = addr,
        .readonly = r->readonly,
        .nonvolatile = r->nonvolatile,
        .unmergeable = r->mr->unmergeable,
    };
}

MemoryRegionSection memory_region_find(MemoryRegion *mr, hwaddr addr, uint64_t size)
{
    MemoryRegionSection section = { .size = int128_zero() };
    g_autoptr(FlatView) view = NULL;
    const FlatRange *r;
    hwaddr run;

    if (!range_fits(addr, size)) {
        return section;
    }
    view = flatview_build(mr);
    r = flatview_find(view, addr, size, &run);
    if (!r && run < size) { /* the first thing there is may begin later */
        addr += run;
        r = flatview_find(view, addr, size - run, &run);
    }
    if (r) {
        section = section_at(r, addr, run);
        memory_region_ref(section.mr);
    }
    return section;
}

bool memory_region_present(MemoryRegion *container, hwaddr addr)
{
    g_autoptr(FlatView) view = flatview_build(container);
    hwaddr run;
    const FlatRange *r = flatview_find(view, addr, 1, &run);

    return r && r->mr != container;
}

MemoryRegionSection *memory_region_section_new_copy(MemoryRegionSection *s)
{
    memory_region_ref(s->mr);
    return g_memdup2(s, sizeof(*s));
}

void memory_region_section_free_copy(MemoryRegionSection *s)
{
    memory_region_unref(s->mr);
    g_free(s);
}
