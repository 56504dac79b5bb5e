/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses a node, for what, and what it lets others do.
 *
 * The parents of a node are block back ends and nodes. What a node that sits on
 * another one asks of it is what its own parents ask of it. Main context.
 */
#ifndef BLOCK_PERM_H
#define BLOCK_PERM_H

#include "block-int.h"

typedef struct BlockParent {
    BlockDriverState *bs;           /* the node that is used */
    BlockDriverState *node;         /* by this one; NULL: by blk */
    BlockBackend *blk;
    uint64_t perm, shared;          /* BLK_PERM_...; of a blk, for a node they follow */
} BlockParent;

/* Takes a reference; the use begins without permissions. */
BlockParent *block_parent_new(BlockDriverState *bs, BlockDriverState *node, BlockBackend *blk);
void block_parent_free(BlockParent *parent);

/* For the parent of a blk. false with errp set: nothing has changed. */
bool block_parent_set_perm(BlockParent *parent, uint64_t perm, uint64_t shared, Error **errp);
/* Nobody minds that the length of bs changes. */
bool bdrv_may_resize(const BlockDriverState *bs, Error **errp);

#endif
