/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bitmap operations. Everything on a range [start, start + nbits) goes through
 * one walk that hands out (word index, mask of the bits meant in that word).
 */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"

unsigned long *bitmap_try_new(long nbits)
{
    return g_try_malloc0(bitmap_size(nbits));
}

unsigned long *bitmap_new(long nbits)
{
    return g_malloc0(bitmap_size(nbits));
}

unsigned long *bitmap_zero_extend(unsigned long *old, long old_nbits, long new_nbits)
{
    unsigned long *map = g_realloc(old, bitmap_size(new_nbits));

    if (new_nbits > old_nbits) {
        bitmap_clear(map, old_nbits, new_nbits - old_nbits);
    }
    return map;
}

/* The piece of a range that lies in one word. */
typedef struct BitRun {
    unsigned long word;
    unsigned long mask;
    unsigned long pos;
    unsigned long end;
} BitRun;

static BitRun run_start(long start, long nbits)
{
    return (BitRun) { .pos = start, .end = start + nbits };
}

static bool run_next(BitRun *run)
{
    unsigned long stop;

    if (run->pos >= run->end) {
        return false;
    }
    run->word = BIT_WORD(run->pos);
    stop = MIN(run->end, (run->word + 1) * BITS_PER_LONG);
    run->mask = BITMAP_FIRST_WORD_MASK(run->pos) & BITMAP_LAST_WORD_MASK(stop);
    run->pos = stop;
    return true;
}

void bitmap_set(unsigned long *map, long start, long nbits)
{
    for (BitRun run = run_start(start, nbits); run_next(&run);) {
        map[run.word] |= run.mask;
    }
}

void bitmap_clear(unsigned long *map, long start, long nbits)
{
    for (BitRun run = run_start(start, nbits); run_next(&run);) {
        map[run.word] &= ~run.mask;
    }
}

void bitmap_set_atomic(unsigned long *map, long start, long nbits)
{
    for (BitRun run = run_start(start, nbits); run_next(&run);) {
        qatomic_or(&map[run.word], run.mask);
    }
}

bool bitmap_test_and_clear(unsigned long *map, long start, long nbits)
{
    unsigned long seen = 0;

    for (BitRun run = run_start(start, nbits); run_next(&run);) {
        seen |= map[run.word] & run.mask;
        map[run.word] &= ~run.mask;
    }
    return seen != 0;
}

bool bitmap_test_and_clear_atomic(unsigned long *map, long start, long nbits)
{
    unsigned long seen = 0;

    for (BitRun run = run_start(start, nbits); run_next(&run);) {
        /* A plain look first: clean words need no locked cycle. */
        if (qatomic_read(&map[run.word]) & run.mask) {
            seen |= qatomic_fetch_and(&map[run.word], ~run.mask) & run.mask;
        }
    }
    return seen != 0;
}

void bitmap_copy_and_clear_atomic(unsigned long *dst, unsigned long *src, long nbits)
{
    for (unsigned long i = 0; i < BITS_TO_LONGS(nbits); i++) {
        dst[i] = qatomic_read(&src[i]) ? qatomic_xchg(&src[i], 0) : 0;
    }
}

void bitmap_fill(unsigned long *dst, long nbits)
{
    bitmap_zero(dst, nbits);
    bitmap_set(dst, 0, nbits);
}

int bitmap_empty(const unsigned long *src, long nbits)
{
    return find_first_bit(src, nbits) == nbits;
}

int bitmap_full(const unsigned long *src, long nbits)
{
    return find_first_zero_bit(src, nbits) == nbits;
}

int bitmap_equal(const unsigned long *a, const unsigned long *b, long nbits)
{
    for (BitRun run = run_start(0, nbits); run_next(&run);) {
        if ((a[run.word] ^ b[run.word]) & run.mask) {
            return false;
        }
    }
    return true;
}

int bitmap_intersects(const unsigned long *a, const unsigned long *b, long nbits)
{
    for (BitRun run = run_start(0, nbits); run_next(&run);) {
        if (a[run.word] & b[run.word] & run.mask) {
            return true;
        }
    }
    return false;
}

long bitmap_count_one_with_offset(const unsigned long *bitmap, long offset, long nbits)
{
    long count = 0;

    for (BitRun run = run_start(offset, nbits); run_next(&run);) {
        count += ctpopl(bitmap[run.word] & run.mask);
    }
    return count;
}

long bitmap_count_one(const unsigned long *bitmap, long nbits)
{
    return bitmap_count_one_with_offset(bitmap, 0, nbits);
}

/* dst = expr word by word; bits past the end come out 0. Leaves "any bit set" in `any`. */
#define BITMAP_EACH_WORD(expr) \
    unsigned long any = 0; \
    for (BitRun run = run_start(0, nbits); run_next(&run);) { \
        unsigned long i = run.word; \
        dst[i] = (expr) & run.mask; \
        any |= dst[i]; \
    }

void bitmap_complement(unsigned long *dst, const unsigned long *src, long nbits)
{
    BITMAP_EACH_WORD(~src[i])
    (void)any;
}

int bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits)
{
    BITMAP_EACH_WORD(a[i] & b[i])
    return any != 0;
}

int bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits)
{
    BITMAP_EACH_WORD(a[i] & ~b[i])
    return any != 0;
}

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits)
{
    BITMAP_EACH_WORD(a[i] | b[i])
    (void)any;
}

void bitmap_xor(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits)
{
    BITMAP_EACH_WORD(a[i] ^ b[i])
    (void)any;
}

unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
                                         unsigned long start, unsigned long nr,
                                         unsigned long align_mask)
{
    for (;;) {
        unsigned long first = find_next_zero_bit(map, size, start);
        unsigned long used;

        first = (first + align_mask) & ~align_mask;
        if (first >= size || nr > size - first) {
            return size + 1;    /* as in QEMU: anything >= size means "none" */
        }
        used = find_next_bit(map, first + nr, first);
        if (used >= first + nr) {
            return first;
        }
        start = used + 1;
    }
}

void bitmap_to_le(unsigned long *dst, const unsigned long *src, long nbits)
{
    for (unsigned long i = 0; i < BITS_TO_LONGS(nbits); i++) {
        dst[i] = sizeof(long) == 8 ? cpu_to_le64(src[i]) : cpu_to_le32(src[i]);
    }
}

void bitmap_from_le(unsigned long *dst, const unsigned long *src, long nbits)
{
    bitmap_to_le(dst, src, nbits);
}

void bitmap_copy_with_src_offset(unsigned long *dst, const unsigned long *src,
                                 unsigned long offset, unsigned long nbits)
{
    for (unsigned long i = 0; i < nbits; i++) {
        if (test_bit(offset + i, src)) {
            set_bit(i, dst);
        } else {
            clear_bit(i, dst);
        }
    }
}

void bitmap_copy_with_dst_offset(unsigned long *dst, const unsigned long *src,
                                 unsigned long shift, unsigned long nbits)
{
    for (unsigned long i = 0; i < nbits; i++) {
        if (test_bit(i, src)) {
            set_bit(shift + i, dst);
        } else {
            clear_bit(shift + i, dst);
        }
    }
}
