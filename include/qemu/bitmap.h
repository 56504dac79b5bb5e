/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of small integers as arrays of unsigned long. Sizes and positions are in
 * bits. Bits past the size in the last word have no meaning, so comparisons mask them.
 */
#ifndef QEMU_BITMAP_H
#define QEMU_BITMAP_H

#include "qemu/bitops.h"

#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) % BITS_PER_LONG))
#define BITMAP_LAST_WORD_MASK(nbits) (~0UL >> (-(unsigned long)(nbits) % BITS_PER_LONG))
#define bitmap_size(nbits) (BITS_TO_LONGS(nbits) * sizeof(unsigned long))

/* Zeroed, freed with g_free(). bitmap_try_new: NULL when memory is short. */
unsigned long *bitmap_try_new(long nbits);
unsigned long *bitmap_new(long nbits);
/* Grows or shrinks; new bits are 0. */
unsigned long *bitmap_zero_extend(unsigned long *old, long old_nbits, long new_nbits);

static inline void bitmap_zero(unsigned long *dst, long nbits)
{
    memset(dst, 0, bitmap_size(nbits));
}

static inline void bitmap_copy(unsigned long *dst, const unsigned long *src, long nbits)
{
    memcpy(dst, src, bitmap_size(nbits));
}

void bitmap_fill(unsigned long *dst, long nbits);
int bitmap_empty(const unsigned long *src, long nbits);
int bitmap_full(const unsigned long *src, long nbits);
int bitmap_equal(const unsigned long *a, const unsigned long *b, long nbits);
int bitmap_intersects(const unsigned long *a, const unsigned long *b, long nbits);
long bitmap_count_one(const unsigned long *bitmap, long nbits);
long bitmap_count_one_with_offset(const unsigned long *bitmap, long offset, long nbits);
void bitmap_complement(unsigned long *dst, const unsigned long *src, long nbits);
/* Return whether the result has any bit. */
int bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits);
int bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits);
void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits);
void bitmap_xor(unsigned long *dst, const unsigned long *a, const unsigned long *b, long nbits);

void bitmap_set(unsigned long *map, long start, long nbits);
void bitmap_clear(unsigned long *map, long start, long nbits);
void bitmap_set_atomic(unsigned long *map, long start, long nbits);
/* Whether any bit of the range was set; all are clear afterwards. */
bool bitmap_test_and_clear(unsigned long *map, long start, long nbits);
bool bitmap_test_and_clear_atomic(unsigned long *map, long start, long nbits);
/* Moves src's words to dst and clears src; dirty logs are read this way. */
void bitmap_copy_and_clear_atomic(unsigned long *dst, unsigned long *src, long nbits);
/* First run of nr clear bits from start on, aligned to align_mask + 1; >= size: there is none. */
unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
                                         unsigned long start, unsigned long nr,
                                         unsigned long align_mask);
void bitmap_to_le(unsigned long *dst, const unsigned long *src, long nbits);
void bitmap_from_le(unsigned long *dst, const unsigned long *src, long nbits);
void bitmap_copy_with_src_offset(unsigned long *dst, const unsigned long *src,
                                 unsigned long offset, unsigned long nbits);
void bitmap_copy_with_dst_offset(unsigned long *dst, const unsigned long *src,
                                 unsigned long shift, unsigned long nbits);

#endif
