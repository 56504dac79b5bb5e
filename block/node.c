/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes: how they come from options, their names, how they go. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "qapi/error.h"
#include "qemu/id.h"
#include "sysemu/block-backend.h"
#include "backend-int.h"
#include "graph.h"
#include "order.h"
#include "perm.h"

static QTAILQ_HEAD(, BlockDriverState) nodes = QTAILQ_HEAD_INITIALIZER(nodes);

/* ---- names ---- */

BlockDriverState *bdrv_next_node(BlockDriverState *bs)
{
    return bs ? QTAILQ_NEXT(bs, node_link) : QTAILQ_FIRST(&nodes);
}

BlockDriverState *bdrv_find_node(const char *name)
{
    BlockDriverState *bs;

    QTAILQ_FOREACH(bs, &nodes, node_link) {
        if (!strcmp(bs->node_name, name)) {
            return bs;
        }
    }
    return NULL;
}

bool bdrv_check_name(const char *name, Error **errp)
{
    if (!id_wellformed(name)) {
        error_setg(errp, "Invalid node-name: '%s': use a letter, then letters, digits, '-', '.'"
                   " or '_'", name);
        return false;
    }
    if (blk_by_name(name)) {
        error_setg(errp, "'node-name=%s' is the id of a drive already: use another name", name);
        return false;
    }
    if (bdrv_find_node(name)) {
        error_setg(errp, "'node-name=%s' is another node's already: use another name", name);
        return false;
    }
    return true;
}

/* ---- the end ---- */

static void drop_file(BlockDriverState *bs)
{
    for (GSList *l = bs->file ? bs->file->parents : NULL; l; l = l->next) {
        BlockParent *parent = l->data;

        if (parent->node == bs) {
            bs->file = NULL;
            block_parent_free(parent);
            return;
        }
    }
}

static void free_node(BlockDriverState *bs)
{
    drop_file(bs);
    block_order_free(bs->order);
    aio_context_unref(bs->ctx);
    g_free(bs->opaque);
    g_free(bs->filename);
    g_free(bs->node_name);
    g_free(bs);
}

static void close_node(void *opaque)
{
    BlockDriverState *bs = opaque;

    g_assert(!bs->parents);
    WITH_AIO_CONTEXT_GUARD(bs->ctx) {
        bdrv_unsettle(bs);
        if (bs->drv->close) {
            bs->drv->close(bs);
        }
    }
    free_node(bs);
}

void bdrv_ref(BlockDriverState *bs)
{
    bs->refcount++;
}

void bdrv_unref(BlockDriverState *bs)
{
    if (!bs) {
        return;
    }
    g_assert(bs->refcount > 0 && aio_context_entered(aio_context_main()));
    if (--bs->refcount > 0) {
        return;
    }
    QTAILQ_REMOVE(&nodes, bs, node_link);
    if (block_is_completing()) {
        aio_bh_schedule_oneshot(aio_context_main(), close_node, bs);
    } else {
        close_node(bs);
    }
}

/* ---- the beginning ---- */

/* Every driver that sits on another node has it as its first member: the schema's base. */
static const BlockdevRef *file_of(const BlockdevOptions *options)
{
    return options->u.raw.file;
}
QEMU_BUILD_BUG_ON(offsetof(BlockdevOptionsThrottle, file) != offsetof(BlockdevOptionsRaw, file));
QEMU_BUILD_BUG_ON(offsetof(BlockdevOptionsError, file) != offsetof(BlockdevOptionsRaw, file));
QEMU_BUILD_BUG_ON(offsetof(BlockdevOptionsDelay, file) != offsetof(BlockdevOptionsRaw, file));

/* What is inline below a node is opened as that node is, where it does not say otherwise. */
typedef struct Inherited {
    bool set;
    bool direct, no_flush;
    bool read_only, auto_read_only, force_share;
} Inherited;

static bool or_else(bool has, bool value, bool otherwise)
{
    return has ? value : otherwise;
}

static void set_common(BlockDriverState *bs, const BlockdevOptions *options, const Inherited *in)
{
    const BlockdevCacheOptions *cache = options->cache;

    bs->direct = or_else(cache && cache->has_direct, cache && cache->direct, in->direct);
    bs->no_flush = or_else(cache && cache->has_no_flush, cache && cache->no_flush, in->no_flush);
    bs->read_only = or_else(options->has_read_only, options->read_only, in->read_only);
    bs->auto_read_only = or_else(options->has_auto_read_only, options->auto_read_only,
                                 in->auto_read_only);
    bs->force_share = or_else(options->has_force_share, options->force_share, in->force_share);
    bs->discard_unmap = options->has_discard ?
                        options->discard == BLOCKDEV_DISCARD_OPTIONS_UNMAP : in->set;
    bs->detect_zeroes = options->has_detect_zeroes ? options->detect_zeroes :
                                                     BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF;
}

