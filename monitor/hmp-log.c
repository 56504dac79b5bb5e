/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is logged, and where to: the only thing that this monitor does without QMP. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "qemu/log.h"

void hmp_log_items(Monitor *mon)
{
    monitor_printf(mon, "Log items (comma separated):\n");
    monitor_printf(mon, "%-15s %s\n", "none", "remove all logs");
    for (const QEMULogItem *item = qemu_log_items; item->mask; item++) {
        monitor_printf(mon, "%-15s %s\n", item->name, item->help);
    }
}

void hmp_log(Monitor *mon, JsonObject *args, Error **errp)
{
    const char *items = json_object_get_string_member(args, "items");
    bool none = !strcmp(items, "none");
    int mask = none ? 0 : qemu_str_to_log_mask(items);

    if (!strcmp(items, "help")) {
        hmp_log_items(mon);
        return;
    }
    if (!mask && !none) {
        hmp_log_items(mon);
        error_setg(errp, "unknown log item in '%s'", items);
        return;
    }
    qemu_set_log(mask, errp);
}

void hmp_logfile(Monitor *mon, JsonObject *args, Error **errp)
{
    qemu_set_log_filename(json_object_get_string_member(args, "file"), errp);
}
