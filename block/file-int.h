/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the drivers `file` and `host_device`. From the top:
 *
 *   FileNode     a node's side: its AioContext, its engine, requests held back
 *   FileOp       one request on its way; outlives it when the request is cancelled
 *   FileIo       the part of it that an engine sees: one call for the kernel
 *   FileEngine   io_uring (uring.c), native (aio-native.c), threads (file-threads.c)
 *   FileLoop     what all nodes in one AioContext share: buffers, threads, rings
 *   FileMedium   the open file with its locks; closed when the last operation has
 *                ended, cancelled ones included
 *
 * A cancelled operation that the kernel has already is an orphan. Its buffer is
 * ours, so nobody waits for it; but what overlaps an orphan that changes the
 * medium is held back until it has ended.
 *
 * Lock order: the node's context, then a medium's lock or the list of loops, leaves.
 */
#ifndef BLOCK_FILE_INT_H
#define BLOCK_FILE_INT_H

#include "block/block-int.h"
#include "block/thread-pool.h"
#include "file-buffers.h"
#include <libaio.h>

typedef struct FileEngine FileEngine;
typedef struct FileIo FileIo;
typedef struct FileLoop FileLoop;
typedef struct FileMedium FileMedium;
typedef struct FileNode FileNode;
typedef struct FileOp FileOp;

/* ---- engines ---- */

typedef enum FileIoKind {
    FILE_IO_READ,
    FILE_IO_WRITE,
    FILE_IO_SYNC,
    FILE_IO_DISCARD,            /* from here on: always by threads */
    FILE_IO_ZEROES,
    FILE_IO_TRUNCATE,           /* offset is the new length */
    FILE_IO_STATUS,             /* len becomes that of the first extent, `hole` what it is */
    FILE_IO__MAX,
} FileIoKind;

struct FileIo {
    FileIoKind kind;
    int fd;
    bool dsync;                 /* write: on the medium before it ends */
    bool slow;                  /* a first try was refused: let it wait in a thread */
    BdrvRequestFlags flags;     /* zeroes */
    bool hole;
    FileMedium *medium;
    uint64_t offset, len;
    void *buf;
    int registered;             /* FileBuffer.registered */
    /* From the loop: bytes or -errno. */
    void (*done)(FileIo *io, int64_t result);

    /* The engine's. */
    union {
        ThreadWork work;
        struct {
            QTAILQ_ENTRY(FileIo) link;
            bool queued;
            struct iocb iocb;
        };
    };
};

struct FileEngine {
    const char *name;
    /* Can it be used at all? Main thread. */
    bool (*probe)(bool direct, Error **errp);
    /* Makes what a loop needs for it, once; false: threads have to do. */
    bool (*join)(FileLoop *loop);
    void (*submit)(FileLoop *loop, FileIo *io);
    /* true: the kernel has not seen it and will not, done() does not come. */
    bool (*withdraw)(FileLoop *loop, FileIo *io);
};
extern const FileEngine file_engine_uring, file_engine_native, file_engine_threads;

/* ---- the medium ---- */

struct FileMedium {
    unsigned refs;              /* atomic: the node and every orphan */
    int fd;
    char *name;
    bool block_device;
    bool direct;
    int close_wait_ms;          /* 0 once there is an orphan: its end comes in some loop */
    bool has_dsync;             /* a write with RWF_DSYNC does what it says: file-limits.c */
    bool waits;                 /* though told not to: never call it from a loop */
    uint32_t align;             /* of offset and length with O_DIRECT, else 1 */
    uint32_t sector;            /* of a block device: of discards and zeroing */
    bool no_discard, no_zero_range, no_punch;    /* atomic: the kernel said so once */
    int sync_error;             /* atomic: see file-op.c */

    QemuMutex lock;             /* what follows */
    QTAILQ_HEAD(, FileOp) orphans;      /* those that change the medium */
    unsigned nr_orphans;        /* atomic to read; grows in the node's context only */
    QEMUBH *orphan_ended;       /* the node's; NULL: nobody asks */
};

/* What options name, opened as bs wants it, and locked; bs->read_only may become true. */
FileMedium *file_medium_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp);
/* The last one closes it; from the node's close() that takes CLOSE_WAIT_MS at most. */
void file_medium_unref(FileMedium *m);
/* file-close.c: by a thread; waits up to wait_ms for it. */
void file_close_fd(int fd, int wait_ms);

