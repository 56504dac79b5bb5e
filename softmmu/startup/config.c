/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Life of the parsed command line. */
#include "qemu/osdep.h"
#include "config.h"

static GPtrArray *item_list(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)startup_item_free);
}

StartupConfig *startup_config_new(void)
{
    StartupConfig *c = g_new0(StartupConfig, 1);

    c->places = g_string_chunk_new(256);
    c->blockdevs = item_list();
    c->drives = item_list();
    c->objects = item_list();
    c->devices = item_list();
    c->monitors = item_list();
    c->chardevs = item_list();
    c->mons = item_list();
    return c;
}

void startup_config_free(StartupConfig *c)
{
    startup_item_free(c->machine);
    startup_item_free(c->pidfile);
    g_ptr_array_unref(c->blockdevs);
    g_ptr_array_unref(c->drives);
    g_ptr_array_unref(c->objects);
    g_ptr_array_unref(c->devices);
    g_ptr_array_unref(c->monitors);
    g_ptr_array_unref(c->chardevs);
    g_ptr_array_unref(c->mons);
    startup_item_free(c->qtest);
    startup_item_free(c->qtest_ram);
    g_free(c->qtest_log);
    g_string_chunk_free(c->places);
    g_free(c->log_file);
    g_free(c);
}

StartupItem *startup_item_new(void)
{
    StartupItem *item = g_new0(StartupItem, 1);

    loc_save(&item->loc);
    return item;
}

void startup_item_free(StartupItem *item)
{
    if (item) {
        g_clear_pointer(&item->opts, json_object_unref);
        g_free(item->text);
        g_free(item);
    }
}

void startup_item_begin(const StartupItem *item, Location *saved)
{
    Location loc = item->loc;

    loc_push_none(saved);
    loc_restore(&loc);
}

void startup_item_end(Location *saved)
{
    loc_pop(saved);
}

/* Values that hold line ends must not make two lines of one message. */
static char *one_line(const char *text)
{
    char *line = g_strdup(text ?: "");

    g_strdelimit(g_strchomp(line), "\n\r", ' ');
    return line;
}

void startup_report(Error *err)
{
    g_autofree char *text = one_line(error_get_pretty(err));
    g_autofree char *hint = one_line(error_get_hint(err));

    error_report("%s%s%s", text, *hint ? ". " : "", hint);
    error_free(err);
}
