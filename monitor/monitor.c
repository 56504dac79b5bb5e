/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The human monitor's side of the API, for code that prints to it. There is
 * none to print to: callers are told so by the result, not by silence.
 */
#include "qemu/osdep.h"
#include "monitor/monitor.h"

Monitor *monitor_cur(void)
{
    return NULL;
}

bool monitor_cur_is_qmp(void)
{
    return false;
}

int monitor_vprintf(Monitor *mon, const char *fmt, va_list ap)
{
    return -1;
}

int monitor_printf(Monitor *mon, const char *fmt, ...)
{
    return -1;
}
