/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session may outlive its connection by a moment, so there can be two: the
 * one that has not seen its end yet, and the next.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "chardev-monitor.h"
#include "chardev/char-channel.h"
#include "io/address.h"
#include "hmp-session.h"
#include "monitor/monitor.h"
#include "qmp-session.h"

typedef struct ChardevMonitor {
    ChardevPort *port;
    bool control;               /* QMP; else for people */
    QmpSessionConfig qmp;
    HmpSessionConfig hmp;
    GPtrArray *sessions;        /* QmpSession or HmpSession, owned */
} ChardevMonitor;

static GPtrArray *monitors;     /* ChardevMonitor, owned; main thread */

static void qmp_closed(QmpSession *session, void *opaque)
{
    g_ptr_array_remove_fast(((ChardevMonitor *)opaque)->sessions, session);
}

static void hmp_closed(HmpSession *session, void *opaque)
{
    g_ptr_array_remove_fast(((ChardevMonitor *)opaque)->sessions, session);
}

static void opened(IOChannel *ch, void *opaque)
{
    ChardevMonitor *mon = opaque;

    if (mon->control) {
        g_ptr_array_add(mon->sessions, qmp_session_new(ch, &mon->qmp));
    } else {
        g_ptr_array_add(mon->sessions, hmp_session_new(ch, &mon->hmp));
    }
}

static void monitor_free(gpointer p)
{
    ChardevMonitor *mon = p;

    for (guint i = 0; i < mon->sessions->len; i++) {
        if (mon->control) {
            qmp_session_free(g_ptr_array_index(mon->sessions, i));
        } else {
            hmp_session_free(g_ptr_array_index(mon->sessions, i));
        }
    }
    g_ptr_array_unref(mon->sessions);
    chardev_port_free(mon->port);
    g_free(mon);
}

static Chardev *find(const char *id, Error **errp)
{
    Chardev *chr = qemu_chr_find(id);
    const IOAddress *addr = chr ? chardev_socket_address(chr) : NULL;

    if (!chr) {
        error_setg(errp, "chardev \"%s\" not found: add -chardev BACKEND,id=%s,...", id, id);
        return NULL;
    }
    if (addr && !io_address_is_local(addr)) {
        error_setg(errp, "chardev '%s' can be reached from other machines, and whoever connects"
                   " to a monitor has full control: use host=localhost or a UNIX socket", id);
        return NULL;
    }
    return chr;
}

static ChardevMonitor *monitor_new(bool control, bool pretty, bool tcp)
{
    ChardevMonitor *mon = g_new0(ChardevMonitor, 1);
    AioContext *ctx = aio_context_main();

    mon->control = control;
    mon->sessions = g_ptr_array_new();
    mon->qmp = (QmpSessionConfig) {
        .ctx = ctx, .pretty = pretty, .distrust = tcp, .closed = qmp_closed, .opaque = mon,
    };
    mon->hmp = (HmpSessionConfig) {
        .ctx = ctx, .distrust = tcp, .closed = hmp_closed, .opaque = mon,
    };
    return mon;
}

bool monitor_add_chardev(const char *id, bool control, bool pretty, Error **errp)
{
    Chardev *chr = find(id, errp);
    const IOAddress *addr = chr ? chardev_socket_address(chr) : NULL;
    ChardevMonitor *mon;

    if (!chr) {
        return false;
    }
    mon = monitor_new(control, pretty, addr && addr->kind == IO_ADDRESS_TCP);
    mon->port = chardev_port_new(chr, opened, mon, errp);
    if (!mon->port) {
        monitor_free(mon);
        return false;
    }
    if (!monitors) {
        monitors = g_ptr_array_new_with_free_func(monitor_free);
    }
    g_ptr_array_add(monitors, mon);
    return true;
}

void chardev_monitors_start(void)
{
    for (guint i = 0; monitors && i < monitors->len; i++) {
        chardev_port_listen(((ChardevMonitor *)g_ptr_array_index(monitors, i))->port);
    }
}

void chardev_monitors_event(JsonObject *event)
{
    for (guint i = 0; monitors && i < monitors->len; i++) {
        ChardevMonitor *mon = g_ptr_array_index(monitors, i);

        for (guint j = 0; mon->control && j < mon->sessions->len; j++) {
            qmp_session_event(g_ptr_array_index(mon->sessions, j), event);
        }
    }
}

void chardev_monitors_cleanup(void)
{
    g_clear_pointer(&monitors, g_ptr_array_unref);
}
