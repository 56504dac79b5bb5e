/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service manager's watchdog (WatchdogSec=): it hears of us only while
 * every event loop of the process turns. Main thread only.
 */
#ifndef STARTUP_WATCHDOG_H
#define STARTUP_WATCHDOG_H

#include <stdint.h>

/* @period_ns: how often to ask all loops; @ping is called when all have answered. */
void watchdog_start(int64_t period_ns, void (*ping)(void));
/* When the domains have ended, so that nothing of a round is left; without a start, too. */
void watchdog_stop(void);

#endif
