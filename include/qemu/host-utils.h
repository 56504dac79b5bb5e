/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer helpers: counting bits, powers of two, 128-bit intermediate results. */
#ifndef QEMU_HOST_UTILS_H
#define QEMU_HOST_UTILS_H

#include "qemu/bswap.h"
#include "qemu/compiler.h"
#include "qemu/int128.h"

/* Count from the top (clz/clo) and bottom (ctz/cto); a word without the bit gives its width. */
static inline int clz32(uint32_t val) { return val ? __builtin_clz(val) : 32; }
static inline int clz64(uint64_t val) { return val ? __builtin_clzll(val) : 64; }
static inline int ctz8(uint8_t val) { return val ? __builtin_ctz(val) : 8; }
static inline int ctz16(uint16_t val) { return val ? __builtin_ctz(val) : 16; }
static inline int ctz32(uint32_t val) { return val ? __builtin_ctz(val) : 32; }
static inline int ctz64(uint64_t val) { return val ? __builtin_ctzll(val) : 64; }
static inline int clo32(uint32_t val) { return clz32(~val); }
static inline int clo64(uint64_t val) { return clz64(~val); }
static inline int cto32(uint32_t val) { return ctz32(~val); }
static inline int cto64(uint64_t val) { return ctz64(~val); }
static inline int clrsb32(uint32_t val) { return __builtin_clrsb((int32_t)val); }
static inline int clrsb64(uint64_t val) { return __builtin_clrsbll((int64_t)val); }
static inline int ctpop8(uint8_t val) { return __builtin_popcount(val); }
static inline int ctpop16(uint16_t val) { return __builtin_popcount(val); }
static inline int ctpop32(uint32_t val) { return __builtin_popcount(val); }
static inline int ctpop64(uint64_t val) { return __builtin_popcountll(val); }

static inline uint8_t revbit8(uint8_t x)
{
    uint8_t r = 0;

    for (int i = 0; i < 8; i++) {
        r |= ((x >> i) & 1) << (7 - i);
    }
    return r;
}

static inline uint16_t revbit16(uint16_t x)
{
    return (uint16_t)(revbit8(x) << 8 | revbit8(x >> 8));
}

static inline uint32_t revbit32(uint32_t x)
{
    return (uint32_t)revbit16(x) << 16 | revbit16(x >> 16);
}

static inline uint64_t revbit64(uint64_t x)
{
    return (uint64_t)revbit32(x) << 32 | revbit32(x >> 32);
}

#if HOST_LONG_BITS == 64
#define clzl(x) clz64(x)
#define ctzl(x) ctz64(x)
#define ctpopl(x) ctpop64(x)
#define revbitl(x) revbit64(x)
#else
#define clzl(x) clz32(x)
#define ctzl(x) ctz32(x)
#define ctpopl(x) ctpop32(x)
#define revbitl(x) revbit32(x)
#endif

static inline bool is_power_of_2(uint64_t value)
{
    return ctpop64(value) == 1;
}

/* Largest power of two <= value; 0 for 0. */
static inline uint64_t pow2floor(uint64_t value)
{
    return value ? UINT64_C(1) << (63 - clz64(value)) : 0;
}

/* Smallest power of two >= value; 1 for 0, 0 when it does not fit. */
static inline uint64_t pow2ceil(uint64_t value)
{
    if (value <= 1) {
        return 1;
    }
    return clz64(value - 1) ? UINT64_C(1) << (64 - clz64(value - 1)) : 0;
}

static inline uint32_t pow2roundup32(uint32_t x)
{
    return (uint32_t)pow2ceil(x);
}

/* a * b / c with the product at full width; c must not be 0. */
static inline uint64_t muldiv64(uint64_t a, uint32_t b, uint32_t c)
{
    return (uint64_t)((unsigned __int128)a * b / c);
}

static inline uint64_t muldiv64_round_up(uint64_t a, uint32_t b, uint32_t c)
{
    return (uint64_t)(((unsigned __int128)a * b + c - 1) / c);
}

static inline void mulu64(uint64_t *plow, uint64_t *phigh, uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    *plow = (uint64_t)product;
    *phigh = (uint64_t)(product >> 64);
}

static inline void muls64(uint64_t *plow, uint64_t *phigh, int64_t a, int64_t b)
{
    __int128 product = (__int128)a * b;

    *plow = (uint64_t)product;
    *phigh = (uint64_t)(product >> 64);
}

/* 128-bit dividend in *phigh:*plow, quotient back in place, remainder returned. */
static inline uint64_t divu128(uint64_t *plow, uint64_t *phigh, uint64_t divisor)
{
    unsigned __int128 dividend = (unsigned __int128)*phigh << 64 | *plow;
    unsigned __int128 quotient = dividend / divisor;

    *plow = (uint64_t)quotient;
    *phigh = (uint64_t)(quotient >> 64);
    return (uint64_t)(dividend % divisor);
}

/* true = the result did not fit; *ret is the wrapped value. */
static inline bool uadd64_overflow(uint64_t x, uint64_t y, uint64_t *ret)
{
    return __builtin_add_overflow(x, y, ret);
}

static inline bool usub64_overflow(uint64_t x, uint64_t y, uint64_t *ret)
{
    return __builtin_sub_overflow(x, y, ret);
}

static inline bool umul64_overflow(uint64_t x, uint64_t y, uint64_t *ret)
{
    return __builtin_mul_overflow(x, y, ret);
}

static inline bool uadd32_overflow(uint32_t x, uint32_t y, uint32_t *ret)
{
    return __builtin_add_overflow(x, y, ret);
}

static inline bool usub32_overflow(uint32_t x, uint32_t y, uint32_t *ret)
{
    return __builtin_sub_overflow(x, y, ret);
}

static inline bool umul32_overflow(uint32_t x, uint32_t y, uint32_t *ret)
{
    return __builtin_mul_overflow(x, y, ret);
}

static inline bool sadd64_overflow(int64_t x, int64_t y, int64_t *ret)
{
    return __builtin_add_overflow(x, y, ret);
}

static inline bool ssub64_overflow(int64_t x, int64_t y, int64_t *ret)
{
    return __builtin_sub_overflow(x, y, ret);
}

static inline bool smul64_overflow(int64_t x, int64_t y, int64_t *ret)
{
    return __builtin_mul_overflow(x, y, ret);
}

static inline bool sadd32_overflow(int32_t x, int32_t y, int32_t *ret)
{
    return __builtin_add_overflow(x, y, ret);
}

static inline uint64_t uabs64(int64_t v)
{
    return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

#endif
