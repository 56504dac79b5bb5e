/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which writes of a node have to wait for which.
 *
 * A write that is not made of whole blocks reads them, changes a part and writes
 * them back. Whatever else is written there meanwhile would be lost, so its blocks
 * are exclusive: it waits for all earlier writes that overlap, and later ones wait
 * for it. Only earlier ones are waited for, so nobody waits in a circle.
 *
 * Locking: the node's context. A node whose blocks are single bytes has none.
 */
#ifndef BLOCK_ORDER_H
#define BLOCK_ORDER_H

#include "block-int.h"

typedef struct BlockOrder BlockOrder;
/* The wait of a range is over; called from the loop. */
typedef void BlockOrderTurn(BlockRange *range);

BlockOrder *block_order_new(BlockOrderTurn *turn);
/* Nothing is listed any more. */
void block_order_free(BlockOrder *order);
/* The loop in which turns come; NULL: none for now. */
void block_order_set_context(BlockOrder *order, AioContext *ctx);

/* Nothing that is listed is in the way of a range that is not. */
bool block_order_is_free(const BlockOrder *order, const BlockRange *range);
/*
 * Lists the range as the latest. true: it may go at once; false: turn() comes,
 * unless block_order_leave() came first.
 */
bool block_order_enter(BlockOrder *order, BlockRange *range);
void block_order_leave(BlockOrder *order, BlockRange *range);

#endif