/* file-lock.c: as QEMU's locks. true also where `auto` finds that there are none. */
bool file_lock(int fd, const char *name, bool read_only, bool force_share, OnOffAuto locking,
               Error **errp);

/* file-limits.c */
/* For tests: all media are taken for prompt ones, so that FUSE meets io_uring, too. */
extern bool file_trust_all_media;
bool file_probe_alignment(FileMedium *m, Error **errp);
void file_refresh_limits(BlockDriverState *bs);

/* file-size.c */
int64_t file_getlength(BlockDriverState *bs);
int64_t file_allocated_size(BlockDriverState *bs);
bool file_truncate(BlockDriverState *bs, int64_t size, Error **errp);

/* file-range.c: in a thread. 0 or -errno. */
int file_discard(FileMedium *m, uint64_t offset, uint64_t len);
int file_write_zeroes(FileMedium *m, uint64_t offset, uint64_t len, BdrvRequestFlags flags);
/* Is it a hole at offset, and how far, at most *len. */
int file_status(FileMedium *m, uint64_t offset, uint64_t *len, bool *hole);

/* ---- one loop ---- */

struct FileLoop {
    AioContext *ctx;            /* a reference; the main one once all nodes have left */
    unsigned users;             /* nodes; the list's lock */
    unsigned busy;              /* its own frames on some stack: do not free */
    unsigned in_flight;         /* operations that an engine has */
    bool listed;
    FileBuffers *buffers;
    ThreadPool *pool;
    struct Uring *uring;
    struct AioNative *native;
    QTAILQ_HEAD(, FileOp) waiting;      /* for a buffer, first come first served */
    QSLIST_HEAD(, FileOp) free_ops;
    unsigned nr_free_ops;
    QLIST_ENTRY(FileLoop) link;
};

/* The context's; made for the first user. */
FileLoop *file_loop_join(AioContext *ctx);
/* The last user's leave frees it, or leaves it to the main loop while there are orphans. */
void file_loop_leave(FileLoop *loop);
/* Around callbacks after which the caller looks at the loop again. */
void file_loop_hold(FileLoop *loop);
void file_loop_release(FileLoop *loop);

/* uring.c, aio-native.c: the loop's instances go, or come to another context. */
void uring_free(struct Uring *u);
void uring_rehome(struct Uring *u, AioContext *ctx);
void aio_native_free(struct AioNative *n);
void aio_native_rehome(struct AioNative *n, AioContext *ctx);

/* ---- operations ---- */

typedef enum FileOpPlace {
    FILE_OP_HELD,               /* in node->held: it overlaps an orphan */
    FILE_OP_WAITING,            /* in loop->waiting */
    FILE_OP_SUBMITTED,
} FileOpPlace;

struct FileOp {
    FileIo io;
    FileNode *node;             /* NULL: an orphan */
    FileMedium *medium;         /* an orphan's is a reference */
    FileLoop *loop;
    BlockRequest *req;          /* NULL: an orphan */
    const FileEngine *engine;
    FileOpPlace place;
    bool changes;               /* the medium */
    bool fua;
    unsigned retries;
    int64_t offset, bytes;      /* all that it covers */
    int64_t moved;
    FileBuffer buf;
    QTAILQ_ENTRY(FileOp) link;  /* of its place; of medium->orphans */
    QSLIST_ENTRY(FileOp) free_link;
};

struct FileNode {
    FileMedium *medium;
    FileLoop *loop;             /* while attached */
    const FileEngine *wanted;   /* by the options */
    const FileEngine *engine;   /* what the loop could make of it */
    QTAILQ_HEAD(, FileOp) held;
};

int file_submit(BlockDriverState *bs, BlockRequest *req);
void file_cancel(BlockDriverState *bs, BlockRequest *req);
/* A request of kind that is not one of BlockOp. */
int file_submit_kind(FileNode *n, BlockRequest *req, FileIoKind kind);
/* Something came free. */
void file_loop_kick(FileLoop *loop);
/* file-orphan.c */
bool file_must_hold(FileNode *n, const FileOp *op);
void file_hold(FileNode *n, FileOp *op);
void file_op_orphan(FileOp *op);
void file_orphan_ended(FileOp *op);
void file_op_begin(FileOp *op);
void file_op_free(FileOp *op);
void file_orphans_attach(FileNode *n, AioContext *ctx);
void file_orphans_detach(FileNode *n);

#endif
