/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP commands that make, delete, list, read and write objects and devices.
 *
 * A property of an object that lives in an isolation domain is touched with
 * that domain entered; which one it is says the nearest device or bus above.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/qdev-core.h"
#include "monitor/qdev.h"
#include "monitor/qmp.h"
#include "qemu/module.h"
#include "qom/object_interfaces.h"

static AioContext *domain_of(Object *obj)
{
    for (; obj; obj = object_get_parent(obj)) {
        if (object_dynamic_cast(obj, TYPE_DEVICE)) {
            return qdev_get_aio_context(DEVICE(obj));
        }
        if (object_dynamic_cast(obj, TYPE_BUS)) {
            return qbus_get_aio_context(BUS(obj));
        }
    }
    return aio_context_main();
}

static Object *find_object(JsonObject *args, Error **errp)
{
    const char *path = qmp_arg_string(args, "path", "");
    bool ambiguous = false;
    Object *obj = object_resolve_path(path, &ambiguous);

    if (ambiguous) {
        error_setg(errp, "Path '%s' is ambiguous", path);
        return NULL;
    }
    if (!obj) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return obj;
}

static void add_property(JsonArray *list, const ObjectProperty *prop)
{
    JsonObject *entry = json_object_new();

    json_object_set_string_member(entry, "name", prop->name);
    json_object_set_string_member(entry, "type", prop->type);
    if (prop->description) {
        json_object_set_string_member(entry, "description", prop->description);
    }
    json_array_add_object_element(list, entry);
}

static JsonNode *qom_list(JsonObject *args, Error **errp)
{
    Object *obj = find_object(args, errp);
    JsonArray *list;
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    if (!obj) {
        return NULL;
    }
    AIO_CONTEXT_GUARD(domain_of(obj));
    list = json_array_new();
    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        add_property(list, prop);
    }
    return qmp_return_array(list);
}

static JsonNode *qom_get(JsonObject *args, Error **errp)
{
    Object *obj = find_object(args, errp);

    if (!obj) {
        return NULL;
    }
    AIO_CONTEXT_GUARD(domain_of(obj));
    return object_property_get_json(obj, qmp_arg_string(args, "property", ""), errp);
}

static JsonNode *qom_set(JsonObject *args, Error **errp)
{
    Object *obj = find_object(args, errp);

    if (obj) {
        AIO_CONTEXT_GUARD(domain_of(obj));
        object_property_set_json(obj, qmp_arg_string(args, "property", ""),
                                 json_object_get_member(args, "value"), errp);
    }
    return NULL;
}

static JsonNode *object_add(JsonObject *args, Error **errp)
{
    user_creatable_add_from_json(args, errp);
    return NULL;
}

static JsonNode *object_del(JsonObject *args, Error **errp)
{
    user_creatable_del(qmp_arg_string(args, "id", ""), errp);
    return NULL;
}

static JsonNode *device_add(JsonObject *args, Error **errp)
{
    object_unref(qdev_device_add_from_json(args, errp));
    return NULL;
}

static JsonNode *device_del(JsonObject *args, Error **errp)
{
    qdev_device_del(qmp_arg_string(args, "id", ""), errp);
    return NULL;
}

static const QmpArg path_args[] = { { "path", QMP_ARG_STRING }, { NULL } };
static const QmpArg get_args[] = {
    { "path", QMP_ARG_STRING }, { "property", QMP_ARG_STRING }, { NULL }
};
static const QmpArg set_args[] = {
    { "path", QMP_ARG_STRING }, { "property", QMP_ARG_STRING }, { "value", QMP_ARG_ANY },
    { NULL }
};
static const QmpArg object_args[] = {
    { "qom-type", QMP_ARG_STRING }, { "id", QMP_ARG_STRING }, { NULL }
};
static const QmpArg device_args[] = {
    { "driver", QMP_ARG_STRING }, { "bus", QMP_ARG_STRING, .optional = true },
    { "id", QMP_ARG_STRING, .optional = true }, { NULL }
};
static const QmpArg id_args[] = { { "id", QMP_ARG_STRING }, { NULL } };

static void register_objects(void)
{
    qmp_register_command_args("qom-list", qom_list, 0, path_args);
    qmp_register_command_args("qom-get", qom_get, 0, get_args);
    qmp_register_command_args("qom-set", qom_set, 0, set_args);
    qmp_register_command_args("object-add", object_add, QMP_COMMAND_OPEN_ARGS, object_args);
    qmp_register_command_args("object-del", object_del, 0, id_args);
    qmp_register_command_args("device_add", device_add, QMP_COMMAND_OPEN_ARGS, device_args);
    qmp_register_command_args("device_del", device_del, 0, id_args);
}

type_init(register_objects)
