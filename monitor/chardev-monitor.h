/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitors on character devices (-mon). Each time the device opens there is a
 * new session; a session that ends closes its connection, the device lives on.
 */
#ifndef MONITOR_CHARDEV_MONITOR_H
#define MONITOR_CHARDEV_MONITOR_H

#include <json-glib/json-glib.h>

/* Called with all monitors: monitor/monitor.h has the function that adds one. */
void chardev_monitors_start(void);
void chardev_monitors_event(JsonObject *event);
void chardev_monitors_cleanup(void);

#endif
