/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits that a drive has of its own. Main context, no domain entered. */
#ifndef BLOCK_BACKEND_THROTTLE_H
#define BLOCK_BACKEND_THROTTLE_H

#include "qapi/qapi-types-block-core.h"
#include "sysemu/block-backend.h"
#include "throttle-bucket.h"

/*
 * The limits of blk, and of all that are in the same group. group NULL: the one
 * that it is in, else one with the name of the drive or its device. No limits at
 * all: it leaves its group. config is one that was checked.
 */
void blk_set_throttle(BlockBackend *blk, const char *group, const ThrottleConfig *config);
/* The name of its group; borrowed. NULL: no limits, and config is left alone. */
const char *blk_get_throttle(BlockBackend *blk, ThrottleConfig *config);
/* For query-block. */
void blk_show_throttle(BlockBackend *blk, BlockDeviceInfo *info);

#endif
