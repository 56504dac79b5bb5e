/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quoting for Graphviz: a backslash begins an escape in labels, a quote ends the string. */
#include "qemu/osdep.h"
#include "qemu/dot.h"

static void append_char(GString *out, gunichar c)
{
    if (c == '\n') {
        g_string_append(out, "\\n");
    } else if (c == '"' || c == '\\') {
        g_string_append_c(out, '\\');
        g_string_append_unichar(out, c);
    } else {
        g_string_append_unichar(out, g_unichar_iscntrl(c) ? '?' : c);
    }
}

void dot_append_quoted(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    while (*text) {
        gunichar c = g_utf8_get_char_validated(text, -1);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_c(out, '?');
            text++;
        } else {
            append_char(out, c);
            text = g_utf8_next_char(text);
        }
    }
    g_string_append_c(out, '"');
}
