/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What travels through the block layer: one request, embedded in whatever its
 * submitter keeps for it. Nothing is allocated on the way down unless a layer
 * has to remember something.
 *
 * A request belongs to the layer that answered BLOCK_PENDING until that layer
 * calls done(), or until block_request_cancel() returns.
 *
 * Locking: submitted, completed and cancelled in the AioContext of its node,
 * with that context's lock held (block/aio.h).
 */
#ifndef BLOCK_REQUEST_H
#define BLOCK_REQUEST_H

#include "block/block-common.h"
#include "qemu/queue.h"
#include <sys/uio.h>

typedef enum BlockOp {
    BLOCK_OP_READ,
    BLOCK_OP_WRITE,
    BLOCK_OP_FLUSH,             /* offset, bytes and iov mean nothing */
    BLOCK_OP_DISCARD,
    BLOCK_OP_WRITE_ZEROES,
    BLOCK_OP_STATUS,            /* what is there; any bytes, not whole blocks */
    BLOCK_OP__MAX,
} BlockOp;

static inline bool block_op_changes_medium(BlockOp op)
{
    return op == BLOCK_OP_WRITE || op == BLOCK_OP_DISCARD || op == BLOCK_OP_WRITE_ZEROES;
}

/* The result of a submission that will be answered by done(). No request ends with it. */
#define BLOCK_PENDING (-EINPROGRESS)

typedef struct BlockRequest BlockRequest;
/* ret: 0 or -errno. The request is the submitter's again and may be reused or freed inside. */
typedef void BlockRequestDone(BlockRequest *req, int ret);

/* A range that is being written on a node, in whole blocks: order.h of block/. */
typedef struct BlockRange {
    int64_t start, end;
    bool exclusive;             /* nothing that overlaps it may be on its way at the same time */
    bool listed, waiting;
    QTAILQ_ENTRY(BlockRange) next;
} BlockRange;

/*
 * All zero before its first use. A layer below may change offset and flags on
 * the way; the submitter sets them again before it uses the request again.
 */
struct BlockRequest {
    /* The submitter's. */
    BlockOp op;
    BdrvRequestFlags flags;     /* FUA, MAY_UNMAP, NO_FALLBACK */
    int64_t offset;             /* bytes */
    int64_t bytes;
    const struct iovec *iov;    /* read and write: `bytes` in all; borrowed until the end */
    int niov;
    BlockRequestDone *done;
    /*
     * The answer to BLOCK_OP_STATUS, when it has ended with 0: of the first
     * status_bytes (1 to `bytes`; 0 of an empty request) from offset
     *   BDRV_BLOCK_DATA: the medium keeps something there; without it they are free:
     *                    a hole, or what a discard has left;
     *   BDRV_BLOCK_ZERO: they read as zeroes.
     * A node that cannot tell says that all is data. It is true of the moment at
     * which the request was under way: a write beside it may have made it old.
     */
    int status;
    int64_t status_bytes;

    /* Of the layer that has it. */
    BlockDriverState *bs;       /* whose submit() answered BLOCK_PENDING; NULL: nobody has it */
    QTAILQ_ENTRY(BlockRequest) link;
    void *state[2];

    /* Private to the core of the block layer. */
    BlockBackend *blk;          /* that looks at the result; NULL: none */
    int64_t start;              /* offset as it was handed to blk */
    void (*take_back)(BlockRequest *req);   /* the core has it, not the driver */
    BlockRange range;
};

/*
 * Takes back a request that is pending: done() will not be called, and on
 * return nothing reads or writes its iov any more. A write that has left for the
 * medium may still arrive there; the driver holds back whatever overlaps it
 * until it has, so a later request never loses against an earlier one.
 * Of a request that nobody has (its result has come): nothing happens.
 */
void block_request_cancel(BlockRequest *req);

#endif
