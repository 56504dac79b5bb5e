/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection reads until the request's head is complete, then writes the
 * answer and ends. Its timer is there only while it is.
 */
#include "qemu/osdep.h"
#include "metrics/exporter.h"
#include "metrics/http.h"
#include "metrics/text.h"
#include "qemu/timer.h"

typedef struct Client {
    MetricsExporter *exporter;
    IOChannel *channel;
    QEMUTimer deadline;
    size_t received;
    GString *answer;            /* NULL: the request is not complete */
    size_t sent;
    QLIST_ENTRY(Client) next;
    char request[METRICS_HTTP_HEAD_MAX];
} Client;

struct MetricsExporter {
    AioContext *ctx;
    IOListener *listener;
    MetricsCollect *collect;
    void *opaque;
    QLIST_HEAD(, Client) clients;
    unsigned nr_clients;
};

static void on_connection(IOListener *listener, IOChannel *channel, void *opaque);

static void client_free(Client *c)
{
    QLIST_REMOVE(c, next);
    c->exporter->nr_clients--;
    timer_del(&c->deadline);
    timer_deinit(&c->deadline);
    io_channel_free(c->channel);
    if (c->answer) {
        g_string_free(c->answer, TRUE);
    }
    g_free(c);
}

static void end(Client *c)
{
    MetricsExporter *e = c->exporter;

    client_free(c);
    if (e->nr_clients == METRICS_CLIENTS_MAX - 1) {
        io_listener_set_accept(e->listener, e->ctx, on_connection, e);
    }
}

static void on_deadline(void *opaque)
{
    end(opaque);
}

static void on_writable(void *opaque)
{
    Client *c = opaque;
    ssize_t n = io_channel_write(c->channel, c->answer->str + c->sent, c->answer->len - c->sent);

    if (n == -EAGAIN) {
        return;
    }
    if (n > 0) {
        c->sent += n;
    }
    if (n < 0 || c->sent == c->answer->len) {
        end(c);
    }
}

static void answer(Client *c, const MetricsHttpRequest *req)
{
    MetricsExporter *e = c->exporter;
    g_autoptr(GString) body = g_string_new(NULL);

    if (req->status == 200) {
        e->collect(body, e->opaque);
    }
    c->answer = metrics_http_answer(req, METRICS_CONTENT_TYPE, body);
    io_channel_set_ready(c->channel, e->ctx, NULL, on_writable, c);
}

static void on_readable(void *opaque)
{
    Client *c = opaque;
    MetricsHttpRequest req;
    ssize_t n = io_channel_read(c->channel, c->request + c->received,
                                sizeof(c->request) - c->received);

    if (n == -EAGAIN) {
        return;
    }
    if (n <= 0) {
        end(c);
        return;
    }
    c->received += n;
    if (metrics_http_parse(c->request, c->received, &req)) {
        answer(c, &req);
    }
}

static void on_connection(IOListener *listener, IOChannel *channel, void *opaque)
{
    MetricsExporter *e = opaque;
    Client *c = g_new0(Client, 1);

    c->exporter = e;
    c->channel = channel;
    aio_timer_init(e->ctx, &c->deadline, QEMU_CLOCK_REALTIME, SCALE_MS, on_deadline, c);
    timer_mod(&c->deadline, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + METRICS_CLIENT_MS);
    QLIST_INSERT_HEAD(&e->clients, c, next);
    io_channel_set_ready(channel, e->ctx, on_readable, NULL, c);
    if (++e->nr_clients == METRICS_CLIENTS_MAX) {
        io_listener_set_accept(listener, NULL, NULL, NULL);
    }
}

MetricsExporter *metrics_exporter_new(AioContext *ctx, IOListener *listener,
                                      MetricsCollect *collect, void *opaque)
{
    MetricsExporter *e = g_new0(MetricsExporter, 1);

    e->ctx = ctx;
    e->listener = listener;
    e->collect = collect;
    e->opaque = opaque;
    QLIST_INIT(&e->clients);
    io_listener_set_accept(listener, ctx, on_connection, e);
    return e;
}

void metrics_exporter_free(MetricsExporter *e)
{
    Client *c, *next;

    if (!e) {
        return;
    }
    io_listener_free(e->listener);
    QLIST_FOREACH_SAFE(c, &e->clients, next, next) {
        client_free(c);
    }
    g_free(e);
}
