/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options about the machine as a whole. */
#include "qemu/osdep.h"
#include "hw/boards.h"
#include "hw/qdev-properties.h"
#include "qapi/keyval.h"
#include "options.h"
#include "sysemu/sysemu.h"
#include "sysemu/watchdog.h"

#include <sys/prctl.h>

bool option_machine(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, "type", KEYVAL_FLAT, &help, errp);

    if (!opts) {
        return false;
    }
    if (help) {
        g_autofree char *text = machine_list_help();
        fputs(text, stdout);
        config->done = true;
        return true;
    }
    if (!config->machine) {
        config->machine = startup_item_new();
        config->machine->opts = json_object_new();
    }
    loc_save(&config->machine->loc);
    if (json_object_has_member(opts, "accel")) {
        options_choose_accel(config, json_object_get_string_member(opts, "accel"));
        json_object_remove_member(opts, "accel");
    }
    keyval_merge(config->machine->opts, opts);
    return true;
}

bool option_name(StartupConfig *config, const char *arg, Error **errp)
{
    static const char *const known[] = { "guest", "process", "debug-threads", NULL };
    bool help, threads;
    g_autoptr(JsonObject) opts = keyval_parse(arg, "guest", KEYVAL_FLAT, &help, errp);
    const char *process, *debug;

    if (!opts || !options_check_names(opts, known, errp)) {
        return false;
    }
    debug = json_object_get_string_member_with_default(opts, "debug-threads", "off");
    if (!options_read_switch("debug-threads", debug, &threads, errp)) {
        return false;
    }
    /* Threads have names anyway: debug-threads=on asks for what is so. */
    if (json_object_has_member(opts, "guest")) {
        g_free((char *)qemu_name);      /* of an earlier -name */
        qemu_name = g_strdup(json_object_get_string_member(opts, "guest"));
        error_guest_name = qemu_name;
    }
    process = json_object_get_string_member_with_default(opts, "process", NULL);
    if (process) {
        prctl(PR_SET_NAME, process);
    }
    return true;
}

bool option_uuid(StartupConfig *config, const char *arg, Error **errp)
{
    if (qemu_uuid_parse(arg, &qemu_uuid) < 0) {
        error_setg(errp, "failed to parse UUID string: wrong format");
        return false;
    }
    qemu_uuid_set = true;
    return true;
}

bool option_paused(StartupConfig *config, const char *arg, Error **errp)
{
    config->paused = true;
    return true;
}

/* DRIVER.PROPERTY=VALUE; a driver's name may contain dots, a property's not. */
bool option_global(StartupConfig *config, const char *arg, Error **errp)
{
    const char *eq = strchr(arg, '=');
    g_autofree char *left = eq ? g_strndup(arg, eq - arg) : NULL;
    char *dot = left ? strrchr(left, '.') : NULL;
    GlobalProperty *prop;

    if (!dot || dot == left || !dot[1]) {
        error_setg(errp, "expected DRIVER.PROPERTY=VALUE");
        return false;
    }
    *dot = '\0';
    /* Registered for ever. */
    prop = g_new0(GlobalProperty, 1);
    prop->driver = g_strdup(left);
    prop->property = g_strdup(dot + 1);
    prop->value = g_strdup(eq + 1);
    qdev_prop_register_global(prop);
    return true;
}

bool option_watchdog_action(StartupConfig *config, const char *arg, Error **errp)
{
    if (select_watchdog_action(arg) < 0) {
        error_setg(errp, "unknown watchdog action: use reset, shutdown, poweroff, pause,"
                   " inject-nmi, debug or none");
        return false;
    }
    return true;
}

bool option_action(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, NULL, KEYVAL_FLAT, &help, errp);
    g_autoptr(GList) names = opts ? json_object_get_members(opts) : NULL;

    if (!opts) {
        return false;
    }
    for (GList *l = names; l; l = l->next) {
        const char *value = json_object_get_string_member(opts, l->data);

        if (!strcmp(l->data, "watchdog")) {
            if (!option_watchdog_action(config, value, errp)) {
                return false;
            }
        } else if (g_str_equal(l->data, "panic") || g_str_equal(l->data, "reboot") ||
                   g_str_equal(l->data, "shutdown")) {
            warn_report("ignored: '%s' of a guest is reported by an event and left to the"
                        " client", (char *)l->data);
        } else {
            error_setg(errp, "Invalid parameter '%s'", (char *)l->data);
            return false;
        }
    }
    return true;
}
