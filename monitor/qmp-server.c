/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QMP servers of the process and their clients.
 *
 * Each -qmp is a server; a listening one takes several clients at a time, each
 * with a session of its own, up to a limit above which connections wait in
 * the kernel. Events go to all sessions.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "chardev-monitor.h"
#include "io/listener.h"
#include "io/stdio.h"
#include "monitor/monitor.h"
#include "qapi/qmp-event.h"
#include "qmp-session.h"
#include "qmp-spec.h"

#define MAX_SESSIONS 16     /* of one server */

typedef struct QmpServer {
    QmpSessionConfig config;
    IOListener *listener;       /* NULL: stdio */
    GPtrArray *sessions;        /* QmpSession, owned */
} QmpServer;

static GPtrArray *servers;      /* QmpServer, owned; main thread */

static void accept_client(IOListener *listener, IOChannel *ch, void *opaque);

static void update_listener(QmpServer *server)
{
    bool room = server->sessions->len < MAX_SESSIONS;

    if (server->listener) {
        io_listener_set_accept(server->listener, server->config.ctx,
                               room ? accept_client : NULL, server);
    }
}

static void session_closed(QmpSession *session, void *opaque)
{
    QmpServer *server = opaque;

    g_ptr_array_remove_fast(server->sessions, session);
    update_listener(server);
}

static void add_session(QmpServer *server, IOChannel *ch)
{
    g_ptr_array_add(server->sessions, qmp_session_new(ch, &server->config));
    update_listener(server);
}

static void accept_client(IOListener *listener, IOChannel *ch, void *opaque)
{
    add_session(opaque, ch);
}

static void server_free(gpointer p)
{
    QmpServer *server = p;

    for (guint i = 0; i < server->sessions->len; i++) {
        qmp_session_free(g_ptr_array_index(server->sessions, i));
    }
    g_ptr_array_unref(server->sessions);
    if (server->listener) {
        io_listener_free(server->listener);
    } else {
        io_stdio_release();
    }
    g_free(server);
}

bool qmp_server_add(const char *spec, bool pretty, struct AioContext *ctx, Error **errp)
{
    g_auto(IOAddress) addr = { 0 };
    IOListener *listener = NULL;
    QmpServer *server;

    if (!servers) {
        servers = g_ptr_array_new_with_free_func(server_free);
    }
    if (!qmp_spec_parse(spec, &addr, errp)) {
        return false;
    }
    if (addr.kind == IO_ADDRESS_STDIO) {
        if (!io_stdio_claim(errp)) {
            return false;
        }
    } else {
        listener = io_listener_new(&addr, errp);
        if (!listener) {
            return false;
        }
    }
    server = g_new0(QmpServer, 1);
    server->config = (QmpSessionConfig) {
        .ctx = ctx,
        .pretty = pretty,
        .distrust = addr.kind == IO_ADDRESS_TCP,
        .closed = session_closed,
        .opaque = server,
    };
    server->listener = listener;
    server->sessions = g_ptr_array_new();
    g_ptr_array_add(servers, server);
    return true;
}

static void broadcast(JsonObject *event, void *opaque)
{
    chardev_monitors_event(event);
    for (guint i = 0; servers && i < servers->len; i++) {
        QmpServer *server = g_ptr_array_index(servers, i);
        for (guint j = 0; j < server->sessions->len; j++) {
            qmp_session_event(g_ptr_array_index(server->sessions, j), event);
        }
    }
}

void qmp_servers_start(void)
{
    for (guint i = 0; servers && i < servers->len; i++) {
        QmpServer *server = g_ptr_array_index(servers, i);
        if (server->listener) {
            update_listener(server);
        } else {
            add_session(server, io_channel_fd_new(STDIN_FILENO, STDOUT_FILENO));
        }
    }
    chardev_monitors_start();
    qmp_event_set_sink(broadcast, NULL);
}

void qmp_servers_cleanup(void)
{
    qmp_event_set_sink(NULL, NULL);
    chardev_monitors_cleanup();
    g_clear_pointer(&servers, g_ptr_array_unref);
}
