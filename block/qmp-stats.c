/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query-blockstats. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "block/block.h"
#include "graph.h"
#include "qapi/qapi-commands-block-core.h"

/* Each figure of BlockAcctStats under the names of its kind of request. */
#define KIND(out, in, type, name) do {                                      \
        (out)->name ## _bytes = (in)->nr_bytes[type];                       \
        (out)->name ## _merged = (in)->merged[type];                        \
        COUNTS(out, in, type, name);                                        \
    } while (0)
#define COUNTS(out, in, type, name) do {                                    \
        (out)->name ## _operations = (in)->nr_ops[type];                    \
        (out)->name ## _total_time_ns = (in)->total_time_ns[type];          \
        (out)->failed_ ## name ## _operations = (in)->failed_ops[type];     \
        (out)->invalid_ ## name ## _operations = (in)->invalid_ops[type];   \
    } while (0)

static void fill_figures(BlockDeviceStats *out, BlockAcctStats *in)
{
    KIND(out, in, BLOCK_ACCT_READ, rd);
    KIND(out, in, BLOCK_ACCT_WRITE, wr);
    KIND(out, in, BLOCK_ACCT_ZONE_APPEND, zone_append);
    KIND(out, in, BLOCK_ACCT_UNMAP, unmap);
    COUNTS(out, in, BLOCK_ACCT_FLUSH, flush);
    out->idle_time_ns = block_acct_idle_time_ns(in);
    out->has_idle_time_ns = out->idle_time_ns >= 0;
    out->account_invalid = in->account_invalid;
    out->account_failed = in->account_failed;
}

static BlockStats *node_stats(BlockDriverState *bs)
{
    BlockStats *stats = g_new0(BlockStats, 1);

    stats->stats = g_new0(BlockDeviceStats, 1);
    if (bs) {
        stats->node_name = g_strdup(bs->node_name);
        stats->stats->wr_highest_offset = bs->write_highest;
        stats->parent = bs->file ? node_stats(bs->file) : NULL;
    }
    return stats;
}

static BlockStats *backend_stats(BlockBackend *blk)
{
    BlockStats *stats = node_stats(blk->bs);

    stats->device = g_strdup(blk_name(blk));
    stats->qdev = blk->dev ? blk_get_attached_dev_path(blk) : NULL;
    fill_figures(stats->stats, &blk->stats);
    return stats;
}

static BlockStatsList *all_nodes(void)
{
    BlockStatsList *list = NULL, **tail = &list;
    BlockDriverState *bs = NULL;

    while ((bs = bdrv_next_node(bs))) {
        AIO_CONTEXT_VISIT(bs->ctx);
        QAPI_LIST_APPEND(tail, node_stats(bs));
    }
    return list;
}

BlockStatsList *qmp_query_blockstats(bool has_query_nodes, bool query_nodes, Error **errp)
{
    BlockStatsList *list = NULL, **tail = &list;
    BlockBackend *blk = NULL;

    if (query_nodes) {
        return all_nodes();
    }
    while ((blk = blk_all_next(blk))) {
        AIO_CONTEXT_VISIT(blk->ctx);
        if (blk->name || blk->dev) {
            QAPI_LIST_APPEND(tail, backend_stats(blk));
        }
    }
    return list;
}
