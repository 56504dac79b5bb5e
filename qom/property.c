/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: their tables, looking them up, and get and set through visitors.
 * A name is unique among the class properties of the lineage, the object's own
 * properties and its children.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/error.h"
#include "qapi/json-visitor.h"
#include "qom-internal.h"

/* --- one property ----------------------------------------------------- */

ObjectProperty *property_new(const char *name, const char *type,
                             ObjectPropertyAccessor *get, ObjectPropertyAccessor *set,
                             ObjectPropertyRelease *release, void *opaque)
{
    ObjectProperty *prop = g_new0(ObjectProperty, 1);

    prop->name = g_strdup(name);
    prop->type = g_strdup(type);
    prop->get = get;
    prop->set = set;
    prop->release = release;
    prop->opaque = opaque;
    return prop;
}

void property_free(ObjectProperty *prop)
{
    g_free(prop->name);
    g_free(prop->type);
    g_free(prop->description);
    g_clear_pointer(&prop->defval, json_node_unref);
    g_free(prop);
}

/* --- look-up ---------------------------------------------------------- */

static ObjectProperty *type_property(Type t, const char *name)
{
    return t->props ? g_hash_table_lookup(t->props, name) : NULL;
}

ObjectProperty *object_class_property_find(ObjectClass *klass, const char *name)
{
    Type t = klass->type;
    ObjectProperty *prop = NULL;
    unsigned i;

    for (i = t->depth + 1; i > 0 && !prop; i--) {
        prop = type_property(t->lineage[i - 1], name);
    }
    return prop;
}

static ObjectProperty *child_property(Object *obj, const char *name)
{
    ObjectProperty *prop;

    tree_lock();
    prop = tree_child_property(obj, name);
    tree_unlock();
    return prop;
}

ObjectProperty *object_property_find(Object *obj, const char *name)
{
    ObjectProperty *prop = object_class_property_find(obj->oc, name);

    if (!prop && obj->slots->props) {
        prop = g_hash_table_lookup(obj->slots->props, name);
    }
    return prop ?: child_property(obj, name);
}

static void not_found(const char *type, const char *name, Error **errp)
{
    error_setg(errp, "Property '%s.%s' not found", type, name);
}

ObjectProperty *object_property_find_err(Object *obj, const char *name, Error **errp)
{
    ObjectProperty *prop = object_property_find(obj, name);

    if (!prop) {
        not_found(object_get_typename(obj), name, errp);
    }
    return prop;
}

ObjectProperty *object_class_property_find_err(ObjectClass *klass, const char *name,
                                               Error **errp)
{
    ObjectProperty *prop = object_class_property_find(klass, name);

    if (!prop) {
        not_found(object_class_get_name(klass), name, errp);
    }
    return prop;
}

/* --- adding and removing ---------------------------------------------- */

char *property_free_name(Object *obj, const char *name)
{
    g_autofree char *stem = NULL;
    unsigned i;

    if (!g_str_has_suffix(name, "[*]")) {
        return g_strdup(name);
    }
    stem = g_strndup(name, strlen(name) - strlen("[*]"));
    for (i = 0; i < INT_MAX; i++) {
        g_autofree char *candidate = g_strdup_printf("%s[%u]", stem, i);

        if (!object_property_find(obj, candidate)) {
            return g_steal_pointer(&candidate);
        }
    }
    g_assert_not_reached();
}

ObjectProperty *object_property_try_add(Object *obj, const char *name,
                                        const char *type,
                                        ObjectPropertyAccessor *get,
                                        ObjectPropertyAccessor *set,
                                        ObjectPropertyRelease *release,
                                        void *opaque, Error **errp)
{
    g_autofree char *own_name = property_free_name(obj, name);
    ObjectSlots *slots = obj->slots;
    ObjectProperty *prop;

    if (object_property_find(obj, own_name)) {
        error_setg(errp, "attempt to add duplicate property '%s' to object (type '%s')",
                   own_name, object_get_typename(obj));
        return NULL;
    }
    prop = property_new(own_name, type, get, set, release, opaque);
    if (!slots->props) {
        slots->props = g_hash_table_new(g_str_hash, g_str_equal);
    }
    g_hash_table_insert(slots->props, prop->name, prop);
    return prop;
}

