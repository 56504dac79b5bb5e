/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "block/accounting.h"
#include "qemu/timer.h"

void block_acct_init(BlockAcctStats *stats)
{
    *stats = (BlockAcctStats) { .account_invalid = true, .account_failed = true };
}

void block_acct_setup(BlockAcctStats *stats, enum OnOffAuto account_invalid,
                      enum OnOffAuto account_failed)
{
    stats->account_invalid = account_invalid != ON_OFF_AUTO_OFF;
    stats->account_failed = account_failed != ON_OFF_AUTO_OFF;
}

static int64_t now_ns(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
}

void block_acct_start(BlockAcctStats *stats, BlockAcctCookie *cookie, int64_t bytes,
                      enum BlockAcctType type)
{
    g_assert(type < BLOCK_MAX_IOTYPE);
    *cookie = (BlockAcctCookie) { bytes, now_ns(), type };
}

static void account(BlockAcctStats *stats, BlockAcctCookie *cookie, bool failed)
{
    enum BlockAcctType type = cookie->type;
    int64_t now;

    if (type == BLOCK_ACCT_NONE) {
        return;
    }
    cookie->type = BLOCK_ACCT_NONE;
    if (failed) {
        stats->failed_ops[type]++;
    } else {
        stats->nr_bytes[type] += cookie->bytes;
        stats->nr_ops[type]++;
    }
    if (!failed || stats->account_failed) {
        now = now_ns();
        stats->total_time_ns[type] += MAX(now - cookie->start_time_ns, 0);
        stats->last_access_time_ns = now;
    }
}

void block_acct_done(BlockAcctStats *stats, BlockAcctCookie *cookie)
{
    account(stats, cookie, false);
}

void block_acct_failed(BlockAcctStats *stats, BlockAcctCookie *cookie)
{
    account(stats, cookie, true);
}

void block_acct_invalid(BlockAcctStats *stats, enum BlockAcctType type)
{
    g_assert(type < BLOCK_MAX_IOTYPE);
    stats->invalid_ops[type]++;
    if (stats->account_invalid) {
        stats->last_access_time_ns = now_ns();
    }
}

void block_acct_merge_done(BlockAcctStats *stats, enum BlockAcctType type, int num_requests)
{
    g_assert(type < BLOCK_MAX_IOTYPE);
    stats->merged[type] += num_requests;
}

int64_t block_acct_idle_time_ns(BlockAcctStats *stats)
{
    return stats->last_access_time_ns ? now_ns() - stats->last_access_time_ns : -1;
}
