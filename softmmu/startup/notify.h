/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service manager is told (systemd's sd_notify). Without NOTIFY_SOCKET
 * in the environment nothing happens. Main thread only.
 */
#ifndef STARTUP_NOTIFY_H
#define STARTUP_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Before -daemonize forks: the watchdog is meant for the process that was started. */
void notify_init(void);
/* Somebody listens. */
bool notify_wanted(void);
/* Time in which the watchdog wants to hear of us; 0: there is none. */
uint64_t notify_watchdog_usec(void);

/* All sockets listen; also the end of a reload. */
void notify_ready(const char *status);
void notify_status(const char *status);
void notify_reloading(void);
void notify_stopping(void);
void notify_watchdog(void);

#endif
