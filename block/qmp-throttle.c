/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block_set_io_throttle and query-block: QMP's older names of limits. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "backend-throttle.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-block-core.h"

static BlockBackend *find(const BlockIOThrottle *arg, Error **errp)
{
    const char *name = arg->id ?: arg->device;
    BlockBackend *blk = NULL;

    if (!arg->id == !arg->device) {
        error_setg(errp, "'device' and 'id' say which disk it is: give one of them");
        return NULL;
    }
    while ((blk = blk_all_next(blk))) {
        g_autofree char *dev = blk_get_attached_dev_id(blk);

        if (!strcmp(arg->id ? dev : blk_name(blk), name)) {
            break;
        }
    }
    if (!blk) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", name);
    } else if (!blk_bs(blk)) {
        error_setg(errp, "Disk '%s' has no medium", name);
        blk = NULL;
    }
    return blk;
}

static ThrottleLimit limit(int64_t avg, bool has_max, int64_t max, bool has_length, int64_t length)
{
    return (ThrottleLimit) { avg, has_max ? max : 0, has_length ? length : 1 };
}

#define LIMIT(total, max, length)                                            \
    limit(arg->total, arg->has_##max, arg->max, arg->has_##length, arg->length)

static ThrottleConfig config_of(const BlockIOThrottle *arg)
{
    return (ThrottleConfig) {
        .limit = {
            [THROTTLE_IOPS_TOTAL] = LIMIT(iops, iops_max, iops_max_length),
            [THROTTLE_IOPS_READ] = LIMIT(iops_rd, iops_rd_max, iops_rd_max_length),
            [THROTTLE_IOPS_WRITE] = LIMIT(iops_wr, iops_wr_max, iops_wr_max_length),
            [THROTTLE_BPS_TOTAL] = LIMIT(bps, bps_max, bps_max_length),
            [THROTTLE_BPS_READ] = LIMIT(bps_rd, bps_rd_max, bps_rd_max_length),
            [THROTTLE_BPS_WRITE] = LIMIT(bps_wr, bps_wr_max, bps_wr_max_length),
        },
        .iops_size = arg->has_iops_size ? arg->iops_size : 0,
    };
}

void qmp_block_set_io_throttle(BlockIOThrottle *arg, Error **errp)
{
    BlockBackend *blk = find(arg, errp);
    ThrottleConfig config = config_of(arg);

    if (blk && throttle_config_check(&config, "", errp)) {
        blk_set_throttle(blk, arg->group, &config);
    }
}

#define SHOW(kind, member) do {                                              \
        const ThrottleLimit *l = &config.limit[kind];                        \
                                                                             \
        info->member = l->avg;                                               \
        info->has_##member##_max = info->has_##member##_max_length = l->max; \
        info->member##_max = l->max;                                         \
        info->member##_max_length = l->length;                               \
    } while (0)

void blk_show_throttle(BlockBackend *blk, BlockDeviceInfo *info)
{
    ThrottleConfig config;

    info->group = g_strdup(blk_get_throttle(blk, &config));
    if (!info->group) {
        return;
    }
    SHOW(THROTTLE_IOPS_TOTAL, iops);
    SHOW(THROTTLE_IOPS_READ, iops_rd);
    SHOW(THROTTLE_IOPS_WRITE, iops_wr);
    SHOW(THROTTLE_BPS_TOTAL, bps);
    SHOW(THROTTLE_BPS_READ, bps_rd);
    SHOW(THROTTLE_BPS_WRITE, bps_wr);
    info->has_iops_size = config.iops_size;
    info->iops_size = config.iops_size;
}
