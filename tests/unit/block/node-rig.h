/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes from the text of -blockdev, and requests to them, for tests of drivers. */
#ifndef TESTS_UNIT_BLOCK_NODE_RIG_H
#define TESTS_UNIT_BLOCK_NODE_RIG_H

#include "qemu/osdep.h"
#include "block/block.h"
#include "block/block-int.h"
#include "block/graph.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

/* The main context is entered from here on. */
void rig_init(int *argc, char ***argv);

/* A node, or NULL with errp set. */
BlockDriverState *rig_open(const char *blockdev, Error **errp);
/* What is said when it cannot be opened. */
void rig_expect_refusal(const char *blockdev, const char *text);

/* A request with a buffer of its own. result: BLOCK_PENDING until it has ended. */
typedef struct RigRequest {
    BlockRequest req;
    struct iovec iov;
    int result;
    unsigned ends;              /* how often done() was called */
    unsigned order;             /* when it ended, among all */
} RigRequest;

/* data: written, or the buffer's content before a read; NULL: zeroes. For flush: bytes 0. */
RigRequest *rig_request(BlockOp op, int64_t offset, int64_t bytes, const void *data);
void rig_free(RigRequest *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RigRequest, rig_free)
/* What bdrv_submit() answered; the result, when it is not BLOCK_PENDING, is noted too. */
int rig_submit(BlockDriverState *bs, RigRequest *r);
/* Until it has ended; its result. */
int rig_wait(RigRequest *r);
/* All three. */
int rig_do(BlockDriverState *bs, BlockOp op, int64_t offset, int64_t bytes, const void *data);
/* Writes `fill`, and expects to read it. */
void rig_fill(BlockDriverState *bs, int64_t offset, int64_t bytes, uint8_t fill);
void rig_expect(BlockDriverState *bs, int64_t offset, int64_t bytes, uint8_t fill);
/* Everything that is due now has happened. */
void rig_settle(void);

#endif
