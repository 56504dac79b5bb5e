/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGTERM and SIGINT end the process in order, from the main loop: they come in
 * through a descriptor, so nothing runs in a handler. A second one makes the
 * end hurry. SIGHUP opens the log file anew.
 *
 *                     SIGHUP does                     and when the parent ignored it
 * with a log file     opens it anew                   the same
 * without, a service  nothing; says so                nothing
 * without, else       ends, as a terminal that has    nothing
 *                     hung up wants it
 *
 * A service is a process with -daemonize or with a service manager that listens.
 */
#ifndef STARTUP_SIGNALS_H
#define STARTUP_SIGNALS_H

#include "block/aio.h"

/* Before the first thread: all threads inherit the mask. */
void signals_block(void);
/* Asks for shutdown (SHUTDOWN_CAUSE_HOST_SIGNAL) when one comes. */
bool signals_watch(AioContext *ctx, bool service, Error **errp);
/*
 * The main loop turns no more and the rest takes no time unless something is
 * stuck: a signal that comes more than a second from now kills.
 */
void signals_let_kill(void);
void signals_unwatch(AioContext *ctx);

#endif
