/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP commands that make, delete, list, read and write objects and devices.
 *
 * A property of an object that lives in an isolation domain is touched with
 * that domain entered; which one it is says the nearest device or bus above.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "block/aio.h"
#include "hw/qdev-core.h"
#include "monitor/qdev.h"
#include "qapi/qapi-commands-qdev.h"
#include "qapi/qapi-commands-qom.h"
#include "qapi/qapi-visit-qom.h"
#include "qapi/qmp-marshal.h"
#include "qom/object_interfaces.h"

static Object *find_object(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj;

    /* Made when first needed, and a client may look before that. */
    object_get_objects_root();
    obj = object_resolve_path(path, &ambiguous);
    if (ambiguous) {
        error_setg(errp, "Path '%s' is ambiguous", path);
        return NULL;
    }
    if (!obj) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return obj;
}

static ObjectPropertyInfo *describe(const ObjectProperty *prop)
{
    ObjectPropertyInfo *info = g_new0(ObjectPropertyInfo, 1);

    info->name = g_strdup(prop->name);
    info->type = g_strdup(prop->type);
    info->description = g_strdup(prop->description);
    return info;
}

ObjectPropertyInfoList *qmp_qom_list(const char *path, Error **errp)
{
    Object *obj = find_object(path, errp);
    ObjectPropertyInfoList *list = NULL, **tail = &list;
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    if (!obj) {
        return NULL;
    }
    AIO_CONTEXT_GUARD(qdev_context_of_object(obj));
    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        QAPI_LIST_APPEND(tail, describe(prop));
    }
    return list;
}

static ObjectPropertyValue *read_property(Object *obj, const ObjectProperty *prop)
{
    ObjectPropertyValue *value = g_new0(ObjectPropertyValue, 1);

    value->name = g_strdup(prop->name);
    value->type = g_strdup(prop->type);
    if (prop->get) {
        value->value = object_property_get_json(obj, prop->name, NULL);
    }
    return value;
}

static ObjectPropertiesValues *read_properties(Object *obj)
{
    ObjectPropertiesValues *values = g_new0(ObjectPropertiesValues, 1);
    ObjectPropertyValueList **tail = &values->properties;
    ObjectPropertyIterator iter;
    ObjectProperty *prop;
    AIO_CONTEXT_GUARD(qdev_context_of_object(obj));

    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        QAPI_LIST_APPEND(tail, read_property(obj, prop));
    }
    return values;
}

ObjectPropertiesValuesList *qmp_qom_list_get(strList *paths, Error **errp)
{
    g_autoptr(ObjectPropertiesValuesList) list = NULL;
    ObjectPropertiesValuesList **tail = &list;

    for (; paths; paths = paths->next) {
        Object *obj = find_object(paths->value, errp);

        if (!obj) {
            return NULL;
        }
        QAPI_LIST_APPEND(tail, read_properties(obj));
    }
    return g_steal_pointer(&list);
}

JsonNode *qmp_qom_get(const char *path, const char *property, Error **errp)
{
    Object *obj = find_object(path, errp);

    if (!obj) {
        return NULL;
    }
    AIO_CONTEXT_GUARD(qdev_context_of_object(obj));
    return object_property_get_json(obj, property, errp);
}

/*
 * What a device is made and unplugged by. A device that is taken out of its bus by
 * these alone is still served, listed and owned.
 */
static bool may_set(Object *obj, const char *property, Error **errp)
{
    static const struct {
        const char *type, *property;
    } wiring[] = {
        { TYPE_DEVICE, "realized" }, { TYPE_BUS, "realized" }, { TYPE_BUS, "hotplug-handler" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(wiring); i++) {
        if (g_str_equal(property, wiring[i].property) &&
            object_dynamic_cast(obj, wiring[i].type)) {
            error_setg(errp, "Property '%s.%s' cannot be set: use device_add and device_del",
                       object_get_typename(obj), property);
            return false;
        }
    }
    return true;
}

void qmp_qom_set(const char *path, const char *property, JsonNode *value, Error **errp)
{
    Object *obj = find_object(path, errp);

    if (obj && may_set(obj, property, errp)) {
        AIO_CONTEXT_GUARD(qdev_context_of_object(obj));
        object_property_set_json(obj, property, value, errp);
    }
}

/* The schema has checked them; the object sets them by its own properties. */
void qmp_object_add(ObjectOptions *options, Error **errp)
{
    g_autoptr(JsonObject) props = qmp_event_data(&qapi_type_ObjectOptions, options);

    user_creatable_add_from_json(props, errp);
}

void qmp_object_del(const char *id, Error **errp)
{
    user_creatable_del(id, errp);
}

/* The members that are no properties; those check themselves. */
static bool check_type(JsonObject *args, const char *name, bool optional, Error **errp)
{
    JsonNode *node = json_object_get_member(args, name);

    if (!node && !optional) {
        error_setg(errp, "Parameter '%s' is missing", name);
        return false;
    }
    if (node && (!JSON_NODE_HOLDS_VALUE(node) ||
                 json_node_get_value_type(node) != G_TYPE_STRING)) {
        error_setg(errp, "Invalid parameter type for '%s', expected: string", name);
        return false;
    }
    return true;
}

JsonNode *qmp_device_add(JsonObject *args, Error **errp)
{
    if (check_type(args, "driver", false, errp) && check_type(args, "bus", true, errp) &&
        check_type(args, "id", true, errp)) {
        object_unref(qdev_device_add_from_json(args, errp));
    }
    return NULL;
}

void qmp_device_del(const char *id, Error **errp)
{
    qdev_device_del(id, errp);
}
