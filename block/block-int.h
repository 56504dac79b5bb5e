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
    bool discard_zeroes;            /* what a discard has freed reads as zeroes */
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
     * Checked: writes only to a writable node, inside the length, never empty
     * (but a flush). For drivers without has_file also aligned: whole multiples
     * of request_alignment, within max_transfer and so on. A length counts up to
     * whole sectors, and to whole blocks: what is read behind it is zero.
     * 0 or -errno at once, and then done() is not called; or BLOCK_PENDING, and
     * block_request_done() once, later, from the loop and never from inside.
     * -ENOTSUP for discard and write zeroes: the core falls back. Status: any
     * bytes that are inside; req->status says DATA of all of them already, and
     * -ENOTSUP, at once only, leaves it at that.
     */
    int (*submit)(BlockDriverState *bs, BlockRequest *req);
    /*
     * See block_request_cancel(). Of a request that this driver has: req->bs is
     * this node. The driver forgets it and does not call block_request_done().
     */
    void (*cancel)(BlockDriverState *bs, BlockRequest *req);

    /*
     * Somebody waits until nothing is under way (true), and does not any more
     * (false): a driver that holds requests back of its own will lets them go
     * meanwhile. Not nested. Optional.
     */
    void (*drain)(BlockDriverState *bs, bool begin);

    int64_t (*getlength)(BlockDriverState *bs);         /* bytes or -errno */
    /* Main thread, the node's context entered. Optional: -ENOTSUP. */
    bool (*truncate)(BlockDriverState *bs, int64_t size, Error **errp);
    /* Fills bs->limits, which starts from those of bs->file or with alignment 1. Optional. */
    void (*refresh_limits)(BlockDriverState *bs);
    /* Bytes that the image takes on its medium; -ENOTSUP when absent. Optional. */
    int64_t (*allocated_size)(BlockDriverState *bs);
} BlockDriver;

/* The registry, by constructors: block_driver_init(block_file_driver). */
void block_register(const BlockDriver *driver);
#define block_driver_init(driver_)                                           \
    static void __attribute__((constructor)) glue(block_init_, __LINE__)(void) \
    {                                                                        \
        block_register(&(driver_));                                          \
    }
/* NULL: this program has no such driver. */
const BlockDriver *block_driver(BlockdevDriver kind);

struct BlockDriverState {
    const BlockDriver *drv;
    char *node_name;                /* "#blockNNN" where nobody gave one */
    void *opaque;                   /* the driver's, state_size bytes */
    AioContext *ctx;
    BlockDriverState *file;         /* a reference */
    BlockLimits limits;
    char *filename;                 /* for people and query-*; set by open(); may be NULL */
    int64_t length;                 /* bytes, whole sectors; the core asks getlength() */
    bool read_only;                 /* open() may set it where auto_read_only is */
    bool auto_read_only;
    bool force_share;
    bool no_flush, direct;          /* cache.no-flush, cache.direct */
    bool discard_unmap;             /* discard=unmap */
    BlockdevDetectZeroesOptions detect_zeroes;
    bool has_fua;                   /* the driver takes BDRV_REQ_FUA; else the core flushes */

    /* node.c's and graph.c's */
    int refcount;
    bool monitor_owned;             /* made by -blockdev or blockdev-add */
    GSList *parents;                /* of BlockParent, perm.h */
    QTAILQ_ENTRY(BlockDriverState) node_link;

    /* request.c's */
    unsigned in_flight;             /* requests that this node has */
    unsigned drains;                /* of back ends above that wait for that to be 0 */
    uint32_t align;                 /* of what the driver is given; 1 with has_file */
    uint32_t max_bytes;             /* of one read or write for the driver */
    uint8_t plain_ops;              /* bit for each BlockOp that it may get as it is */
    BdrvRequestFlags slow_flags;    /* but not with these */
    BdrvRequestFlags dropped_flags; /* these mean nothing here */
    uint64_t write_highest;         /* end of the highest write, for query-blockstats */
    struct BlockOrder *order;       /* order.h: which writes wait; NULL: none has to */
};

/*
 * Hands req to a node: the core checks and aligns it, then calls the driver.
 * The same answers as BlockDriver.submit. For drivers that sit on others and for
 * BlockBackend. A driver that is done with a request at once returns
 * bdrv_submit(bs->file, req).
 */
int bdrv_submit(BlockDriverState *bs, BlockRequest *req);
/* For the core: what bdrv_submit() does with a request that is whole. */
int bdrv_submit_to_driver(BlockDriverState *bs, BlockRequest *req);
/*
 * A driver's request ends: from the loop, never from inside submit(). What the
 * submitter does in done() may cancel any other request.
 */
void block_request_done(BlockRequest *req, int ret);
/* A done() runs in this thread, so a driver is on the stack: no node goes away now. */
bool block_is_completing(void);
/* A driver that had req, and sits on another node, hands it on. From the loop, too. */
void block_request_pass_on(BlockRequest *req);
/*
 * The length has changed, or another one is to be seen: asks getlength() and
 * tells the nodes and devices above. Node's context entered; main or domain.
 */
int bdrv_refresh_length(BlockDriverState *bs);
/* Another length, if the driver can. Main thread, the node's context entered. */
bool bdrv_truncate(BlockDriverState *bs, int64_t size, Error **errp);

#endif
