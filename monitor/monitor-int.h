/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a Monitor is to this folder: somewhere that text of a running command goes. */
#ifndef MONITOR_INT_H
#define MONITOR_INT_H

#include "monitor/monitor.h"

struct Monitor {
    /* Text with plain line ends; NULL: a QMP monitor, which has no text output. */
    void (*write)(Monitor *mon, const char *text, size_t len);
};

/* The monitor on whose behalf this thread acts from here on; returns the one before. */
Monitor *monitor_set_cur(Monitor *mon);

#endif
