/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP commands that make, change and remove nodes. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "graph.h"
#include "perm.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-block-core.h"

void qmp_blockdev_add(BlockdevOptions *options, Error **errp)
{
    blockdev_add(options, errp);
}

void qmp_blockdev_del(const char *node_name, Error **errp)
{
    BlockDriverState *bs = bdrv_find_node(node_name);

    if (!bs) {
        error_setg(errp, "There is no node '%s': query-named-block-nodes lists them", node_name);
    } else if (!bs->monitor_owned) {
        error_setg(errp, "Node '%s' goes with the node or drive that it was made for",
                   bs->node_name);
    } else if (bs->parents) {
        error_setg(errp, "Node '%s' is in use: remove what stands on it first", bs->node_name);
    } else {
        bs->monitor_owned = false;
        bdrv_unref(bs);
    }
}

void qmp_block_resize(const char *device, const char *node_name, int64_t size, Error **errp)
{
    BlockDriverState *bs = bdrv_lookup_bs(device, node_name, errp);

    if (!bs) {
        return;
    }
    if (size < 0) {
        error_setg(errp, "'size=%" PRId64 "' is no length: use 0 bytes or more", size);
        return;
    }
    if (!bdrv_may_resize(bs, errp)) {
        return;
    }
    AIO_CONTEXT_GUARD(bs->ctx);
    bdrv_truncate(bs, size, errp);
}
