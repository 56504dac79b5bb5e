/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor whose command runs, and text for it. Messages that a command
 * causes (error_report() and its kin) go the same way; so do those of callbacks
 * that the main loop serves while a command waits in it.
 */
#include "qemu/osdep.h"
#include "monitor-int.h"
#include "qemu/error-report.h"
#include "qemu/module.h"

static __thread Monitor *current;

Monitor *monitor_cur(void)
{
    return current;
}

bool monitor_cur_is_qmp(void)
{
    return current && !current->write;
}

Monitor *monitor_set_cur(Monitor *mon)
{
    Monitor *old = current;

    current = mon;
    return old;
}

int monitor_vprintf(Monitor *mon, const char *fmt, va_list ap)
{
    g_autofree char *text = NULL;

    if (!mon || !mon->write) {
        return -1;
    }
    text = g_strdup_vprintf(fmt, ap);
    mon->write(mon, text, strlen(text));
    return strlen(text);
}

int monitor_printf(Monitor *mon, const char *fmt, ...)
{
    va_list ap;
    int ret;

    va_start(ap, fmt);
    ret = monitor_vprintf(mon, fmt, ap);
    va_end(ap);
    return ret;
}

/* A QMP client has no use for text; the operator reads it on stderr, or not at all. */
static bool report(const char *text, bool unless_qmp)
{
    Monitor *mon = monitor_cur();

    if (!mon || !mon->write) {
        return mon && unless_qmp;
    }
    mon->write(mon, text, strlen(text));
    return true;
}

static bool is_human(void)
{
    return monitor_cur() && !monitor_cur_is_qmp();
}

static void register_sink(void)
{
    error_report_set_sink(report);
    error_report_set_in_dialogue(is_human);
}

type_init(register_sink)
