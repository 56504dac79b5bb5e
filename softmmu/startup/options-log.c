/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -D, -d, -trace and -msg. Trace points are switched on as they are read; the
 * log is opened later, when it is clear where it goes and which process writes.
 */
#include "qemu/osdep.h"
#include "qapi/keyval.h"
#include "options.h"
#include "trace/control.h"

bool option_log_file(StartupConfig *config, const char *arg, Error **errp)
{
    g_free(config->log_file);
    config->log_file = g_strdup(arg);
    return true;
}

bool option_log_items(StartupConfig *config, const char *arg, Error **errp)
{
    int mask;

    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        qemu_print_log_usage(stdout);
        config->done = true;
        return true;
    }
    mask = qemu_str_to_log_mask(arg);
    if (!mask) {
        error_setg(errp, "unknown log item: '-d help' lists them");
        return false;
    }
    config->log_mask |= mask;
    return true;
}

bool option_trace(StartupConfig *config, const char *arg, Error **errp)
{
    config->log_mask |= LOG_TRACE;
    return trace_opt_parse(arg, errp);
}

bool option_msg(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, NULL, KEYVAL_FLAT, &help, errp);
    g_autoptr(GList) names = opts ? json_object_get_members(opts) : NULL;

    for (GList *l = names; l; l = l->next) {
        const char *value = json_object_get_string_member(opts, l->data);
        bool *flag = !strcmp(l->data, "timestamp") ? &message_with_timestamp :
                     !strcmp(l->data, "guest-name") ? &error_with_guestname : NULL;

        if (!flag) {
            error_setg(errp, "Invalid parameter '%s'", (char *)l->data);
            return false;
        }
        if (!options_read_switch(l->data, value, flag, errp)) {
            return false;
        }
    }
    return opts != NULL;
}
