/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events for the management client.  Any thread may emit; the sink, which the
 * monitor sets, is called in the main context, in the order of emission.
 * Without a sink events wait in a bounded queue: when it is full the oldest
 * are dropped and counted.
 *
 * Locking: one mutex guards the queue, the sink pointer and the kick.
 * Lock order: innermost; the sink is called without it.
 */
#ifndef QAPI_QMP_EVENT_H
#define QAPI_QMP_EVENT_H

#include <json-glib/json-glib.h>

/* How many events wait at most. */
#define QMP_EVENT_QUEUE_MAX 1024

/*
 * @event: the whole message {"event": ..., "data": ..., "timestamp": ...};
 * borrowed for the call.
 */
typedef void QmpEventSink(JsonObject *event, void *opaque);

/* @data is moved; NULL: no data member.  The time stamp is that of the call. */
void qmp_event_emit(const char *name, JsonObject *data);

/* NULL removes.  What waits is delivered at the next qmp_event_dispatch(). */
void qmp_event_set_sink(QmpEventSink *sink, void *opaque);

/*
 * @kick is called from any thread when the queue stops being empty; it has to
 * arrange that qmp_event_dispatch() runs in the main context.
 */
void qmp_event_set_kick(void (*kick)(void *opaque), void *opaque);
/* Main context: hands everything that waits to the sink. */
void qmp_event_dispatch(void);
/* Events dropped because nobody took them. */
uint64_t qmp_event_dropped(void);

#endif
