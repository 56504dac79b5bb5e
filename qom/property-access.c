/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties by C value, by text and by JSON: each form is one visitor around
 * object_property_get() and object_property_set().
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/error.h"
#include "qapi/json-visitor.h"
#include "qapi/string-input-visitor.h"
#include "qapi/string-output-visitor.h"
#include "qom-internal.h"

/* --- JSON ------------------------------------------------------------- */

static bool set_with(Object *obj, const char *name, Visitor *v, Error **errp)
{
    bool ok = object_property_set(obj, name, v, errp);

    visit_free(v);
    return ok;
}

bool object_property_set_json(Object *obj, const char *name, JsonNode *value,
                              Error **errp)
{
    return set_with(obj, name, json_input_visitor_new_keyval(value), errp);
}

JsonNode *object_property_get_json(Object *obj, const char *name, Error **errp)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);

    if (object_property_get(obj, name, v, errp)) {
        visit_complete(v, &node);
    }
    return node;
}

bool object_set_properties_from_json(Object *obj, JsonObject *props, Error **errp)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, props);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (!object_property_set_json(obj, name, value, errp)) {
            return false;
        }
    }
    return true;
}

/* --- setting C values ------------------------------------------------- */

/* @value is consumed. */
static bool set_node(Object *obj, const char *name, JsonNode *value, Error **errp)
{
    g_autoptr(JsonNode) owned = value;

    return set_with(obj, name, json_input_visitor_new(owned), errp);
}

bool object_property_set_str(Object *obj, const char *name, const char *value,
                             Error **errp)
{
    return set_node(obj, name, json_node_init_string(json_node_alloc(), value ?: ""),
                    errp);
}

bool object_property_set_bool(Object *obj, const char *name, bool value, Error **errp)
{
    return set_node(obj, name, json_node_init_boolean(json_node_alloc(), value), errp);
}

bool object_property_set_int(Object *obj, const char *name, int64_t value, Error **errp)
{
    return set_node(obj, name, json_node_init_int(json_node_alloc(), value), errp);
}

bool object_property_set_uint(Object *obj, const char *name, uint64_t value,
                              Error **errp)
{
    g_autofree char *text = NULL;

    if (value <= INT64_MAX) {
        return object_property_set_int(obj, name, value, errp);
    }
    text = g_strdup_printf("%" PRIu64, value);
    return object_property_parse(obj, name, text, errp);
}

bool object_property_set_link(Object *obj, const char *name, Object *value, Error **errp)
{
    ObjectProperty *prop;
    g_autofree char *path = NULL;

    while (property_follow_alias(&obj, &name)) {
        continue;
    }
    prop = object_property_find_err(obj, name, errp);
    if (!prop) {
        return false;
    }
    if (property_is_link(prop)) {
        return property_link_assign(obj, prop, value, errp);
    }
    /* a setter that takes a path */
    path = value ? object_get_canonical_path(value) : g_strdup("");
    if (!path) {
        error_setg(errp, "Property '%s.%s': the object to link has no path",
                   object_get_typename(obj), name);
        return false;
    }
    return object_property_set_str(obj, name, path, errp);
}

/* --- getting C values ------------------------------------------------- */

/* The value as a scalar of @type; NULL with errp set otherwise. */
static JsonNode *get_scalar(Object *obj, const char *name, GType type, const char *what,
                            Error **errp)
{
    g_autoptr(JsonNode) node = object_property_get_json(obj, name, errp);

    if (!node) {
        return NULL;
    }
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != type) {
        error_setg(errp, "Property '%s.%s' is not %s", object_get_typename(obj), name,
                   what);
        return NULL;
    }
    return g_steal_pointer(&node);
}

char *object_property_get_str(Object *obj, const char *name, Error **errp)
{
    g_autoptr(JsonNode) node = get_scalar(obj, name, G_TYPE_STRING, "a string", errp);

    return node ? json_node_dup_string(node) : NULL;
}

bool object_property_get_bool(Object *obj, const char *name, Error **errp)
{
    g_autoptr(JsonNode) node = get_scalar(obj, name, G_TYPE_BOOLEAN, "a boolean", errp);

    return node && json_node_get_boolean(node);
}

int64_t object_property_get_int(Object *obj, const char *name, Error **errp)
{
    g_autoptr(JsonNode) node = get_scalar(obj, name, G_TYPE_INT64, "an integer", errp);

    return node ? json_node_get_int(node) : -1;
}

uint64_t object_property_get_uint(Object *obj, const char *name, Error **errp)
{
    g_autoptr(JsonNode) node = object_property_get_json(obj, name, errp);
    g_autoptr(Visitor) v = NULL;
    uint64_t value = 0;

    if (!node) {
        return 0;
    }
    /* keyval: above INT64_MAX the value comes as text */
    v = json_input_visitor_new_keyval(node);
    return visit_type_uint64(v, name, &value, errp) ? value : 0;
}

Object *object_property_get_link(Object *obj, const char *name, Error **errp)
{
    ObjectProperty *prop;
    g_autofree char *path = NULL;
    Object *target = NULL;

    while (property_follow_alias(&obj, &name)) {
        continue;
    }
    prop = object_property_find_err(obj, name, errp);
    if (!prop || property_link_fetch(obj, prop, &target)) {
        return target;
    }
    path = object_property_get_str(obj, name, errp);
    if (!path || !*path) {
        return NULL;
    }
    target = object_resolve_path(path, NULL);
    if (!target) {
        error_setg(errp, "Device '%s' not found", path);
    }
    return target;
}

/* --- text ------------------------------------------------------------- */

bool object_property_parse(Object *obj, const char *name, const char *string,
                           Error **errp)
{
    return set_with(obj, name, string_input_visitor_new(string), errp);
}

char *object_property_print(Object *obj, const char *name, bool human, Error **errp)
{
    char *text = NULL;
    g_autoptr(Visitor) v = string_output_visitor_new(human, &text);

    if (object_property_get(obj, name, v, errp)) {
        visit_complete(v, &text);
    }
    return text;
}
