/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units, limits and flags that the block layer shares with device models. */
#ifndef BLOCK_BLOCK_COMMON_H
#define BLOCK_BLOCK_COMMON_H

#include "qemu/osdep.h"
#include "qemu/typedefs.h"

#define BDRV_SECTOR_BITS 9
#define BDRV_SECTOR_SIZE (1ULL << BDRV_SECTOR_BITS)
/* Longest request, in sectors and bytes: what fits an int, whole sectors. */
#define BDRV_REQUEST_MAX_SECTORS (INT_MAX >> BDRV_SECTOR_BITS)
#define BDRV_REQUEST_MAX_BYTES ((int64_t)BDRV_REQUEST_MAX_SECTORS << BDRV_SECTOR_BITS)
#define BDRV_MAX_ALIGNMENT (1LL << 30)
#define BDRV_MAX_LENGTH (INT64_MAX / BDRV_MAX_ALIGNMENT * BDRV_MAX_ALIGNMENT)

typedef enum BdrvRequestFlags {
    BDRV_REQ_COPY_ON_READ = 0x1,
    BDRV_REQ_ZERO_WRITE = 0x2,
    BDRV_REQ_MAY_UNMAP = 0x4,       /* write zeroes: holes will do */
    BDRV_REQ_FUA = 0x10,            /* on the medium before it completes */
    BDRV_REQ_WRITE_COMPRESSED = 0x20,
    BDRV_REQ_WRITE_UNCHANGED = 0x40,
    BDRV_REQ_SERIALISING = 0x80,
    BDRV_REQ_NO_FALLBACK = 0x100,   /* write zeroes: -ENOTSUP rather than writing them out */
    BDRV_REQ_PREFETCH = 0x200,
    BDRV_REQ_NO_WAIT = 0x400,
    BDRV_REQ_REGISTERED_BUF = 0x800,
} BdrvRequestFlags;

/* Answers of bdrv_block_status(). */
#define BDRV_BLOCK_DATA 0x01
#define BDRV_BLOCK_ZERO 0x02
#define BDRV_BLOCK_OFFSET_VALID 0x04
#define BDRV_BLOCK_RAW 0x08
#define BDRV_BLOCK_ALLOCATED 0x10
#define BDRV_BLOCK_EOF 0x20
#define BDRV_BLOCK_RECURSE 0x40

/* What a user of a node does with it, and what it lets others do. */
enum {
    BLK_PERM_CONSISTENT_READ = 0x01,
    BLK_PERM_WRITE = 0x02,
    BLK_PERM_WRITE_UNCHANGED = 0x04,
    BLK_PERM_RESIZE = 0x08,
    BLK_PERM_ALL = 0x0f,
};

#endif