ObjectProperty *object_property_add(Object *obj, const char *name, const char *type,
                                    ObjectPropertyAccessor *get,
                                    ObjectPropertyAccessor *set,
                                    ObjectPropertyRelease *release, void *opaque)
{
    return object_property_try_add(obj, name, type, get, set, release, opaque,
                                   &error_abort);
}

ObjectProperty *object_class_property_add(ObjectClass *klass, const char *name,
                                          const char *type,
                                          ObjectPropertyAccessor *get,
                                          ObjectPropertyAccessor *set,
                                          ObjectPropertyRelease *release,
                                          void *opaque)
{
    Type t = klass->type;
    ObjectProperty *prop = property_new(name, type, get, set, release, opaque);

    if (object_class_property_find(klass, name)) {
        g_error("QOM: class property '%s.%s' added twice", t->info->name, name);
    }
    if (!t->props) {
        t->props = g_hash_table_new(g_str_hash, g_str_equal);
    }
    g_hash_table_insert(t->props, prop->name, prop);
    return prop;
}

static void release_property(Object *obj, ObjectProperty *prop)
{
    if (prop->release) {
        prop->release(obj, prop->name, prop->opaque);
    }
}

void object_property_del(Object *obj, const char *name)
{
    GHashTable *props = obj->slots->props;
    ObjectProperty *prop = props ? g_hash_table_lookup(props, name) : NULL;

    if (!prop) {
        prop = child_property(obj, name);
        g_assert(prop);
        object_unparent(prop->opaque);
        return;
    }
    /* out of the table first: release may look around */
    g_hash_table_remove(props, name);
    release_property(obj, prop);
    property_free(prop);
}

static void release_class_properties(Object *obj)
{
    Type t = obj->oc->type;
    GHashTableIter iter;
    void *prop;
    unsigned i;

    for (i = t->depth + 1; i > 0; i--) {
        if (!t->lineage[i - 1]->props) {
            continue;
        }
        g_hash_table_iter_init(&iter, t->lineage[i - 1]->props);
        while (g_hash_table_iter_next(&iter, NULL, &prop)) {
            release_property(obj, prop);
        }
    }
}

void property_release_all(Object *obj)
{
    GHashTable *props = g_steal_pointer(&obj->slots->props);
    GHashTableIter iter;
    void *prop;

    if (props) {
        g_hash_table_iter_init(&iter, props);
        while (g_hash_table_iter_next(&iter, NULL, &prop)) {
            g_hash_table_iter_steal(&iter);
            release_property(obj, prop);
            property_free(prop);
        }
        g_hash_table_unref(props);
    }
    release_class_properties(obj);
}

/* --- iteration -------------------------------------------------------- */

static void iter_enter_type(ObjectPropertyIterator *iter, Type t)
{
    iter->in_table = t->props;
    if (t->props) {
        g_hash_table_iter_init(&iter->table, t->props);
    }
    iter->next_type = t->depth ? t->lineage[t->depth - 1] : NULL;
}

void object_class_property_iter_init(ObjectPropertyIterator *iter, ObjectClass *klass)
{
    *iter = (ObjectPropertyIterator) { 0 };
    iter_enter_type(iter, klass->type);
}

void object_property_iter_init(ObjectPropertyIterator *iter, Object *obj)
{
    *iter = (ObjectPropertyIterator) { .next_type = obj->oc->type, .obj = obj };
    iter->in_table = obj->slots->props;
    if (iter->in_table) {
        g_hash_table_iter_init(&iter->table, obj->slots->props);
    }
}

