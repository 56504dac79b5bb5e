/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -add-fd: done at once, for other options may open what it gives. */
#include "qemu/osdep.h"
#include "monitor/monitor.h"
#include "options.h"
#include "qapi/keyval.h"

static const char *needed(JsonObject *opts, const char *name, Error **errp)
{
    const char *text = json_object_get_string_member_with_default(opts, name, NULL);

    if (!text) {
        error_setg(errp, "Parameter '%s' is missing", name);
    }
    return text;
}

bool option_add_fd(StartupConfig *config, const char *arg, Error **errp)
{
    static const char *const known[] = { "fd", "set", "opaque", NULL };
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, NULL, KEYVAL_FLAT, &help, errp);
    const char *fd, *set;
    guint64 id;

    if (!opts || !options_check_names(opts, known, errp)) {
        return false;
    }
    fd = needed(opts, "fd", errp);
    set = fd ? needed(opts, "set", errp) : NULL;
    if (!set) {
        return false;
    }
    if (!g_ascii_string_to_unsigned(set, 10, 0, G_MAXINT64, &id, NULL)) {
        error_setg(errp, "Parameter 'set' expects a number, not '%s'", set);
        return false;
    }
    if (!g_ascii_isdigit(*fd)) {
        error_setg(errp, "Parameter 'fd' expects the number of an inherited descriptor, not"
                   " '%s'", fd);
        return false;
    }
    return monitor_add_fd_option(id, fd, json_object_get_string_member_with_default(
                                             opts, "opaque", NULL), errp);
}
