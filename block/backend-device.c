/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block back end and its device: who it is, and what the two tell each other. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "qom/object.h"

int blk_attach_dev(BlockBackend *blk, DeviceState *dev)
{
    if (blk->dev) {
        return -EBUSY;
    }
    blk_ref(blk);
    blk->dev = dev;
    blk_iostatus_reset(blk);
    return 0;
}

void blk_detach_dev(BlockBackend *blk, DeviceState *dev)
{
    g_assert(blk->dev == dev);
    blk->dev = NULL;
    blk->dev_ops = NULL;
    blk->dev_opaque = NULL;
    blk_unref(blk);
}

DeviceState *blk_get_attached_dev(BlockBackend *blk)
{
    return blk->dev;
}

BlockBackend *blk_by_dev(void *dev)
{
    BlockBackend *blk = NULL;

    while ((blk = blk_all_next(blk)) && blk->dev != dev) {
    }
    return blk;
}

char *blk_get_attached_dev_path(BlockBackend *blk)
{
    return blk->dev ? object_get_canonical_path((Object *)blk->dev) : NULL;
}

char *blk_get_attached_dev_id(BlockBackend *blk)
{
    g_autofree char *path = blk_get_attached_dev_path(blk);
    const char *with_id = "/machine/peripheral/";

    if (path && g_str_has_prefix(path, with_id)) {
        return g_strdup(path + strlen(with_id));
    }
    return path ? g_steal_pointer(&path) : g_strdup("");
}

char *blk_user_name(BlockBackend *blk)
{
    g_autofree char *id = blk_get_attached_dev_id(blk);

    if (blk->dev) {
        return g_strdup_printf("device '%s'", *id ? id : object_get_typename((Object *)blk->dev));
    }
    return blk->name ? g_strdup_printf("drive '%s'", blk->name) : g_strdup("a block device");
}

bool blk_is_used(const BlockBackend *blk)
{
    return blk->dev || blk->ctx != aio_context_main();
}

void blk_set_dev_ops(BlockBackend *blk, const BlockDevOps *ops, void *opaque)
{
    blk->dev_ops = ops;
    blk->dev_opaque = opaque;
}

void block_parent_resized(BlockParent *parent)
{
    BlockBackend *blk = parent->blk;

    if (parent->node) {
        bdrv_refresh_length(parent->node);
    } else if (blk->dev_ops && blk->dev_ops->resize_cb) {
        blk->dev_ops->resize_cb(blk->dev_opaque);
    }
}

/* ---- removable media ---- */

bool blk_dev_has_removable_media(BlockBackend *blk)
{
    return !blk->dev || (blk->dev_ops && blk->dev_ops->change_media_cb);
}

bool blk_dev_has_tray(BlockBackend *blk)
{
    return blk->dev_ops && blk->dev_ops->is_tray_open;
}

bool blk_dev_is_tray_open(BlockBackend *blk)
{
    return blk_dev_has_tray(blk) && blk->dev_ops->is_tray_open(blk->dev_opaque);
}

bool blk_dev_is_medium_locked(BlockBackend *blk)
{
    return blk->dev_ops && blk->dev_ops->is_medium_locked &&
           blk->dev_ops->is_medium_locked(blk->dev_opaque);
}

void blk_dev_eject_request(BlockBackend *blk, bool force)
{
    if (blk->dev_ops && blk->dev_ops->eject_request_cb) {
        blk->dev_ops->eject_request_cb(blk->dev_opaque, force);
    }
}

void blk_dev_change_media_cb(BlockBackend *blk, bool load, Error **errp)
{
    if (blk->dev_ops && blk->dev_ops->change_media_cb) {
        blk->dev_ops->change_media_cb(blk->dev_opaque, load, errp);
    }
}

/* A drive of the host with a tray would follow; none of the drivers here has one. */
void blk_eject(BlockBackend *blk, bool eject_flag)
{
}

void blk_lock_medium(BlockBackend *blk, bool locked)
{
}

bool blk_is_inserted(BlockBackend *blk)
{
    return blk->bs;
}

bool blk_is_available(BlockBackend *blk)
{
    return blk_is_inserted(blk) && !blk_dev_is_tray_open(blk);
}
