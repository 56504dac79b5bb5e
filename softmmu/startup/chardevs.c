/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "chardev/char.h"
#include "chardevs.h"
#include "monitor/monitor.h"
#include "qapi/util.h"
#include "qemu/main-loop.h"
#include "run.h"

typedef bool OpenItem(const StartupItem *item, Error **errp);

static bool open_all(GPtrArray *items, OpenItem *fn)
{
    for (guint i = 0; i < items->len; i++) {
        const StartupItem *item = g_ptr_array_index(items, i);
        Location saved;
        Error *err = NULL;

        startup_item_begin(item, &saved);
        if (!fn(item, &err)) {
            startup_report(err);
        }
        startup_item_end(&saved);
        if (err) {
            return false;
        }
    }
    return true;
}

/* Nothing else is there yet that the loop could serve, but signals are heard. */
static bool wait_for_peer(Chardev *chr)
{
    if (chardev_awaits_peer(chr)) {
        info_report("waiting for a connection on: %s", chr->filename);
    }
    while (chardev_awaits_peer(chr) && !run_end_requested()) {
        main_loop_wait(false);
    }
    return !run_end_requested();
}

static bool open_chardev(const StartupItem *item, Error **errp)
{
    return chardev_new_from_options(item->opts, errp) != NULL;
}

bool chardevs_await_peers(const StartupConfig *config)
{
    for (guint i = 0; i < config->chardevs->len; i++) {
        const StartupItem *item = g_ptr_array_index(config->chardevs, i);
        const char *id = json_object_get_string_member(item->opts, "id");

        if (!wait_for_peer(qemu_chr_find(id))) {
            return false;
        }
    }
    return true;
}

bool chardevs_open(const StartupConfig *config)
{
    return open_all(config->chardevs, open_chardev);
}

static bool open_monitor(const StartupItem *item, Error **errp)
{
    const char *id = json_object_get_string_member(item->opts, "chardev");
    const char *mode = json_object_get_string_member_with_default(item->opts, "mode", "readline");
    const char *pretty = json_object_get_string_member_with_default(item->opts, "pretty", "off");
    bool indent;

    return qapi_bool_parse("pretty", pretty, &indent, errp) &&
           monitor_add_chardev(id, !strcmp(mode, "control"), indent, errp);
}

bool chardevs_open_monitors(const StartupConfig *config)
{
    return open_all(config->mons, open_monitor);
}
