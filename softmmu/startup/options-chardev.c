/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -chardev and -mon: the long spelling of -qmp, which libvirt and QEMU's own
 * Python library use. A character device here is nothing but the address of a
 * monitor; -mon turns it into one when all options are known, for QEMU lets
 * the two stand in any order.
 */
#include "qemu/osdep.h"
#include "qapi/keyval.h"
#include "options.h"

static const char *text_member(JsonObject *opts, const char *name)
{
    return json_object_get_string_member_with_default(opts, name, NULL);
}

static bool check_members(JsonObject *opts, const char *const *known, Error **errp)
{
    g_autoptr(GList) names = json_object_get_members(opts);

    for (GList *l = names; l; l = l->next) {
        if (!g_strv_contains(known, l->data)) {
            error_setg(errp, "Invalid parameter '%s'", (char *)l->data);
            return false;
        }
    }
    return true;
}

static StartupItem *find_chardev(const StartupConfig *config, const char *id)
{
    for (guint i = 0; i < config->chardevs->len; i++) {
        StartupItem *item = g_ptr_array_index(config->chardevs, i);
        if (g_strcmp0(text_member(item->opts, "id"), id) == 0) {
            return item;
        }
    }
    return NULL;
}

static bool check_chardev(const StartupConfig *config, JsonObject *opts, Error **errp)
{
    static const char *const known[] = {
        "backend", "id", "path", "host", "port", "server", "wait", NULL
    };
    const char *backend = text_member(opts, "backend");
    const char *id = text_member(opts, "id");

    if (!backend || (strcmp(backend, "socket") && strcmp(backend, "stdio"))) {
        error_setg(errp, "character devices exist for -mon only: use socket or stdio");
        return false;
    }
    if (!id) {
        error_setg(errp, "Parameter 'id' is missing");
        return false;
    }
    if (find_chardev(config, id)) {
        error_setg(errp, "Duplicate ID '%s' for chardev", id);
        return false;
    }
    return check_members(opts, known, errp);
}

static void keep(GPtrArray *list, JsonObject *opts)
{
    StartupItem *item = startup_item_new();

    item->opts = opts;
    g_ptr_array_add(list, item);
}

bool option_chardev(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, "backend", KEYVAL_FLAT, &help, errp);

    if (!opts) {
        return false;
    }
    if (help) {
        printf("Available chardev backend types: \n  socket\n  stdio\n");
        config->done = true;
        return true;
    }
    if (!check_chardev(config, opts, errp)) {
        return false;
    }
    keep(config->chardevs, g_steal_pointer(&opts));
    return true;
}

bool option_mon(StartupConfig *config, const char *arg, Error **errp)
{
    static const char *const known[] = { "chardev", "mode", "pretty", NULL };
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, "chardev", KEYVAL_FLAT, &help, errp);

    if (!opts || !check_members(opts, known, errp)) {
        return false;
    }
    if (g_strcmp0(text_member(opts, "mode"), "control") != 0) {
        error_setg(errp, "there is no human monitor here: add mode=control");
        return false;
    }
    keep(config->mons, g_steal_pointer(&opts));
    return true;
}

static char *double_commas(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    return g_strjoinv(",,", parts);
}

/* The address as -qmp takes it; NULL when it is not complete. */
static char *address_of(JsonObject *chardev, Error **errp)
{
    const char *path = text_member(chardev, "path");
    const char *host = text_member(chardev, "host") ?: "localhost";
    const char *port = text_member(chardev, "port");
    g_autofree char *address = NULL;

    if (!strcmp(text_member(chardev, "backend"), "stdio")) {
        return g_strdup("stdio");
    }
    if (!path == !port) {
        error_setg(errp, "chardev '%s' needs either path= or port=",
                   text_member(chardev, "id"));
        return NULL;
    }
    address = path ? double_commas(path) : g_strdup_printf("%s:%s", host, port);
    return g_strdup_printf("%s:%s,server=%s,wait=%s", path ? "unix" : "tcp", address,
                           text_member(chardev, "server") ?: "off",
                           text_member(chardev, "wait") ?: "on");
}

static bool resolve(StartupConfig *config, StartupItem *mon, Error **errp)
{
    const char *id = text_member(mon->opts, "chardev");
    StartupItem *chardev = id ? find_chardev(config, id) : NULL;
    StartupItem *monitor;

    if (!chardev) {
        error_setg(errp, "chardev \"%s\" not found: add -chardev socket,id=...", id ?: "");
        return false;
    }
    monitor = startup_item_new();
    monitor->loc = chardev->loc;
    monitor->text = address_of(chardev->opts, errp);
    monitor->pretty = g_strcmp0(text_member(mon->opts, "pretty"), "on") == 0;
    g_ptr_array_add(config->monitors, monitor);
    return monitor->text != NULL;
}

bool options_resolve_monitors(StartupConfig *config, Error **errp)
{
    for (guint i = 0; i < config->mons->len; i++) {
        StartupItem *mon = g_ptr_array_index(config->mons, i);

        loc_restore(&mon->loc);
        if (!resolve(config, mon, errp)) {
            return false;
        }
    }
    return true;
}
