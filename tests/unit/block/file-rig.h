/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes opened from option text, and requests on them that a test waits for. */
#ifndef TESTS_UNIT_BLOCK_FILE_RIG_H
#define TESTS_UNIT_BLOCK_FILE_RIG_H

#include "block/block-int.h"
#include "block/graph.h"

/* A fresh folder of this process, removed at its end. */
const char *rig_folder(void);
/* A path in it. */
char *rig_path(const char *name);
/* A file of size bytes there, all of them `fill`. */
char *rig_file(const char *name, size_t size, int fill);

/* From the text of a -blockdev; NULL and errp. */
BlockDriverState *rig_open(Error **errp, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Runs the main loop until *done; fails after a minute. */
void rig_wait(const bool *done);
/* The main loop for that long. */
void rig_run_for_ms(int ms);

/* One request with its memory. */
typedef struct RigRequest {
    BlockRequest req;
    struct iovec iov;
    bool done;
    int ret;
} RigRequest;

/* As bdrv_submit(); done is set at once with an immediate result. */
void rig_submit(BlockDriverState *bs, RigRequest *r, BlockOp op, int64_t offset, void *buf,
                size_t len, BdrvRequestFlags flags);
/* Submitted and waited for. */
int rig_do(BlockDriverState *bs, BlockOp op, int64_t offset, void *buf, size_t len,
           BdrvRequestFlags flags);

/* Engines with what they need, for tests that run with each of them. */
typedef struct RigMode {
    const char *name;
    const char *options;        /* aio=...,cache.direct=... */
    bool direct;
} RigMode;
extern const RigMode rig_modes[];
extern const unsigned rig_nr_modes;
/* fn of each mode as PREFIX/MODE. */
void rig_add_modes(const char *prefix, void (*fn)(const void *mode));

int rig_main(int argc, char **argv, void (*add_tests)(void));

#endif
