/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions about classes: look-up, listing, casts of classes and objects.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qom-internal.h"

/* The class, also for a class_init that asks about the type it is building. */
static ObjectClass *type_class(Type t)
{
    return __atomic_load_n(&t->klass, __ATOMIC_ACQUIRE) ?: t->building;
}

ObjectClass *object_class_by_name(const char *type_name)
{
    Type t = type_get(type_name);

    return t ? type_class(t) : NULL;
}

ObjectClass *module_object_class_by_name(const char *type_name)
{
    return object_class_by_name(type_name);
}

ObjectClass *object_class_get_parent(ObjectClass *klass)
{
    Type t = klass->type;

    return t->depth ? type_class(t->lineage[t->depth - 1]) : NULL;
}

const char *object_class_get_name(ObjectClass *klass)
{
    return klass->type->info->name;
}

bool object_class_is_abstract(ObjectClass *klass)
{
    return klass->type->abstract;
}

ObjectClass *object_get_class(Object *obj)
{
    return obj->oc;
}

const char *object_get_typename(const Object *obj)
{
    return obj->oc->type->info->name;
}

/* --- casts ------------------------------------------------------------ */

ObjectClass *object_class_dynamic_cast(ObjectClass *klass, const char *type_name)
{
    Type target;

    if (!klass) {
        return NULL;
    }
    if (klass->type->info->name == type_name) {
        return klass;
    }
    target = type_get(type_name);
    if (!target || !target->lineage) {
        return NULL;
    }
    if (type_is_below(klass->type, target)) {
        return klass;
    }
    return (ObjectClass *)type_find_interface(klass->type, target);
}

Object *object_dynamic_cast(Object *obj, const char *type_name)
{
    return obj && object_class_dynamic_cast(obj->oc, type_name) ? obj : NULL;
}

static G_NORETURN void bad_cast(const char *what, const void *ptr, const char *from,
                                const char *to, const char *file, int line,
                                const char *func)
{
    error_report("%s:%d:%s: %s %p of type '%s' is no '%s'",
                 file, line, func, what, ptr, from, to);
    abort();
}

/* Interfaces have a class struct of their own: the cache must not know them. */
static void cast_remember(ObjectClass *klass, ObjectClass *result, const char *type_name)
{
    if (result == klass) {
        __atomic_store_n(qom_cast_slot(klass, type_name), type_name, __ATOMIC_RELAXED);
    }
}

Object *object_dynamic_cast_assert(Object *obj, const char *type_name,
                                   const char *file, int line, const char *func)
{
    ObjectClass *result;

    if (!obj) {
        return NULL;
    }
    result = object_class_dynamic_cast(obj->oc, type_name);
    if (!result) {
        bad_cast("object", obj, object_get_typename(obj), type_name, file, line, func);
    }
    cast_remember(obj->oc, result, type_name);
    return obj;
}

ObjectClass *object_class_dynamic_cast_assert(ObjectClass *klass, const char *type_name,
                                              const char *file, int line,
                                              const char *func)
{
    ObjectClass *result;

    if (!klass) {
        return NULL;
    }
    if (qom_cast_known(klass, type_name)) {
        return klass;
    }
    result = object_class_dynamic_cast(klass, type_name);
    if (!result) {
        bad_cast("class", klass, object_class_get_name(klass), type_name,
                 file, line, func);
    }
    cast_remember(klass, result, type_name);
    return result;
}

/* --- lists ------------------------------------------------------------ */

static int class_name_cmp(const void *a, const void *b)
{
    return strcmp(object_class_get_name((ObjectClass *)a),
                  object_class_get_name((ObjectClass *)b));
}

GSList *object_class_get_list(const char *implements_type, bool include_abstract)
{
    g_autoptr(GPtrArray) types = type_list();
    GSList *list = NULL;
    unsigned i;

    for (i = 0; i < types->len; i++) {
        Type t = g_ptr_array_index(types, i);
        ObjectClass *oc = object_class_by_name(t->info->name);

        if (!include_abstract && t->abstract) {
            continue;
        }
        if (implements_type && !object_class_dynamic_cast(oc, implements_type)) {
            continue;
        }
        list = g_slist_prepend(list, oc);
    }
    return list;
}

GSList *object_class_get_list_sorted(const char *implements_type, bool include_abstract)
{
    return g_slist_sort(object_class_get_list(implements_type, include_abstract),
                        class_name_cmp);
}

void object_class_foreach(void (*fn)(ObjectClass *klass, void *opaque),
                          const char *implements_type, bool include_abstract,
                          void *opaque)
{
    g_autoptr(GSList) list = object_class_get_list_sorted(implements_type,
                                                          include_abstract);
    GSList *l;

    for (l = list; l; l = l->next) {
        fn(l->data, opaque);
    }
}
