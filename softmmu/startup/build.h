/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the parsed command line to a machine with its devices and objects, and
 * back. Both run in the main thread with no domain entered.
 */
#ifndef STARTUP_BUILD_H
#define STARTUP_BUILD_H

#include "config.h"

/*
 * Makes everything, in this order: machine, objects, devices, objects that
 * use devices. Stops at the first failure, which it has reported with its
 * place; what was made until then is for teardown_all().
 */
bool build_all(const StartupConfig *config);

/* Servers first, so that no client is left, then devices, latest first. */
void teardown_all(void);

#endif
