/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties that lead to other objects: links, constant links and aliases.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qom-internal.h"

typedef void LinkCheck(const Object *obj, const char *name, Object *val, Error **errp);

/*
 * Where the pointer is: at @where; @offset bytes into the object, for class
 * properties; or @direct, the target itself, which then never changes.
 */
typedef struct LinkProp {
    Object **where;
    ptrdiff_t offset;
    Object *direct;
    LinkCheck *check;
    ObjectPropertyLinkFlags flags;
} LinkProp;

void object_property_allow_set_link(const Object *obj, const char *name, Object *child,
                                    Error **errp)
{
    /* refuses nothing */
}

static Object **link_slot(Object *obj, LinkProp *link)
{
    if (link->flags & OBJ_PROP_LINK_DIRECT) {
        return &link->direct;
    }
    if (link->flags & OBJ_PROP_LINK_CLASS) {
        return (Object **)((char *)obj + link->offset);
    }
    return link->where;
}

static void link_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    Object *target = *link_slot(obj, opaque);
    g_autofree char *path = target ? object_get_canonical_path(target) : NULL;

    if (!path) {
        path = g_strdup("");
    }
    visit_type_str(v, name, &path, errp);
}

/* The T of "link<T>". */
static char *link_type(const ObjectProperty *prop)
{
    const char *type = prop->type + strlen("link<");

    return g_strndup(type, strlen(type) - 1);
}

/* The object of the link's type that a user's path means; false with errp set. */
static bool link_lookup(const ObjectProperty *prop, const char *path, Object **target,
                        Error **errp)
{
    g_autofree char *type = link_type(prop);
    bool ambiguous = false;

    *target = NULL;
    if (!*path) {
        return true;
    }
    *target = object_resolve_path_type(path, type, &ambiguous);
    if (*target) {
        return true;
    }
    if (ambiguous) {
        error_setg(errp, "Path '%s' does not uniquely identify an object", path);
    } else if (object_resolve_path(path, NULL)) {
        error_setg(errp, "Invalid parameter type for '%s', expected: %s",
                   prop->name, type);
    } else {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return false;
}

bool property_link_assign(Object *obj, ObjectProperty *prop, Object *value, Error **errp)
{
    g_autofree char *type = link_type(prop);
    LinkProp *link = prop->opaque;
    Object **slot = link_slot(obj, link);
    Object *old = *slot;
    Error *err = NULL;

    if (!link->check) {
        error_setg(errp, "Property '%s.%s' is not writable", object_get_typename(obj),
                   prop->name);
        return false;
    }
    if (value && !object_dynamic_cast(value, type)) {
        error_setg(errp, "Invalid parameter type for '%s', expected: %s",
                   prop->name, type);
        return false;
    }
    link->check(obj, prop->name, value, &err);
    if (err) {
        error_propagate(errp, err);
        return false;
    }
    *slot = value;
    if (link->flags & OBJ_PROP_LINK_STRONG) {
        object_ref(value);
        object_unref(old);
    }
    return true;
}

static void link_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    ObjectProperty *prop = object_property_find(obj, name);
    g_autofree char *path = NULL;
    Object *target;

    if (visit_type_str(v, name, &path, errp) &&
        link_lookup(prop, path, &target, errp)) {
        property_link_assign(obj, prop, target, errp);
    }
}

static Object *link_resolve(Object *obj, void *opaque, const char *part)
{
    return *link_slot(obj, opaque);
}

static void link_release(Object *obj, const char *name, void *opaque)
{
    LinkProp *link = opaque;
    Object **slot = link_slot(obj, link);

    if ((link->flags & OBJ_PROP_LINK_STRONG) && *slot) {
        object_unref(g_steal_pointer(slot));
    }
    if (!(link->flags & OBJ_PROP_LINK_CLASS)) {
        g_free(link);
    }
}

bool property_is_link(const ObjectProperty *prop)
{
    return prop->get == link_get;
}

bool property_link_fetch(Object *obj, ObjectProperty *prop, Object **value)
{
    if (!property_is_link(prop)) {
        return false;
    }
    *value = *link_slot(obj, prop->opaque);
    return true;
}

