/* SPDX-License-Identifier: GPL-2.0-or-later */
/* human-monitor-command: a line of the human monitor for those who speak QMP. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "monitor-int.h"
#include "qapi/qapi-commands-monitor.h"

typedef struct TextMonitor {
    Monitor mon;
    GString *text;
} TextMonitor;

static void collect(Monitor *mon, const char *text, size_t len)
{
    g_string_append_len(container_of(mon, TextMonitor, mon)->text, text, len);
}

char *qmp_human_monitor_command(const char *command_line, bool has_cpu_index, int64_t cpu_index,
                                Error **errp)
{
    TextMonitor t = { .mon.write = collect, .text = g_string_new(NULL) };
    char *valid;

    hmp_run_line(&t.mon, command_line);
    valid = g_utf8_make_valid(t.text->str, t.text->len);
    g_string_free(t.text, TRUE);
    return valid;
}
