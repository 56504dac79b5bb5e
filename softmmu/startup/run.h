/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main loop, and what ends it. */
#ifndef STARTUP_RUN_H
#define STARTUP_RUN_H

/* Before anything that may ask for the end. */
void run_init(void);
/* Returns when the end was asked for: by QMP, by a signal or by the machine. */
void run_until_shutdown(void);

#endif
