/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The composition tree: children as properties of their parents.
 *
 * One lock guards all parent and child links of the process.  It is held for a
 * few instructions only: what has to call out (the unparent method, the last
 * unref) happens before or after.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/thread.h"
#include "qom-internal.h"

static QemuMutex the_tree_lock = QEMU_MUTEX_INITIALIZER;

void tree_lock(void)
{
    qemu_mutex_lock(&the_tree_lock);
}

void tree_unlock(void)
{
    qemu_mutex_unlock(&the_tree_lock);
}

ObjectProperty *tree_child_property(Object *obj, const char *name)
{
    GHashTable *by_name = obj->slots->child_by_name;

    return by_name ? g_hash_table_lookup(by_name, name) : NULL;
}

ObjectProperty *tree_child_at(Object *obj, unsigned index)
{
    GPtrArray *children = obj->slots->children;

    return children && index < children->len ? g_ptr_array_index(children, index) : NULL;
}

/* --- the child property ----------------------------------------------- */

static void child_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    g_autofree char *path = object_get_canonical_path(opaque);

    visit_type_str(v, name, &path, errp);
}

static Object *child_resolve(Object *obj, void *opaque, const char *part)
{
    return opaque;
}

/* With the tree lock held; false when there is a child of that name. */
static bool tree_attach(Object *obj, Object *child, ObjectProperty *prop)
{
    ObjectSlots *slots = obj->slots;

    if (tree_child_property(obj, prop->name)) {
        return false;
    }
    if (!slots->children) {
        slots->children = g_ptr_array_new();
        slots->child_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    }
    g_ptr_array_add(slots->children, prop);
    g_hash_table_insert(slots->child_by_name, prop->name, prop);
    child->parent = obj;
    g_free(child->slots->name);
    child->slots->name = g_strdup(prop->name);
    return true;
}

/* With the tree lock held; the caller frees the property and drops its reference. */
static ObjectProperty *tree_detach(Object *child)
{
    ObjectSlots *slots = child->parent->slots;
    ObjectProperty *prop = g_hash_table_lookup(slots->child_by_name, child->slots->name);

    g_hash_table_remove(slots->child_by_name, prop->name);
    g_ptr_array_remove(slots->children, prop);
    child->parent = NULL;
    return prop;
}

/* NULL when the name is in use. */
static ObjectProperty *try_name(Object *obj, const char *name, Object *child)
{
    g_autofree char *type = g_strdup_printf("child<%s>", object_get_typename(child));
    ObjectProperty *prop;
    bool attached;

    if (object_property_find(obj, name)) {
        return NULL;
    }
    prop = property_new(name, type, child_get, NULL, NULL, object_ref(child));
    prop->resolve = child_resolve;
    tree_lock();
    attached = tree_attach(obj, child, prop);
    tree_unlock();
    if (!attached) {
        property_free(prop);
        object_unref(child);
        return NULL;
    }
    return prop;
}

ObjectProperty *object_property_try_add_child(Object *obj, const char *name,
                                              Object *child, Error **errp)
{
    ObjectProperty *prop;

    g_assert(!child->parent);
    do {
        g_autofree char *own_name = property_free_name(obj, name);

        prop = try_name(obj, own_name, child);
        /* another thread may have taken the number meanwhile */
    } while (!prop && g_str_has_suffix(name, "[*]"));
    if (!prop) {
        error_setg(errp, "attempt to add duplicate property '%s' to object (type '%s')",
                   name, object_get_typename(obj));
    }
    return prop;
}

ObjectProperty *object_property_add_child(Object *obj, const char *name, Object *child)
{
    return object_property_try_add_child(obj, name, child, &error_abort);
}

/* --- leaving ---------------------------------------------------------- */

/* The parent, referenced; NULL when there is none or @obj is on its way out already. */
static Object *tree_begin_leave(Object *obj)
{
    Object *parent = NULL;

    tree_lock();
    if (obj->parent && !obj->slots->leaving) {
        obj->slots->leaving = true;
        parent = object_ref(obj->parent);
    }
    tree_unlock();
    return parent;
}

void object_unparent(Object *obj)
{
    g_autoptr(Object) parent = tree_begin_leave(obj);
    ObjectProperty *prop;

    if (!parent) {
        return;
    }
    /* the path is still good while the class says good-bye */
    if (obj->oc->unparent) {
        obj->oc->unparent(obj);
    }
    tree_lock();
    prop = tree_detach(obj);
    obj->slots->leaving = false;
    tree_unlock();
    property_free(prop);
    object_unref(obj);
}

void tree_release_children(Object *obj)
{
    ObjectSlots *slots = obj->slots;
    ObjectProperty *prop;

    /* latest first, so that a child finds its elder siblings still there */
    while (slots->children && slots->children->len) {
        prop = g_ptr_array_index(slots->children, slots->children->len - 1);
        object_unparent(prop->opaque);
    }
    g_clear_pointer(&slots->children, g_ptr_array_unref);
    g_clear_pointer(&slots->child_by_name, g_hash_table_unref);
}

/* --- walking ---------------------------------------------------------- */

/* The children of now, each with a reference. */
static GPtrArray *tree_snapshot(Object *obj)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(object_unref);
    ObjectProperty *prop;
    unsigned i;

    tree_lock();
    for (i = 0; (prop = tree_child_at(obj, i)); i++) {
        g_ptr_array_add(list, object_ref(prop->opaque));
    }
    tree_unlock();
    return list;
}

static int child_walk(Object *obj, int (*fn)(Object *, void *), void *opaque, bool deep)
{
    g_autoptr(GPtrArray) list = tree_snapshot(obj);
    unsigned i;

    for (i = 0; i < list->len; i++) {
        Object *child = g_ptr_array_index(list, i);
        int ret = fn(child, opaque);

        if (ret == 0 && deep) {
            ret = child_walk(child, fn, opaque, true);
        }
        if (ret) {
            return ret;
        }
    }
    return 0;
}

int object_child_foreach(Object *obj, int (*fn)(Object *child, void *opaque),
                         void *opaque)
{
    return child_walk(obj, fn, opaque, false);
}

int object_child_foreach_recursive(Object *obj, int (*fn)(Object *child, void *opaque),
                                   void *opaque)
{
    return child_walk(obj, fn, opaque, true);
}

Object *object_get_parent(Object *obj)
{
    Object *parent;

    tree_lock();
    parent = obj->parent;
    tree_unlock();
    return parent;
}
