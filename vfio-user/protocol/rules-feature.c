/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEVICE_FEATURE: which operations a feature has and how long its data is
 * (protocol, section 3.12). A feature that only the kernel's VFIO has, or that
 * nobody knows, is EINVAL: the client's kernel-like code maps that to ENOTTY.
 */
#include "qemu/osdep.h"
#include "rules.h"

#define FEATURE_OPS (VFU_FEATURE_GET | VFU_FEATURE_SET | VFU_FEATURE_PROBE)
/* Bounds of dirty logging: what one message can describe. */
#define LOGGING_RANGES_MAX 65536

typedef struct FeatureRow {
    uint32_t ops;               /* GET and/or SET */
    uint32_t get_len, set_len;  /* data bytes of the request */
    int (*check)(const uint8_t *data, size_t len, const VfuLimits *limits);
} FeatureRow;

static bool page_size_ok(uint64_t page_size)
{
    return page_size >= 4096 && !(page_size & (page_size - 1));
}

/* Ranges travel inside the message; a kernel-style pointer fails the length test. */
static int check_logging_start(const uint8_t *data, size_t len, const VfuLimits *limits)
{
    VfuLoggingStart start;

    memcpy(&start, data, sizeof(start));
    if (!page_size_ok(start.page_size) || start.num_ranges > LOGGING_RANGES_MAX ||
        len - sizeof(start) != (uint64_t)start.num_ranges * sizeof(VfuLoggingRange)) {
        return -EINVAL;
    }
    for (uint32_t i = 0; i < start.num_ranges; i++) {
        VfuLoggingRange range;

        memcpy(&range, data + sizeof(start) + i * sizeof(range), sizeof(range));
        if (range.length == 0 || range.length - 1 > UINT64_MAX - range.iova) {
            return -EINVAL;
        }
    }
    return 0;
}

static int check_logging_report(const uint8_t *data, size_t len, const VfuLimits *limits)
{
    VfuLoggingReport report;

    memcpy(&report, data, sizeof(report));
    if (!page_size_ok(report.page_size) || report.length == 0 ||
        report.length - 1 > UINT64_MAX - report.iova ||
        ((report.iova | report.length) & (report.page_size - 1))) {
        return -EINVAL;
    }
    /* One bit for each page, in whole 64-bit words, must fit one reply. */
    return DIV_ROUND_UP(report.length / report.page_size, 64) <= limits->send_max / 8
           ? 0 : -EINVAL;
}

static const FeatureRow features[] = {
    [VFU_FEATURE_MIGRATION] = { VFU_FEATURE_GET, 0, 0, NULL },
    [VFU_FEATURE_MIG_DEVICE_STATE] = { VFU_FEATURE_GET | VFU_FEATURE_SET, 0, 8, NULL },
    [VFU_FEATURE_DMA_LOGGING_START] = { VFU_FEATURE_SET, 0, sizeof(VfuLoggingStart),
                                        check_logging_start },
    [VFU_FEATURE_DMA_LOGGING_STOP] = { VFU_FEATURE_SET, 0, 0, NULL },
    [VFU_FEATURE_DMA_LOGGING_REPORT] = { VFU_FEATURE_GET, sizeof(VfuLoggingReport), 0,
                                         check_logging_report },
};

/* A GET may bring room for its answer; a SET is exact unless its rule counts. */
static int check_data(const FeatureRow *row, uint32_t op, const uint8_t *data, size_t len,
                      const VfuLimits *limits)
{
    uint32_t least = op == VFU_FEATURE_SET ? row->set_len : row->get_len;

    if (len < least || (op == VFU_FEATURE_SET && !row->check && len != least)) {
        return -EINVAL;
    }
    return row->check ? row->check(data, len, limits) : 0;
}

int vfu_check_feature(const VfuCommandView *cmd, const VfuLimits *limits)
{
    VfuDeviceFeature feature;
    uint32_t index, op;
    const FeatureRow *row;

    memcpy(&feature, cmd->payload, sizeof(feature));
    index = feature.flags & VFU_FEATURE_MASK;
    op = feature.flags & (VFU_FEATURE_GET | VFU_FEATURE_SET);
    if (!limits->features || feature.argsz < cmd->len || index >= ARRAY_SIZE(features) ||
        (feature.flags & ~(VFU_FEATURE_MASK | FEATURE_OPS))) {
        return -EINVAL;
    }
    row = &features[index];
    if (!row->ops || (op & ~row->ops)) {
        return -EINVAL;
    }
    if (feature.flags & VFU_FEATURE_PROBE) {
        return 0;               /* a question about the operation: there need be no data */
    }
    if (op != VFU_FEATURE_GET && op != VFU_FEATURE_SET) {
        return -EINVAL;
    }
    return check_data(row, op, (const uint8_t *)cmd->payload + sizeof(feature),
                      cmd->len - sizeof(feature), limits);
}
