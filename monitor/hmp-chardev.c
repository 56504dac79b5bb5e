/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chardev-add takes the words of -chardev. What they mean is known where the
 * option is read, not in the schema: the only subsystem that is called directly.
 */
#include "qemu/osdep.h"
#include "chardev/char.h"
#include "hmp.h"
#include "hmp-json.h"

static void show_help(Monitor *mon, JsonObject *args, Error **errp)
{
    const char *backend = json_object_get_string_member_with_default(args, "backend", NULL);
    g_autofree char *text = chardev_help(backend, errp);

    if (text) {
        monitor_printf(mon, "%s", text);
    }
}

char *hmp_pty_notice(Chardev *chr)
{
    const char *name = chr->filename ?: "";

    return g_str_has_prefix(name, "pty:") ?
           g_strdup_printf("char device redirected to %s (label %s)", name + strlen("pty:"),
                           chr->label) : NULL;
}

void hmp_chardev_add(Monitor *mon, JsonObject *args, Error **errp)
{
    g_autofree char *notice = NULL;
    Chardev *chr;

    if (json_flag(args, "help")) {
        show_help(mon, args, errp);
        return;
    }
    chr = chardev_new_from_options(args, errp);
    notice = chr ? hmp_pty_notice(chr) : NULL;
    if (notice) {
        monitor_printf(mon, "%s\n", notice);
    }
}

/* What a terminal would not show is shown as its code. */
void hmp_show_ringbuf(Monitor *mon, JsonNode *answer)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (const char *p = json_node_get_string(answer); *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c == '\\') {
            g_string_append(out, "\\\\");
        } else if ((c < 0x20 && c != '\n') || c == 0x7f) {
            g_string_append_printf(out, "\\u%04X", c);
        } else {
            g_string_append_unichar(out, c);
        }
    }
    monitor_printf(mon, "%s\n", out->str);
}
