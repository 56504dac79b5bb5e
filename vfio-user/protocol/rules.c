/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each command demands of its payload (protocol, section 3). Fixed parts
 * are copied out first: a payload may lie at any alignment. Ranges are compared
 * by subtraction and with an inclusive last address, never by a sum.
 */
#include "qemu/osdep.h"
#include "vfio-user/validate.h"
#include "rules.h"

typedef int Rule(const VfuCommandView *cmd, const VfuLimits *limits, const VfuShape *shape);

static int check_version(const VfuCommandView *cmd, const VfuLimits *limits,
                         const VfuShape *shape)
{
    VfuVersion version;

    memcpy(&version, cmd->payload, sizeof(version));
    return version.major == VFU_MAJOR ? 0 : -EINVAL;
}

#define DMA_ACCESS (VFU_DMA_F_READ | VFU_DMA_F_WRITE)
#define DMA_METHOD (VFU_DMA_F_MMAP | VFU_DMA_F_FILE_IO)

static bool dma_flags_ok(uint32_t flags, bool with_fd)
{
    uint32_t method = flags & DMA_METHOD;

    if ((flags & ~(DMA_ACCESS | DMA_METHOD)) || !(flags & DMA_ACCESS)) {
        return false;
    }
    return method != DMA_METHOD && (!method || with_fd);
}

static int check_dma_map(const VfuCommandView *cmd, const VfuLimits *limits,
                         const VfuShape *shape)
{
    uint64_t granule = limits->pgsizes & -limits->pgsizes;
    bool with_fd = cmd->nr_fds == 1;
    VfuDmaMap map;

    memcpy(&map, cmd->payload, sizeof(map));
    if (map.argsz < sizeof(map) || cmd->nr_fds > 1 || !dma_flags_ok(map.flags, with_fd)) {
        return -EINVAL;
    }
    if (map.size == 0 || map.size - 1 > UINT64_MAX - map.address ||
        ((map.address | map.size) & (granule - 1))) {
        return -EINVAL;
    }
    /* Without an fd the offset means nothing; with one it must be an off_t. */
    if (with_fd && ((map.offset & (granule - 1)) || map.offset > INT64_MAX ||
                    map.size > (uint64_t)INT64_MAX - map.offset)) {
        return -EINVAL;
    }
    return 0;
}

static int check_dma_unmap(const VfuCommandView *cmd, const VfuLimits *limits,
                           const VfuShape *shape)
{
    VfuDmaUnmap unmap;

    memcpy(&unmap, cmd->payload, sizeof(unmap));
    /* The dirty bitmap belongs to the old migration protocol: not offered. */
    if (unmap.argsz < sizeof(unmap) || (unmap.flags & ~VFU_UNMAP_F_ALL)) {
        return -EINVAL;
    }
    if (unmap.flags & VFU_UNMAP_F_ALL) {
        return unmap.address == 0 && unmap.size == 0 ? 0 : -EINVAL;
    }
    /* The last byte may be the very last address: clients unmap up to 2^64. */
    if (unmap.size == 0 || unmap.size - 1 > UINT64_MAX - unmap.address) {
        return -EINVAL;
    }
    return 0;
}

static int check_device_info(const VfuCommandView *cmd, const VfuLimits *limits,
                             const VfuShape *shape)
{
    VfuDeviceInfo info;

    memcpy(&info, cmd->payload, sizeof(info));
    return info.argsz >= sizeof(info) ? 0 : -EINVAL;
}

static int check_region_info(const VfuCommandView *cmd, const VfuLimits *limits,
                             const VfuShape *shape)
{
    VfuRegionInfo info;

    memcpy(&info, cmd->payload, sizeof(info));
    return info.argsz >= sizeof(info) && info.index < VFU_NUM_REGIONS ? 0 : -EINVAL;
}

static int check_region_io_fds(const VfuCommandView *cmd, const VfuLimits *limits,
                               const VfuShape *shape)
{
    VfuRegionIoFds io;

    memcpy(&io, cmd->payload, sizeof(io));
    if (io.argsz < sizeof(io) || io.flags || io.count || io.index >= VFU_NUM_REGIONS) {
        return -EINVAL;
    }
    return shape->regions[io.index].flags ? 0 : -EINVAL;
}

static int check_irq_info(const VfuCommandView *cmd, const VfuLimits *limits,
                          const VfuShape *shape)
{
    VfuIrqInfo info;

    memcpy(&info, cmd->payload, sizeof(info));
    return info.argsz >= sizeof(info) && info.index < VFU_NUM_IRQS ? 0 : -EINVAL;
}

#define SET_DATA (VFU_SET_DATA_NONE | VFU_SET_DATA_BOOL | VFU_SET_DATA_EVENTFD)
#define SET_ACTION (VFU_SET_ACTION_MASK | VFU_SET_ACTION_UNMASK | VFU_SET_ACTION_TRIGGER)

static bool one_bit(uint32_t bits)
{
    return bits && !(bits & (bits - 1));
}

/* Exactly one kind of data, one action, and data that agrees with the count. */
static bool set_irqs_form_ok(const VfuSetIrqs *set, size_t extra, unsigned nr_fds)
{
    if ((set->flags & ~(SET_DATA | SET_ACTION)) || !one_bit(set->flags & SET_DATA) ||
        !one_bit(set->flags & SET_ACTION)) {
        return false;
    }
    if (extra != (set->flags & VFU_SET_DATA_BOOL ? set->count : 0)) {
        return false;
    }
    if (nr_fds == 0) {
        return true;
    }
    return (set->flags & VFU_SET_DATA_EVENTFD) && nr_fds == set->count &&
           nr_fds <= VFU_MSG_FDS_MAX;
}

