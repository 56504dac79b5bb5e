/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the block layer: nodes and what a driver is. For the files of this
 * folder only; everybody else uses sysemu/block-backend.h.
 *
 * A node is made and removed by the main thread. While it is in use by a
 * device it belongs to the AioContext of that device's domain: `ctx`, and
 * requests, drains and limits are under that context's lock. The graph (names,
 * parents, children) is under the main context's lock.
 *
 * Lock order: main context, then the node's context.
 */
#ifndef BLOCK_BLOCK_INT_H
#define BLOCK_BLOCK_INT_H

#include "block/aio.h"
#include "block/request.h"
#include "qapi/qapi-types-block-core.h"

typedef struct BlockLimits {
    uint32_t request_alignment;     /* bytes, a power of two: offset and length of every request */
    uint32_t max_transfer;          /* bytes, 0: no limit; the core splits */
    uint32_t pdiscard_alignment;    /* bytes, 0: request_alignment */
    int64_t max_pdiscard;           /* bytes, 0: no limit */
    uint32_t pwrite_zeroes_alignment;
    int64_t max_pwrite_zeroes;
    uint32_t min_io, opt_io;        /* bytes, 0: unknown; for the guest's topology */
} BlockLimits;

/*
 * A driver. open() is called in the main thread, with bs->file open already for
 * drivers that have_file. Everything below `close` is called in the node's context.
 */
typedef struct BlockDriver {
    const char *name;               /* as `driver` of -blockdev */
    BlockdevDriver kind;
    size_t state_size;              /* of bs->opaque, zeroed */
    bool has_file;                  /* sits on another node: bs->file */
    bool is_filter;                 /* shows what that one has, at the same place */

    bool (*open)(BlockDriverState *bs, const BlockdevOptions *options, Error **errp);
    void (*close)(BlockDriverState *bs);
    /*
     * The node has left its context (no request is pending), and comes to a new
     * one. detach: fd handlers and timers go; attach: they come. Optional.
     */
    void (*detach)(BlockDriverState *bs);
    void (*attach)(BlockDriverState *bs, AioContext *ctx);

    /*
     * Checked and aligned: inside the length, whole multiples of
     * request_alignment, within max_transfer and so on, writes only to a
     * writable node. 0 or -errno at once, and then done() is not called; or
     * BLOCK_PENDING, and done() once, later, from the loop and never from inside.
     * -ENOTSUP for discard and write zeroes: the core falls back.
     */
    int (*submit)(BlockDriverState *bs, BlockRequest *req);
    /* See block_request_cancel(). Of a request that this driver has. */
    void (*cancel)(BlockDriverState *bs, BlockRequest *req);

    int64_t (*getlength)(BlockDriverState *bs);         /* bytes or -errno */
    /* Main thread, the node's context entered. Optional: -ENOTSUP. */
    bool (*truncate)(BlockDriverState *bs, int64_t size, Error **errp);
    /* Fills bs->limits, which starts from those of bs->file or with alignment 1. Optional. */
    void (*refresh_limits)(BlockDriverState *bs);
    /* BDRV_BLOCK_... of [offset, offset + *pnum), *pnum <= bytes. Does not wait. Optional. */
    int (*block_status)(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum);
    /* Bytes that the image takes on its medium; -ENOTSUP when absent. Optional. */
    int64_t (*allocated_size)(BlockDriverState *bs);
} BlockDriver;

/* type_init()-like constructor; block_register(&block_file_driver). */
void block_register(const BlockDriver *driver);
#define block_init(driver_)                                                  \
    static void __attribute__((constructor)) glue(block_init_, __LINE__)(void) \
    {                                                                        \
        block_register(&(driver_));                                          \
    }

struct BlockDriverState {
    const BlockDriver *drv;
    char *node_name;
    void *opaque;                   /* the driver's, state_size bytes */
    AioContext *ctx;
    BlockDriverState *file;         /* a reference */
    BlockLimits limits;
    char *filename;                 /* for people and query-*; set by open(); may be NULL */
    int64_t length;                 /* bytes; kept by the core, which asks getlength() */
    bool read_only;
    bool force_share;
    bool no_flush, direct;          /* cache.no-flush, cache.direct */
    bool discard_unmap;             /* discard=unmap */
    BlockdevDetectZeroesOptions detect_zeroes;
    bool has_fua;                   /* the driver takes BDRV_REQ_FUA; else the core flushes */

    /* graph.c's */
    int refcount;
    bool monitor_owned;             /* made by -blockdev or blockdev-add */
    unsigned in_flight;             /* requests of its parents */
    GSList *parents;                /* of BlockParent */
    QTAILQ_ENTRY(BlockDriverState) node_link;
    struct BlockNodeCore *core;     /* alignment, serialising: request.c's */
};

/*
 * Hands req to a node: the core checks and aligns it, then calls the driver.
 * The same answers as BlockDriver.submit. For drivers that sit on others and for
 * BlockBackend.
 */
int bdrv_submit(BlockDriverState *bs, BlockRequest *req);
/* A driver's request ends: from the loop, never from inside submit(). */
static inline void block_request_done(BlockRequest *req, int ret)
{
    req->bs = NULL;
    req->done(req, ret);
}

#endif
