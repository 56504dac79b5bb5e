/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of nodes. Main context. */
#ifndef BLOCK_GRAPH_H
#define BLOCK_GRAPH_H

#include "block/block.h"
#include "block-int.h"

/*
 * Opens a node and what is inline below it. The caller gets a reference. A name
 * that nobody gave is made up. NULL with errp set: nothing is left.
 */
BlockDriverState *bdrv_open_node(const BlockdevOptions *options, Error **errp);
/* The same with a driver that need not be registered; NULL: an error, too. */
BlockDriverState *bdrv_new_open_driver(const BlockDriver *drv, const BlockdevOptions *options,
                                       Error **errp);
/* All nodes in the order in which they came; NULL: the first. */
BlockDriverState *bdrv_next_node(BlockDriverState *bs);
/* A name that neither a node nor a drive has, and that a user may give. */
bool bdrv_check_name(const char *name, Error **errp);

/* ---- home.c ---- */

/*
 * Brings the node, with all that is above and below, to ctx. false with errp
 * set: a user of it is somewhere else. `self`: the user that asks; may be NULL.
 */
bool bdrv_move(BlockDriverState *bs, AioContext *ctx, const BlockBackend *self, Error **errp);
/* To the main context when no device uses it any more. */
void bdrv_move_home(BlockDriverState *bs);
/* What a driver and the order of writes need in bs->ctx; and to be without it. */
void bdrv_settle(BlockDriverState *bs);
void bdrv_unsettle(BlockDriverState *bs);

/* ---- limits.c ---- */

/* Asks the driver for its limits, and sets what request.c looks at. Length known. */
bool bdrv_refresh_limits(BlockDriverState *bs, Error **errp);

#endif