ObjectProperty *object_property_iter_next(ObjectPropertyIterator *iter)
{
    void *prop = NULL;

    while (!prop && (iter->in_table || iter->next_type)) {
        if (!iter->in_table) {
            iter_enter_type(iter, iter->next_type);
        } else if (!g_hash_table_iter_next(&iter->table, NULL, &prop)) {
            iter->in_table = false;
        }
    }
    if (!prop && iter->obj) {
        tree_lock();
        prop = tree_child_at(iter->obj, iter->next_child++);
        tree_unlock();
    }
    return prop;
}

/* --- get and set ------------------------------------------------------ */

bool object_property_get(Object *obj, const char *name, Visitor *v, Error **errp)
{
    ObjectProperty *prop = object_property_find_err(obj, name, errp);
    Error *err = NULL;

    if (!prop) {
        return false;
    }
    if (!prop->get) {
        error_setg(errp, "Property '%s.%s' is not readable",
                   object_get_typename(obj), name);
        return false;
    }
    prop->get(obj, v, name, prop->opaque, &err);
    error_propagate(errp, err);
    return !err;
}

bool object_property_set(Object *obj, const char *name, Visitor *v, Error **errp)
{
    ObjectProperty *prop = object_property_find_err(obj, name, errp);
    Error *err = NULL;

    if (!prop) {
        return false;
    }
    if (!prop->set) {
        error_setg(errp, "Property '%s.%s' is not writable",
                   object_get_typename(obj), name);
        return false;
    }
    prop->set(obj, v, name, prop->opaque, &err);
    error_propagate(errp, err);
    return !err;
}

const char *object_property_get_type(Object *obj, const char *name, Error **errp)
{
    ObjectProperty *prop = object_property_find_err(obj, name, errp);

    return prop ? prop->type : NULL;
}

/* --- descriptions and defaults ---------------------------------------- */

void object_property_set_description(Object *obj, const char *name,
                                     const char *description)
{
    ObjectProperty *prop = object_property_find_err(obj, name, &error_abort);

    g_free(prop->description);
    prop->description = g_strdup(description);
}

void object_class_property_set_description(ObjectClass *klass, const char *name,
                                           const char *description)
{
    ObjectProperty *prop = object_class_property_find_err(klass, name, &error_abort);

    g_free(prop->description);
    prop->description = g_strdup(description);
}

static void apply_default(Object *obj, ObjectProperty *prop)
{
    /* keyval: a uint64 above INT64_MAX is kept as text */
    g_autoptr(Visitor) v = json_input_visitor_new_keyval(prop->defval);

    prop->set(obj, v, prop->name, prop->opaque, &error_abort);
}

static void set_default(ObjectProperty *prop, JsonNode *value)
{
    g_assert(!prop->defval);
    prop->defval = value;
    prop->init = apply_default;
}

void object_property_set_default_bool(ObjectProperty *prop, bool value)
{
    set_default(prop, json_node_init_boolean(json_node_alloc(), value));
}

void object_property_set_default_str(ObjectProperty *prop, const char *value)
{
    set_default(prop, json_node_init_string(json_node_alloc(), value));
}

void object_property_set_default_list(ObjectProperty *prop)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, json_array_new());
    set_default(prop, node);
}

void object_property_set_default_int(ObjectProperty *prop, int64_t value)
{
    set_default(prop, json_node_init_int(json_node_alloc(), value));
}

void object_property_set_default_uint(ObjectProperty *prop, uint64_t value)
{
    g_autofree char *text = NULL;

    if (value <= INT64_MAX) {
        object_property_set_default_int(prop, value);
    } else {
        text = g_strdup_printf("%" PRIu64, value);
        set_default(prop, json_node_init_string(json_node_alloc(), text));
    }
}

void property_init_class_defaults(Object *obj)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_class_property_iter_init(&iter, obj->oc);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->init) {
            prop->init(obj, prop);
        }
    }
}
