/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens when a guest's watchdog expires.  The guest's CPUs are not
 * ours: the action is reported (event WATCHDOG, one log line), and the client
 * or its manager acts.
 */
#ifndef QEMU_WATCHDOG_H
#define QEMU_WATCHDOG_H

#include "qapi/qapi-types-run-state.h"

/* May be set by -action / watchdog-set-action; process-wide, atomic. */
int select_watchdog_action(const char *action);
WatchdogAction get_watchdog_action(void);
void qmp_watchdog_set_action(WatchdogAction action, Error **errp);
/* For the domain that is current. */
void watchdog_perform_action(void);

#endif
