/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Budget for lines that somebody hostile can cause: LOG_RATE_BURST at once, and
 * what time gives back at LOG_RATE_PER_SECOND. A token bucket kept as "tokens
 * spent", so that an all-zero one is full. Floods are rare and the work is
 * short, hence one lock for all of them.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/lockable.h"
#include "qemu/timer.h"

static QemuMutex ratelimit_lock = QEMU_MUTEX_INITIALIZER;

static void refill(LogRateLimit *rl, int64_t now)
{
    const int64_t ns_per_token = NANOSECONDS_PER_SECOND / LOG_RATE_PER_SECOND;
    int64_t tokens = (now - rl->refill_ns) / ns_per_token;

    if (tokens > 0) {
        rl->spent = tokens >= rl->spent ? 0 : rl->spent - tokens;
        rl->refill_ns = rl->spent ? rl->refill_ns + tokens * ns_per_token : now;
    }
}

bool log_ratelimit_allow(LogRateLimit *rl, uint32_t *suppressed)
{
    QEMU_LOCK_GUARD(&ratelimit_lock);

    refill(rl, g_get_monotonic_time() * SCALE_US);
    if (rl->spent >= LOG_RATE_BURST) {
        rl->dropped += rl->dropped < UINT32_MAX;
        return false;
    }
    rl->spent++;
    *suppressed = rl->dropped;
    rl->dropped = 0;
    return true;
}
