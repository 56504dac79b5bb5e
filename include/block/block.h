/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that device models may want to know about nodes. */
#ifndef BLOCK_H
#define BLOCK_H

#include "block/block-common.h"
#include "block/block-global-state.h"
#include "block/block-io.h"

#endif
