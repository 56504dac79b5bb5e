/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the reply of DEVICE_GET_REGION_INFO. The capability chain has at most
 * one link, the sparse areas of a region that can be mapped in part.
 */
#include "qemu/osdep.h"
#include "vfio-user/region-info.h"

static size_t put_sparse(uint8_t *out, const VfuRegion *region, unsigned nr)
{
    VfuCapSparse cap = {
        .header = { .id = VFU_CAP_SPARSE_MMAP, .version = 1, .next = 0 },
        .nr_areas = nr,
    };

    memcpy(out, &cap, sizeof(cap));
    memcpy(out + sizeof(cap), region->areas, nr * sizeof(VfuSparseArea));
    return sizeof(cap) + nr * sizeof(VfuSparseArea);
}

size_t vfu_region_info_build(void *out, const VfuRegion *region, uint32_t index,
                             uint32_t argsz, bool *with_fd)
{
    bool can_map = region->size && (region->flags & VFU_REGION_F_MMAP) && region->fd >= 0;
    unsigned nr = can_map ? MIN(region->nr_areas, VFU_SPARSE_AREAS_MAX) : 0;
    size_t needed = sizeof(VfuRegionInfo) +
                    (nr ? sizeof(VfuCapSparse) + nr * sizeof(VfuSparseArea) : 0);
    bool complete = argsz >= needed;
    VfuRegionInfo info = {
        .argsz = needed,
        .index = index,
        .size = region->size,
        .offset = can_map ? region->offset : 0,
    };

    if (region->size) {
        info.flags = region->flags & (VFU_REGION_F_READ | VFU_REGION_F_WRITE);
    }
    if (can_map) {
        info.flags |= VFU_REGION_F_MMAP;
    }
    *with_fd = can_map && complete;
    if (nr && complete) {
        info.flags |= VFU_REGION_F_CAPS;
        info.cap_offset = sizeof(info);
        put_sparse((uint8_t *)out + sizeof(info), region, nr);
    }
    memcpy(out, &info, sizeof(info));
    return complete ? needed : sizeof(info);
}
