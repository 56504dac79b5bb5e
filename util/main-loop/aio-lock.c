/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A context's lock: a plain mutex, which costs no system call while nobody
 * competes, plus fairness where it is needed. A mutex alone would let a busy
 * runner, which unlocks for a moment once a turn, shut everybody else out. So
 * who finds the mutex taken counts itself in lock_waiters first; a runner that
 * has unlocked and sees that somebody waits, and that nobody got the lock
 * meanwhile, sleeps until one has (at most a millisecond: whoever was announced
 * may be late).
 *
 * The other way round: whoever takes the lock again and again, a moment each time,
 * would find it free again before a runner that it has kept waiting is awake. So
 * it may ask for the runner to go first.
 */
#include "qemu/osdep.h"
#include "aio-context.h"
#include <linux/futex.h>
#include <sys/syscall.h>

void aio_lock_arrived(AioContext *ctx)
{
    qatomic_dec(&ctx->lock_waiters);
    qatomic_inc(&ctx->lock_grants);
    if (qatomic_xchg(&ctx->runner_yields, 0)) {
        syscall(SYS_futex, &ctx->lock_grants, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

void aio_lock_announce(AioContext *ctx)
{
    qatomic_inc(&ctx->lock_waiters);
}

void aio_lock(AioContext *ctx)
{
    if (likely(qemu_mutex_trylock(&ctx->lock) == 0)) {
        return;
    }
    aio_lock_announce(ctx);
    qemu_mutex_lock(&ctx->lock);
    aio_lock_arrived(ctx);
}

void aio_unlock(AioContext *ctx)
{
    qemu_mutex_unlock(&ctx->lock);
}

uint32_t aio_unlock_runner(AioContext *ctx)
{
    uint32_t grants = qatomic_read(&ctx->lock_grants);

    qemu_mutex_unlock(&ctx->lock);
    return grants;
}

/* What runner_waits says. */
enum { RUNNER_RUNS, RUNNER_WAITS, RUNNER_IS_AWAITED };

void aio_lock_runner(AioContext *ctx, uint32_t grants)
{
    static const struct timespec at_most = { .tv_nsec = SCALE_MS };

    if (unlikely(aio_lock_wanted(ctx)) && qatomic_read(&ctx->lock_grants) == grants) {
        qatomic_set_mb(&ctx->runner_yields, 1);
        syscall(SYS_futex, &ctx->lock_grants, FUTEX_WAIT_PRIVATE, grants, &at_most, NULL, 0);
        qatomic_set(&ctx->runner_yields, 0);
    }
    if (likely(qemu_mutex_trylock(&ctx->lock) == 0)) {
        return;
    }
    qatomic_set(&ctx->runner_waits, RUNNER_WAITS);
    qemu_mutex_lock(&ctx->lock);
    if (qatomic_xchg(&ctx->runner_waits, RUNNER_RUNS) == RUNNER_IS_AWAITED) {
        syscall(SYS_futex, &ctx->runner_waits, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    }
}

/* A millisecond at most: the runner may be suspended by other means. */
void aio_lock_let_runner(AioContext *ctx)
{
    static const struct timespec at_most = { .tv_nsec = SCALE_MS };
    uint32_t seen = qatomic_cmpxchg(&ctx->runner_waits, RUNNER_WAITS, RUNNER_IS_AWAITED);

    if (seen != RUNNER_RUNS) {
        syscall(SYS_futex, &ctx->runner_waits, FUTEX_WAIT_PRIVATE, RUNNER_IS_AWAITED, &at_most,
                NULL, 0);
    }
}
