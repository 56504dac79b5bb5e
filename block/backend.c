/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block back ends: life, names, and the node that one stands on. */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "block/block.h"
#include "graph.h"
#include "qapi/error.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"

/* Changes in the main context; who has not entered that one needs the mutex, a leaf. */
static QTAILQ_HEAD(, BlockBackend) backends = QTAILQ_HEAD_INITIALIZER(backends);
static QemuMutex backends_mutex = QEMU_MUTEX_INITIALIZER;

BlockBackend *blk_new(AioContext *ctx, uint64_t perm, uint64_t shared_perm)
{
    BlockBackend *blk = g_new0(BlockBackend, 1);

    g_assert(aio_context_entered(aio_context_main()));
    blk->refcount = 1;
    blk->ctx = ctx;
    aio_context_ref(ctx);
    blk->perm = perm;
    blk->shared = shared_perm;
    blk->write_cache = true;
    /* QEMU's is enospc: but the CPUs of this machine would go on, and not wait for it. */
    blk->on_read_error = blk->on_write_error = BLOCKDEV_ON_ERROR_REPORT;
    block_acct_init(&blk->stats);
    QTAILQ_INIT(&blk->queued);
    QTAILQ_INIT(&blk->stopped);
    WITH_QEMU_LOCK_GUARD(&backends_mutex) {
        QTAILQ_INSERT_TAIL(&backends, blk, link);
    }
    return blk;
}

BlockBackend *blk_new_with_bs(BlockDriverState *bs, uint64_t perm, uint64_t shared_perm,
                              Error **errp)
{
    g_autoptr(BlockBackend) blk = blk_new(bs->ctx, perm, shared_perm);

    return blk_insert_bs(blk, bs, errp) < 0 ? NULL : g_steal_pointer(&blk);
}

void blk_ref(BlockBackend *blk)
{
    qatomic_inc(&blk->refcount);
}

/* In the main context. */
static void delete_backend(void *opaque)
{
    BlockBackend *blk = opaque;

    g_assert(!blk->dev);
    /* First of all: another thread that finds it would count a reference to freed memory. */
    WITH_QEMU_LOCK_GUARD(&backends_mutex) {
        QTAILQ_REMOVE(&backends, blk, link);
    }
    /* What drains it takes and drops references: theirs are not the last. */
    qatomic_set(&blk->refcount, 1);
    blk_remove_bs(blk);
    blk_throttle_free(blk);
    aio_context_unref(blk->ctx);
    g_free(blk->name);
    g_free(blk);
}

void blk_unref(BlockBackend *blk)
{
    if (!blk || qatomic_fetch_dec(&blk->refcount) > 1) {
        return;
    }
    if (aio_context_entered(aio_context_main()) && !block_is_completing()) {
        delete_backend(blk);
    } else {
        aio_bh_schedule_oneshot(aio_context_main(), delete_backend, blk);
    }
}

static bool try_ref(BlockBackend *blk)
{
    int seen = qatomic_read(&blk->refcount), old;

    while (seen > 0 && (old = qatomic_cmpxchg(&blk->refcount, seen, seen + 1)) != seen) {
        seen = old;
    }
    return seen > 0;
}

/* In the order in which they came, those of ctx; NULL: all. With references. */
static GPtrArray *backends_in(AioContext *ctx)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)blk_unref);
    BlockBackend *blk;
    QEMU_LOCK_GUARD(&backends_mutex);

    QTAILQ_FOREACH(blk, &backends, link) {
        if ((!ctx || qatomic_read(&blk->ctx) == ctx) && try_ref(blk)) {
            g_ptr_array_add(found, blk);
        }
    }
    return found;
}

void blk_drain_all(void)
{
    bool all = aio_context_entered(aio_context_main());
    g_autoptr(GPtrArray) found = backends_in(all ? NULL : qemu_get_current_aio_context());

    for (guint i = 0; i < found->len; i++) {
        BlockBackend *blk = g_ptr_array_index(found, i);

        AIO_CONTEXT_GUARD(blk->ctx);
        blk_drain(blk);
    }
}