static int check_set_irqs(const VfuCommandView *cmd, const VfuLimits *limits,
                          const VfuShape *shape)
{
    VfuSetIrqs set;
    uint32_t vectors;

    memcpy(&set, cmd->payload, sizeof(set));
    if (set.argsz < sizeof(set) || set.index >= VFU_NUM_IRQS ||
        !set_irqs_form_ok(&set, cmd->len - sizeof(set), cmd->nr_fds)) {
        return -EINVAL;
    }
    /* "Disable all of this index" is right for an index without vectors too. */
    if (set.count == 0) {
        return set.start == 0 &&
               set.flags == (VFU_SET_DATA_NONE | VFU_SET_ACTION_TRIGGER) ? 0 : -EINVAL;
    }
    vectors = shape->irqs[set.index];
    if (set.start >= vectors || set.count > vectors - set.start) {
        return -EINVAL;
    }
    if ((set.index == VFU_IRQ_ERR || set.index == VFU_IRQ_REQ) &&
        (!(set.flags & VFU_SET_ACTION_TRIGGER) || set.count > 1)) {
        return -EINVAL;
    }
    return 0;
}

int vfu_validate_access(const VfuShape *shape, uint32_t region, uint64_t offset,
                        uint32_t count, uint32_t need_flag)
{
    if (region >= VFU_NUM_REGIONS || !(shape->regions[region].flags & need_flag)) {
        return -EINVAL;
    }
    if (offset > shape->regions[region].size || count > shape->regions[region].size - offset) {
        return -EINVAL;
    }
    return 0;
}

static int check_region_read(const VfuCommandView *cmd, const VfuLimits *limits,
                             const VfuShape *shape)
{
    VfuRegionAccess access;

    memcpy(&access, cmd->payload, sizeof(access));
    if (access.count > limits->send_max) {
        return -EINVAL;
    }
    return vfu_validate_access(shape, access.region, access.offset, access.count,
                               VFU_REGION_F_READ);
}

static int check_region_write(const VfuCommandView *cmd, const VfuLimits *limits,
                              const VfuShape *shape)
{
    VfuRegionAccess access;

    memcpy(&access, cmd->payload, sizeof(access));
    if (cmd->len - sizeof(access) != access.count) {
        return -EINVAL;
    }
    return vfu_validate_access(shape, access.region, access.offset, access.count,
                               VFU_REGION_F_WRITE);
}

/* All entries are judged before the first one is done. */
static int check_write_multi(const VfuCommandView *cmd, const VfuLimits *limits,
                             const VfuShape *shape)
{
    const uint8_t *next = (const uint8_t *)cmd->payload + sizeof(VfuWriteMulti);
    size_t room = cmd->len - sizeof(VfuWriteMulti);
    VfuWriteMulti multi;

    memcpy(&multi, cmd->payload, sizeof(multi));
    if (!limits->write_multiple || room % sizeof(VfuWriteMultiEntry) ||
        multi.wr_cnt != room / sizeof(VfuWriteMultiEntry)) {
        return -EINVAL;
    }
    for (uint64_t i = 0; i < multi.wr_cnt; i++, next += sizeof(VfuWriteMultiEntry)) {
        VfuWriteMultiEntry entry;

        memcpy(&entry, next, sizeof(entry));
        if (entry.count < 1 || entry.count > sizeof(entry.data) ||
            vfu_validate_access(shape, entry.region, entry.offset, entry.count,
                                VFU_REGION_F_WRITE) < 0) {
            return -EINVAL;
        }
    }
    return 0;
}

static int check_reset(const VfuCommandView *cmd, const VfuLimits *limits,
                       const VfuShape *shape)
{
    return shape->can_reset ? 0 : -EINVAL;
}

static int check_device_feature(const VfuCommandView *cmd, const VfuLimits *limits,
                                const VfuShape *shape)
{
    return vfu_check_feature(cmd, limits);
}

static Rule *const rules[VFU_COMMAND_COUNT] = {
    [VFU_VERSION] = check_version,
    [VFU_DMA_MAP] = check_dma_map,
    [VFU_DMA_UNMAP] = check_dma_unmap,
    [VFU_DEVICE_GET_INFO] = check_device_info,
    [VFU_DEVICE_GET_REGION_INFO] = check_region_info,
    [VFU_DEVICE_GET_REGION_IO_FDS] = check_region_io_fds,
    [VFU_DEVICE_GET_IRQ_INFO] = check_irq_info,
    [VFU_DEVICE_SET_IRQS] = check_set_irqs,
    [VFU_REGION_READ] = check_region_read,
    [VFU_REGION_WRITE] = check_region_write,
    [VFU_DEVICE_RESET] = check_reset,
    [VFU_REGION_WRITE_MULTI] = check_write_multi,
    [VFU_DEVICE_FEATURE] = check_device_feature,
};

int vfu_check_rule(const VfuCommandView *cmd, const VfuLimits *limits, const VfuShape *shape)
{
    Rule *rule = rules[cmd->header->command];

    return rule ? rule(cmd, limits, shape) : -EINVAL;
}
