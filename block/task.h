/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request that a driver does not take as it is, and the whole requests that
 * are made of it, one segment after the other. Locking: the node's context.
 */
#ifndef BLOCK_TASK_H
#define BLOCK_TASK_H

#include "block-int.h"

/* As bdrv_submit(); of a request that is inside the node and not empty. */
int block_task_submit(BlockDriverState *bs, BlockRequest *req);
/* For the node's BlockOrder. */
void block_task_turn(BlockRange *range);

#endif
