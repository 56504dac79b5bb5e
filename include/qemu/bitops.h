/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single bits in arrays of unsigned long, and bit fields in integers.
 * set_bit() and friends are plain stores; the _atomic forms may race.
 */
#ifndef QEMU_BITOPS_H
#define QEMU_BITOPS_H

#include "qemu/atomic.h"
#include "qemu/host-utils.h"

#define BITS_PER_BYTE CHAR_BIT
#define BITS_PER_LONG (sizeof(unsigned long) * BITS_PER_BYTE)
#define BITS_TO_LONGS(nr) DIV_ROUND_UP(nr, BITS_PER_LONG)
#define BITS_TO_U32S(nr) DIV_ROUND_UP(nr, 32)

#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define BIT_MASK(nr) BIT((nr) % BITS_PER_LONG)
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
#define BIT32_MASK(nr) (UINT32_C(1) << ((nr) % 32))
#define BIT32_WORD(nr) ((nr) / 32)

/* `length` ones from bit `shift` up; length 1..64. */
#define MAKE_64BIT_MASK(shift, length) ((~UINT64_C(0) >> (64 - (length))) << (shift))

static inline void set_bit(long nr, unsigned long *addr)
{
    addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void clear_bit(long nr, unsigned long *addr)
{
    addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static inline void change_bit(long nr, unsigned long *addr)
{
    addr[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

static inline int test_bit(long nr, const unsigned long *addr)
{
    return !!(addr[BIT_WORD(nr)] & BIT_MASK(nr));
}

static inline void set_bit_atomic(long nr, unsigned long *addr)
{
    qatomic_or(&addr[BIT_WORD(nr)], BIT_MASK(nr));
}

static inline void clear_bit_atomic(long nr, unsigned long *addr)
{
    qatomic_and(&addr[BIT_WORD(nr)], ~BIT_MASK(nr));
}

static inline int test_and_set_bit(long nr, unsigned long *addr)
{
    int was = test_bit(nr, addr);

    set_bit(nr, addr);
    return was;
}

static inline int test_and_clear_bit(long nr, unsigned long *addr)
{
    int was = test_bit(nr, addr);

    clear_bit(nr, addr);
    return was;
}

static inline int test_and_change_bit(long nr, unsigned long *addr)
{
    int was = test_bit(nr, addr);

    change_bit(nr, addr);
    return was;
}

static inline void set_bit32(long nr, uint32_t *addr)
{
    addr[BIT32_WORD(nr)] |= BIT32_MASK(nr);
}

static inline void clear_bit32(long nr, uint32_t *addr)
{
    addr[BIT32_WORD(nr)] &= ~BIT32_MASK(nr);
}

static inline int test_bit32(long nr, const uint32_t *addr)
{
    return !!(addr[BIT32_WORD(nr)] & BIT32_MASK(nr));
}

/* util/bitops.c. `size` in bits; returns size when nothing is found. */
unsigned long find_next_bit(const unsigned long *addr, unsigned long size, unsigned long offset);
unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
                                 unsigned long offset);
unsigned long find_last_bit(const unsigned long *addr, unsigned long size);

static inline unsigned long find_first_bit(const unsigned long *addr, unsigned long size)
{
    return find_next_bit(addr, size, 0);
}

static inline unsigned long find_first_zero_bit(const unsigned long *addr, unsigned long size)
{
    return find_next_zero_bit(addr, size, 0);
}

static inline unsigned long hweight_long(unsigned long w)
{
    return __builtin_popcountl(w);
}

/* Rotation; the shift count may be anything. */
static inline uint8_t rol8(uint8_t w, unsigned int n) { return w << (n & 7) | w >> (-n & 7); }
static inline uint8_t ror8(uint8_t w, unsigned int n) { return w >> (n & 7) | w << (-n & 7); }
static inline uint16_t rol16(uint16_t w, unsigned int n) { return w << (n & 15) | w >> (-n & 15); }
static inline uint16_t ror16(uint16_t w, unsigned int n) { return w >> (n & 15) | w << (-n & 15); }
static inline uint32_t rol32(uint32_t w, unsigned int n) { return w << (n & 31) | w >> (-n & 31); }
static inline uint32_t ror32(uint32_t w, unsigned int n) { return w >> (n & 31) | w << (-n & 31); }
static inline uint64_t rol64(uint64_t w, unsigned int n) { return w << (n & 63) | w >> (-n & 63); }
static inline uint64_t ror64(uint64_t w, unsigned int n) { return w >> (n & 63) | w << (-n & 63); }

static inline uint16_t hswap16_bytes_(uint16_t h) { return bswap16(h); }
static inline uint32_t hswap32(uint32_t h) { return rol32(h, 16); }
static inline uint64_t wswap64(uint64_t h) { return rol64(h, 32); }

/*
 * Field of `length` bits from bit `start`. Wrong constants are a programming
 * error of the device model, never guest data, hence the assertions.
 */
#define BITFIELD_FUNCS(width, type, stype) \
    static inline type extract##width(type value, int start, int length) \
    { \
        assert(start >= 0 && length > 0 && length <= width - start); \
        return (type)(value >> start) & (type)((type)~(type)0 >> (width - length)); \
    } \
    static inline stype sextract##width(type value, int start, int length) \
    { \
        assert(start >= 0 && length > 0 && length <= width - start); \
        return (stype)(type)(value << (width - start - length)) >> (width - length); \
    } \
    static inline type deposit##width(type value, int start, int length, type fieldval) \
    { \
        type mask; \
        assert(start >= 0 && length > 0 && length <= width - start); \
        mask = (type)((type)((type)~(type)0 >> (width - length)) << start); \
        return (value & ~mask) | ((type)(fieldval << start) & mask); \
    }
BITFIELD_FUNCS(8, uint8_t, int8_t)
BITFIELD_FUNCS(16, uint16_t, int16_t)
BITFIELD_FUNCS(32, uint32_t, int32_t)
BITFIELD_FUNCS(64, uint64_t, int64_t)
#undef BITFIELD_FUNCS

#endif
