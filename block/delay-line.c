/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that wait for a time. */
#include "qemu/osdep.h"
#include "delay-line.h"

static int64_t deadline(const BlockRequest *req)
{
    return (intptr_t)req->state[0];
}

static void set_timer(BlockDelayLine *line)
{
    BlockRequest *first = QTAILQ_FIRST(&line->queue);

    if (first) {
        timer_mod_ns(&line->timer, deadline(first));
    } else {
        timer_del(&line->timer);
    }
}

static void timer_cb(void *opaque)
{
    BlockDelayLine *line = opaque;
    int64_t now = qemu_clock_get_ns(block_clock());
    BlockRequest *req;

    /* What due() adds is due later than now, so this comes to an end. */
    while ((req = QTAILQ_FIRST(&line->queue)) && deadline(req) <= now) {
        QTAILQ_REMOVE(&line->queue, req, link);
        line->due(line->opaque, req);
    }
    set_timer(line);
}

void block_delay_line_init(BlockDelayLine *line, BlockDelayDue *due, void *opaque)
{
    QTAILQ_INIT(&line->queue);
    line->due = due;
    line->opaque = opaque;
}

void block_delay_line_attach(BlockDelayLine *line, AioContext *ctx)
{
    aio_timer_init(ctx, &line->timer, block_clock(), SCALE_NS, timer_cb, line);
}

void block_delay_line_detach(BlockDelayLine *line)
{
    assert(QTAILQ_EMPTY(&line->queue));
    timer_deinit(&line->timer);
}

void block_delay_line_add(BlockDelayLine *line, BlockRequest *req, int64_t ns)
{
    bool alone = QTAILQ_EMPTY(&line->queue);

    req->state[0] = (void *)(intptr_t)(qemu_clock_get_ns(block_clock()) + ns);
    QTAILQ_INSERT_TAIL(&line->queue, req, link);
    if (alone) {
        set_timer(line);
    }
}

void block_delay_line_remove(BlockDelayLine *line, BlockRequest *req)
{
    bool was_first = req == QTAILQ_FIRST(&line->queue);

    QTAILQ_REMOVE(&line->queue, req, link);
    if (was_first) {
        set_timer(line);
    }
}