/* ---- names ---- */

const char *blk_name(const BlockBackend *blk)
{
    return blk->name ?: "";
}

BlockBackend *blk_by_name(const char *name)
{
    BlockBackend *blk = NULL;

    while ((blk = blk_next(blk)) && strcmp(blk->name, name)) {
    }
    return blk;
}

/* One whose last reference has gone is on its way to delete_backend(). */
static bool is_going(BlockBackend *blk)
{
    return qatomic_read(&blk->refcount) == 0;
}

BlockBackend *blk_all_next(BlockBackend *blk)
{
    do {
        blk = blk ? QTAILQ_NEXT(blk, link) : QTAILQ_FIRST(&backends);
    } while (blk && is_going(blk));
    return blk;
}

BlockBackend *blk_next(BlockBackend *blk)
{
    do {
        blk = blk_all_next(blk);
    } while (blk && !blk->name);
    return blk;
}

DriveInfo *blk_legacy_dinfo(BlockBackend *blk)
{
    return blk->legacy_dinfo;
}

BlockBackend *blk_by_legacy_dinfo(DriveInfo *dinfo)
{
    BlockBackend *blk = NULL;

    while ((blk = blk_next(blk)) && blk->legacy_dinfo != dinfo) {
    }
    return blk;
}

/* ---- the node ---- */

BlockDriverState *blk_bs(BlockBackend *blk)
{
    return blk->bs;
}

int blk_insert_bs(BlockBackend *blk, BlockDriverState *bs, Error **errp)
{
    BlockParent *root;

    g_assert(!blk->bs);
    if (!bdrv_move(bs, blk->ctx, blk, errp)) {
        return -EPERM;
    }
    root = block_parent_new(bs, NULL, blk);
    if (!block_parent_set_perm(root, blk->perm, blk->shared, errp)) {
        block_parent_free(root);
        bdrv_move_home(bs);
        return -EPERM;
    }
    AIO_CONTEXT_GUARD(blk->ctx);
    blk->root = root;
    blk->bs = bs;
    return 0;
}

void blk_remove_bs(BlockBackend *blk)
{
    BlockDriverState *bs = blk->bs;

    if (!bs) {
        return;
    }
    WITH_AIO_CONTEXT_GUARD(blk->ctx) {
        blk_drain(blk);
        blk_fail_stopped(blk, -ENOMEDIUM);
        blk->bs = NULL;
    }
    bdrv_ref(bs);
    block_parent_free(g_steal_pointer(&blk->root));
    bdrv_move_home(bs);
    bdrv_unref(bs);
}

int blk_set_aio_context(BlockBackend *blk, AioContext *new_context, Error **errp)
{
    if (blk->ctx == new_context) {
        return 0;
    }
    WITH_AIO_CONTEXT_GUARD(blk->ctx) {
        blk_drain(blk);
    }
    if (blk->bs && !bdrv_move(blk->bs, new_context, blk, errp)) {
        return -EBUSY;
    }
    WITH_AIO_CONTEXT_GUARD(blk->ctx) {
        blk_throttle_detach(blk);
    }
    aio_context_ref(new_context);
    aio_context_unref(qatomic_xchg(&blk->ctx, new_context));
    WITH_AIO_CONTEXT_GUARD(blk->ctx) {
        blk_throttle_attach(blk);
    }
    return 0;
}

int blk_set_perm(BlockBackend *blk, uint64_t perm, uint64_t shared_perm, Error **errp)
{
    if (blk->root && !block_parent_set_perm(blk->root, perm, shared_perm, errp)) {
        return -EPERM;
    }
    blk->perm = perm;
    blk->shared = shared_perm;
    return 0;
}

void blk_get_perm(BlockBackend *blk, uint64_t *perm, uint64_t *shared_perm)
{
    *perm = blk->perm;
    *shared_perm = blk->shared;
}

bool blk_supports_write_perm(BlockBackend *blk)
{
    return !blk->bs || !blk->bs->read_only;
}
