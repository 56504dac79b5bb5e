/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -daemonize: the parent stays until the child listens, so that a script that
 * goes on after us finds the sockets; errors reach the parent's stderr and its
 * exit status.
 */
#ifndef STARTUP_DAEMON_H
#define STARTUP_DAEMON_H

#include <stdbool.h>

#include "qapi/error.h"

/*
 * Goes on in a child of its own session; before any thread exists. The parent
 * never returns from it.
 */
bool daemon_start(Error **errp);

/* All sockets listen: lets the parent go, and stdin, stdout and stderr with it. */
void daemon_ready(void);

#endif
