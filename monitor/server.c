/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitors of the process and their clients.
 *
 * Each -qmp and each -monitor is a server; a listening one takes several clients
 * at a time, each with a session of its own, up to a limit above which
 * connections wait in the kernel. Events go to all sessions of QMP.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "chardev-monitor.h"
#include "io/listener.h"
#include "io/stdio.h"
#include "monitor/monitor.h"
#include "qapi/qmp-event.h"
#include "qmp-spec.h"
#include "server.h"

#define MAX_SESSIONS 16     /* of one server */

typedef struct MonitorServer {
    bool control;
    IOListener *listener;       /* NULL: stdio */
    SessionSet *sessions;
} MonitorServer;

static GPtrArray *servers;      /* MonitorServer, owned; main thread */

static void accept_client(IOListener *listener, IOChannel *ch, void *opaque);

static void update_listener(void *opaque)
{
    MonitorServer *server = opaque;
    bool room = session_set_size(server->sessions) < MAX_SESSIONS;

    if (server->listener) {
        io_listener_set_accept(server->listener, aio_context_main(),
                               room ? accept_client : NULL, server);
    }
}

static void accept_client(IOListener *listener, IOChannel *ch, void *opaque)
{
    MonitorServer *server = opaque;

    session_set_add(server->sessions, ch);
    update_listener(server);
}

static void server_free(gpointer p)
{
    MonitorServer *server = p;

    session_set_free(server->sessions);
    if (server->listener) {
        io_listener_free(server->listener);
    } else {
        io_stdio_release();
    }
    g_free(server);
}

bool monitor_server_new(const IOAddress *addr, SessionKind kind, Error **errp)
{
    bool stdio = addr->kind == IO_ADDRESS_STDIO;
    IOListener *listener = stdio ? NULL : io_listener_new(addr, errp);
    MonitorServer *server;

    if (stdio ? !io_stdio_claim(errp) : !listener) {
        return false;
    }
    kind.distrust = addr->kind == IO_ADDRESS_TCP;
    server = g_new0(MonitorServer, 1);
    server->control = kind.control;
    server->listener = listener;
    server->sessions = session_set_new(&kind, update_listener, server);
    if (!servers) {
        servers = g_ptr_array_new_with_free_func(server_free);
    }
    g_ptr_array_add(servers, server);
    return true;
}

bool qmp_server_add(const char *spec, bool pretty, Error **errp)
{
    g_auto(IOAddress) addr = { 0 };
    SessionKind kind = { .control = true, .pretty = pretty };

    return qmp_spec_parse(spec, &addr, errp) && monitor_server_new(&addr, kind, errp);
}

static void start(MonitorServer *server)
{
    if (server->listener) {
        update_listener(server);
        return;
    }
    if (!server->control) {
        io_stdio_set_raw();
    }
    session_set_add(server->sessions, io_channel_fd_new(STDIN_FILENO, STDOUT_FILENO));
}

static void broadcast(JsonObject *event, void *opaque)
{
    chardev_monitors_event(event);
    for (guint i = 0; servers && i < servers->len; i++) {
        session_set_event(((MonitorServer *)g_ptr_array_index(servers, i))->sessions, event);
    }
}

void monitors_start(void)
{
    for (guint i = 0; servers && i < servers->len; i++) {
        start(g_ptr_array_index(servers, i));
    }
    chardev_monitors_start();
    qmp_event_set_sink(broadcast, NULL);
}

void monitors_cleanup(void)
{
    qmp_event_set_sink(NULL, NULL);
    chardev_monitors_cleanup();
    g_clear_pointer(&servers, g_ptr_array_unref);
}
