/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver for tests of the core: bytes in memory, limits of the test's choice, and
 * requests that end when, and in the order in which, the test says so.
 *
 * A write that is taken back may have left: it stays as an orphan that arrives
 * later, or never, and what overlaps it waits until it has.
 */
#ifndef TEST_BLOCK_MEDIUM_H
#define TEST_BLOCK_MEDIUM_H

#include "qemu/osdep.h"
#include "block/block-int.h"
#include "block/graph.h"
#include "qapi/error.h"

typedef struct Medium {
    /* The test's, before medium_open(). */
    int64_t length;
    BlockLimits limits;
    bool at_once;               /* requests end in submit() */
    bool zeroes, discards;      /* has a way for them */
    bool fua;
    bool no_memory;             /* it will not be read or written */

    uint8_t *bytes;
    GPtrArray *pending;         /* of MediumRequest, oldest first */
    BlockDriverState *bs;
    int error;                  /* the next request fails with it; 0: none */
    unsigned count[BLOCK_OP__MAX];
    unsigned fua_writes;
    int64_t longest;            /* bytes of a read or write */
    bool flushed;               /* since the last write */
} Medium;

/* A node of that name on m, which is set up. NULL with errp set. */
BlockDriverState *medium_open(Medium *m, const char *name, Error **errp);
BlockDriverState *medium_open_with(Medium *m, BlockdevOptions *options, Error **errp);
/* After the node has gone. */
void medium_clear(Medium *m);

/* Requests that may end now: not held back by an orphan. */
unsigned medium_ready(Medium *m);
/* The nth of them ends; so do orphans that are chosen. */
void medium_end(Medium *m, unsigned nth);
/* Until nothing is under way; turns the loop. */
void medium_end_all(Medium *m);

#endif
