/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User-creatable objects: from options to a completed object in /objects.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qemu/id.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "qom/object_interfaces.h"

/* The order of creation; guarded like all of this by the main context. */
static GQueue created = G_QUEUE_INIT;   /* of ids, owned */

bool user_creatable_complete(UserCreatable *uc, Error **errp)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);
    Error *err = NULL;

    if (ucc->complete) {
        ucc->complete(uc, &err);
    }
    error_propagate(errp, err);
    return !err;
}

bool user_creatable_can_be_deleted(UserCreatable *uc)
{
    UserCreatableClass *ucc = USER_CREATABLE_GET_CLASS(uc);

    return !ucc->can_be_deleted || ucc->can_be_deleted(uc);
}

/* --- checks of what the user wrote ------------------------------------ */

static ObjectClass *find_user_class(const char *type, Error **errp)
{
    ObjectClass *oc = object_class_by_name(type);

    if (!oc) {
        error_setg(errp, "invalid object type: %s; use '-object help' to list the types",
                   type);
        return NULL;
    }
    if (object_class_is_abstract(oc) ||
        !object_class_dynamic_cast(oc, TYPE_USER_CREATABLE)) {
        error_setg(errp, "object type '%s' cannot be made by a user; "
                   "use '-object help' to list the types that can", type);
        return NULL;
    }
    return oc;
}

static bool id_ok(const char *id, Error **errp)
{
    if (!id_wellformed(id)) {
        error_setg(errp, "Parameter 'id' expects an identifier, not '%s': a letter, then "
                   "letters, digits, '-', '.' or '_'", id);
        return false;
    }
    if (object_resolve_path_component(object_get_objects_root(), id)) {
        error_setg(errp, "object id '%s' is in use; choose another id=", id);
        return false;
    }
    return true;
}

/* --- creation --------------------------------------------------------- */

static bool is_frame_member(const char *name)
{
    return strcmp(name, "qom-type") == 0 || strcmp(name, "id") == 0;
}

static bool set_user_properties(Object *obj, JsonObject *props, Error **errp)
{
    ERRP_GUARD();
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, props);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (is_frame_member(name)) {
            continue;
        }
        if (!object_property_set_json(obj, name, value, errp)) {
            error_append_hint(errp, "Use '-object %s,help' to list its properties.\n",
                              object_get_typename(obj));
            return false;
        }
    }
    return true;
}

Object *user_creatable_add_type(const char *type, const char *id, JsonObject *props,
                                Error **errp)
{
    g_autoptr(Object) obj = NULL;
    ObjectClass *oc = find_user_class(type, errp);

    if (!oc || !id_ok(id, errp)) {
        return NULL;
    }
    obj = object_new_with_class(oc);
    if (props && !set_user_properties(obj, props, errp)) {
        return NULL;
    }
    object_property_add_child(object_get_objects_root(), id, obj);
    if (!user_creatable_complete(USER_CREATABLE(obj), errp)) {
        object_unparent(obj);
        return NULL;
    }
    g_queue_push_tail(&created, g_strdup(id));
    return obj;
}

static const char *need_string(JsonObject *opts, const char *name, Error **errp)
{
    JsonNode *node = json_object_get_member(opts, name);

    if (!node) {
        error_setg(errp, "Parameter '%s' is missing", name);
        return NULL;
    }
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING) {
        error_setg(errp, "Invalid parameter type for '%s', expected: string", name);
        return NULL;
    }
    return json_node_get_string(node);
}

Object *user_creatable_add_from_json(JsonObject *opts, Error **errp)
{
    const char *type = need_string(opts, "qom-type", errp);
    const char *id = type ? need_string(opts, "id", errp) : NULL;

    return id ? user_creatable_add_type(type, id, opts, errp) : NULL;
}

/* --- deletion --------------------------------------------------------- */

bool user_creatable_del(const char *id, Error **errp)
{
    Object *obj = object_resolve_path_component(object_get_objects_root(), id);
    GList *link;

    if (!obj) {
        error_setg(errp, "object '%s' not found", id);
        return false;
    }
    if (!object_dynamic_cast(obj, TYPE_USER_CREATABLE) ||
        !user_creatable_can_be_deleted(USER_CREATABLE(obj))) {
        error_setg(errp, "object '%s' is in use, can not be deleted", id);
        return false;
    }
    link = g_queue_find_custom(&created, id, (GCompareFunc)strcmp);
    if (link) {
        g_free(link->data);
        g_queue_delete_link(&created, link);
    }
    object_unparent(obj);
    return true;
}

void user_creatable_cleanup(void)
{
    unsigned left = created.length;

    while (left--) {
        g_autofree char *id = g_queue_pop_tail(&created);
        Object *obj = object_resolve_path_component(object_get_objects_root(), id);

        if (obj && user_creatable_can_be_deleted(USER_CREATABLE(obj))) {
            object_unparent(obj);
        } else if (obj) {
            /* in use by one that stays: it goes with the process */
            g_queue_push_head(&created, g_steal_pointer(&id));
        }
    }
}

static void register_user_creatable(void)
{
    static const TypeInfo info = {
        .name = TYPE_USER_CREATABLE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(UserCreatableClass),
    };

    type_register_static(&info);
}

type_init(register_user_creatable)
