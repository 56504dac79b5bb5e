/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line about what the process hosts, told to the service manager whenever
 * it changes. Main thread only; what changes does so in any thread.
 */
#ifndef STARTUP_STATUS_H
#define STARTUP_STATUS_H

#include <glib.h>

/* From here on a change wakes the main loop. Before the first device. */
void status_init(void);
void status_cleanup(void);

/* "3 devices, 2 servers, 1 client"; the caller frees. */
char *status_text(void);
/* Changes from here on are told. */
void status_start_telling(void);

#endif
