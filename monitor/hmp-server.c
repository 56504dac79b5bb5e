/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The human monitors of the process and their users.
 *
 * Each -monitor is a server; a listening one takes several users at a time,
 * each with a session of its own, up to a limit above which connections wait
 * in the kernel.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "chardev/char.h"
#include "hmp.h"
#include "hmp-session.h"
#include "io/listener.h"
#include "io/stdio.h"
#include "monitor/monitor.h"
#include "qemu/error-report.h"
#include "qmp-spec.h"

#define MAX_SESSIONS 16     /* of one server */

typedef struct HmpServer {
    HmpSessionConfig config;
    IOListener *listener;       /* NULL: stdio */
    GPtrArray *sessions;        /* HmpSession, owned */
} HmpServer;

static GPtrArray *servers;      /* HmpServer, owned; main thread */

static void accept_user(IOListener *listener, IOChannel *ch, void *opaque);

static void update_listener(HmpServer *server)
{
    bool room = server->sessions->len < MAX_SESSIONS;

    if (server->listener) {
        io_listener_set_accept(server->listener, server->config.ctx,
                               room ? accept_user : NULL, server);
    }
}

static void session_closed(HmpSession *session, void *opaque)
{
    HmpServer *server = opaque;

    g_ptr_array_remove_fast(server->sessions, session);
    update_listener(server);
}

static void add_session(HmpServer *server, IOChannel *ch)
{
    g_ptr_array_add(server->sessions, hmp_session_new(ch, &server->config));
    update_listener(server);
}

static void accept_user(IOListener *listener, IOChannel *ch, void *opaque)
{
    add_session(opaque, ch);
}

static void server_free(gpointer p)
{
    HmpServer *server = p;

    for (guint i = 0; i < server->sessions->len; i++) {
        hmp_session_free(g_ptr_array_index(server->sessions, i));
    }
    g_ptr_array_unref(server->sessions);
    if (server->listener) {
        io_listener_free(server->listener);
    } else {
        io_stdio_release();
    }
    g_free(server);
}

static void server_new(IOListener *listener, bool tcp, bool telnet, struct AioContext *ctx)
{
    HmpServer *server = g_new0(HmpServer, 1);

    if (!servers) {
        servers = g_ptr_array_new_with_free_func(server_free);
    }
    server->config = (HmpSessionConfig) {
        .ctx = ctx, .telnet = telnet, .distrust = tcp, .closed = session_closed, .opaque = server,
    };
    server->listener = listener;
    server->sessions = g_ptr_array_new();
    g_ptr_array_add(servers, server);
}

static bool is_address(const char *spec)
{
    return g_str_has_prefix(spec, "unix:") || g_str_has_prefix(spec, "tcp:") ||
           !strcmp(spec, "stdio");
}

/* The id of a character device, or QEMU's short spelling of a new one. */
static bool add_chardev(const char *spec, Error **errp)
{
    static unsigned count;
    g_autofree char *label = NULL;
    g_autofree char *notice = NULL;
    Chardev *chr;

    if (g_str_has_prefix(spec, "chardev:") || qemu_chr_find(spec)) {
        const char *id = g_str_has_prefix(spec, "chardev:") ? spec + strlen("chardev:") : spec;

        return monitor_add_chardev(id, false, false, errp);
    }
    label = g_strdup_printf("compat_monitor%u", count++);
    chr = chardev_new_from_short(label, spec, errp);
    notice = chr ? hmp_pty_notice(chr) : NULL;
    if (notice) {
        info_report("%s", notice);
    }
    return chr && monitor_add_chardev(chr->label, false, false, errp);
}

bool hmp_server_add(const char *spec, struct AioContext *ctx, Error **errp)
{
    bool telnet = g_str_has_prefix(spec, "telnet:");
    g_autofree char *address = g_strconcat(telnet ? "tcp:" : "", spec + (telnet ? 7 : 0), NULL);
    g_auto(IOAddress) addr = { 0 };
    IOListener *listener = NULL;

    if (!is_address(address)) {
        return add_chardev(spec, errp);
    }
    if (!qmp_spec_parse(address, &addr, errp)) {
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
    server_new(listener, addr.kind == IO_ADDRESS_TCP, telnet, ctx);
    return true;
}

void hmp_servers_start(void)
{
    for (guint i = 0; servers && i < servers->len; i++) {
        HmpServer *server = g_ptr_array_index(servers, i);

        if (server->listener) {
            update_listener(server);
        } else {
            io_stdio_set_raw();
            add_session(server, io_channel_fd_new(STDIN_FILENO, STDOUT_FILENO));
        }
    }
}

void hmp_servers_cleanup(void)
{
    g_clear_pointer(&servers, g_ptr_array_unref);
}
