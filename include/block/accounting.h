/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the requests of a device came to: query-blockstats shows it.
 *
 * Locking: the context of the block back end that has the figures.
 */
#ifndef BLOCK_ACCOUNTING_H
#define BLOCK_ACCOUNTING_H

#include "qapi/qapi-types-common.h"
#include "qemu/osdep.h"

enum BlockAcctType {
    BLOCK_ACCT_NONE = 0,        /* not counted */
    BLOCK_ACCT_READ,
    BLOCK_ACCT_WRITE,
    BLOCK_ACCT_FLUSH,
    BLOCK_ACCT_ZONE_APPEND,
    BLOCK_ACCT_UNMAP,
    BLOCK_MAX_IOTYPE,
};

typedef struct BlockAcctStats {
    uint64_t nr_bytes[BLOCK_MAX_IOTYPE];
    uint64_t nr_ops[BLOCK_MAX_IOTYPE];
    uint64_t invalid_ops[BLOCK_MAX_IOTYPE];
    uint64_t failed_ops[BLOCK_MAX_IOTYPE];
    uint64_t total_time_ns[BLOCK_MAX_IOTYPE];
    uint64_t merged[BLOCK_MAX_IOTYPE];
    int64_t last_access_time_ns;    /* 0: none yet */
    bool account_invalid;           /* invalid and failed ones are accesses, too */
    bool account_failed;
} BlockAcctStats;

/* A request under way, in the device's own struct. */
typedef struct BlockAcctCookie {
    int64_t bytes;
    int64_t start_time_ns;
    enum BlockAcctType type;
} BlockAcctCookie;

void block_acct_init(BlockAcctStats *stats);
/* auto: on. */
void block_acct_setup(BlockAcctStats *stats, enum OnOffAuto account_invalid,
                      enum OnOffAuto account_failed);
void block_acct_start(BlockAcctStats *stats, BlockAcctCookie *cookie, int64_t bytes,
                      enum BlockAcctType type);
/* One of these two ends it; a second end of the same cookie does nothing. */
void block_acct_done(BlockAcctStats *stats, BlockAcctCookie *cookie);
void block_acct_failed(BlockAcctStats *stats, BlockAcctCookie *cookie);
/* A request that was refused before it began. */
void block_acct_invalid(BlockAcctStats *stats, enum BlockAcctType type);
/* Requests that became part of another one. */
void block_acct_merge_done(BlockAcctStats *stats, enum BlockAcctType type, int num_requests);
/* Since the last access; -1: there was none. */
int64_t block_acct_idle_time_ns(BlockAcctStats *stats);

/*
 * ours: a request that has ended at once, and took no time that is worth a look at
 * the clock.
 */
static inline void block_acct_instant(BlockAcctStats *stats, int64_t bytes,
                                      enum BlockAcctType type)
{
    stats->nr_bytes[type] += bytes;
    stats->nr_ops[type]++;
}

#endif
