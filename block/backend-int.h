/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block back end from inside. Its settings, its node and its device change in
 * the main thread, with ctx entered; requests and figures are under ctx.
 *
 * Lock order: as in block/aio.h.
 */
#ifndef BLOCK_BACKEND_INT_H
#define BLOCK_BACKEND_INT_H

#include "block-int.h"
#include "perm.h"
#include "qapi/qmp-event-limit.h"
#include "sysemu/block-backend.h"

typedef QTAILQ_HEAD(BlockRequestQueue, BlockRequest) BlockRequestQueue;

struct BlockBackend {
    char *name;                     /* NULL: none */
    int refcount;                   /* atomic */
    AioContext *ctx;
    BlockDriverState *bs;           /* NULL: no medium */
    BlockParent *root;              /* the use of it */
    uint64_t perm, shared;
    DeviceState *dev;               /* not referenced: it detaches before it goes */
    const BlockDevOps *dev_ops;
    void *dev_opaque;
    VMChangeStateEntry *run_state;  /* not ours: kept for who attaches the device */
    DriveInfo *legacy_dinfo;

    bool write_cache;
    BlockdevOnError on_read_error, on_write_error;
    bool iostatus_enabled;
    BlockDeviceIoStatus iostatus;
    QmpEventLimit event_limit;      /* of BLOCK_IO_ERROR */
    BlockAcctStats stats;

    struct BlkThrottle *throttle;   /* NULL: no limits of its own */
    unsigned in_flight;             /* beside the requests that nodes have */
    unsigned quiesced;
    BlockRequestQueue queued;       /* came while quiesced */
    BlockRequestQueue stopped;      /* failed, and wait for the machine to continue */
    unsigned retries;               /* how often it has */
    QTAILQ_ENTRY(BlockBackend) link;
};

/* backend-io.c: blk_submit() without the error policy. */
int blk_submit_unwatched(BlockBackend *blk, BlockRequest *req);
/* A request that was queued or stopped goes to the node again. From the loop. */
void blk_restart(BlockBackend *blk, BlockRequest *req);

/* A request that the drive's limits held goes on, even while it is quiesced. From the loop. */
void blk_go_on(BlockBackend *blk, BlockRequest *req);

/* ---- backend-throttle.c; only with blk->throttle ---- */

/* The limits hold req: it is pending. */
bool blk_throttle_hold(BlockBackend *blk, BlockRequest *req);
void blk_throttle_set_exempt(BlockBackend *blk, bool exempt);
/* Nothing is under way. No context any more, and the one that blk has now. */
void blk_throttle_detach(BlockBackend *blk);
void blk_throttle_attach(BlockBackend *blk);
void blk_throttle_free(BlockBackend *blk);

/* ---- error-action.c ---- */

/* A request of blk_submit() has failed: done() is called now or later. From the loop. */
void blk_request_failed(BlockRequest *req, int ret);
/* The same inside blk_submit(): its result. */
int blk_submit_failed(BlockBackend *blk, BlockRequest *req, int ret);
/* What the policy has stopped ends with ret. */
void blk_fail_stopped(BlockBackend *blk, int ret);

/* How error texts call the user of blk; the caller frees. */
char *blk_user_name(BlockBackend *blk);
/* By a device, or by somebody who has its own context. */
bool blk_is_used(const BlockBackend *blk);

/* perm.h's parent, which may be a node or a blk: the node below has another length. */
void block_parent_resized(BlockParent *parent);

/* A request of the QEMU API: flags that mean nothing here are left out. */
static inline BlockRequest blk_api_request(BlockOp op, int64_t offset, int64_t bytes,
                                           const QEMUIOVector *qiov, BdrvRequestFlags flags,
                                           BlockRequestDone *done)
{
    return (BlockRequest) {
        .op = op,
        .flags = flags & (BDRV_REQ_FUA | BDRV_REQ_MAY_UNMAP | BDRV_REQ_NO_FALLBACK),
        .offset = offset,
        .bytes = bytes,
        .iov = qiov ? qiov->iov : NULL,
        .niov = qiov ? qiov->niov : 0,
        .done = done,
    };
}

#endif
