/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "order.h"

struct BlockOrder {
    QTAILQ_HEAD(, BlockRange) ranges;   /* oldest first */
    unsigned exclusive;                 /* how many of them are */
    unsigned waiting;
    BlockOrderTurn *turn;
    QEMUBH *bh;                         /* gives turns */
};

BlockOrder *block_order_new(BlockOrderTurn *turn)
{
    BlockOrder *order = g_new0(BlockOrder, 1);

    QTAILQ_INIT(&order->ranges);
    order->turn = turn;
    return order;
}

void block_order_free(BlockOrder *order)
{
    if (order) {
        g_assert(QTAILQ_EMPTY(&order->ranges));
        block_order_set_context(order, NULL);
        g_free(order);
    }
}

static bool conflict(const BlockRange *a, const BlockRange *b)
{
    return (a->exclusive || b->exclusive) && a->start < b->end && b->start < a->end;
}

/* Those before `end`; NULL: all. */
static bool is_free_of(const BlockOrder *order, const BlockRange *range, const BlockRange *end)
{
    const BlockRange *other;

    if (!order->exclusive && !range->exclusive) {
        return true;
    }
    QTAILQ_FOREACH(other, &order->ranges, next) {
        if (other == end) {
            break;
        }
        if (conflict(other, range)) {
            return false;
        }
    }
    return true;
}

bool block_order_is_free(const BlockOrder *order, const BlockRange *range)
{
    return is_free_of(order, range, NULL);
}

bool block_order_enter(BlockOrder *order, BlockRange *range)
{
    range->waiting = !is_free_of(order, range, NULL);
    range->listed = true;
    QTAILQ_INSERT_TAIL(&order->ranges, range, next);
    order->exclusive += range->exclusive;
    order->waiting += range->waiting;
    return !range->waiting;
}

void block_order_leave(BlockOrder *order, BlockRange *range)
{
    QTAILQ_REMOVE(&order->ranges, range, next);
    order->exclusive -= range->exclusive;
    order->waiting -= range->waiting;
    range->listed = range->waiting = false;
    if (order->waiting) {
        qemu_bh_schedule(order->bh);
    }
}

static BlockRange *next_turn(const BlockOrder *order)
{
    BlockRange *range;

    QTAILQ_FOREACH(range, &order->ranges, next) {
        if (range->waiting && is_free_of(order, range, range)) {
            return range;
        }
    }
    return NULL;
}

/* From the start again each time: a turn may end any other range. */
static void give_turns(void *opaque)
{
    BlockOrder *order = opaque;
    BlockRange *range;

    while ((range = next_turn(order))) {
        range->waiting = false;
        order->waiting--;
        order->turn(range);
    }
}

void block_order_set_context(BlockOrder *order, AioContext *ctx)
{
    if (order->bh) {
        qemu_bh_delete(order->bh);
        order->bh = NULL;
    }
    if (ctx) {
        order->bh = aio_bh_new(ctx, give_turns, order);
        if (order->waiting) {
            qemu_bh_schedule(order->bh);
        }
    }
}
