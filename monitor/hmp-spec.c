/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -monitor: an address as with -qmp, telnet:, or a character device, which is
 * there already or made on the way.
 */
#include "qemu/osdep.h"
#include "chardev/char.h"
#include "hmp.h"
#include "monitor/monitor.h"
#include "qemu/error-report.h"
#include "qmp-spec.h"
#include "server.h"

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

bool hmp_server_add(const char *spec, Error **errp)
{
    bool telnet = g_str_has_prefix(spec, "telnet:");
    g_autofree char *address = g_strconcat(telnet ? "tcp:" : "", spec + (telnet ? 7 : 0), NULL);
    g_auto(IOAddress) addr = { 0 };
    SessionKind kind = { .telnet = telnet };

    if (!is_address(address)) {
        return add_chardev(spec, errp);
    }
    return qmp_spec_parse(address, &addr, errp) && monitor_server_new(&addr, kind, errp);
}
