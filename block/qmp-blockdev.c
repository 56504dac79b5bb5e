/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP commands that make and remove nodes. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "graph.h"
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
        error_setg(errp, "Failed to find node with node-name='%s'", node_name);
    } else if (!bs->monitor_owned) {
        error_setg(errp, "Node %s is not owned by the monitor", bs->node_name);
    } else if (bs->parents) {
        error_setg(errp, "Block device %s is in use", bs->node_name);
    } else {
        bs->monitor_owned = false;
        bdrv_unref(bs);
    }
}
