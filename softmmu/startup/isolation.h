/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process gives up, in named stages; the stages to come are named in
 * isolation.c.
 */
#ifndef STARTUP_ISOLATION_H
#define STARTUP_ISOLATION_H

/* First thing in main(), before any file is opened. */
void isolation_before_config(void);

#endif
