/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw_error(): a device model has found itself in a state that its author
 * holds to be impossible. As in QEMU it prints the text and stops the process
 * with abort(): a model that calls it on guest data has a bug.
 */
#ifndef QEMU_HW_H
#define QEMU_HW_H

#include <glib.h>

G_NORETURN void hw_error(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

#endif
