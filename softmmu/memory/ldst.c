/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads and stores of one number: the typed faces of address_space_rw(), for
 * code that has an address space and for DMA.
 */
#include "qemu/osdep.h"
#include "sysemu/dma.h"

static MemTxResult load(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf, hwaddr len,
                        MemTxResult *result)
{
    MemTxResult res = address_space_rw(as, addr, attrs, buf, len, false);

    if (result) {
        *result = res;
    }
    return res;
}

static void store(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf, hwaddr len,
                  MemTxResult *result)
{
    MemTxResult res = address_space_rw(as, addr, attrs, buf, len, true);

    if (result) {
        *result = res;
    }
}

#define LOAD(sfx, type, width, get)                                                               \
    type address_space_ld##sfx(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,                   \
                               MemTxResult *result)                                               \
    {                                                                                             \
        uint8_t raw[width];                                                                       \
                                                                                                  \
        return load(as, addr, attrs, raw, width, result) == MEMTX_OK ? (type)get(raw) : 0;        \
    }
#define STORE(sfx, type, width, put)                                                              \
    void address_space_st##sfx(AddressSpace *as, hwaddr addr, type val, MemTxAttrs attrs,         \
                               MemTxResult *result)                                               \
    {                                                                                             \
        uint8_t raw[width];                                                                       \
                                                                                                  \
        put(raw, val);                                                                            \
        store(as, addr, attrs, raw, width, result);                                               \
    }

LOAD(ub, uint8_t, 1, ldub_p)
LOAD(uw, uint32_t, 2, lduw_le_p)
LOAD(uw_le, uint32_t, 2, lduw_le_p)
LOAD(uw_be, uint32_t, 2, lduw_be_p)
LOAD(l, uint32_t, 4, ldl_le_p)
LOAD(l_le, uint32_t, 4, ldl_le_p)
LOAD(l_be, uint32_t, 4, ldl_be_p)
LOAD(q, uint64_t, 8, ldq_le_p)
LOAD(q_le, uint64_t, 8, ldq_le_p)
LOAD(q_be, uint64_t, 8, ldq_be_p)

STORE(b, uint8_t, 1, stb_p)
STORE(w, uint16_t, 2, stw_le_p)
STORE(w_le, uint16_t, 2, stw_le_p)
STORE(w_be, uint16_t, 2, stw_be_p)
STORE(l, uint32_t, 4, stl_le_p)
STORE(l_le, uint32_t, 4, stl_le_p)
STORE(l_be, uint32_t, 4, stl_be_p)
STORE(q, uint64_t, 8, stq_le_p)
STORE(q_le, uint64_t, 8, stq_le_p)
STORE(q_be, uint64_t, 8, stq_be_p)

#define DMA_PAIR(ld, st, type, width, get, put)                                                   \
    MemTxResult ld##_dma(AddressSpace *as, dma_addr_t addr, type *pval, MemTxAttrs attrs)         \
    {                                                                                             \
        uint8_t raw[width];                                                                       \
        MemTxResult res = dma_memory_read(as, addr, raw, width, attrs);                           \
                                                                                                  \
        if (res == MEMTX_OK) {                                                                    \
            *pval = get(raw);                                                                     \
        }                                                                                         \
        return res;                                                                               \
    }                                                                                             \
    MemTxResult st##_dma(AddressSpace *as, dma_addr_t addr, type val, MemTxAttrs attrs)           \
    {                                                                                             \
        uint8_t raw[width];                                                                       \
                                                                                                  \
        put(raw, val);                                                                            \
        return dma_memory_write(as, addr, raw, width, attrs);                                     \
    }

DMA_PAIR(ldub, stb, uint8_t, 1, ldub_p, stb_p)
DMA_PAIR(lduw_le, stw_le, uint16_t, 2, lduw_le_p, stw_le_p)
DMA_PAIR(lduw_be, stw_be, uint16_t, 2, lduw_be_p, stw_be_p)
DMA_PAIR(ldl_le, stl_le, uint32_t, 4, ldl_le_p, stl_le_p)
DMA_PAIR(ldl_be, stl_be, uint32_t, 4, ldl_be_p, stl_be_p)
DMA_PAIR(ldq_le, stq_le, uint64_t, 8, ldq_le_p, stq_le_p)
DMA_PAIR(ldq_be, stq_be, uint64_t, 8, ldq_be_p, stq_be_p)
