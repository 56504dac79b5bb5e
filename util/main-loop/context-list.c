/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All contexts of the process, for the few things that concern every one of
 * them: stopping and moving the virtual clock.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "aio-context.h"

static QemuMutex registry_lock = QEMU_MUTEX_INITIALIZER;
static QLIST_HEAD(, AioContext) registry;

void aio_context_list_add(AioContext *ctx)
{
    QEMU_LOCK_GUARD(&registry_lock);

    QLIST_INSERT_HEAD(&registry, ctx, registry);
}

void aio_context_list_remove(AioContext *ctx)
{
    QEMU_LOCK_GUARD(&registry_lock);

    QLIST_SAFE_REMOVE(ctx, registry);
}

/* One that has no reference left is about to take itself out: it must not come back to life. */
static bool ref_if_alive(AioContext *ctx)
{
    int seen = qatomic_read(&ctx->refcount);

    while (seen > 0) {
        int was = qatomic_cmpxchg(&ctx->refcount, seen, seen + 1);

        if (was == seen) {
            return true;
        }
        seen = was;
    }
    return false;
}

void aio_context_foreach_live(void (*fn)(AioContext *ctx, void *opaque), void *opaque)
{
    g_autoptr(GPtrArray) all = aio_context_list_snapshot();

    for (guint i = 0; i < all->len; i++) {
        if (aio_context_is_live(all->pdata[i])) {
            fn(all->pdata[i], opaque);
        }
    }
}

GPtrArray *aio_context_list_snapshot(void)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)aio_context_unref);
    AioContext *ctx;
    QEMU_LOCK_GUARD(&registry_lock);

    QLIST_FOREACH(ctx, &registry, registry) {
        if (ref_if_alive(ctx)) {
            g_ptr_array_add(all, ctx);
        }
    }
    return all;
}
