/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query-block and query-named-block-nodes. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "backend-throttle.h"
#include "block/block.h"
#include "graph.h"
#include "qapi/qapi-commands-block-core.h"

static const char *filename_of(const BlockDriverState *bs)
{
    while (!bs->filename && bs->file) {
        bs = bs->file;
    }
    return bs->filename ?: "";
}

static ImageInfo *image_info(BlockDriverState *bs)
{
    ImageInfo *info = g_new0(ImageInfo, 1);
    BlockDriverInfo driver_info;

    info->filename = g_strdup(filename_of(bs));
    info->format = g_strdup(bs->drv->name);
    info->virtual_size = bs->length;
    info->actual_size = bdrv_get_allocated_file_size(bs);
    info->has_actual_size = info->actual_size >= 0;
    bdrv_get_info(bs, &driver_info);
    info->cluster_size = driver_info.cluster_size;
    info->has_cluster_size = driver_info.cluster_size > 1;
    return info;
}

static BlockdevCacheInfo *cache_info(const BlockDriverState *bs, const BlockBackend *blk)
{
    BlockdevCacheInfo *info = g_new0(BlockdevCacheInfo, 1);

    info->writeback = !blk || blk->write_cache;
    info->direct = bs->direct;
    info->no_flush = bs->no_flush;
    return info;
}

/* Of the node by itself, or as blk has it. Its context entered. */
static BlockDeviceInfo *node_info(BlockDriverState *bs, BlockBackend *blk)
{
    BlockDeviceInfo *info = g_new0(BlockDeviceInfo, 1);

    info->file = g_strdup(filename_of(bs));
    info->node_name = g_strdup(bs->node_name);
    info->ro = bs->read_only;
    info->drv = g_strdup(bs->drv->name);
    info->detect_zeroes = bs->detect_zeroes;
    info->image = image_info(bs);
    info->cache = cache_info(bs, blk);
    if (blk) {
        blk_show_throttle(blk, info);
    }
    return info;
}

BlockDeviceInfoList *qmp_query_named_block_nodes(bool has_flat, bool flat, Error **errp)
{
    BlockDeviceInfoList *list = NULL, **tail = &list;
    BlockDriverState *bs = NULL;

    while ((bs = bdrv_next_node(bs))) {
        AIO_CONTEXT_VISIT(bs->ctx);
        QAPI_LIST_APPEND(tail, node_info(bs, NULL));
    }
    return list;
}

static BlockInfo *backend_info(BlockBackend *blk)
{
    BlockInfo *info = g_new0(BlockInfo, 1);

    info->device = g_strdup(blk_name(blk));
    info->qdev = blk->dev ? blk_get_attached_dev_id(blk) : NULL;
    info->type = g_strdup("unknown");
    info->removable = blk_dev_has_removable_media(blk);
    info->locked = blk_dev_is_medium_locked(blk);
    info->has_tray_open = blk_dev_has_tray(blk);
    info->tray_open = blk_dev_is_tray_open(blk);
    info->has_io_status = blk_iostatus_is_enabled(blk);
    info->io_status = blk->iostatus;
    if (blk->bs) {
        info->inserted = node_info(blk->bs, blk);
    }
    return info;
}

BlockInfoList *qmp_query_block(Error **errp)
{
    BlockInfoList *list = NULL, **tail = &list;
    BlockBackend *blk = NULL;

    while ((blk = blk_all_next(blk))) {
        AIO_CONTEXT_VISIT(blk->ctx);
        if (blk->name || blk->dev) {
            QAPI_LIST_APPEND(tail, backend_info(blk));
        }
    }
    return list;
}
