/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reset handlers of each isolation domain.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "sysemu/reset.h"
#include "qdev-internal.h"

/* @ctx: the domain, a reference is held while the entry exists. */
typedef struct ResetEntry {
    AioContext *ctx;
    QEMUResetHandler *func;
    void *opaque;
    bool skip_for_snapshot;
} ResetEntry;

static struct {
    QemuMutex lock;
    GPtrArray *entries;         /* in the order of registration */
} resets = { .lock = QEMU_MUTEX_INITIALIZER };

static void entry_free(void *p)
{
    ResetEntry *e = p;

    aio_context_unref(e->ctx);
    g_free(e);
}

static void add_entry(QEMUResetHandler *func, void *opaque, bool skip_for_snapshot)
{
    ResetEntry *e = g_new0(ResetEntry, 1);

    e->ctx = current_domain();
    aio_context_ref(e->ctx);
    e->func = func;
    e->opaque = opaque;
    e->skip_for_snapshot = skip_for_snapshot;
    qemu_mutex_lock(&resets.lock);
    if (!resets.entries) {
        resets.entries = g_ptr_array_new_with_free_func(entry_free);
    }
    g_ptr_array_add(resets.entries, e);
    qemu_mutex_unlock(&resets.lock);
}

void qemu_register_reset(QEMUResetHandler *func, void *opaque)
{
    add_entry(func, opaque, false);
}

void qemu_register_reset_nosnapshotload(QEMUResetHandler *func, void *opaque)
{
    add_entry(func, opaque, true);
}

/* With the lock held; the first one, as it was registered. */
static ResetEntry *find_entry(QEMUResetHandler *func, void *opaque)
{
    unsigned i;

    for (i = 0; resets.entries && i < resets.entries->len; i++) {
        ResetEntry *e = g_ptr_array_index(resets.entries, i);

        if (e->func == func && e->opaque == opaque) {
            return e;
        }
    }
    return NULL;
}

void qemu_unregister_reset(QEMUResetHandler *func, void *opaque)
{
    ResetEntry *e;

    qemu_mutex_lock(&resets.lock);
    e = find_entry(func, opaque);
    if (e) {
        g_ptr_array_remove(resets.entries, e);
    }
    qemu_mutex_unlock(&resets.lock);
}

void qemu_register_resettable(Object *obj)
{
    qemu_register_reset(resettable_cold_reset_fn, obj);
}

void qemu_unregister_resettable(Object *obj)
{
    qemu_unregister_reset(resettable_cold_reset_fn, obj);
}

/* Copies of the entries of @ctx, as they are now. */
static GArray *entries_of(AioContext *ctx)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(ResetEntry));
    unsigned i;

    qemu_mutex_lock(&resets.lock);
    for (i = 0; resets.entries && i < resets.entries->len; i++) {
        ResetEntry *e = g_ptr_array_index(resets.entries, i);

        if (e->ctx == ctx) {
            g_array_append_val(list, *e);
        }
    }
    qemu_mutex_unlock(&resets.lock);
    return list;
}

/* A handler that ran before may have unregistered this one. */
static bool still_there(const ResetEntry *e)
{
    bool there;

    qemu_mutex_lock(&resets.lock);
    there = find_entry(e->func, e->opaque);
    qemu_mutex_unlock(&resets.lock);
    return there;
}

void qemu_devices_reset(ShutdownCause reason)
{
    g_autoptr(GArray) list = entries_of(current_domain());
    unsigned i;

    for (i = 0; i < list->len; i++) {
        ResetEntry *e = &g_array_index(list, ResetEntry, i);

        if (!(e->skip_for_snapshot && reason == SHUTDOWN_CAUSE_SNAPSHOT_LOAD) &&
            still_there(e)) {
            e->func(e->opaque);
        }
    }
}

/* The domains that have handlers, each once, with a reference. */
static GPtrArray *domains_with_handlers(void)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)aio_context_unref);

    qemu_mutex_lock(&resets.lock);
    for (unsigned i = 0; resets.entries && i < resets.entries->len; i++) {
        ResetEntry *e = g_ptr_array_index(resets.entries, i);

        if (!g_ptr_array_find(list, e->ctx, NULL)) {
            aio_context_ref(e->ctx);
            g_ptr_array_add(list, e->ctx);
        }
    }
    qemu_mutex_unlock(&resets.lock);
    return list;
}

void qemu_devices_reset_all(ShutdownCause reason)
{
    g_autoptr(GPtrArray) list = domains_with_handlers();

    for (unsigned i = 0; i < list->len; i++) {
        AIO_CONTEXT_GUARD(g_ptr_array_index(list, i));
        qemu_devices_reset(reason);
    }
}

void qemu_reset_forget_domain(AioContext *ctx)
{
    unsigned i;

    qemu_mutex_lock(&resets.lock);
    for (i = resets.entries ? resets.entries->len : 0; i > 0; i--) {
        ResetEntry *e = g_ptr_array_index(resets.entries, i - 1);

        if (e->ctx == ctx) {
            g_ptr_array_remove_index(resets.entries, i - 1);
        }
    }
    qemu_mutex_unlock(&resets.lock);
}
