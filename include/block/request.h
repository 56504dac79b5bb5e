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
    BLOCK_OP__MAX,
} BlockOp;

/* The result of a submission that will be answered by done(). No request ends with it. */
#define BLOCK_PENDING (-EINPROGRESS)

typedef struct BlockRequest BlockRequest;
/* ret: 0 or -errno. The request is the submitter's again and may be reused or freed inside. */
typedef void BlockRequestDone(BlockRequest *req, int ret);

struct BlockRequest {
    /* The submitter's; layers below may move offset and change flags. */
    BlockOp op;
    BdrvRequestFlags flags;     /* FUA, MAY_UNMAP, NO_FALLBACK */
    int64_t offset;             /* bytes */
    int64_t bytes;
    const struct iovec *iov;    /* read and write: `bytes` in all; borrowed until the end */
    int niov;
    BlockRequestDone *done;

    /* Of the layer that has it. */
    BlockDriverState *bs;       /* whose submit() answered BLOCK_PENDING; NULL: nobody has it */
    QTAILQ_ENTRY(BlockRequest) link;
    void *state[2];
};

/*
 * Takes back a request that is pending: done() will not be called, and on
 * return nothing reads or writes its iov any more. A write that has left for the
 * medium may still arrive there; the driver holds back whatever overlaps it
 * until it has, so a later request never loses against an earlier one.
 */
void block_request_cancel(BlockRequest *req);

#endif
