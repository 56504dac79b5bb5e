/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of objects: memory, init functions, references, the end.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qom/object_interfaces.h"
#include "qom-internal.h"

/*
 * Put on top of the reference count while an object is being finalized, so
 * that a callback that takes and drops a reference does not finalize it again.
 */
#define REFS_DYING (1u << 30)

/* --- creation --------------------------------------------------------- */

static void object_run_inits(Object *obj, Type t)
{
    unsigned i;

    for (i = 0; i <= t->depth; i++) {
        if (t->lineage[i]->info->instance_init) {
            t->lineage[i]->info->instance_init(obj);
        }
    }
    for (i = t->depth + 1; i > 0; i--) {
        if (t->lineage[i - 1]->info->instance_post_init) {
            t->lineage[i - 1]->info->instance_post_init(obj);
        }
    }
}

static void object_setup(void *data, size_t size, ObjectClass *oc)
{
    Type t = oc->type;
    Object *obj = data;

    if (t->abstract) {
        g_error("QOM: cannot make an object of the abstract type '%s'", t->info->name);
    }
    g_assert(size >= t->instance_size && t->instance_size >= sizeof(Object));
    memset(obj, 0, t->instance_size);
    obj->oc = oc;
    obj->refs = 1;
    obj->slots = g_new0(ObjectSlots, 1);
    property_init_class_defaults(obj);
    object_run_inits(obj, t);
}

static ObjectClass *class_need(const char *type_name)
{
    ObjectClass *oc = object_class_by_name(type_name);

    if (!oc) {
        g_error("QOM: unknown type '%s'", type_name);
    }
    return oc;
}

void object_initialize(void *obj, size_t size, const char *type_name)
{
    object_setup(obj, size, class_need(type_name));
}

Object *object_new_with_class(ObjectClass *klass)
{
    Type t = klass->type;
    Object *obj;

    if (t->instance_align > G_MEM_ALIGN) {
        obj = aligned_alloc(t->instance_align,
                            ROUND_UP(t->instance_size, t->instance_align));
        g_assert(obj);
        object_setup(obj, t->instance_size, klass);
        obj->free = free;
    } else {
        obj = g_malloc(t->instance_size);
        object_setup(obj, t->instance_size, klass);
        obj->free = g_free;
    }
    return obj;
}

Object *object_new(const char *type_name)
{
    return object_new_with_class(class_need(type_name));
}

/* --- creation with properties ----------------------------------------- */

bool object_set_propv(Object *obj, Error **errp, va_list vargs)
{
    const char *name;

    while ((name = va_arg(vargs, const char *))) {
        const char *text = va_arg(vargs, const char *);

        if (!object_property_parse(obj, name, text, errp)) {
            return false;
        }
    }
    return true;
}

bool object_set_props(Object *obj, Error **errp, ...)
{
    va_list ap;
    bool ok;

    va_start(ap, errp);
    ok = object_set_propv(obj, errp, ap);
    va_end(ap);
    return ok;
}

static bool object_complete_if_user_creatable(Object *obj, Error **errp)
{
    return !object_dynamic_cast(obj, TYPE_USER_CREATABLE) ||
           user_creatable_complete(USER_CREATABLE(obj), errp);
}

/* The properties, the place in the tree, completion: all or nothing. */
static bool object_outfit(Object *obj, Object *parent, const char *id, Error **errp,
                          va_list vargs)
{
    if (!object_set_propv(obj, errp, vargs)) {
        return false;
    }
    if (id && !object_property_try_add_child(parent, id, obj, errp)) {
        return false;
    }
    if (!object_complete_if_user_creatable(obj, errp)) {
        if (id) {
            object_unparent(obj);
        }
        return false;
    }
    return true;
}

Object *object_new_with_propv(const char *type_name, Object *parent, const char *id,
                              Error **errp, va_list vargs)
{
    ObjectClass *oc = object_class_by_name(type_name);
    g_autoptr(Object) obj = NULL;

    if (!oc || object_class_is_abstract(oc)) {
        error_setg(errp, "'%s' is not an object type that can be made", type_name);
        return NULL;
    }
    obj = object_new_with_class(oc);
    if (!object_outfit(obj, parent, id, errp, vargs)) {
        return NULL;
    }
    /* with an id the parent's reference keeps it */
    return id ? obj : g_steal_pointer(&obj);
}

Object *object_new_with_props(const char *type_name, Object *parent, const char *id,
                              Error **errp, ...)
{
    va_list ap;
    Object *obj;

    va_start(ap, errp);
    obj = object_new_with_propv(type_name, parent, id, errp, ap);
    va_end(ap);
    return obj;
}

bool object_initialize_child_with_propsv(Object *parentobj, const char *propname,
                                         void *childobj, size_t size,
                                         const char *type, Error **errp,
                                         va_list vargs)
{
    bool ok;

    object_initialize(childobj, size, type);
    ok = object_outfit(childobj, parentobj, propname, errp, vargs);
    /* the parent's reference remains, or none and the child is finalized */
    object_unref(childobj);
    return ok;
}

bool object_initialize_child_with_props(Object *parentobj, const char *propname,
                                        void *childobj, size_t size,
                                        const char *type, Error **errp, ...)
{
    va_list ap;
    bool ok;

    va_start(ap, errp);
    ok = object_initialize_child_with_propsv(parentobj, propname, childobj, size, type,
                                             errp, ap);
    va_end(ap);
    return ok;
}

void object_initialize_child_internal(Object *parent, const char *propname,
                                      void *child, size_t size, const char *type)
{
    object_initialize_child_with_props(parent, propname, child, size, type,
                                       &error_abort, NULL);
}

/* --- references and the end ------------------------------------------- */

static void object_finalize(Object *obj)
{
    ObjectFree *free_fn = obj->free;
    Type t = obj->oc->type;
    unsigned i;

    g_assert(!obj->parent);
    __atomic_store_n(&obj->refs, REFS_DYING, __ATOMIC_RELAXED);
    tree_release_children(obj);
    property_release_all(obj);
    for (i = t->depth + 1; i > 0; i--) {
        if (t->lineage[i - 1]->info->instance_finalize) {
            t->lineage[i - 1]->info->instance_finalize(obj);
        }
    }
    /* somebody kept a reference that was taken during the end */
    g_assert(__atomic_load_n(&obj->refs, __ATOMIC_RELAXED) == REFS_DYING);
    g_free(obj->slots->name);
    g_free(obj->slots);
    obj->slots = NULL;
    if (free_fn) {
        free_fn(obj);
    }
}

Object *object_ref(void *ptr)
{
    Object *obj = ptr;

    if (obj) {
        unsigned before = __atomic_fetch_add(&obj->refs, 1, __ATOMIC_RELAXED);

        g_assert(before > 0 && before != UINT_MAX);
    }
    return obj;
}

void object_unref(void *ptr)
{
    Object *obj = ptr;
    unsigned before;

    if (!obj) {
        return;
    }
    before = __atomic_fetch_sub(&obj->refs, 1, __ATOMIC_ACQ_REL);
    g_assert(before > 0 && before != REFS_DYING);
    if (before == 1) {
        object_finalize(obj);
    }
}
