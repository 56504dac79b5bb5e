/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nodes have in common that show the node below them, and their QMP commands. */
#ifndef BLOCK_FILTER_H
#define BLOCK_FILTER_H

#include "block-int.h"

/* For the end of open(): as the node below is, so is this one. True. */
bool filter_open(BlockDriverState *bs);
/* The cancel() of a driver that hands every request on, and so never has one. */
void filter_never_cancel(BlockDriverState *bs, BlockRequest *req);
int64_t filter_getlength(BlockDriverState *bs);
bool filter_truncate(BlockDriverState *bs, int64_t size, Error **errp);
int64_t filter_allocated_size(BlockDriverState *bs);

/* In a BlockDriver: what a node says that is as large as the one below. */
#define FILTER_PASSES_ON                                                     \
    .getlength = filter_getlength,                                           \
    .truncate = filter_truncate,                                             \
    .allocated_size = filter_allocated_size

/* The node of that name and driver, for a QMP command; borrowed. NULL with errp set. */
BlockDriverState *filter_find(const char *node_name, const BlockDriver *driver, Error **errp);

#endif
