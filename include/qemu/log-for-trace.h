/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the log that trace points need, without the rest of it. */
#ifndef QEMU_LOG_FOR_TRACE_H
#define QEMU_LOG_FOR_TRACE_H

#include <glib.h>
#include <stdbool.h>

/* Set once at start and by the monitor; read everywhere without a lock. */
extern int qemu_loglevel;

#define LOG_TRACE (1u << 15)

static inline bool qemu_loglevel_mask(int mask)
{
    return (__atomic_load_n(&qemu_loglevel, __ATOMIC_RELAXED) & mask) != 0;
}

/* Writes at once and whole; nothing when the log is off. */
void qemu_log(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

#endif
