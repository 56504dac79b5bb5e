/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flattening: a tree of regions becomes a sorted list of ranges.
 *
 * It is done as a painter does it. A region that answers accesses is painted
 * first, its children over it in rising priority, each cutting away what lies
 * under it; what a container does not paint leaves the older paint visible.
 * Positions are 128-bit signed numbers, because an alias may begin before
 * address 0 and a region end at 2^64; what lies outside the window of the
 * region above is cut off before anything is painted, so that ranges are
 * always proper pairs of first and last byte.
 *
 * A loop (an alias that shows a container it is in) is cut where it closes.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "internal.h"

#define RENDER_DEPTH_MAX 128

typedef struct Window {
    Int128 first;
    Int128 last; /* inclusive */
} Window;

typedef struct Style {
    bool readonly;
    bool nonvolatile;
    unsigned depth;
} Style;

static FlatRange *range_at(GArray *ranges, guint i)
{
    return &g_array_index(ranges, FlatRange, i);
}

/* Index of the first range that ends at or after addr. */
static unsigned search(const FlatRange *ranges, unsigned nr, hwaddr addr)
{
    unsigned low = 0;

    while (low < nr) {
        unsigned mid = low + (nr - low) / 2;

        if (ranges[mid].last < addr) {
            low = mid + 1;
        } else {
            nr = mid;
        }
    }
    return low;
}

static void paint(GArray *ranges, const FlatRange *fresh)
{
    guint begin = search((FlatRange *)ranges->data, ranges->len, fresh->first);
    guint end = begin;
    FlatRange keep[3];
    guint n = 0;

    while (end < ranges->len && range_at(ranges, end)->first <= fresh->last) {
        end++;
    }
    if (begin < end && range_at(ranges, begin)->first < fresh->first) {
        keep[n] = *range_at(ranges, begin);
        keep[n++].last = fresh->first - 1;
    }
    keep[n++] = *fresh;
    if (begin < end && range_at(ranges, end - 1)->last > fresh->last) {
        keep[n] = *range_at(ranges, end - 1);
        keep[n].offset += fresh->last - keep[n].first + 1;
        keep[n++].first = fresh->last + 1;
    }
    if (begin < end) {
        g_array_remove_range(ranges, begin, end - begin);
    }
    g_array_insert_vals(ranges, begin, keep, n);
}

static void paint_region(GArray *ranges, MemoryRegion *mr, Int128 base, Window w, Style style)
{
    FlatRange fresh = {
        .first = int128_get64(w.first),
        .last = int128_get64(w.last),
        .mr = mr,
        .offset = int128_get64(int128_sub(w.first, base)),
        .readonly = style.readonly,
        .nonvolatile = style.nonvolatile,
    };

    paint(ranges, &fresh);
}

static bool clip(Window *w, Int128 base, Int128 size)
{
    Int128 last = int128_sub(int128_add(base, size), int128_one());

    w->first = int128_max(w->first, base);
    w->last = int128_min(w->last, last);
    return int128_le(w->first, w->last);
}

/* base: where byte 0 of mr would be, maybe outside the window. */
static void render(GArray *ranges, MemoryRegion *mr, Int128 base, Window w, Style style)
{
    if (!mr->enabled || !clip(&w, base, mr->size)) {
        return;
    }
    if (mr->visiting || style.depth++ > RENDER_DEPTH_MAX) {
        warn_report_once("region '%s' shows itself: the inner copy is left out",
                         memory_region_name(mr));
        return;
    }
    mr->visiting = true;
    style.readonly |= mr->readonly;
    style.nonvolatile |= mr->nonvolatile;
    if (mr->alias) {
        render(ranges, mr->alias, int128_sub(base, int128_make64(mr->alias_offset)), w, style);
    } else if (mr->kind != MR_CONTAINER && mr->kind != MR_ALIAS) {
        paint_region(ranges, mr, base, w, style);
    }
    for (guint i = 0; mr->children && i < mr->children->len; i++) {
        MemoryRegion *child = g_ptr_array_index(mr->children, i);

        render(ranges, child, int128_add(base, int128_make64(child->addr)), w, style);
    }
    mr->visiting = false;
}

static bool continues(const FlatRange *a, const FlatRange *b)
{
    return a->mr == b->mr && a->last + 1 == b->first && a->readonly == b->readonly
           && a->nonvolatile == b->nonvolatile && !a->mr->unmergeable
           && b->offset - a->offset == b->first - a->first;
}

static FlatView *view_from(GArray *ranges)
{
    FlatView *view = g_malloc0(sizeof(*view) + ranges->len * sizeof(FlatRange));

    view->refs = 1;
    for (guint i = 0; i < ranges->len; i++) {
        FlatRange *r = range_at(ranges, i);

        if (view->nr && continues(&view->ranges[view->nr - 1], r)) {
            view->ranges[view->nr - 1].last = r->last;
            continue;
        }
        memory_region_ref(r->mr);
        view->ranges[view->nr++] = *r;
    }
    return view;
}

FlatView *flatview_build(MemoryRegion *root)
{
    g_autoptr(GArray) ranges = g_array_new(false, false, sizeof(FlatRange));
    Window all = { int128_zero(), int128_make64(UINT64_MAX) };

    if (root) {
        render(ranges, root, int128_zero(), all, (Style) { 0 });
    }
    return view_from(ranges);
}

FlatView *flatview_ref(FlatView *view)
{
    __atomic_fetch_add(&view->refs, 1, __ATOMIC_RELAXED);
    return view;
}

void flatview_unref(FlatView *view)
{
    if (!view || __atomic_sub_fetch(&view->refs, 1, __ATOMIC_ACQ_REL)) {
        return;
    }
    for (unsigned i = 0; i < view->nr; i++) {
        memory_region_unref(view->ranges[i].mr);
    }
    g_free(view);
}

const FlatRange *flatview_find(const FlatView *view, hwaddr addr, hwaddr len, hwaddr *run)
{
    unsigned i = view ? search(view->ranges, view->nr, addr) : 0;
    const FlatRange *r;
    hwaddr more;

    *run = len;
    if (!view || i == view->nr) {
        return NULL;
    }
    r = &view->ranges[i];
    if (r->first > addr) {
        *run = MIN(len, r->first - addr);
        return NULL;
    }
    more = r->last - addr; /* bytes after this one: the count itself may be 2^64 */
    *run = len - 1 > more ? more + 1 : len;
    return r;
}
