/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits as users write them: each number by its name, for properties and
 * options, and QMP's ThrottleLimits. No locking.
 */
#ifndef BLOCK_THROTTLE_LIMITS_H
#define BLOCK_THROTTLE_LIMITS_H

#include "qapi/qapi-types-block-core.h"
#include "throttle-bucket.h"

typedef struct ThrottleNumber {
    const char *name;           /* "iops-total-max"; NULL ends the table */
    size_t offset;              /* in ThrottleConfig */
    const char *help;
    size_t given, value;        /* has_... and the member, in ThrottleLimits */
} ThrottleNumber;

extern const ThrottleNumber throttle_numbers[];

static inline int64_t *throttle_limit_number(ThrottleConfig *config, const ThrottleNumber *row)
{
    return (int64_t *)((char *)config + row->offset);
}

/* Those that are given replace the ones in config; not checked. */
void throttle_limits_apply(const ThrottleLimits *limits, ThrottleConfig *config);
/* All of them; the caller frees. */
ThrottleLimits *throttle_limits_of(const ThrottleConfig *config);

#endif
