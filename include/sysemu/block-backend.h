/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block layer as device models see it: a BlockBackend is the device's end,
 * and stands on a node. It belongs to one AioContext, that of the device's domain.
 */
#ifndef BLOCK_BACKEND_H
#define BLOCK_BACKEND_H

#include "sysemu/block-backend-global-state.h"
#include "sysemu/block-backend-io.h"

#endif
