/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes that ring a bell: a matching write signals an EventNotifier and the
 * device's callback is not called. Values are compared as the device sees them.
 */
#include "qemu/osdep.h"
#include "internal.h"

static bool equal(const MemoryRegionEventfdInfo *a, const MemoryRegionEventfdInfo *b)
{
    return a->addr == b->addr && a->size == b->size && a->match_data == b->match_data
           && a->data == b->data && a->e == b->e;
}

void memory_region_add_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, EventNotifier *e)
{
    MemoryRegionEventfdInfo info = { addr, size, match_data, data, e };

    if (!mr->eventfds) {
        mr->eventfds = g_array_new(false, false, sizeof(info));
    }
    g_array_append_val(mr->eventfds, info);
}

void memory_region_del_eventfd(MemoryRegion *mr, hwaddr addr, unsigned size, bool match_data,
                               uint64_t data, EventNotifier *e)
{
    MemoryRegionEventfdInfo info = { addr, size, match_data, data, e };

    for (guint i = 0; mr->eventfds && i < mr->eventfds->len; i++) {
        if (equal(&info, &g_array_index(mr->eventfds, MemoryRegionEventfdInfo, i))) {
            g_array_remove_index(mr->eventfds, i);
            return;
        }
    }
    g_assert_not_reached();
}

void memory_region_foreach_eventfd(MemoryRegion *mr,
                                   void (*fn)(const MemoryRegionEventfdInfo *info, void *opaque),
                                   void *opaque)
{
    for (guint i = 0; mr->eventfds && i < mr->eventfds->len; i++) {
        fn(&g_array_index(mr->eventfds, MemoryRegionEventfdInfo, i), opaque);
    }
}

bool memory_region_write_eventfds(MemoryRegion *mr, hwaddr addr, uint64_t data, unsigned size)
{
    for (guint i = 0; i < mr->eventfds->len; i++) {
        MemoryRegionEventfdInfo *info = &g_array_index(mr->eventfds, MemoryRegionEventfdInfo, i);

        if (info->addr == addr && (!info->size || info->size == size)
            && (!info->match_data || info->data == data)) {
            event_notifier_set(info->e);
            return true;
        }
    }
    return false;
}
