/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches in arrays of unsigned long, a word at a time. */
#include "qemu/osdep.h"
#include "qemu/bitmap.h"

/* flip is 0 to look for ones, ~0 for zeroes. */
static unsigned long find_next(const unsigned long *addr, unsigned long size,
                               unsigned long offset, unsigned long flip)
{
    while (offset < size) {
        unsigned long word = (addr[BIT_WORD(offset)] ^ flip) & BITMAP_FIRST_WORD_MASK(offset);

        if (word) {
            offset = ROUND_DOWN(offset, BITS_PER_LONG) + ctzl(word);
            return MIN(offset, size);
        }
        offset = ROUND_DOWN(offset, BITS_PER_LONG) + BITS_PER_LONG;
    }
    return size;
}

unsigned long find_next_bit(const unsigned long *addr, unsigned long size, unsigned long offset)
{
    return find_next(addr, size, offset, 0);
}

unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
                                 unsigned long offset)
{
    return find_next(addr, size, offset, ~0UL);
}

unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
    for (unsigned long i = BITS_TO_LONGS(size); i-- > 0;) {
        unsigned long word = addr[i];

        if (i == BITS_TO_LONGS(size) - 1) {
            word &= BITMAP_LAST_WORD_MASK(size);
        }
        if (word) {
            return i * BITS_PER_LONG + BITS_PER_LONG - 1 - clzl(word);
        }
    }
    return size;
}
