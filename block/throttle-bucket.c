/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arithmetic of limits. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "throttle-bucket.h"
#include <math.h>

static const char *const names[THROTTLE_KIND__MAX] = {
    "iops-total", "iops-read", "iops-write", "bps-total", "bps-read", "bps-write",
};

/* Decades; and small enough to be added to any time of a clock. */
#define WAIT_MAX (INT64_C(1) << 60)

/* Which buckets a read (0) and a write (1) are poured into. */
static const ThrottleKind poured[2][4] = {
    { THROTTLE_IOPS_TOTAL, THROTTLE_IOPS_READ, THROTTLE_BPS_TOTAL, THROTTLE_BPS_READ },
    { THROTTLE_IOPS_TOTAL, THROTTLE_IOPS_WRITE, THROTTLE_BPS_TOTAL, THROTTLE_BPS_WRITE },
};

const char *throttle_kind_name(ThrottleKind kind)
{
    return names[kind];
}

void throttle_config_init(ThrottleConfig *config)
{
    *config = (ThrottleConfig) { 0 };
    for (int i = 0; i < THROTTLE_KIND__MAX; i++) {
        config->limit[i].length = 1;
    }
}

bool throttle_config_enabled(const ThrottleConfig *config)
{
    for (int i = 0; i < THROTTLE_KIND__MAX; i++) {
        if (config->limit[i].avg) {
            return true;
        }
    }
    return false;
}

/* --- what makes sense --- */

static bool check_value(int64_t value, const char *prefix, const char *name, const char *suffix,
                        Error **errp)
{
    if (value < 0 || value > THROTTLE_VALUE_MAX) {
        error_setg(errp, "'%s%s%s=%" PRId64 "' is out of range: use 0 to %lld", prefix, name,
                   suffix, value, THROTTLE_VALUE_MAX);
        return false;
    }
    return true;
}

static bool check_burst(const ThrottleLimit *l, const char *prefix, const char *name, Error **errp)
{
    if (l->length < 1) {
        error_setg(errp, "'%s%s-max-length' cannot be 0: a burst lasts a second or more", prefix,
                   name);
    } else if (l->max && !l->avg) {
        error_setg(errp, "'%s%s-max' needs '%s%s' too", prefix, name, prefix, name);
    } else if (l->max && l->max < l->avg) {
        error_setg(errp, "'%s%s-max=%" PRId64 "' cannot be lower than '%s%s=%" PRId64 "'", prefix,
                   name, l->max, prefix, name, l->avg);
    } else if (l->length > 1 && !l->max) {
        error_setg(errp, "'%s%s-max-length' needs '%s%s-max' too", prefix, name, prefix, name);
    } else if (l->length > 1 && l->max > THROTTLE_VALUE_MAX / l->length) {
        error_setg(errp, "'%s%s-max' times '%s%s-max-length' is out of range: use a product up to"
                   " %lld", prefix, name, prefix, name, THROTTLE_VALUE_MAX);
    } else {
        return true;
    }
    return false;
}

static bool check_limit(const ThrottleLimit *l, const char *prefix, const char *name, Error **errp)
{
    return check_value(l->avg, prefix, name, "", errp) &&
           check_value(l->max, prefix, name, "-max", errp) &&
           check_value(l->length, prefix, name, "-max-length", errp) &&
           check_burst(l, prefix, name, errp);
}

static bool limited(const ThrottleConfig *config, ThrottleKind kind)
{
    return config->limit[kind].avg || config->limit[kind].max;
}

/* A total and its parts at once would leave open which one is meant. */
static bool check_total(const ThrottleConfig *config, ThrottleKind total, const char *prefix,
                        Error **errp)
{
    for (ThrottleKind part = total + 1; part <= total + 2; part++) {
        if (limited(config, total) && limited(config, part)) {
            error_setg(errp, "'%s%s' and '%s%s' cannot be used together", prefix, names[total],
                       prefix, names[part]);
            return false;
        }
    }
    return true;
}

