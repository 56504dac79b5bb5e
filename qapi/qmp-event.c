/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue between whoever has an event and the monitor in the main context.
 * One bottom half of the main context is on its way whenever something waits
 * and somebody listens.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/qmp-event.h"

static struct {
    QemuMutex lock;
    GQueue waiting;         /* of JsonObject, owned */
    bool bh_scheduled;
    uint64_t dropped;
    QmpEventSink *sink;
    void *sink_opaque;
} events = { .lock = QEMU_MUTEX_INITIALIZER, .waiting = G_QUEUE_INIT };

static void dispatch_bh(void *opaque)
{
    qmp_event_dispatch();
}

/* With the lock held. */
static void schedule_dispatch(void)
{
    AioContext *ctx = aio_context_main();

    if (ctx && events.sink && !events.bh_scheduled && events.waiting.length) {
        events.bh_scheduled = true;
        aio_bh_schedule_oneshot(ctx, dispatch_bh, NULL);
    }
}

static JsonObject *timestamp_now(void)
{
    gint64 us = g_get_real_time();
    JsonObject *ts = json_object_new();

    json_object_set_int_member(ts, "seconds", us / G_USEC_PER_SEC);
    json_object_set_int_member(ts, "microseconds", us % G_USEC_PER_SEC);
    return ts;
}

void qmp_event_emit(const char *name, JsonObject *data)
{
    JsonObject *event = json_object_new();

    json_object_set_object_member(event, "timestamp", timestamp_now());
    json_object_set_string_member(event, "event", name);
    if (data && json_object_get_size(data)) {
        json_object_set_object_member(event, "data", data);
    } else if (data) {
        json_object_unref(data);
    }

    qemu_mutex_lock(&events.lock);
    if (events.waiting.length == QMP_EVENT_QUEUE_MAX) {
        json_object_unref(g_queue_pop_head(&events.waiting));
        events.dropped++;
    }
    g_queue_push_tail(&events.waiting, event);
    schedule_dispatch();
    qemu_mutex_unlock(&events.lock);
}

void qmp_event_set_sink(QmpEventSink *sink, void *opaque)
{
    qemu_mutex_lock(&events.lock);
    events.sink = sink;
    events.sink_opaque = opaque;
    schedule_dispatch();
    qemu_mutex_unlock(&events.lock);
}

/* The next event and who takes it; NULL when nothing is to be done. */
static JsonObject *next_event(QmpEventSink **sink, void **opaque)
{
    JsonObject *event = NULL;

    qemu_mutex_lock(&events.lock);
    *sink = events.sink;
    *opaque = events.sink_opaque;
    if (*sink) {
        event = g_queue_pop_head(&events.waiting);
    }
    qemu_mutex_unlock(&events.lock);
    return event;
}

/* How many wait. What comes now finds the bottom half on its way. */
static unsigned begin_dispatch(void)
{
    unsigned n;

    qemu_mutex_lock(&events.lock);
    events.bh_scheduled = true;
    n = events.waiting.length;
    qemu_mutex_unlock(&events.lock);
    return n;
}

static void end_dispatch(void)
{
    qemu_mutex_lock(&events.lock);
    events.bh_scheduled = false;
    schedule_dispatch();
    qemu_mutex_unlock(&events.lock);
}

/* Domains whose clients come and go may emit as fast as this takes: it ends all the same. */
void qmp_event_dispatch(void)
{
    unsigned left = begin_dispatch();
    QmpEventSink *sink;
    void *opaque;
    JsonObject *event;

    while (left-- && (event = next_event(&sink, &opaque))) {
        sink(event, opaque);
        json_object_unref(event);
    }
    end_dispatch();
}

uint64_t qmp_event_dropped(void)
{
    uint64_t n;

    qemu_mutex_lock(&events.lock);
    n = events.dropped;
    qemu_mutex_unlock(&events.lock);
    return n;
}
