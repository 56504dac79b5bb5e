/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One command against the validator, without a socket: { u16 command, u8 fds,
 * u8 misc, payload }. What is accepted is in range, checked here once more in
 * another way: with 128-bit sums.
 */
#include "qemu/osdep.h"
#include "tests/unit/vfio-user/protocol/good.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef unsigned __int128 Wide;

static void check_map(const uint8_t *payload, unsigned fds)
{
    VfuDmaMap map;

    memcpy(&map, payload, sizeof(map));
    g_assert(map.size && (Wide)map.address + map.size <= (Wide)1 << 64);
    g_assert(fds <= 1 && (fds == 0 || (Wide)map.offset + map.size <= INT64_MAX));
}

static void check_unmap(const uint8_t *payload)
{
    VfuDmaUnmap unmap;

    memcpy(&unmap, payload, sizeof(unmap));
    g_assert((Wide)unmap.address + unmap.size <= (Wide)1 << 64);
    g_assert((unmap.flags & VFU_UNMAP_F_ALL) ? !unmap.size : unmap.size);
}

static void check_irqs(const VfuShape *shape, const uint8_t *payload, size_t len, unsigned fds)
{
    VfuSetIrqs set;

    memcpy(&set, payload, sizeof(set));
    g_assert(set.index < VFU_NUM_IRQS);
    g_assert((uint64_t)set.start + set.count <= shape->irqs[set.index]);
    g_assert(fds == 0 || fds == set.count);
    g_assert(!(set.flags & VFU_SET_DATA_BOOL) || len == sizeof(set) + set.count);
}

static void check_access(const VfuShape *shape, const uint8_t *payload, size_t len, bool write)
{
    VfuRegionAccess access;

    memcpy(&access, payload, sizeof(access));
    g_assert(access.region < VFU_NUM_REGIONS);
    g_assert((Wide)access.offset + access.count <= shape->regions[access.region].size);
    g_assert(!write || len == sizeof(access) + access.count);
}

static void check_multi(const VfuShape *shape, const uint8_t *payload, size_t len)
{
    VfuWriteMulti multi;

    memcpy(&multi, payload, sizeof(multi));
    g_assert(sizeof(multi) + (Wide)multi.wr_cnt * sizeof(VfuWriteMultiEntry) == len);
    for (uint64_t i = 0; i < multi.wr_cnt; i++) {
        VfuWriteMultiEntry entry;

        memcpy(&entry, payload + sizeof(multi) + i * sizeof(entry), sizeof(entry));
        g_assert(entry.count >= 1 && entry.count <= 8);
        check_access(shape, (uint8_t *)&entry, 0, false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VfuHeader header = { 0 };
    VfuLimits limits = good_limits();
    VfuShape shape = good_shape();
    g_autofree uint8_t *payload = NULL;
    VfuCommandView view;

    if (size < 4) {
        return 0;
    }
    memcpy(&header.command, data, 2);
    header.command %= 24;
    header.size = sizeof(header) + size - 4;
    /* Exactly as long as claimed, so that a sanitizer sees a read behind it. */
    payload = g_malloc(MAX(size - 4, 1));
    memcpy(payload, data + 4, size - 4);
    view = (VfuCommandView) { &header, payload, size - 4, data[2] };
    if (vfu_validate(&view, VFU_IN_READY, &limits, &shape) < 0) {
        return 0;
    }
    g_assert(!(vfu_command_info(header.command)->flags & VFU_CMD_ABSENT));
    switch (header.command) {
    case VFU_DMA_MAP:
        check_map(payload, data[2]);
        break;
    case VFU_DMA_UNMAP:
        check_unmap(payload);
        break;
    case VFU_DEVICE_SET_IRQS:
        check_irqs(&shape, payload, view.len, data[2]);
        break;
    case VFU_REGION_READ:
    case VFU_REGION_WRITE:
        check_access(&shape, payload, view.len, header.command == VFU_REGION_WRITE);
        break;
    case VFU_REGION_WRITE_MULTI:
        check_multi(&shape, payload, view.len);
        break;
    default:
        break;
    }
    return 0;
}
