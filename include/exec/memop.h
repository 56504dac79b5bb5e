/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Size and byte order of one access, packed in a small number.
 * The order bit is relative to the host: set means "swap".
 */
#ifndef EXEC_MEMOP_H
#define EXEC_MEMOP_H

#include "qemu/host-utils.h"

typedef enum MemOp {
    MO_8 = 0,
    MO_16 = 1,
    MO_32 = 2,
    MO_64 = 3,
    MO_SIZE = 0x07,
    MO_SIGN = 0x08,
    MO_BSWAP = 0x10,
    MO_LE = HOST_BIG_ENDIAN ? MO_BSWAP : 0,
    MO_BE = HOST_BIG_ENDIAN ? 0 : MO_BSWAP,
    MO_TE = MO_LE, /* every client is an x86 machine */
} MemOp;

/* Bytes that op moves. */
static inline unsigned memop_size(MemOp op)
{
    return 1U << (op & MO_SIZE);
}

/* size is 1, 2, 4 or 8. */
static inline MemOp size_memop(unsigned size)
{
    return (MemOp)ctz32(size);
}

static inline bool memop_big_endian(MemOp op)
{
    return (op & MO_BSWAP) == MO_BE;
}

#endif
