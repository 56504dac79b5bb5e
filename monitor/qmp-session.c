/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of a QMP session.
 *
 * Input is taken in chunks. Of a chunk, requests are answered until the output
 * queue is above its mark; the rest waits for the client to read, and so does
 * everything behind it, in the kernel. Nothing here waits.
 *
 * `busy` is set while requests are being answered. A handler may run the event
 * loop nested; input that turns up then is left where it is.
 */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "dispatch.h"
#include "fds.h"
#include "json-framer.h"
#include "out-queue.h"
#include "qmp-session.h"
#include "trace.h"

struct QmpSession {
    QmpSessionConfig config;
    IOChannel *ch;
    JsonFramer framer;
    OutQueue out;
    MonitorFds fds;
    bool negotiated;
    bool busy;
    bool broken;                /* to be freed when not busy */
    size_t chunk_pos, chunk_len;
    char chunk[4096];
};

static void update_ready(QmpSession *s);

/* QMP ends with CR LF. */
static char *to_text(QmpSession *s, JsonObject *obj, gsize *len)
{
    char *text = s->config.pretty ? qapi_json_print_object_pretty(obj) :
                 qapi_json_print_object(obj);

    *len = strlen(text) + 2;
    text = g_realloc(text, *len + 1);
    memcpy(text + *len - 2, "\r\n", 3);
    return text;
}

static void send_object(QmpSession *s, JsonObject *obj)
{
    gsize len;
    g_autofree char *text = to_text(s, obj, &len);

    trace_qmp_send(s, (unsigned)len, text);
    out_queue_put(&s->out, text, len);
}

static void send_lost_notice(QmpSession *s)
{
    g_autoptr(JsonObject) notice = json_object_new();
    JsonObject *data = json_object_new();
    JsonObject *when = json_object_new();
    int64_t now = g_get_real_time();

    json_object_set_int_member(when, "seconds", now / G_USEC_PER_SEC);
    json_object_set_int_member(when, "microseconds", now % G_USEC_PER_SEC);
    json_object_set_int_member(data, "count", s->out.lost_events);
    json_object_set_string_member(notice, "event", "X_EVENTS_LOST");
    json_object_set_object_member(notice, "data", data);
    json_object_set_object_member(notice, "timestamp", when);
    s->out.lost_events = 0;
    send_object(s, notice);
}

static void flush(QmpSession *s)
{
    int ret = out_queue_flush(&s->out, s->ch);

    if (ret == 0 && s->out.lost_events) {
        send_lost_notice(s);
        ret = out_queue_flush(&s->out, s->ch);
    }
    if (ret < 0 && ret != -EAGAIN) {
        s->broken = true;
    }
}

static void hang_up(QmpSession *s)
{
    s->config.closed(s, s->config.opaque);
    qmp_session_free(s);
}

static void answer(QmpSession *s)
{
    MonitorFds *outer = monitor_fds_enter(&s->fds);
    bool malformed;
    g_autoptr(JsonObject) reply = NULL;

    trace_qmp_receive(s, (unsigned)s->framer.text->len, s->framer.text->str);
    reply = qmp_dispatch(s->framer.text->str, s->framer.text->len,
                         &s->negotiated, &malformed);
    monitor_fds_enter(outer);
    monitor_fds_answered(&s->fds);
    if (reply) {
        send_object(s, reply);
    }
    if (malformed && s->config.distrust && !s->negotiated) {
        s->broken = true;
    }
}

static void refuse(QmpSession *s, Error *err)
{
    g_autoptr(JsonObject) reply = qmp_error_reply(err);

    send_object(s, reply);
    if (s->config.distrust && !s->negotiated) {
        s->broken = true;
    }
}

static bool may_answer(const QmpSession *s)
{
    return !s->broken && out_queue_pending(&s->out) < OUT_QUEUE_HIGH;
}

/* Answers what is in the chunk as far as the output queue allows. */
static void work_off(QmpSession *s)
{
    while (s->chunk_pos < s->chunk_len && may_answer(s)) {
        Error *err = NULL;
        size_t used;
        JsonFramerResult r = json_framer_feed(&s->framer, s->chunk + s->chunk_pos,
                                              s->chunk_len - s->chunk_pos, &used, &err);
        s->chunk_pos += used;
        if (r == JSON_FRAMER_MESSAGE) {
            answer(s);
        } else if (r == JSON_FRAMER_ERROR) {
            refuse(s, err);
        }
    }
}

static void refill(QmpSession *s)
{
    IOFdList fds;
    ssize_t n;

    if (s->chunk_pos < s->chunk_len) {
        return;
    }
    n = io_channel_read_fds(s->ch, s->chunk, sizeof(s->chunk), &fds);
    if (n > 0) {
        monitor_fds_arrive(&s->fds, &fds);
    }
    s->chunk_pos = 0;
    s->chunk_len = MAX(n, 0);
    if (n == 0 || (n < 0 && n != -EAGAIN)) {
        s->broken = true;
    }
}

static void session_ready(void *opaque)
{
    QmpSession *s = opaque;

    if (s->busy) {
        update_ready(s);
        return;
    }
    s->busy = true;
    flush(s);
    if (may_answer(s)) {
        refill(s);
    }
    do {
        work_off(s);
        flush(s);
    } while (s->chunk_pos < s->chunk_len && may_answer(s));
    s->busy = false;
    if (s->broken) {
        hang_up(s);
    } else {
        update_ready(s);
    }
}

/*
 * What is left of a chunk has no readiness of its own, but it is left only
 * when the output queue is full: then writability brings us back.
 */
static void update_ready(QmpSession *s)
{
    bool read = !s->busy && out_queue_pending(&s->out) < OUT_QUEUE_HIGH;
    bool write = !s->busy && out_queue_pending(&s->out);

    io_channel_set_ready(s->ch, s->config.ctx, read ? session_ready : NULL,
                         write ? session_ready : NULL, s);
}

QmpSession *qmp_session_new(IOChannel *ch, const QmpSessionConfig *config)
{
    g_autoptr(JsonObject) greeting = qmp_greeting();
    QmpSession *s = g_new0(QmpSession, 1);

    s->config = *config;
    s->ch = ch;
    json_framer_init(&s->framer);
    out_queue_init(&s->out);
    monitor_fds_init(&s->fds);
    send_object(s, greeting);
    /* A failure shows when the loop finds the channel readable. */
    out_queue_flush(&s->out, s->ch);
    update_ready(s);
    return s;
}

void qmp_session_free(QmpSession *s)
{
    out_queue_flush(&s->out, s->ch);
    io_channel_free(s->ch);
    json_framer_clear(&s->framer);
    out_queue_clear(&s->out);
    monitor_fds_clear(&s->fds);
    g_free(s);
}

void qmp_session_event(QmpSession *s, JsonObject *event)
{
    gsize len;
    g_autofree char *text = NULL;

    if (!s->negotiated) {
        return;
    }
    text = to_text(s, event, &len);
    if (out_queue_put_event(&s->out, text, len) && !s->busy) {
        out_queue_flush(&s->out, s->ch);
        update_ready(s);
    }
}
