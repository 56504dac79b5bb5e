/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -pidfile: who has the file has the lock on it, for as long as the process
 * lives; a second process with the same file is refused before it touches
 * anything else.
 */
#ifndef STARTUP_PIDFILE_H
#define STARTUP_PIDFILE_H

#include <stdbool.h>

#include "qapi/error.h"

bool pidfile_create(const char *path, Error **errp);
/* Removes the file if this process made it. */
void pidfile_remove(void);

#endif
