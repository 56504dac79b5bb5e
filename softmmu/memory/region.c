/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making, naming and ending memory regions, and the questions one may ask them.
 *
 * A region is an object inside its owner. The owner's reference count is the
 * one that matters: memory_region_ref() takes a reference to the owner, so a
 * flat view that outlives an unplug keeps the whole device's memory alive.
 */
#include "qemu/osdep.h"
#include "internal.h"

static MemReentrancyGuard *(*guard_lookup)(Object *owner);

void memory_region_set_guard_lookup(MemReentrancyGuard *(*lookup)(Object *owner))
{
    guard_lookup = lookup;
}

static void region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                        MemoryKind kind)
{
    object_initialize(mr, sizeof(*mr), TYPE_MEMORY_REGION);
    mr->owner = owner;
    mr->name = g_strdup(name);
    mr->size = size == UINT64_MAX ? int128_2_64() : int128_make64(size);
    mr->kind = kind;
    mr->enabled = true;
    mr->live = true;
    if (!owner) {
        return;
    }
    if (guard_lookup) {
        mr->guard = guard_lookup(owner);
    }
    if (name) {
        g_autofree char *child = g_strdup_printf("%s[*]", name);

        /* A slash separates path components, and models do write "a/b". */
        object_property_add_child(owner, g_strdelimit(child, "/", '-'), OBJECT(mr));
        object_unref(mr); /* the tree keeps it from here on */
    }
}

void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size)
{
    region_init(mr, owner, name, size, MR_CONTAINER);
}

void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size)
{
    region_init(mr, owner, name, size, MR_IO);
    mr->ops = ops ? ops : &unassigned_mem_ops;
    mr->opaque = opaque;
}

void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name,
                              MemoryRegion *orig, hwaddr offset, uint64_t size)
{
    region_init(mr, owner, name, size, MR_ALIAS);
    mr->alias = orig;
    mr->alias_offset = offset;
    if (!orig->aliases) {
        orig->aliases = g_ptr_array_new();
    }
    g_ptr_array_add(orig->aliases, mr);
    if (orig->owner != owner) {
        memory_region_ref(orig); /* the alias may outlive the device it looks into */
    }
}

void memory_region_init_dma(MemoryRegion *mr, Object *owner, const MemoryRegionDMAOps *ops,
                            void *opaque, const char *name, uint64_t size)
{
    region_init(mr, owner, name, size, MR_DMA);
    mr->dma_ops = ops;
    mr->opaque = opaque;
}

void memory_region_init_ram_kind(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                 MemoryKind kind)
{
    region_init(mr, owner, name, size, kind);
}

static void drop_alias(MemoryRegion *mr)
{
    MemoryRegion *orig = mr->alias;

    if (orig) {
        mr->alias = NULL;
        g_ptr_array_remove_fast(orig->aliases, mr);
        if (orig->owner != mr->owner) {
            memory_region_unref(orig);
        }
    }
}

/* Aliases hold our owner, so the only ones left are those of the owner itself. */
static void orphan_aliases(MemoryRegion *mr)
{
    for (guint i = 0; mr->aliases && i < mr->aliases->len; i++) {
        MemoryRegion *alias = g_ptr_array_index(mr->aliases, i);

        alias->alias = NULL;
    }
}

static void memory_region_finalize(Object *obj)
{
    MemoryRegion *mr = MEMORY_REGION(obj);

    if (!mr->live) {
        return;
    }
    memory_region_detach(mr);
    drop_alias(mr);
    orphan_aliases(mr);
    g_clear_pointer(&mr->ram_block, ram_block_free);
    g_clear_pointer(&mr->children, g_ptr_array_unref);
    g_clear_pointer(&mr->aliases, g_ptr_array_unref);
    g_clear_pointer(&mr->spaces, g_ptr_array_unref);
    g_clear_pointer(&mr->eventfds, g_array_unref);
    g_clear_pointer(&mr->name, g_free);
    mr->live = false;
}

void memory_region_ref(MemoryRegion *mr)
{
    if (mr && mr->owner) {
        object_ref(mr->owner);
    }
}

void memory_region_unref(MemoryRegion *mr)
{
    if (mr && mr->owner) {
        object_unref(mr->owner);
    }
}

Object *memory_region_owner(MemoryRegion *mr)
{
    return mr->owner;
}

const char *memory_region_name(const MemoryRegion *mr)
{
    return mr->name ? mr->name : "";
}

uint64_t memory_region_size(MemoryRegion *mr)
{
    return int128_eq(mr->size, int128_2_64()) ? UINT64_MAX : int128_get64(mr->size);
}

uint64_t memory_region_get_alignment(const MemoryRegion *mr)
{
    return mr->align;
}

bool memory_region_is_ram(MemoryRegion *mr)
{
    return mr->kind == MR_RAM || mr->kind == MR_RAM_DEVICE;
}

bool memory_region_is_rom(MemoryRegion *mr)
{
    return mr->kind == MR_RAM && mr->readonly;
}

bool memory_region_is_romd(MemoryRegion *mr)
{
    return mr->kind == MR_ROM_DEVICE && mr->romd_mode;
}

bool memory_region_is_ram_device(MemoryRegion *mr)
{
    return mr->kind == MR_RAM_DEVICE;
}

bool memory_region_is_nonvolatile(MemoryRegion *mr)
{
    return mr->nonvolatile;
}

bool memory_region_is_dma(MemoryRegion *mr)
{
    return mr->kind == MR_DMA;
}

bool memory_region_is_mapped(MemoryRegion *mr)
{
    return mr->container || (mr->aliases && mr->aliases->len);
}

void memory_region_set_unmergeable(MemoryRegion *mr, bool unmergeable)
{
    mr->unmergeable = unmergeable;
}

void memory_region_clear_global_locking(MemoryRegion *mr)
{
    mr->own_lock = true;
}

/* See exec/memory.h: nothing to coalesce without KVM. */
void memory_region_set_coalescing(MemoryRegion *mr)
{
}

void memory_region_add_coalescing(MemoryRegion *mr, hwaddr offset, uint64_t size)
{
}

void memory_region_clear_coalescing(MemoryRegion *mr)
{
}

void memory_region_set_flush_coalesced(MemoryRegion *mr)
{
}

void memory_region_clear_flush_coalesced(MemoryRegion *mr)
{
}

void qemu_flush_coalesced_mmio_buffer(void)
{
}

static const TypeInfo memory_region_info = {
    .name = TYPE_MEMORY_REGION,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(MemoryRegion),
    .instance_finalize = memory_region_finalize,
};

static void memory_region_register_types(void)
{
    type_register_static(&memory_region_info);
}

type_init(memory_region_register_types)
