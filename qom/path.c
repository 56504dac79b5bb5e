/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths: an object's canonical one, the object at a path, and the containers
 * that the upper levels of the tree consist of.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qom-internal.h"

/* --- roots ------------------------------------------------------------ */

static Object *make_root(const char *child)
{
    return child ? container_get(object_get_root(), child) : object_new(TYPE_CONTAINER);
}

Object *object_get_root(void)
{
    static gsize root;

    if (g_once_init_enter(&root)) {
        g_once_init_leave(&root, (gsize)make_root(NULL));
    }
    return (Object *)root;
}

Object *object_get_objects_root(void)
{
    return make_root("/objects");
}

Object *object_get_internal_root(void)
{
    static gsize internal;

    if (g_once_init_enter(&internal)) {
        g_once_init_leave(&internal, (gsize)make_root(NULL));
    }
    return (Object *)internal;
}

static Object *container_child(Object *parent, const char *name)
{
    Object *child = object_resolve_path_component(parent, name);

    if (!child) {
        Object *made = object_new(TYPE_CONTAINER);

        /* when another thread was faster, its container is the one */
        object_property_try_add_child(parent, name, made, NULL);
        object_unref(made);
        child = object_resolve_path_component(parent, name);
    }
    return child;
}

Object *container_get(Object *root, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", 0);
    Object *obj = root;
    int i;

    for (i = 0; parts[i]; i++) {
        if (*parts[i]) {
            obj = container_child(obj, parts[i]);
        }
    }
    return obj;
}

/* --- from object to path ---------------------------------------------- */

const char *object_get_canonical_path_component(const Object *obj)
{
    return obj->parent ? obj->slots->name : NULL;
}

/* With the tree lock held; NULL when @obj is not below the root. */
static GString *path_of(const Object *obj, const Object *root)
{
    GString *path = g_string_new(NULL);

    for (; obj && obj != root; obj = obj->parent) {
        if (!obj->parent) {
            break;
        }
        g_string_prepend(path, obj->slots->name);
        g_string_prepend_c(path, '/');
    }
    if (obj != root) {
        g_string_free(path, TRUE);
        return NULL;
    }
    return path;
}

char *object_get_canonical_path(const Object *obj)
{
    Object *root = object_get_root();
    GString *path;

    tree_lock();
    path = path_of(obj, root);
    tree_unlock();
    if (!path) {
        return NULL;
    }
    if (!path->len) {
        g_string_append_c(path, '/');
    }
    return g_string_free(path, FALSE);
}

/* --- from path to object ---------------------------------------------- */

static Object *resolve_child(Object *parent, const char *name)
{
    ObjectProperty *prop;
    Object *child;

    tree_lock();
    prop = tree_child_property(parent, name);
    child = prop ? prop->opaque : NULL;
    tree_unlock();
    return child;
}

Object *object_resolve_path_component(Object *parent, const char *part)
{
    Object *child = resolve_child(parent, part);
    ObjectProperty *prop;

    if (child) {
        return child;
    }
    prop = object_property_find(parent, part);
    return prop && prop->resolve ? prop->resolve(parent, prop->opaque, part) : NULL;
}

/* Follows @parts from @obj; empty parts count for nothing. */
static Object *resolve_parts(Object *obj, char **parts)
{
    for (; obj && *parts; parts++) {
        if (**parts) {
            obj = object_resolve_path_component(obj, *parts);
        }
    }
    return obj;
}

static Object *resolve_typed(Object *obj, char **parts, const char *type_name)
{
    Object *found = resolve_parts(obj, parts);

    return found && type_name ? object_dynamic_cast(found, type_name) : found;
}

/* A search for a path that may begin anywhere below some object. */
typedef struct PartialSearch {
    char **parts;
    const char *type_name;
    Object *found;
    bool ambiguous;
} PartialSearch;

/*
 * The search visits objects of all domains, so where a path may begin is told
 * by the children alone, which have the tree lock; only then is it followed.
 */
static bool may_begin_at(Object *obj, const char *part)
{
    return !part || resolve_child(obj, part);
}

static int search_one(Object *obj, void *opaque)
{
    PartialSearch *s = opaque;
    Object *hit = NULL;

    if (may_begin_at(obj, s->parts[0])) {
        hit = resolve_typed(obj, s->parts, s->type_name);
    }

    if (hit && s->found && hit != s->found) {
        s->ambiguous = true;
        return 1;
    }
    if (hit) {
        s->found = hit;
    }
    return 0;
}

static Object *search_partial(char **parts, const char *type_name, bool *ambiguous)
{
    PartialSearch s = { .parts = parts, .type_name = type_name };
    Object *root = object_get_root();

    if (search_one(root, &s) == 0) {
        object_child_foreach_recursive(root, search_one, &s);
    }
    if (ambiguous) {
        *ambiguous = s.ambiguous;
    }
    return s.ambiguous ? NULL : s.found;
}

/* An empty path searches for anything of the type. */
Object *object_resolve_path_type(const char *path, const char *type_name,
                                 bool *ambiguous)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", 0);

    if (ambiguous) {
        *ambiguous = false;
    }
    if (g_str_has_prefix(path, "/")) {
        return resolve_typed(object_get_root(), parts, type_name);
    }
    return search_partial(parts, type_name, ambiguous);
}

Object *object_resolve_path(const char *path, bool *ambiguous)
{
    if (!*path) {
        return NULL;
    }
    return object_resolve_path_type(path, NULL, ambiguous);
}

Object *object_resolve_path_at(Object *parent, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", 0);

    return resolve_parts(g_str_has_prefix(path, "/") ? object_get_root() : parent, parts);
}
