/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events for the management client.  Any thread may emit; the sink, which the
 * monitor sets, is called in the main context, in the order of emission.
 * Events wait in a bounded queue, also while there is no sink: when it is full
 * the oldest are dropped and counted.
 *
 * Locking: one mutex guards the queue and the sink pointer.
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

/* @data is moved; NULL or empty: no data member.  The time stamp is that of the call. */
void qmp_event_emit(const char *name, JsonObject *data);

/* NULL removes.  What waits already is delivered from the main loop. */
void qmp_event_set_sink(QmpEventSink *sink, void *opaque);

/* Main context: hands what waits to the sink now (before the process ends). What is
 * emitted meanwhile comes with the loop's next turn. */
void qmp_event_dispatch(void);
/* Events dropped because nobody took them. */
uint64_t qmp_event_dropped(void);

#endif
