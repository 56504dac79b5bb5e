/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGTERM, SIGINT and SIGHUP end the process in order, from the main loop:
 * they come in through a descriptor, so nothing ever runs in a handler.
 */
#ifndef STARTUP_SIGNALS_H
#define STARTUP_SIGNALS_H

#include "block/aio.h"

/* Before the first thread: all threads inherit the mask. */
void signals_block(void);
/* Asks for shutdown (SHUTDOWN_CAUSE_HOST_SIGNAL) when one comes. */
bool signals_watch(AioContext *ctx, Error **errp);
void signals_unwatch(AioContext *ctx);

#endif
