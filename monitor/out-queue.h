/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes on their way to a monitor client.
 *
 * A client that does not read must not make memory grow. Replies are bounded
 * by their requests: above OUT_QUEUE_HIGH no further request is looked at.
 * Events come unasked: above OUT_QUEUE_EVENTS they are dropped and counted,
 * and the client is told the count when it reads again.
 */
#ifndef MONITOR_OUT_QUEUE_H
#define MONITOR_OUT_QUEUE_H

#include "io/channel.h"

#define OUT_QUEUE_HIGH (64 * 1024)
#define OUT_QUEUE_EVENTS (256 * 1024)

typedef struct OutQueue {
    GString *bytes;
    size_t sent;                /* of bytes */
    uint64_t lost_events;
} OutQueue;

void out_queue_init(OutQueue *q);
void out_queue_clear(OutQueue *q);
void out_queue_put(OutQueue *q, const char *text, size_t len);
/* false: dropped and counted. */
bool out_queue_put_event(OutQueue *q, const char *text, size_t len);
size_t out_queue_pending(const OutQueue *q);
/* 0 when all is written, -EAGAIN when some is left, another -errno: broken. */
int out_queue_flush(OutQueue *q, IOChannel *ch);

#endif
