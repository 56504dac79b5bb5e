/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An address space: a root region and the current flat view of it.
 *
 * The view is replaced as a whole, under the space's lock, by the thread that
 * holds the domain lock. Readers take a reference under the same lock, a few
 * instructions, and are done with it when they like. The last one frees the
 * view, and may thereby be the one that frees an unplugged device.
 *
 * Readers that hold the domain lock themselves, which nearly all do, need
 * neither lock nor reference: nobody can replace the view beside them. What
 * they do themselves, or others while they are suspended, may replace it under
 * their feet; so they are counted in the view, under the domain lock, and a
 * replaced view stays until the last of them has left it. There are never
 * more such views than suspended readers, however often a client makes us
 * replace them.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qemu/atomic.h"
#include "internal.h"
#include "trace.h"

FlatView *address_space_get_view(AddressSpace *as)
{
    FlatView *view;

    qemu_mutex_lock(&as->lock);
    view = as->current_map ? flatview_ref(as->current_map) : NULL;
    qemu_mutex_unlock(&as->lock);
    return view;
}

ViewHold address_space_hold_view(AddressSpace *as)
{
    if (unlikely(!aio_context_entered(as->home) || !as->current_map)) {
        return (ViewHold) { .view = address_space_get_view(as) };
    }
    as->current_map->home_holds++;
    return (ViewHold) { .view = as->current_map, .home = true };
}

void address_space_release_view(AddressSpace *as, ViewHold hold)
{
    if (unlikely(!hold.home)) {
        flatview_unref(hold.view);
    } else if (!--hold.view->home_holds && unlikely(hold.view->replaced)) {
        flatview_unref(hold.view);
    }
}

/* Gives up the space's own reference, or leaves that to the last who holds the view. */
static void retire_view(FlatView *view)
{
    if (view && view->home_holds) {
        view->replaced = true;
    } else {
        flatview_unref(view);
    }
}

/* Returns what was current before, with its reference. */
static FlatView *exchange_view(AddressSpace *as, FlatView *view)
{
    FlatView *old;

    qemu_mutex_lock(&as->lock);
    old = as->current_map;
    as->current_map = view;
    qemu_mutex_unlock(&as->lock);
    return old;
}

void address_space_rebuild(AddressSpace *as)
{
    FlatView *fresh = flatview_build(as->root);
    FlatView *old = exchange_view(as, fresh);

    trace_address_space_flattened(as->name, fresh->nr);
    memory_listeners_update(as, old, fresh);
    retire_view(old);
}

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name)
{
    *as = (AddressSpace) {
        .name = g_strdup(name ? name : "anonymous"),
        .root = root,
        .max_bounce_buffer_size = DEFAULT_MAX_BOUNCE_BUFFER_SIZE,
        .home = qemu_get_current_aio_context(),
    };
    qemu_mutex_init(&as->lock);
    QLIST_INIT(&as->map_clients);
    QTAILQ_INIT(&as->listeners);
    memory_region_ref(root);
    if (!root->spaces) {
        root->spaces = g_ptr_array_new();
    }
    g_ptr_array_add(root->spaces, as);
    address_space_rebuild(as);
}

static void drop_map_clients(AddressSpace *as)
{
    AddressSpaceMapClient *client;

    while ((client = QLIST_FIRST(&as->map_clients))) {
        QLIST_REMOVE(client, link);
        g_free(client);
    }
}

void address_space_destroy(AddressSpace *as)
{
    MemoryRegion *root = as->root;

    if (!root) {
        return;
    }
    g_assert(!as->maps || g_hash_table_size(as->maps) == 0);
    memory_transaction_forget(as);
    g_ptr_array_remove_fast(root->spaces, as);
    as->root = NULL;
    address_space_rebuild(as); /* listeners see everything go */
    retire_view(exchange_view(as, NULL));
    drop_map_clients(as);
    g_clear_pointer(&as->maps, g_hash_table_unref);
    qemu_mutex_destroy(&as->lock);
    g_clear_pointer(&as->name, g_free);
    memory_region_unref(root);
}

void address_space_set_initiator(AddressSpace *as, MemReentrancyGuard *guard)
{
    as->initiator = guard;
}

void address_space_set_client_side(AddressSpace *as)
{
    as->client_side = true;
}

void address_space_add_fault(AddressSpace *as, MemTxResult res)
{
    if (res != MEMTX_OK) {
        qatomic_inc(&as->faults);
        trace_address_space_fault(as->name, res);
    }
}

uint64_t address_space_fault_count(AddressSpace *as)
{
    return qatomic_read(&as->faults);
}