static bool check_common(const BlockDriverState *bs, Error **errp)
{
    if (bs->force_share && !bs->read_only) {
        error_setg(errp, "force-share=on needs read-only=on, too");
        return false;
    }
    if (bs->detect_zeroes == BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP && !bs->discard_unmap) {
        error_setg(errp, "detect-zeroes=unmap needs discard=unmap, too");
        return false;
    }
    return true;
}

static BlockDriverState *open_inherited(const BlockDriver *drv, const BlockdevOptions *options,
                                        const Inherited *in, Error **errp);

static bool open_file(BlockDriverState *bs, const BlockdevRef *ref, Error **errp)
{
    Inherited in = {
        true, bs->direct, bs->no_flush, bs->read_only, bs->auto_read_only, bs->force_share,
    };
    BlockDriverState *file;

    if (ref->type == QTYPE_QSTRING) {
        file = bdrv_find_node(ref->u.reference);
        if (!file) {
            error_setg(errp, "'file=%s': there is no such node: make it by a -blockdev before this"
                       " one", ref->u.reference);
            return false;
        }
        bdrv_ref(file);
    } else {
        file = open_inherited(block_driver(ref->u.definition.driver), &ref->u.definition, &in,
                              errp);
        if (!file) {
            return false;
        }
    }
    block_parent_new(file, bs, NULL);
    bs->file = file;
    bdrv_unref(file);
    /* It may be in use already. */
    aio_context_unref(bs->ctx);
    bs->ctx = file->ctx;
    aio_context_ref(bs->ctx);
    return true;
}

static bool read_size(BlockDriverState *bs, Error **errp)
{
    int ret = bdrv_refresh_length(bs);

    if (ret < 0) {
        error_setg_errno(errp, -ret, "Could not get the size of '%s'",
                         bs->filename ?: bs->node_name);
    }
    return ret == 0;
}

/* The driver's part: after that the node works. */
static bool open_driver(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    bs->opaque = g_malloc0(MAX(bs->drv->state_size, 1));
    if (!bs->drv->open(bs, options, errp)) {
        return false;
    }
    if (!read_size(bs, errp) || !bdrv_refresh_limits(bs, errp)) {
        if (bs->drv->close) {
            bs->drv->close(bs);
        }
        return false;
    }
    return true;
}

static BlockDriverState *new_node(const BlockDriver *drv, const BlockdevOptions *options,
                                  const Inherited *in)
{
    BlockDriverState *bs = g_new0(BlockDriverState, 1);

    bs->drv = drv;
    bs->node_name = options->node_name ? g_strdup(options->node_name) :
                                          id_generate(ID_BLOCK);
    bs->ctx = aio_context_main();
    aio_context_ref(bs->ctx);
    bs->refcount = 1;
    set_common(bs, options, in);
    return bs;
}

/* In the end, for what is inline may have taken the name. */
static bool open_parts(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    if (!check_common(bs, errp) ||
        (bs->drv->has_file && !open_file(bs, file_of(options), errp)) ||
        (options->node_name && !bdrv_check_name(options->node_name, errp))) {
        return false;
    }
    AIO_CONTEXT_GUARD(bs->ctx);
    if (!open_driver(bs, options, errp)) {
        return false;
    }
    bdrv_settle(bs);
    return true;
}

static BlockDriverState *open_inherited(const BlockDriver *drv, const BlockdevOptions *options,
                                        const Inherited *in, Error **errp)
{
    BlockDriverState *bs;

    if (options->node_name && !bdrv_check_name(options->node_name, errp)) {
        return NULL;
    }
    if (!drv) {
        error_setg(errp, "Driver '%s' is not in this program: -blockdev help lists those that are",
                   BlockdevDriver_str(options->driver));
        return NULL;
    }
    bs = new_node(drv, options, in);
    if (!open_parts(bs, options, errp)) {
        free_node(bs);
        return NULL;
    }
    QTAILQ_INSERT_TAIL(&nodes, bs, node_link);
    return bs;
}

BlockDriverState *bdrv_new_open_driver(const BlockDriver *drv, const BlockdevOptions *options,
                                       Error **errp)
{
    static const Inherited nothing;

    return open_inherited(drv, options, &nothing, errp);
}

BlockDriverState *bdrv_open_node(const BlockdevOptions *options, Error **errp)
{
    return bdrv_new_open_driver(block_driver(options->driver), options, errp);
}
