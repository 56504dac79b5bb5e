/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives: what -drive has made. The option is translated into that of a node
 * (drive-options.c) and settings of the block back end.
 */
#include "qemu/osdep.h"
#include "sysemu/blockdev.h"
#include "backend-int.h"
#include "backend-throttle.h"
#include "drive-options.h"
#include "graph.h"
#include "qapi/error.h"
#include "qemu/id.h"

static QTAILQ_HEAD(, DriveInfo) drives = QTAILQ_HEAD_INITIALIZER(drives);

DriveInfo *drive_get(BlockInterfaceType type, int bus, int unit)
{
    DriveInfo *dinfo;

    QTAILQ_FOREACH(dinfo, &drives, next) {
        if (dinfo->type == type && dinfo->bus == bus && dinfo->unit == unit) {
            return dinfo;
        }
    }
    return NULL;
}

/* if=none, all that there is, has one bus. */
DriveInfo *drive_get_by_index(BlockInterfaceType type, int index)
{
    return drive_get(type, 0, index);
}

int drive_get_max_bus(BlockInterfaceType type)
{
    DriveInfo *dinfo;
    int max = -1;

    QTAILQ_FOREACH(dinfo, &drives, next) {
        if (dinfo->type == type) {
            max = MAX(max, dinfo->bus);
        }
    }
    return max;
}

BlockBackend *blk_set_legacy_dinfo(BlockBackend *blk, DriveInfo *dinfo)
{
    g_assert(!blk->legacy_dinfo);
    blk->legacy_dinfo = dinfo;
    return blk;
}

static char *make_name(void)
{
    for (unsigned n = 0; ; n++) {
        g_autofree char *name = g_strdup_printf("none%u", n);

        if (!blk_by_name(name)) {
            return g_steal_pointer(&name);
        }
    }
}

static bool check_id(const char *id, Error **errp)
{
    if (!id_wellformed(id)) {
        error_setg(errp, "Parameter 'id' expects an identifier: a letter, then letters, digits,"
                   " '-', '.' or '_'");
        return false;
    }
    if (blk_by_name(id)) {
        error_setg(errp, "'id=%s' is another drive's already: use another id", id);
        return false;
    }
    if (bdrv_find_node(id)) {
        error_setg(errp, "'id=%s' is the name of a node already: use another id", id);
        return false;
    }
    return true;
}

static int free_unit(void)
{
    int unit = 0;

    while (drive_get(IF_NONE, 0, unit)) {
        unit++;
    }
    return unit;
}

static void publish(BlockBackend *blk, const DriveOptions *options)
{
    DriveInfo *dinfo = g_new0(DriveInfo, 1);

    blk->name = options->id ? g_strdup(options->id) : make_name();
    blk->write_cache = options->write_cache;
    blk_set_on_error(blk, options->rerror, options->werror);
    blk_set_throttle(blk, options->throttle_group, &options->limits);
    dinfo->type = IF_NONE;
    dinfo->unit = free_unit();
    dinfo->media_cd = options->cdrom;
    blk_set_legacy_dinfo(blk, dinfo);
    QTAILQ_INSERT_TAIL(&drives, dinfo, next);
}

bool drive_add_json(JsonObject *opts, Error **errp)
{
    g_autoptr(DriveOptions) options = drive_options_parse(opts, errp);
    BlockDriverState *bs = NULL;
    BlockBackend *blk;
    bool ok;

    if (!options || (options->id && !check_id(options->id, errp))) {
        return false;
    }
    if (options->node) {
        bs = bdrv_open_node(options->node, errp);
        if (!bs) {
            return false;
        }
    }
    blk = blk_new(aio_context_main(), 0, BLK_PERM_ALL);
    ok = !bs || blk_insert_bs(blk, bs, errp) == 0;
    bdrv_unref(bs);
    if (ok) {
        publish(blk, options);
    } else {
        blk_unref(blk);
    }
    return ok;
}

void drive_remove_all(void)
{
    DriveInfo *dinfo;

    while ((dinfo = QTAILQ_FIRST(&drives))) {
        BlockBackend *blk = blk_by_legacy_dinfo(dinfo);

        QTAILQ_REMOVE(&drives, dinfo, next);
        blk->legacy_dinfo = NULL;
        blk_unref(blk);
        g_free(dinfo);
    }
}
