/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session may outlive its connection by a moment, so there can be two: the
 * one that has not seen its end yet, and the next.
 */
#include "qemu/osdep.h"
#include "chardev-monitor.h"
#include "chardev/char-channel.h"
#include "io/address.h"
#include "monitor/monitor.h"
#include "session-set.h"

typedef struct ChardevMonitor {
    ChardevPort *port;
    SessionSet *sessions;
} ChardevMonitor;

static GPtrArray *monitors;     /* ChardevMonitor, owned; main thread */

static void opened(IOChannel *ch, void *opaque)
{
    session_set_add(((ChardevMonitor *)opaque)->sessions, ch);
}

static void monitor_free(gpointer p)
{
    ChardevMonitor *mon = p;

    session_set_free(mon->sessions);
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

bool monitor_add_chardev(const char *id, bool control, bool pretty, Error **errp)
{
    Chardev *chr = find(id, errp);
    const IOAddress *addr = chr ? chardev_socket_address(chr) : NULL;
    SessionKind kind = {
        .control = control,
        .pretty = pretty,
        .distrust = addr && addr->kind == IO_ADDRESS_TCP,
    };
    ChardevMonitor *mon;

    if (!chr) {
        return false;
    }
    mon = g_new0(ChardevMonitor, 1);
    mon->sessions = session_set_new(&kind, NULL, NULL);
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
        session_set_event(((ChardevMonitor *)g_ptr_array_index(monitors, i))->sessions, event);
    }
}

void chardev_monitors_cleanup(void)
{
    g_clear_pointer(&monitors, g_ptr_array_unref);
}
