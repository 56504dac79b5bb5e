/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shape of region trees and how a change reaches the address spaces.
 *
 * A change marks the spaces that can see the region: upwards through its
 * containers, and sideways through the aliases that show it, until roots are
 * reached. Only marked spaces are flattened again, when the outermost
 * transaction of the thread commits. Both the list of marked spaces and the
 * nesting depth belong to the thread: a domain's changes are its own.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "internal.h"

static __thread unsigned transaction_depth;
static __thread GPtrArray *dirty_spaces;

static void mark_space(AddressSpace *as)
{
    if (as->dirty) {
        return;
    }
    as->dirty = true;
    if (!dirty_spaces) {
        dirty_spaces = g_ptr_array_new();
    }
    g_ptr_array_add(dirty_spaces, as);
}

static void visit(GPtrArray *todo, MemoryRegion *mr)
{
    if (mr && !mr->visiting) {
        mr->visiting = true;
        g_ptr_array_add(todo, mr);
    }
}

/* A work list, not recursion: alias loops and deep trees cost one visit for each region. */
void memory_region_mark_dirty(MemoryRegion *mr)
{
    g_autoptr(GPtrArray) seen = g_ptr_array_new();

    visit(seen, mr);
    for (guint i = 0; i < seen->len; i++) {
        MemoryRegion *at = g_ptr_array_index(seen, i);

        for (guint n = 0; at->spaces && n < at->spaces->len; n++) {
            mark_space(g_ptr_array_index(at->spaces, n));
        }
        for (guint n = 0; at->aliases && n < at->aliases->len; n++) {
            visit(seen, g_ptr_array_index(at->aliases, n));
        }
        visit(seen, at->container);
    }
    for (guint i = 0; i < seen->len; i++) {
        ((MemoryRegion *)g_ptr_array_index(seen, i))->visiting = false;
    }
}

void memory_transaction_forget(AddressSpace *as)
{
    if (dirty_spaces) {
        g_ptr_array_remove_fast(dirty_spaces, as);
    }
    as->dirty = false;
}

void memory_region_transaction_begin(void)
{
    transaction_depth++;
}

void memory_region_transaction_commit(void)
{
    g_autoptr(GPtrArray) spaces = NULL;

    g_assert(transaction_depth);
    if (--transaction_depth || !dirty_spaces) {
        return;
    }
    spaces = g_steal_pointer(&dirty_spaces);
    for (guint i = 0; i < spaces->len; i++) {
        AddressSpace *as = g_ptr_array_index(spaces, i);

        as->dirty = false;
        address_space_rebuild(as);
    }
}

static void changed(MemoryRegion *mr)
{
    memory_region_transaction_begin();
    memory_region_mark_dirty(mr);
    memory_region_transaction_commit();
}

/* Among equal priorities the youngest wins, so it goes last. */
static guint insert_position(const GPtrArray *children, int priority)
{
    guint i = 0;

    while (i < children->len
           && ((MemoryRegion *)g_ptr_array_index(children, i))->priority <= priority) {
        i++;
    }
    return i;
}

static void link_child(MemoryRegion *mr, MemoryRegion *child)
{
    if (!mr->children) {
        mr->children = g_ptr_array_new();
    }
    child->container = mr;
    g_ptr_array_insert(mr->children, insert_position(mr->children, child->priority), child);
}

/* Regions of one owner live and die together: a reference would keep the owner alive for ever. */
static void ref_across(MemoryRegion *mr, MemoryRegion *child)
{
    if (mr->owner != child->owner) {
        memory_region_ref(child);
    }
}

static void unref_across(MemoryRegion *mr, MemoryRegion *child)
{
    if (mr->owner != child->owner) {
        memory_region_unref(child);
    }
}

static void add_child(MemoryRegion *mr, hwaddr offset, MemoryRegion *child, int priority)
{
    if (mr->sealed) {
        error_report_once("region '%s' was added to '%s', which stays empty in this process: "
                          "use the spaces of the device's bus",
                          memory_region_name(child), memory_region_name(mr));
        return;
    }
    g_assert(!child->container && child != mr);
    child->priority = priority;
    child->addr = offset;
    ref_across(mr, child);
    link_child(mr, child);
    changed(mr); /* what the child shows of itself is the same as before */
}

void memory_region_add_subregion(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion)
{
    add_child(mr, offset, subregion, 0);
}

void memory_region_add_subregion_overlap(MemoryRegion *mr, hwaddr offset, MemoryRegion *subregion,
                                         int priority)
{
    add_child(mr, offset, subregion, priority);
}

void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *subregion)
{
    if (mr->sealed) {
        return;
    }
    g_assert(subregion->container == mr);
    memory_region_transaction_begin();
    memory_region_mark_dirty(mr);
    g_ptr_array_remove(mr->children, subregion);
    subregion->container = NULL;
    memory_region_transaction_commit();
    unref_across(mr, subregion);
}

/* Leaves nobody pointing at a region that ends. */
void memory_region_detach(MemoryRegion *mr)
{
    memory_region_transaction_begin();
    memory_region_mark_dirty(mr);
    if (mr->container) {
        /* Only a container of the same owner, or of a region without one, can still be there. */
        g_ptr_array_remove(mr->container->children, mr);
        mr->container = NULL;
    }
    while (mr->children && mr->children->len) {
        memory_region_del_subregion(mr, g_ptr_array_index(mr->children, 0));
    }
    mr->enabled = false;
    memory_region_transaction_commit();
}

void memory_region_set_enabled(MemoryRegion *mr, bool enabled)
{
    if (mr->enabled != enabled) {
        mr->enabled = enabled;
        changed(mr);
    }
}

/* Like taking it out and putting it back: it becomes the youngest of its priority. */
void memory_region_set_address(MemoryRegion *mr, hwaddr addr)
{
    MemoryRegion *container = mr->container;

    if (mr->addr == addr) {
        return;
    }
    mr->addr = addr;
    if (container) {
        g_ptr_array_remove(container->children, mr);
        link_child(container, mr);
        changed(container);
    }
}

void memory_region_set_size(MemoryRegion *mr, uint64_t size)
{
    Int128 wanted = size == UINT64_MAX ? int128_2_64() : int128_make64(size);

    if (mr->ram_block && size > mr->ram_block->max_length) {
        error_report("region '%s' cannot show more bytes than it has", memory_region_name(mr));
        return;
    }
    if (int128_ne(mr->size, wanted)) {
        mr->size = wanted;
        changed(mr);
    }
}

void memory_region_set_alias_offset(MemoryRegion *mr, hwaddr offset)
{
    g_assert(mr->alias);
    if (mr->alias_offset != offset) {
        mr->alias_offset = offset;
        changed(mr);
    }
}

void memory_region_set_readonly(MemoryRegion *mr, bool readonly)
{
    if (mr->readonly != readonly) {
        mr->readonly = readonly;
        changed(mr);
    }
}

void memory_region_set_nonvolatile(MemoryRegion *mr, bool nonvolatile)
{
    if (mr->nonvolatile != nonvolatile) {
        mr->nonvolatile = nonvolatile;
        changed(mr);
    }
}

void memory_region_rom_device_set_romd(MemoryRegion *mr, bool romd_mode)
{
    if (mr->romd_mode != romd_mode) {
        mr->romd_mode = romd_mode;
        changed(mr);
    }
}
