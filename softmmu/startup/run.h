/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main loop, and what ends it. All of it is the main thread's, but for the
 * shutdown request that run_init() prepares for.
 */
#ifndef STARTUP_RUN_H
#define STARTUP_RUN_H

#include <stdbool.h>

/* Before anything that may ask for the end. */
void run_init(void);
bool run_end_requested(void);
/* Returns when the end was asked for: by QMP, by a signal or by the machine. */
void run_until_shutdown(void);
/*
 * Lets the clients go: those that wait for an answer get it first, for as long
 * as the machine's drain-timeout says.
 */
void run_drain(void);
/* Somebody asks for the end once more: run_drain() waits no longer. */
void run_hurry(void);

#endif
