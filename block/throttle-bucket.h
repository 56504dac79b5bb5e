/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of limits, without requests, clocks and locks: what comes is
 * poured into leaky buckets, and who finds one too full waits until enough has
 * leaked out.
 *
 * A bucket leaks `avg` units a second, units being bytes or operations. It holds
 * 100 ms worth of avg, or, with a burst, max * length: so the rate may be max
 * for length seconds after a quiet time. A second, smaller bucket, which leaks
 * at max, keeps a burst that lasts from being spent in one moment. A request may
 * start while the bucket is not above its brim, and is poured in whole, so one
 * that is larger than the bucket is let through and makes the next ones wait.
 *
 * Locking: the caller's.
 */
#ifndef BLOCK_THROTTLE_BUCKET_H
#define BLOCK_THROTTLE_BUCKET_H

#include "qemu/osdep.h"

typedef enum ThrottleKind {
    THROTTLE_IOPS_TOTAL, THROTTLE_IOPS_READ, THROTTLE_IOPS_WRITE,
    THROTTLE_BPS_TOTAL, THROTTLE_BPS_READ, THROTTLE_BPS_WRITE,
    THROTTLE_KIND__MAX,
} ThrottleKind;

#define THROTTLE_VALUE_MAX 1000000000000000LL

typedef struct ThrottleLimit {
    int64_t avg;                /* units a second; 0: no limit */
    int64_t max;                /* units a second during a burst; 0: none */
    int64_t length;             /* seconds that a burst may last; 1 at least */
} ThrottleLimit;

typedef struct ThrottleConfig {
    ThrottleLimit limit[THROTTLE_KIND__MAX];
    int64_t iops_size;          /* bytes that count as one operation; 0: all sizes do */
} ThrottleConfig;

typedef struct ThrottleBuckets {
    ThrottleConfig config;
    double level[THROTTLE_KIND__MAX];
    double burst_level[THROTTLE_KIND__MAX];
    int64_t leaked_at;          /* ns */
} ThrottleBuckets;

/* "iops-total" and so on. */
const char *throttle_kind_name(ThrottleKind kind);

/* No limits. */
void throttle_config_init(ThrottleConfig *config);
/* Something is limited. */
bool throttle_config_enabled(const ThrottleConfig *config);
/* errp names the options, behind `prefix`, which "x-" or "throttling." may be. */
bool throttle_config_check(const ThrottleConfig *config, const char *prefix, Error **errp);

/* Empties the buckets; config is one that was checked. */
void throttle_buckets_set(ThrottleBuckets *b, const ThrottleConfig *config, int64_t now);
/* How long a request has to wait from now on, in ns; 0: it may start. */
int64_t throttle_buckets_wait(ThrottleBuckets *b, bool is_write, int64_t now);
/* It starts. */
void throttle_buckets_pour(ThrottleBuckets *b, bool is_write, int64_t bytes);

#endif
