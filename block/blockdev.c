/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes that the user makes and removes. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "backend-int.h"
#include "graph.h"
#include "qapi/error.h"

bool blockdev_add(const BlockdevOptions *options, Error **errp)
{
    BlockDriverState *bs;

    if (!options->node_name) {
        error_setg(errp, "'node-name' is missing: a node that nothing stands on needs a name");
        return false;
    }
    bs = bdrv_open_node(options, errp);
    if (bs) {
        bs->monitor_owned = true;
    }
    return bs;
}

BlockDriverState *bdrv_lookup_bs(const char *device, const char *node_name, Error **errp)
{
    BlockBackend *blk = device ? blk_by_name(device) : NULL;
    BlockDriverState *bs = node_name ? bdrv_find_node(node_name) : NULL;

    if (blk && blk->bs) {
        return blk->bs;
    }
    if (blk) {
        error_setg(errp, "Drive '%s' has no medium", device);
    } else if (!device && !node_name) {
        error_setg(errp, "'device' and 'node-name' are missing: give one of them");
    } else if (!bs) {
        error_setg(errp, "There is no %s '%s': query-block and query-named-block-nodes list all",
                   node_name ? "node" : "drive", node_name ?: device);
    }
    return blk ? NULL : bs;
}

static BlockDriverState *first_owned(void)
{
    BlockDriverState *bs = NULL;

    while ((bs = bdrv_next_node(bs)) && !bs->monitor_owned) {
    }
    return bs;
}

void bdrv_close_all(void)
{
    BlockDriverState *bs;

    while ((bs = first_owned())) {
        bs->monitor_owned = false;
        bdrv_unref(bs);
    }
}
