/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which context nodes are: that of the device which uses them, else the main
 * one. A node, what is below it and what else sits on that go together. They
 * move with both contexts entered and nothing under way, and from one domain to
 * another by way of the main context, for nobody enters two domains.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "backend-int.h"
#include "graph.h"
#include "order.h"
#include "perm.h"

static BlockDriverState *bottom_of(BlockDriverState *bs)
{
    while (bs->file) {
        bs = bs->file;
    }
    return bs;
}

/* A back end at or above bs that is used somewhere else than in ctx. */
static BlockBackend *user_elsewhere(const BlockDriverState *bs, const AioContext *ctx,
                                    const BlockBackend *self)
{
    for (GSList *l = bs->parents; l; l = l->next) {
        const BlockParent *parent = l->data;
        BlockBackend *found = parent->blk;

        if (parent->node) {
            found = user_elsewhere(parent->node, ctx, self);
        } else if (found == self || !blk_is_used(found) || blk_get_aio_context(found) == ctx) {
            found = NULL;
        }
        if (found) {
            return found;
        }
    }
    return NULL;
}

static bool is_used(const BlockDriverState *bs)
{
    for (GSList *l = bs->parents; l; l = l->next) {
        const BlockParent *parent = l->data;

        if (parent->node ? is_used(parent->node) : blk_is_used(parent->blk)) {
            return true;
        }
    }
    return false;
}

void bdrv_settle(BlockDriverState *bs)
{
    if (bs->order) {
        block_order_set_context(bs->order, bs->ctx);
    }
    if (bs->drv->attach) {
        bs->drv->attach(bs, bs->ctx);
    }
}

void bdrv_unsettle(BlockDriverState *bs)
{
    g_assert(!bs->in_flight);
    if (bs->drv->detach) {
        bs->drv->detach(bs);
    }
    if (bs->order) {
        block_order_set_context(bs->order, NULL);
    }
}

static void leave_tree(BlockDriverState *bs)
{
    for (GSList *l = bs->parents; l; l = l->next) {
        BlockParent *parent = l->data;

        if (parent->node) {
            leave_tree(parent->node);
        }
    }
    bdrv_unsettle(bs);
}

static void enter_tree(BlockDriverState *bs, AioContext *ctx)
{
    aio_context_ref(ctx);
    aio_context_unref(bs->ctx);
    bs->ctx = ctx;
    bdrv_settle(bs);
    for (GSList *l = bs->parents; l; l = l->next) {
        BlockParent *parent = l->data;

        if (parent->node) {
            enter_tree(parent->node, ctx);
        }
    }
}

/* One of the two is the main context, which is entered. */
static void step(BlockDriverState *bottom, AioContext *to)
{
    AioContext *from = bottom->ctx;
    AioContext *domain = from == aio_context_main() ? to : from;

    AIO_CONTEXT_GUARD(domain);
    aio_context_ref(from);
    leave_tree(bottom);
    enter_tree(bottom, to);
    aio_context_unref(from);
}

bool bdrv_move(BlockDriverState *bs, AioContext *ctx, const BlockBackend *self, Error **errp)
{
    BlockDriverState *bottom = bottom_of(bs);
    BlockBackend *other = user_elsewhere(bottom, ctx, self);
    AioContext *hub = aio_context_main();

    if (other) {
        g_autofree char *user = blk_user_name(other);

        error_setg(errp, "Node '%s' is used by %s of another isolation domain: open the file"
                   " once more for this one, with a -blockdev of its own", bs->node_name, user);
        return false;
    }
    if (bottom->ctx != ctx && bottom->ctx != hub) {
        step(bottom, hub);
    }
    if (bottom->ctx != ctx) {
        step(bottom, ctx);
    }
    return true;
}

void bdrv_move_home(BlockDriverState *bs)
{
    if (bs->ctx != aio_context_main() && !is_used(bottom_of(bs))) {
        bdrv_move(bs, aio_context_main(), NULL, &error_abort);
    }
}
