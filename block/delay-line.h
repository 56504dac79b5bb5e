/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that wait for a time, in the order in which they came. Several
 * drivers let time pass; each has one line and says what happens afterwards.
 *
 * While a request is in the line its link and state[0] are the line's.
 *
 * Locking: the lock of the context that the line is attached to.
 */
#ifndef BLOCK_DELAY_LINE_H
#define BLOCK_DELAY_LINE_H

#include "block/aio.h"
#include "block/request.h"

typedef void BlockDelayDue(void *opaque, BlockRequest *req);

typedef struct BlockDelayLine {
    QTAILQ_HEAD(, BlockRequest) queue;  /* the first is due first */
    QEMUTimer timer;
    BlockDelayDue *due;
    void *opaque;
} BlockDelayLine;

/*
 * The clock of what the block layer does after some time: real time, as disks
 * know no guest that stands still; but a test that moves the virtual clock by
 * hand (qtest) moves this one with it.
 */
static inline QEMUClockType block_clock(void)
{
    return qemu_clock_is_by_hand() ? QEMU_CLOCK_VIRTUAL : QEMU_CLOCK_REALTIME;
}

/* due() is called from the loop, for a request that has left the line. */
void block_delay_line_init(BlockDelayLine *line, BlockDelayDue *due, void *opaque);
/* The line is empty when it changes its context, and when it goes: by detach alone. */
void block_delay_line_attach(BlockDelayLine *line, AioContext *ctx);
void block_delay_line_detach(BlockDelayLine *line);

/* ns: the same for all requests of a line, or they leave late. */
void block_delay_line_add(BlockDelayLine *line, BlockRequest *req, int64_t ns);
void block_delay_line_remove(BlockDelayLine *line, BlockRequest *req);

#endif
