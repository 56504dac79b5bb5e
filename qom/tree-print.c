/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The composition tree as text.
 *
 * An object is protected as long as anything below it is looked at: a child may
 * be part of its parent's memory, which no reference to the child keeps.
 */
#include "qemu/osdep.h"
#include "qom/object.h"

#define STEP 2

typedef struct Print {
    const ObjectTreeGuard *guard;
    int indent;
    GString *out;
} Print;

static int print_object(Object *obj, void *opaque)
{
    Print *p = opaque;
    Print below = { p->guard, p->indent + STEP, p->out };
    const char *name = object_get_canonical_path_component(obj);
    void *entered;

    g_string_append_printf(p->out, "%*s/%s (%s)\n", p->indent, "", name ? name : "",
                           object_get_typename(obj));
    entered = p->guard->enter(obj);
    object_child_foreach(obj, print_object, &below);
    p->guard->leave(entered);
    return 0;
}

void object_print_tree(Object *root, const ObjectTreeGuard *guard, GString *out)
{
    Print p = { guard, 0, out };

    print_object(root, &p);
}