static ObjectProperty *link_add(Object *obj, const char *name, const char *type,
                                const LinkProp *proto)
{
    g_autofree char *full_type = g_strdup_printf("link<%s>", type);
    ObjectProperty *prop;

    prop = object_property_add(obj, name, full_type, link_get,
                               proto->check ? link_set : NULL, link_release,
                               g_memdup2(proto, sizeof(*proto)));
    prop->resolve = link_resolve;
    return prop;
}

ObjectProperty *object_property_add_link(Object *obj, const char *name,
                                         const char *type, Object **targetp,
                                         LinkCheck *check,
                                         ObjectPropertyLinkFlags flags)
{
    return link_add(obj, name, type, &(LinkProp) {
        .where = targetp, .check = check, .flags = flags,
    });
}

ObjectProperty *object_property_add_const_link(Object *obj, const char *name,
                                               Object *target)
{
    return link_add(obj, name, object_get_typename(target), &(LinkProp) {
        .direct = target, .flags = OBJ_PROP_LINK_DIRECT,
    });
}

ObjectProperty *object_class_property_add_link(ObjectClass *oc, const char *name,
                                               const char *type, ptrdiff_t offset,
                                               LinkCheck *check,
                                               ObjectPropertyLinkFlags flags)
{
    g_autofree char *full_type = g_strdup_printf("link<%s>", type);
    LinkProp *link = g_new0(LinkProp, 1);
    ObjectProperty *prop;

    link->offset = offset;
    link->check = check;
    link->flags = flags | OBJ_PROP_LINK_CLASS;
    prop = object_class_property_add(oc, name, full_type, link_get,
                                     check ? link_set : NULL, link_release, link);
    prop->resolve = link_resolve;
    return prop;
}

/* --- aliases ---------------------------------------------------------- */

/*
 * @target: a reference is held, so that the alias can never lead into freed
 * memory; not of the object itself, which would then never die.
 */
typedef struct AliasProp {
    Object *target;
    char *name;
} AliasProp;

static void alias_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    AliasProp *alias = opaque;

    object_property_get(alias->target, alias->name, v, errp);
}

static void alias_set(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    AliasProp *alias = opaque;

    object_property_set(alias->target, alias->name, v, errp);
}

static Object *alias_resolve(Object *obj, void *opaque, const char *part)
{
    AliasProp *alias = opaque;

    return object_resolve_path_component(alias->target, alias->name);
}

static void alias_release(Object *obj, const char *name, void *opaque)
{
    AliasProp *alias = opaque;

    if (alias->target != obj) {
        object_unref(alias->target);
    }
    g_free(alias->name);
    g_free(alias);
}

bool property_follow_alias(Object **obj, const char **name)
{
    ObjectProperty *prop = object_property_find(*obj, *name);
    AliasProp *alias;

    if (!prop || prop->get != alias_get) {
        return false;
    }
    alias = prop->opaque;
    *obj = alias->target;
    *name = alias->name;
    return true;
}

/* What is a child for its parent is only a link for others. */
static char *alias_type(const char *type)
{
    return g_str_has_prefix(type, "child<") ?
           g_strdup_printf("link<%s", type + strlen("child<")) : g_strdup(type);
}

ObjectProperty *object_property_add_alias(Object *obj, const char *name,
                                          Object *target_obj, const char *target_name)
{
    ObjectProperty *target = object_property_find_err(target_obj, target_name,
                                                      &error_abort);
    g_autofree char *type = alias_type(target->type);
    AliasProp *alias = g_new0(AliasProp, 1);
    ObjectProperty *prop;

    alias->target = target_obj == obj ? obj : object_ref(target_obj);
    alias->name = g_strdup(target_name);
    prop = object_property_add(obj, name, type, alias_get,
                               target->set ? alias_set : NULL, alias_release, alias);
    prop->resolve = alias_resolve;
    prop->description = g_strdup(target->description);
    if (target->defval) {
        prop->defval = json_node_ref(target->defval);
    }
    return prop;
}
