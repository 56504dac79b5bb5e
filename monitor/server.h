/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitors with an address of their own. Started and ended all together:
 * monitor/monitor.h.
 */
#ifndef MONITOR_SERVER_H
#define MONITOR_SERVER_H

#include "io/address.h"
#include "session-set.h"

/* Listens at @addr or takes stdio; kind->distrust follows from the address. */
bool monitor_server_new(const IOAddress *addr, SessionKind kind, Error **errp);

#endif
