/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "block-help.h"
#include "qapi/qapi-visit-block-core.h"
#include "qapi/type-table.h"
#include "qapi/util.h"

char *block_driver_list_help(void)
{
    GString *text = g_string_new("Available block drivers:\n");

    for (int i = 0; i < BLOCKDEV_DRIVER__MAX; i++) {
        g_string_append_printf(text, "  %s\n", BlockdevDriver_str(i));
    }
    return g_string_free(text, FALSE);
}

/* "a|b|c" for an enum, else the type's name. */
static void append_type(GString *text, const QapiType *type)
{
    if (type->kind != QAPI_KIND_ENUM) {
        g_string_append_printf(text, "<%s>", type->name);
        return;
    }
    for (int i = 0; i < type->lookup->size; i++) {
        g_string_append_printf(text, "%s%s", i ? "|" : "<", type->lookup->array[i]);
    }
    g_string_append(text, ">");
}

static void append_members(GString *text, const QapiType *type, const char *prefix)
{
    for (uint32_t i = 0; i < type->n_members; i++) {
        const QapiMember *m = &type->members[i];
        g_autofree char *name = g_strconcat(prefix, m->name, NULL);

        if (m->type->kind == QAPI_KIND_STRUCT && !m->type->n_branches) {
            g_autofree char *below = g_strconcat(name, ".", NULL);

            append_members(text, m->type, below);
            continue;
        }
        g_string_append_printf(text, "  %s=", name);
        append_type(text, m->type);
        g_string_append(text, m->optional ? "\n" : " (required)\n");
    }
}

char *block_driver_help(const char *driver, Error **errp)
{
    int kind = qapi_enum_parse(&BlockdevDriver_lookup, driver, -1, NULL);
    GString *text;

    if (kind < 0) {
        error_setg(errp, "Unknown driver '%s': use -blockdev help to list them", driver);
        return NULL;
    }
    text = g_string_new(NULL);
    g_string_append_printf(text, "%s options:\n", driver);
    append_members(text, qapi_type_BlockdevOptions.branches[kind], "");
    g_string_append(text, "Options of all drivers:\n");
    append_members(text, &qapi_type_BlockdevOptions, "");
    return g_string_free(text, FALSE);
}
