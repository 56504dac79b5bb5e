/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits as users write them. */
#include "qemu/osdep.h"
#include "throttle-limits.h"

#define ROW(name_, field_, member_, help_) {                                 \
        name_, offsetof(ThrottleConfig, field_), help_,                      \
        offsetof(ThrottleLimits, has_##member_), offsetof(ThrottleLimits, member_), \
    }
#define LIMIT(name_, kind_, member_, what_)                                  \
    ROW(name_, limit[kind_].avg, member_, what_ " a second; 0: no limit"),   \
    ROW(name_ "-max", limit[kind_].max, member_##_max, what_ " a second during a burst"), \
    ROW(name_ "-max-length", limit[kind_].length, member_##_max_length,      \
        "seconds that a burst of " what_ " may last")

const ThrottleNumber throttle_numbers[] = {
    LIMIT("iops-total", THROTTLE_IOPS_TOTAL, iops_total, "requests"),
    LIMIT("iops-read", THROTTLE_IOPS_READ, iops_read, "reads"),
    LIMIT("iops-write", THROTTLE_IOPS_WRITE, iops_write, "writes"),
    LIMIT("bps-total", THROTTLE_BPS_TOTAL, bps_total, "bytes"),
    LIMIT("bps-read", THROTTLE_BPS_READ, bps_read, "bytes read"),
    LIMIT("bps-write", THROTTLE_BPS_WRITE, bps_write, "bytes written"),
    ROW("iops-size", iops_size, iops_size, "bytes that count as one request; 0: all sizes do"),
    { NULL }
};

static bool *given(const ThrottleLimits *limits, const ThrottleNumber *row)
{
    return (bool *)((char *)limits + row->given);
}

static int64_t *value(const ThrottleLimits *limits, const ThrottleNumber *row)
{
    return (int64_t *)((char *)limits + row->value);
}

void throttle_limits_apply(const ThrottleLimits *limits, ThrottleConfig *config)
{
    for (const ThrottleNumber *row = throttle_numbers; row->name; row++) {
        if (*given(limits, row)) {
            *throttle_limit_number(config, row) = *value(limits, row);
        }
    }
}

ThrottleLimits *throttle_limits_of(const ThrottleConfig *config)
{
    ThrottleLimits *limits = g_new0(ThrottleLimits, 1);

    for (const ThrottleNumber *row = throttle_numbers; row->name; row++) {
        *given(limits, row) = true;
        *value(limits, row) = *throttle_limit_number((ThrottleConfig *)config, row);
    }
    return limits;
}
