/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands whose words have to be looked at before QMP can be asked. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-json.h"
#include "qapi/qmp-registry.h"

static void call(const char *name, JsonObject *args, Error **errp)
{
    JsonNode *answer = qmp_call(name, args, errp);

    g_clear_pointer(&answer, json_node_unref);
}

/* ---- device_add, object_add: "help" instead of a type, or behind one ---- */

typedef struct Maker {
    const char *qmp;
    const char *type_member;
    const char *implements;
    const char *list_properties;    /* QMP command */
} Maker;

static void list_types(Monitor *mon, const Maker *maker, Error **errp)
{
    g_autoptr(JsonObject) args = json_object_new();
    g_autoptr(JsonNode) answer = NULL;
    JsonArray *types;

    json_object_set_string_member(args, "implements", maker->implements);
    json_object_set_boolean_member(args, "abstract", false);
    answer = qmp_call("qom-list-types", args, errp);
    types = answer ? json_node_get_array(answer) : NULL;
    for (guint i = 0; types && i < json_array_get_length(types); i++) {
        monitor_printf(mon, "%s\n", json_text(json_array_get_object_element(types, i), "name"));
    }
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_properties(Monitor *mon, const Maker *maker, const char *type, Error **errp)
{
    g_autoptr(JsonObject) args = json_object_new();
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(JsonNode) answer = NULL;
    JsonArray *props;

    json_object_set_string_member(args, "typename", type);
    answer = qmp_call(maker->list_properties, args, errp);
    props = answer ? json_node_get_array(answer) : NULL;
    if (props) {
        monitor_printf(mon, "%s options:\n", type);
    }
    for (guint i = 0; props && i < json_array_get_length(props); i++) {
        JsonObject *prop = json_array_get_object_element(props, i);
        const char *description = json_text(prop, "description");

        g_ptr_array_add(lines, g_strdup_printf("  %s=<%s>%s%s\n", json_text(prop, "name"),
                                               json_text(prop, "type"),
                                               *description ? " - " : "", description));
    }
    g_ptr_array_sort(lines, compare_lines);
    for (guint i = 0; i < lines->len; i++) {
        monitor_printf(mon, "%s", (char *)lines->pdata[i]);
    }
}

static void make(Monitor *mon, const Maker *maker, JsonObject *args, Error **errp)
{
    const char *type = json_object_get_string_member_with_default(args, maker->type_member, NULL);

    if (!json_object_has_member(args, "help")) {
        g_autoptr(JsonNode) G_GNUC_UNUSED answer = qmp_call_text(maker->qmp, args, errp);
    } else if (type) {
        list_properties(mon, maker, type, errp);
    } else {
        list_types(mon, maker, errp);
    }
}

void hmp_device_add(Monitor *mon, JsonObject *args, Error **errp)
{
    static const Maker devices = {
        "device_add", "driver", "device", "device-list-properties"
    };

    make(mon, &devices, args, errp);
}

void hmp_object_add(Monitor *mon, JsonObject *args, Error **errp)
{
    static const Maker objects = {
        "object-add", "qom-type", "user-creatable", "qom-list-properties"
    };

    make(mon, &objects, args, errp);
}

/* ---- qom-set ---- */

/* The type of a property as QMP names it; the caller frees, NULL with errp set. */
static char *property_type(const char *path, const char *property, Error **errp)
{
    g_autoptr(JsonObject) args = json_object_new();
    g_autoptr(JsonNode) answer = NULL;
    JsonArray *props;

    json_object_set_string_member(args, "path", path);
    answer = qmp_call("qom-list", args, errp);
    if (!answer) {
        return NULL;
    }
    props = json_node_get_array(answer);
    for (guint i = 0; i < json_array_get_length(props); i++) {
        JsonObject *prop = json_array_get_object_element(props, i);

        if (!strcmp(json_text(prop, "name"), property)) {
            return g_strdup(json_text(prop, "type"));
        }
    }
    error_setg(errp, "Property '%s.%s' not found", path, property);
    return NULL;
}

void hmp_qom_set(Monitor *mon, JsonObject *args, Error **errp)
{
    const char *text = json_text(args, "value");
    bool json = json_object_get_boolean_member_with_default(args, "json", false);
    g_autofree char *type = NULL;
    JsonNode *value;

    if (json) {
        value = qapi_json_parse(text, strlen(text), errp);
    } else {
        type = property_type(json_text(args, "path"), json_text(args, "property"), errp);
        value = type ? hmp_value(type, text, errp) : NULL;
    }
    if (value) {
        json_object_remove_member(args, "json");
        json_object_set_member(args, "value", value);
        call("qom-set", args, errp);
    }
}

/* ---- trace-event ---- */

void hmp_trace_event(Monitor *mon, JsonObject *args, Error **errp)
{
    g_autoptr(JsonNode) on = hmp_value("bool", json_text(args, "option"), errp);

    if (on) {
        json_object_remove_member(args, "option");
        json_object_set_member(args, "enable", json_node_ref(on));
        call("trace-event-set-state", args, errp);
    }
}

void hmp_info_trace_events(Monitor *mon, JsonObject *args, Error **errp)
{
    g_autoptr(JsonNode) answer = NULL;

    if (!json_object_has_member(args, "name")) {
        json_object_set_string_member(args, "name", "*");
    }
    answer = qmp_call("trace-event-get-state", args, errp);
    if (answer) {
        hmp_show_trace_events(mon, answer);
    }
}
