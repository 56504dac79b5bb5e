/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -chardev and -mon: kept until the main loop exists. QEMU lets the two stand in
 * any order.
 */
#include "qemu/osdep.h"
#include "chardev/char.h"
#include "options.h"
#include "qapi/keyval.h"

static const char *text_member(JsonObject *opts, const char *name)
{
    return json_object_get_string_member_with_default(opts, name, NULL);
}

static bool print_help(StartupConfig *config, JsonObject *opts, Error **errp)
{
    g_autofree char *text = chardev_help(text_member(opts, "backend"), errp);

    if (text) {
        fputs(text, stdout);
        config->done = true;
    }
    return text != NULL;
}

/* A mistake in the names shows now, with nothing done yet. */
static bool check_chardev(const StartupConfig *config, JsonObject *opts, Error **errp)
{
    const char *id = text_member(opts, "id");

    for (guint i = 0; id && i < config->chardevs->len; i++) {
        StartupItem *item = g_ptr_array_index(config->chardevs, i);

        if (g_strcmp0(text_member(item->opts, "id"), id) == 0) {
            error_setg(errp, "Duplicate ID '%s' for chardev", id);
            return false;
        }
    }
    return chardev_options_check(opts, errp);
}

bool option_chardev(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, "backend", KEYVAL_FLAT, &help, errp);

    if (!opts) {
        return false;
    }
    if (help) {
        return print_help(config, opts, errp);
    }
    if (!check_chardev(config, opts, errp)) {
        return false;
    }
    options_keep(config->chardevs, g_steal_pointer(&opts));
    return true;
}

static bool check_mon(JsonObject *opts, Error **errp)
{
    static const char *const known[] = { "chardev", "mode", "pretty", NULL };
    static const char *const modes[] = { "control", "readline", NULL };
    const char *mode = text_member(opts, "mode") ?: "readline";

    if (!options_check_names(opts, known, errp)) {
        return false;
    }
    if (!text_member(opts, "chardev")) {
        error_setg(errp, "Parameter 'chardev' is missing");
        return false;
    }
    if (!g_strv_contains(modes, mode)) {
        error_setg(errp, "unknown monitor mode \"%s\": use control or readline", mode);
        return false;
    }
    return true;
}

bool option_mon(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, "chardev", KEYVAL_FLAT, &help, errp);

    if (!opts || !check_mon(opts, errp)) {
        return false;
    }
    options_keep(config->mons, g_steal_pointer(&opts));
    return true;
}
