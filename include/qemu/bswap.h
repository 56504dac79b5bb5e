/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte order. Three families:
 *   cpu_to_le32(v), le32_to_cpu(v)    values; ...s(p) forms convert in place
 *   const_le32(c)                     the same as a constant expression
 *   ldl_le_p(p), stl_le_p(p, v)       memory of any alignment; b=8 uw/sw=16
 *                                     24, l=32, q=64 bits, n = size in bytes
 *                                     as an argument; _he_ = host order
 */
#ifndef QEMU_BSWAP_H
#define QEMU_BSWAP_H

#include <stdint.h>
#include <string.h>

#include "qemu/compiler.h"

#undef bswap16
#undef bswap32
#undef bswap64
#define bswap16(v) __builtin_bswap16(v)
#define bswap24(v) (__builtin_bswap32(v) >> 8)
#define bswap32(v) __builtin_bswap32(v)
#define bswap64(v) __builtin_bswap64(v)

#if HOST_BIG_ENDIAN
#define BSWAP_IF_LE_(width, v) ((uint##width##_t)(v))
#define BSWAP_IF_BE_(width, v) __builtin_bswap##width(v)
#else
#define BSWAP_IF_LE_(width, v) __builtin_bswap##width(v)
#define BSWAP_IF_BE_(width, v) ((uint##width##_t)(v))
#endif

/* __builtin_bswap of a constant is a constant: these serve initialisers as well. */
#define const_le16(v) BSWAP_IF_BE_(16, v)
#define const_le32(v) BSWAP_IF_BE_(32, v)
#define const_le64(v) BSWAP_IF_BE_(64, v)
#define const_be16(v) BSWAP_IF_LE_(16, v)
#define const_be32(v) BSWAP_IF_LE_(32, v)
#define const_be64(v) BSWAP_IF_LE_(64, v)

#define BSWAP_VALUES_(order, width, conv) \
    static inline uint##width##_t cpu_to_##order##width(uint##width##_t v) \
    { \
        return conv(width, v); \
    } \
    static inline uint##width##_t order##width##_to_cpu(uint##width##_t v) \
    { \
        return conv(width, v); \
    } \
    static inline void cpu_to_##order##width##s(uint##width##_t *p) \
    { \
        *p = conv(width, *p); \
    } \
    static inline void order##width##_to_cpus(uint##width##_t *p) \
    { \
        *p = conv(width, *p); \
    }
BSWAP_VALUES_(le, 16, BSWAP_IF_BE_)
BSWAP_VALUES_(le, 32, BSWAP_IF_BE_)
BSWAP_VALUES_(le, 64, BSWAP_IF_BE_)
BSWAP_VALUES_(be, 16, BSWAP_IF_LE_)
BSWAP_VALUES_(be, 32, BSWAP_IF_LE_)
BSWAP_VALUES_(be, 64, BSWAP_IF_LE_)
#undef BSWAP_VALUES_

static inline void bswap16s(uint16_t *p) { *p = bswap16(*p); }
static inline void bswap24s(uint32_t *p) { *p = bswap24(*p & 0x00ffffffU); }
static inline void bswap32s(uint32_t *p) { *p = bswap32(*p); }
static inline void bswap64s(uint64_t *p) { *p = bswap64(*p); }

/* ---- memory ---- */

static inline int ldub_p(const void *ptr) { return *(const uint8_t *)ptr; }
static inline int ldsb_p(const void *ptr) { return *(const int8_t *)ptr; }
static inline void stb_p(void *ptr, uint8_t v) { *(uint8_t *)ptr = v; }

/* memcpy of a constant size is one (unaligned) machine access. */
#define BSWAP_MEMORY_(letter, uletter, order, width, ret, sret, conv) \
    static inline ret ld##uletter##_##order##_p(const void *ptr) \
    { \
        uint##width##_t raw; \
        memcpy(&raw, ptr, sizeof(raw)); \
        return (ret)conv(width, raw); \
    } \
    static inline void st##letter##_##order##_p(void *ptr, uint##width##_t v) \
    { \
        uint##width##_t raw = conv(width, v); \
        memcpy(ptr, &raw, sizeof(raw)); \
    }
#define BSWAP_NONE_(width, v) ((uint##width##_t)(v))
#define BSWAP_ORDERS_(letter, uletter, width, ret, sret) \
    BSWAP_MEMORY_(letter, uletter, le, width, ret, sret, BSWAP_IF_BE_) \
    BSWAP_MEMORY_(letter, uletter, be, width, ret, sret, BSWAP_IF_LE_) \
    BSWAP_MEMORY_(letter, uletter, he, width, ret, sret, BSWAP_NONE_)
BSWAP_ORDERS_(w, uw, 16, int, int)
BSWAP_ORDERS_(l, l, 32, int, int)
BSWAP_ORDERS_(q, q, 64, uint64_t, int64_t)
#undef BSWAP_ORDERS_
#undef BSWAP_MEMORY_

static inline int ldsw_le_p(const void *ptr) { return (int16_t)lduw_le_p(ptr); }
static inline int ldsw_be_p(const void *ptr) { return (int16_t)lduw_be_p(ptr); }
static inline int ldsw_he_p(const void *ptr) { return (int16_t)lduw_he_p(ptr); }

static inline void st24_le_p(void *ptr, uint32_t v)
{
    uint8_t *p = ptr;

    stw_le_p(p, (uint16_t)v);
    p[2] = (uint8_t)(v >> 16);
}

static inline void st24_be_p(void *ptr, uint32_t v)
{
    uint8_t *p = ptr;

    p[0] = (uint8_t)(v >> 16);
    stw_be_p(p + 1, (uint16_t)v);
}

#if HOST_BIG_ENDIAN
#define st24_he_p st24_be_p
#else
#define st24_he_p st24_le_p
#endif

/* sz is 1, 2, 4 or 8: the caller has checked it; anything else reads 0 and stores nothing. */
#define BSWAP_SIZED_(order) \
    static inline uint64_t ldn_##order##_p(const void *ptr, int sz) \
    { \
        switch (sz) { \
        case 1: return (uint8_t)ldub_p(ptr); \
        case 2: return (uint16_t)lduw_##order##_p(ptr); \
        case 4: return (uint32_t)ldl_##order##_p(ptr); \
        case 8: return ldq_##order##_p(ptr); \
        default: return 0; \
        } \
    } \
    static inline void stn_##order##_p(void *ptr, int sz, uint64_t v) \
    { \
        switch (sz) { \
        case 1: stb_p(ptr, (uint8_t)v); break; \
        case 2: stw_##order##_p(ptr, (uint16_t)v); break; \
        case 4: stl_##order##_p(ptr, (uint32_t)v); break; \
        case 8: stq_##order##_p(ptr, v); break; \
        default: break; \
        } \
    }
BSWAP_SIZED_(le)
BSWAP_SIZED_(be)
BSWAP_SIZED_(he)
#undef BSWAP_SIZED_

/* Target order: the clients' machines are little endian (x86). */
#define lduw_p lduw_le_p
#define ldsw_p ldsw_le_p
#define ldl_p ldl_le_p
#define ldq_p ldq_le_p
#define stw_p stw_le_p
#define stl_p stl_le_p
#define stq_p stq_le_p
#define ldn_p ldn_le_p
#define stn_p stn_le_p
#define tswap16(v) cpu_to_le16(v)
#define tswap32(v) cpu_to_le32(v)
#define tswap64(v) cpu_to_le64(v)

#endif
