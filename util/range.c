/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorted lists of disjoint ranges. Ends are inclusive; neighbours are found without adding. */
#include "qemu/osdep.h"
#include "qemu/range.h"

/* b begins more than one byte after a ends. */
static bool gap_between(const Range *a, const Range *b)
{
    return a->upb < b->lob && b->lob - a->upb > 1;
}

int range_compare(Range *a, Range *b)
{
    g_assert(!range_is_empty(a) && !range_is_empty(b));
    if (gap_between(a, b)) {
        return -1;
    }
    return gap_between(b, a) ? 1 : 0;
}

/* at's range has grown: swallow what it now touches behind it. */
static void absorb_followers(GList *at)
{
    while (at->next && !gap_between(at->data, at->next->data)) {
        Range *follower = at->next->data;

        range_extend(at->data, follower);
        g_free(follower);
        at = g_list_delete_link(at, at->next);
    }
}

GList *range_list_insert(GList *list, Range *data)
{
    GList *at;

    g_assert(!range_is_empty(data));
    for (at = list; at && range_compare(at->data, data) < 0; at = at->next) {
        /* wholly below */
    }
    if (!at || range_compare(at->data, data) > 0) {
        return g_list_insert_before(list, at, data);
    }
    range_extend(at->data, data);
    g_free(data);
    absorb_followers(at);
    return list;
}

static GList *append_range(GList *list, uint64_t lob, uint64_t upb)
{
    Range *range = g_new0(Range, 1);

    range_set_bounds(range, lob, upb);
    return g_list_append(list, range);
}

void range_inverse_array(GList *in_ranges, GList **out_ranges, uint64_t low, uint64_t high)
{
    GList *out = NULL;
    uint64_t next = low;        /* first byte not yet decided */
    bool done = low > high;

    for (GList *l = in_ranges; l && !done; l = l->next) {
        const Range *range = l->data;

        if (range_is_empty(range) || range->upb < next) {
            continue;
        }
        if (range->lob > high) {
            break;
        }
        if (range->lob > next) {
            out = append_range(out, next, range->lob - 1);
        }
        done = range->upb >= high;
        if (!done) {
            next = range->upb + 1;
        }
    }
    if (!done) {
        out = append_range(out, next, high);
    }
    *out_ranges = out;
}
