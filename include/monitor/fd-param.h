/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File descriptors that an option or a command names: fd=NAME of getfd or of a
 * socket of the service manager, or the number of one that this process inherited.
 *
 * For cells below the monitor, which puts in the function that knows the
 * names. Main thread.
 */
#ifndef MONITOR_FD_PARAM_H
#define MONITOR_FD_PARAM_H

#include <stdbool.h>

#include "qapi/error.h"

/*
 * The descriptor that @fdname stands for, -1 with errp set when there is none.
 * It is the caller's from now on: nobody else is given the same again.
 * @mon: the monitor whose command it is, monitor_cur(); NULL is the same.
 */
int monitor_fd_param(Monitor *mon, const char *fdname, Error **errp);

/* Of the monitor: finds a name of getfd and forgets it; -1 with errp set. */
typedef int MonitorTakeFd(const char *fdname, Error **errp);
void monitor_fd_param_set_names(MonitorTakeFd *fn);

/*
 * Remembers which descriptors are open: at the very start of the process these
 * are the inherited ones, and nobody who names a number gets another. Before
 * that (in a test) any open one above 2 is good.
 */
void monitor_fd_param_note_inherited(void);

#endif
