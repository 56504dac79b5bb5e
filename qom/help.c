/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Help texts about types and their properties, in the columns that users of
 * QEMU know.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/error.h"
#include "qapi/json.h"
#include "qom/object_interfaces.h"
#include "qom-internal.h"

/* Where the description starts. */
#define HELP_COLUMN 24

char *object_property_help(const char *name, const char *type, JsonNode *defval,
                           const char *description)
{
    GString *line = g_string_new(NULL);
    g_autofree char *text = NULL;

    g_string_append_printf(line, "  %s=<%s>", name, type);
    if (description || defval) {
        while (line->len < HELP_COLUMN) {
            g_string_append_c(line, ' ');
        }
        g_string_append(line, " - ");
    }
    if (description) {
        g_string_append(line, description);
    }
    if (defval) {
        text = qapi_json_print(defval);
        g_string_append_printf(line, "%s(default: %s)", description ? " " : "", text);
    }
    return g_string_free(line, FALSE);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef bool PropertySkip(const ObjectProperty *prop);

/* The lines of all properties of @iter that can be set, sorted, each with a newline. */
static char *properties_help(ObjectPropertyIterator *iter, PropertySkip *skip)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) text = g_string_new(NULL);
    ObjectProperty *prop;
    unsigned i;

    while ((prop = object_property_iter_next(iter))) {
        if (prop->set && !(skip && skip(prop))) {
            g_ptr_array_add(lines, object_property_help(prop->name, prop->type,
                                                        prop->defval,
                                                        prop->description));
        }
    }
    g_ptr_array_sort(lines, by_text);
    for (i = 0; i < lines->len; i++) {
        g_string_append_printf(text, "%s\n", (char *)g_ptr_array_index(lines, i));
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

bool type_print_class_properties(const char *type)
{
    ObjectClass *oc = object_class_by_name(type);
    ObjectPropertyIterator iter;
    g_autofree char *lines = NULL;

    if (!oc) {
        return false;
    }
    object_class_property_iter_init(&iter, oc);
    lines = properties_help(&iter, NULL);
    if (*lines) {
        printf("%s options:\n%s", type, lines);
    } else {
        printf("There are no options for %s.\n", type);
    }
    return true;
}

char *object_class_help(ObjectClass *oc, bool (*skip)(const ObjectProperty *prop))
{
    /* an instance knows the properties that its instance_init adds */
    g_autoptr(Object) sample = object_new_with_class(oc);
    g_autofree char *lines = NULL;
    ObjectPropertyIterator iter;

    object_property_iter_init(&iter, sample);
    lines = properties_help(&iter, skip);
    if (!*lines) {
        return g_strdup_printf("There are no options for %s.\n",
                               object_class_get_name(oc));
    }
    return g_strdup_printf("%s options:\n%s", object_class_get_name(oc), lines);
}

char *user_creatable_list_help(void)
{
    g_autoptr(GSList) list = object_class_get_list_sorted(TYPE_USER_CREATABLE, false);
    GString *text = g_string_new("List of user creatable objects:\n");
    GSList *l;

    for (l = list; l; l = l->next) {
        g_string_append_printf(text, "  %s\n", object_class_get_name(l->data));
    }
    return g_string_free(text, FALSE);
}

char *user_creatable_type_help(const char *type, Error **errp)
{
    ObjectClass *oc = object_class_by_name(type);
    if (!oc || object_class_is_abstract(oc) ||
        !object_class_dynamic_cast(oc, TYPE_USER_CREATABLE)) {
        error_setg(errp, "'%s' is not a valid object type; use '-object help' "
                   "to list them", type);
        return NULL;
    }
    return object_class_help(oc, NULL);
}
