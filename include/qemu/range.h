/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of 64-bit addresses.
 *
 * All sums of foreign numbers happen here (habit A7): a range is kept as its
 * first and its last byte, both inclusive, because `addr + len` of a range that
 * ends at 2^64 does not exist. Code that gets (addr, len) from a client turns
 * it into a range with range_try_init() or tests it with range_fits() and
 * range_contains_len(), all of which subtract.
 *
 * The empty range has upb == lob - 1 (mod 2^64), as lob 1, upb 0.
 */
#ifndef QEMU_RANGE_H
#define QEMU_RANGE_H

#include <assert.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "qemu/typedefs.h"

struct Range {
    uint64_t lob;   /* first byte */
    uint64_t upb;   /* last byte */
};

#define RANGE_INITIALIZER_EMPTY { 1, 0 }
static const Range range_empty __attribute__((unused)) = RANGE_INITIALIZER_EMPTY;

static inline bool range_is_empty(const Range *range)
{
    return range->lob > range->upb;
}

static inline void range_make_empty(Range *range)
{
    *range = range_empty;
}

static inline uint64_t range_lob(const Range *range)
{
    assert(!range_is_empty(range));
    return range->lob;
}

static inline uint64_t range_upb(const Range *range)
{
    assert(!range_is_empty(range));
    return range->upb;
}

/* Number of bytes; 0 for the empty one and - wrapped - for all 2^64. */
static inline uint64_t range_size(const Range *range)
{
    return range->upb - range->lob + 1;
}

/* Our own numbers only. lob > upb makes it empty if they are neighbours. */
static inline void range_set_bounds(Range *range, uint64_t lob, uint64_t upb)
{
    range->lob = lob;
    range->upb = upb;
    assert(!range_is_empty(range));
}

/* upb1 is one past the last byte, 0 means 2^64. */
static inline void range_set_bounds1(Range *range, uint64_t lob, uint64_t upb1)
{
    range->lob = lob;
    range->upb = upb1 - 1;
    if (range_is_empty(range)) {
        range_make_empty(range);
    }
}

/* ours: do `size` bytes from lob on exist in 64 bits? Size 0 does not. */
static inline bool range_fits(uint64_t lob, uint64_t size)
{
    return size != 0 && size - 1 <= UINT64_MAX - lob;
}

/* ours: last byte of a range that range_fits(). */
static inline uint64_t range_last(uint64_t lob, uint64_t size)
{
    return lob + (size - 1);
}

/* ours: false, and the empty range, for what range_fits() refuses. */
static inline bool range_try_init(Range *range, uint64_t lob, uint64_t size)
{
    if (!range_fits(lob, size)) {
        range_make_empty(range);
        return false;
    }
    range->lob = lob;
    range->upb = range_last(lob, size);
    return true;
}

/* QEMU: 0, or -ERANGE when it wraps; size 0 makes it empty. */
static inline int range_init(Range *range, uint64_t lob, uint64_t size)
{
    if (size == 0) {
        range_make_empty(range);
        return 0;
    }
    return range_try_init(range, lob, size) ? 0 : -ERANGE;
}

/* Our own numbers only. */
static inline void range_init_nofail(Range *range, uint64_t lob, uint64_t size)
{
    int ret = range_init(range, lob, size);

    assert(ret == 0);
    (void)ret;
}

static inline bool range_contains(const Range *range, uint64_t val)
{
    return val >= range->lob && val <= range->upb;
}

static inline bool range_contains_range(const Range *range, const Range *sub)
{
    return !range_is_empty(sub) && !range_is_empty(range) &&
           sub->lob >= range->lob && sub->upb <= range->upb;
}

/* ours: are the len bytes from addr on all inside? No sum, so no wrap; len 0 is outside. */
static inline bool range_contains_len(const Range *range, uint64_t addr, uint64_t len)
{
    return len != 0 && range_contains(range, addr) && len - 1 <= range->upb - addr;
}

/* ours: the same for a window [0, size) of a region, file or buffer. */
static inline bool range_window_contains(uint64_t size, uint64_t offset, uint64_t len)
{
    return offset <= size && len <= size - offset;
}

static inline bool range_overlaps_range(const Range *a, const Range *b)
{
    return !range_is_empty(a) && !range_is_empty(b) && a->lob <= b->upb && b->lob <= a->upb;
}

/* The smallest range that holds both. */
static inline void range_extend(Range *range, Range *extend_by)
{
    if (range_is_empty(extend_by)) {
        return;
    }
    if (range_is_empty(range)) {
        *range = *extend_by;
        return;
    }
    range->lob = range->lob < extend_by->lob ? range->lob : extend_by->lob;
    range->upb = range->upb > extend_by->upb ? range->upb : extend_by->upb;
}

/*
 * QEMU's helpers on (offset, length) pairs. Length 0 covers nothing, and ends
 * past 2^64 are taken as ends at 2^64 - 1, so nothing wraps.
 */
static inline uint64_t range_get_last(uint64_t offset, uint64_t len)
{
    return offset + len - 1;
}

static inline int range_covers_byte(uint64_t offset, uint64_t len, uint64_t byte)
{
    return byte >= offset && byte - offset < len;
}

static inline bool ranges_overlap(uint64_t first1, uint64_t len1, uint64_t first2, uint64_t len2)
{
    if (!len1 || !len2) {
        return false;
    }
    return first1 <= first2 ? first2 - first1 < len1 : first1 - first2 < len2;
}

/* util/range.c. Sorted lists of disjoint Range, elements owned by the list. */
GList *range_list_insert(GList *list, Range *data);
/* -1, 1: a lies below or above b, with a gap of at least one byte; 0: they touch or overlap. */
int range_compare(Range *a, Range *b);
/* What in_ranges leaves of [low, high]; *rev gets Range elements that the caller frees. */
void range_inverse_array(GList *in_ranges, GList **out_ranges, uint64_t low, uint64_t high);

#endif
