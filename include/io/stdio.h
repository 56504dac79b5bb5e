/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stdin and stdout as a channel: one owner at a time, and the terminal behind
 * them set so that each key arrives at once and is not echoed.
 *
 * The terminal gets its settings back at every end of the process that lets
 * us: return from main(), exit(), the signals that end or stop it. After a
 * stop (ctrl-z) it is set again. ctrl-c and ctrl-\ stay signals.
 *
 * Threads: the main thread.
 */
#ifndef IO_STDIO_H
#define IO_STDIO_H

#include <stdbool.h>

#include "qapi/error.h"

/* false: somebody has them already. */
bool io_stdio_claim(Error **errp);
/* Restores the terminal if need be. */
void io_stdio_release(void);

/* Does nothing when stdin is no terminal, or this is a background job. */
void io_stdio_set_raw(void);

#endif
