/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nodes have in common that show the node below them. */
#include "qemu/osdep.h"
#include "filter.h"
#include "graph.h"
#include "qapi/error.h"

bool filter_open(BlockDriverState *bs)
{
    bs->has_fua = bs->file->has_fua;
    bs->filename = g_strdup(bs->file->filename);
    return true;
}

void filter_never_cancel(BlockDriverState *bs, BlockRequest *req)
{
    g_assert_not_reached();
}

int64_t filter_getlength(BlockDriverState *bs)
{
    return bs->file->length;
}

bool filter_truncate(BlockDriverState *bs, int64_t size, Error **errp)
{
    return bdrv_truncate(bs->file, size, errp);
}

int64_t filter_allocated_size(BlockDriverState *bs)
{
    return bdrv_get_allocated_file_size(bs->file);
}

BlockDriverState *filter_find(const char *node_name, const BlockDriver *driver, Error **errp)
{
    BlockDriverState *bs = bdrv_find_node(node_name);

    if (!bs) {
        error_setg(errp, "Cannot find node '%s'", node_name);
    } else if (bs->drv != driver) {
        error_setg(errp, "Node '%s' has the driver '%s', not '%s'", node_name, bs->drv->name,
                   driver->name);
        bs = NULL;
    }
    return bs;
}
