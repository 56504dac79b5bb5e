/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Character devices of the command line, and the monitors on them. Main thread. */
#ifndef STARTUP_CHARDEVS_H
#define STARTUP_CHARDEVS_H

#include "config.h"

/* Makes all. False: a failure, which was reported. */
bool chardevs_open(const StartupConfig *config);
/* Waits for the clients of those with wait=on. False: the end was asked for meanwhile. */
bool chardevs_await_peers(const StartupConfig *config);
/* -mon; they answer when the others do. */
bool chardevs_open_monitors(const StartupConfig *config);

#endif