static bool check_iops_size(const ThrottleConfig *config, const char *prefix, Error **errp)
{
    if (!check_value(config->iops_size, prefix, "iops-size", "", errp)) {
        return false;
    }
    if (config->iops_size && !config->limit[THROTTLE_IOPS_TOTAL].avg &&
        !config->limit[THROTTLE_IOPS_READ].avg && !config->limit[THROTTLE_IOPS_WRITE].avg) {
        error_setg(errp, "'%siops-size' needs a limit of operations, as '%siops-total'", prefix,
                   prefix);
        return false;
    }
    return true;
}

bool throttle_config_check(const ThrottleConfig *config, const char *prefix, Error **errp)
{
    for (int i = 0; i < THROTTLE_KIND__MAX; i++) {
        if (!check_limit(&config->limit[i], prefix, names[i], errp)) {
            return false;
        }
    }
    return check_total(config, THROTTLE_IOPS_TOTAL, prefix, errp) &&
           check_total(config, THROTTLE_BPS_TOTAL, prefix, errp) &&
           check_iops_size(config, prefix, errp);
}

/* --- pouring and leaking --- */

void throttle_buckets_set(ThrottleBuckets *b, const ThrottleConfig *config, int64_t now)
{
    *b = (ThrottleBuckets) { .config = *config, .leaked_at = now };
}

static void leak(ThrottleBuckets *b, int64_t now)
{
    double seconds = (double)(now - b->leaked_at) / NANOSECONDS_PER_SECOND;

    if (now <= b->leaked_at) {
        return;
    }
    b->leaked_at = now;
    for (int i = 0; i < THROTTLE_KIND__MAX; i++) {
        const ThrottleLimit *l = &b->config.limit[i];

        b->level[i] = MAX(0, b->level[i] - l->avg * seconds);
        b->burst_level[i] = MAX(0, b->burst_level[i] - l->max * seconds);
    }
}

/*
 * Nanoseconds until what is above the brim has gone. Rounding up, and one more:
 * a bucket that is looked at when its time has come must not be found too full
 * by the last bit of a fraction.
 */
static int64_t time_to_leak(double extra, int64_t rate)
{
    double ns = extra / rate * NANOSECONDS_PER_SECOND;

    if (extra <= 0) {
        return 0;
    }
    return ns < WAIT_MAX ? (int64_t)ceil(ns) + 1 : WAIT_MAX;
}

static int64_t wait_of(const ThrottleBuckets *b, ThrottleKind kind)
{
    const ThrottleLimit *l = &b->config.limit[kind];
    double brim = l->max ? (double)l->max * l->length : l->avg / 10.0;
    int64_t ns;

    if (!l->avg) {
        return 0;
    }
    ns = time_to_leak(b->level[kind] - brim, l->avg);
    if (!ns && l->length > 1) {
        ns = time_to_leak(b->burst_level[kind] - l->max / 10.0, l->max);
    }
    return ns;
}

int64_t throttle_buckets_wait(ThrottleBuckets *b, bool is_write, int64_t now)
{
    int64_t ns = 0;

    leak(b, now);
    for (size_t i = 0; i < ARRAY_SIZE(poured[0]); i++) {
        ns = MAX(ns, wait_of(b, poured[is_write][i]));
    }
    return ns;
}

void throttle_buckets_pour(ThrottleBuckets *b, bool is_write, int64_t bytes)
{
    double operations = 1;

    if (b->config.iops_size && bytes > b->config.iops_size) {
        operations = (double)bytes / b->config.iops_size;
    }
    for (size_t i = 0; i < ARRAY_SIZE(poured[0]); i++) {
        ThrottleKind kind = poured[is_write][i];
        double units = kind >= THROTTLE_BPS_TOTAL ? bytes : operations;

        b->level[kind] += units;
        b->burst_level[kind] += units;
    }
}
