/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handlers of several options do with what they are given. */
#include "qemu/osdep.h"
#include "options.h"

bool options_check_names(JsonObject *opts, const char *const *known, Error **errp)
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

bool options_read_switch(const char *name, const char *text, bool *value, Error **errp)
{
    *value = !strcmp(text, "on");
    if (!*value && strcmp(text, "off")) {
        error_setg(errp, "Parameter '%s' expects 'on' or 'off'", name);
        return false;
    }
    return true;
}

void options_keep(GPtrArray *list, JsonObject *opts)
{
    StartupItem *item = startup_item_new();

    item->opts = opts;
    g_ptr_array_add(list, item);
}
