/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What travels beside an access (who asks, what kind) and what comes back.
 * Results are bits, so the result of a split access is the OR of its parts.
 */
#ifndef EXEC_MEMATTRS_H
#define EXEC_MEMATTRS_H

typedef struct MemTxAttrs {
    unsigned int unspecified : 1;   /* the initiator set nothing else */
    unsigned int secure : 1;
    unsigned int space : 2;
    unsigned int user : 1;
    unsigned int memory : 1;        /* only RAM and client memory will do */
    unsigned int requester_id : 16; /* PCI bus:devfn of the initiator */
    unsigned int debug : 1;
} MemTxAttrs;

#define MEMTXATTRS_UNSPECIFIED ((MemTxAttrs) { .unspecified = 1 })

typedef uint32_t MemTxResult;
#define MEMTX_OK 0U
#define MEMTX_ERROR (1U << 0)        /* the target answered, and failed */
#define MEMTX_DECODE_ERROR (1U << 1) /* nobody answers there */
#define MEMTX_ACCESS_ERROR (1U << 2) /* somebody does, but not for this access */

#endif
