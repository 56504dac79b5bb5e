/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The composition tree as text.
 *
 * References keep the children of an object while they are looked at; they are
 * given back under the protection that the object itself has, because the last
 * one ends a child.
 */
#include "qemu/osdep.h"
#include "qom/object.h"

#define STEP 2

typedef struct Child {
    Object *obj;                /* counted */
    char *name;                 /* its own may change as soon as nobody protects it */
} Child;

static void child_clear(gpointer p)
{
    Child *child = p;

    object_unref(child->obj);
    g_free(child->name);
}

static int collect(Object *obj, void *opaque)
{
    Child child = { object_ref(obj), g_strdup(object_get_canonical_path_component(obj)) };

    g_array_append_val((GArray *)opaque, child);
    return 0;
}

static GArray *children_of(Object *obj, const ObjectTreeGuard *guard)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(Child));
    void *entered = guard->enter(obj);

    g_array_set_clear_func(list, child_clear);
    object_child_foreach(obj, collect, list);
    guard->leave(entered);
    return list;
}

static void give_back(GArray *list, Object *obj, const ObjectTreeGuard *guard)
{
    void *entered = guard->enter(obj);

    g_array_unref(list);
    guard->leave(entered);
}

static void print_object(Object *obj, const char *name, const ObjectTreeGuard *guard, int indent,
                         GString *out)
{
    GArray *list = children_of(obj, guard);

    g_string_append_printf(out, "%*s/%s (%s)\n", indent, "", name ? name : "",
                           object_get_typename(obj));
    for (guint i = 0; i < list->len; i++) {
        const Child *child = &g_array_index(list, Child, i);

        print_object(child->obj, child->name, guard, indent + STEP, out);
    }
    give_back(list, obj, guard);
}

void object_print_tree(Object *root, const ObjectTreeGuard *guard, GString *out)
{
    print_object(root, object_get_canonical_path_component(root), guard, 0, out);
}
