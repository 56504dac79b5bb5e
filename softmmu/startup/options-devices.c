/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -device and -object: read now, made later in the right order. What asks for
 * help is answered at once; no machine is needed for that.
 */
#include "qemu/osdep.h"
#include "qapi/keyval.h"
#include "monitor/qdev.h"
#include "options.h"
#include "qom/object_interfaces.h"

/* Takes @text over; NULL: the error is set. */
static bool print_help(StartupConfig *config, char *text)
{
    if (text) {
        fputs(text, stdout);
        config->done = true;
    }
    g_free(text);
    return config->done;
}

bool option_device(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_or_json_parse(arg, "driver", KEYVAL_FLAT, &help, errp);
    const char *driver;

    if (!opts) {
        return false;
    }
    if (help) {
        driver = json_object_get_string_member_with_default(opts, "driver", NULL);
        return print_help(config, driver ? qdev_device_type_help(driver, errp) :
                                           qdev_device_list_help());
    }
    options_keep(config->devices, g_steal_pointer(&opts));
    return true;
}

bool option_object(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_or_json_parse(arg, "qom-type", KEYVAL_NESTED, &help,
                                                      errp);
    const char *type;

    if (!opts) {
        return false;
    }
    if (help) {
        type = json_object_get_string_member_with_default(opts, "qom-type", NULL);
        return print_help(config, type ? user_creatable_type_help(type, errp) :
                                         user_creatable_list_help());
    }
    options_keep(config->objects, g_steal_pointer(&opts));
    return true;
}
