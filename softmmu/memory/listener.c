/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listeners: code that mirrors an address space hears what it gains and loses.
 * The two views are walked side by side; a range that is the same in both is
 * a region_nop, any other goes and comes as a whole.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "internal.h"

typedef void ListenerCall(MemoryListener *l, MemoryRegionSection *section);

static MemoryRegionSection section_of(const FlatView *view, const FlatRange *r)
{
    return (MemoryRegionSection) {
        .size = int128_add(int128_make64(r->last - r->first), int128_one()),
        .mr = r->mr,
        .fv = (FlatView *)view,
        .offset_within_region = r->offset,
        .offset_within_address_space = r->first,
        .readonly = r->readonly,
        .nonvolatile = r->nonvolatile,
        .unmergeable = r->mr->unmergeable,
    };
}

static bool same(const FlatRange *a, const FlatRange *b)
{
    return a->first == b->first && a->last == b->last && a->mr == b->mr
           && a->offset == b->offset && a->readonly == b->readonly
           && a->nonvolatile == b->nonvolatile;
}

static bool view_has(const FlatView *view, const FlatRange *r)
{
    hwaddr run;
    const FlatRange *at = view ? flatview_find(view, r->first, 1, &run) : NULL;

    return at && same(at, r);
}

static void call(ListenerCall *fn, MemoryListener *l, const FlatView *view, const FlatRange *r)
{
    if (fn) {
        MemoryRegionSection section = section_of(view, r);

        fn(l, &section);
    }
}

static void report_gone(MemoryListener *l, const FlatView *old, const FlatView *new)
{
    for (unsigned i = 0; old && i < old->nr; i++) {
        if (!view_has(new, &old->ranges[i])) {
            call(l->region_del, l, old, &old->ranges[i]);
        }
    }
}

static void report_present(MemoryListener *l, const FlatView *old, const FlatView *new)
{
    for (unsigned i = 0; new && i < new->nr; i++) {
        const FlatRange *r = &new->ranges[i];

        call(view_has(old, r) ? l->region_nop : l->region_add, l, new, r);
    }
}

void memory_listeners_update(AddressSpace *as, const FlatView *old, const FlatView *new)
{
    MemoryListener *l;

    QTAILQ_FOREACH(l, &as->listeners, link) {
        if (l->begin) {
            l->begin(l);
        }
    }
    QTAILQ_FOREACH_REVERSE(l, &as->listeners, link) {
        report_gone(l, old, new);
    }
    QTAILQ_FOREACH(l, &as->listeners, link) {
        report_present(l, old, new);
        if (l->commit) {
            l->commit(l);
        }
    }
}

static void insert_by_priority(MemoryListener *listener, AddressSpace *as)
{
    MemoryListener *at;

    QTAILQ_FOREACH(at, &as->listeners, link) {
        if (at->priority > listener->priority) {
            QTAILQ_INSERT_BEFORE(at, listener, link);
            return;
        }
    }
    QTAILQ_INSERT_TAIL(&as->listeners, listener, link);
}

void memory_listener_register(MemoryListener *listener, AddressSpace *as)
{
    g_autoptr(FlatView) view = NULL;

    if (as->forbidden) {
        error_report_once("listener '%s' was put on '%s', which stays empty in this process",
                          listener->name ? listener->name : "unnamed", as->name);
        return;
    }
    listener->address_space = as;
    insert_by_priority(listener, as);
    view = address_space_get_view(as);
    if (listener->begin) {
        listener->begin(listener);
    }
    report_present(listener, NULL, view);
    if (listener->commit) {
        listener->commit(listener);
    }
}

void memory_listener_unregister(MemoryListener *listener)
{
    AddressSpace *as = listener->address_space;
    g_autoptr(FlatView) view = NULL;

    if (!as) {
        return;
    }
    view = address_space_get_view(as);
    if (listener->begin) {
        listener->begin(listener);
    }
    report_gone(listener, view, NULL);
    if (listener->commit) {
        listener->commit(listener);
    }
    QTAILQ_REMOVE(&as->listeners, listener, link);
    listener->address_space = NULL;
}
