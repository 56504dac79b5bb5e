/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for Graphviz. */
#ifndef QEMU_DOT_H
#define QEMU_DOT_H

#include <glib.h>

/*
 * Appends text as a quoted string of the DOT language, which shows it as it is:
 * whatever a user calls a device, it stays inside the quotes. Line feeds begin
 * a new line; other control characters and what is not UTF-8 show as '?'.
 */
void dot_append_quoted(GString *out, const char *text);

#endif
