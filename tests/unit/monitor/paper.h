/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A monitor that keeps what is printed. */
#ifndef TESTS_UNIT_MONITOR_PAPER_H
#define TESTS_UNIT_MONITOR_PAPER_H

#include "qemu/osdep.h"
#include "monitor/monitor-int.h"

typedef struct Paper {
    Monitor mon;
    GString *text;
} Paper;

static inline void paper_write(Monitor *mon, const char *text, size_t len)
{
    g_string_append_len(container_of(mon, Paper, mon)->text, text, len);
}

#define PAPER_INIT { .mon.write = paper_write, .text = g_string_new(NULL) }

#endif
