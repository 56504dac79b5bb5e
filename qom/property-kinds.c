/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ready-made properties: strings, booleans, enums and times behind a pair of
 * functions, and unsigned integers behind a pointer.  Each exists for one
 * object and for a class; the opaque of the latter lives for ever.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qom-internal.h"

/* The functions of one property; which are used depends on its kind. */
typedef struct PropFns {
    union {
        char *(*get_str)(Object *, Error **);
        bool (*get_bool)(Object *, Error **);
        int (*get_int)(Object *, Error **);
        void (*get_tm)(Object *, struct tm *, Error **);
    };
    union {
        void (*set_str)(Object *, const char *, Error **);
        void (*set_bool)(Object *, bool, Error **);
        void (*set_int)(Object *, int, Error **);
    };
    const QEnumLookup *lookup;
} PropFns;

static void fns_release(Object *obj, const char *name, void *opaque)
{
    g_free(opaque);
}

/* @obj NULL: a property of @klass. */
static ObjectProperty *fns_add(Object *obj, ObjectClass *klass, const char *name,
                               const char *type, ObjectPropertyAccessor *get,
                               ObjectPropertyAccessor *set, PropFns proto)
{
    PropFns *fns = g_memdup2(&proto, sizeof(proto));

    if (!obj) {
        return object_class_property_add(klass, name, type, get, set, NULL, fns);
    }
    return object_property_add(obj, name, type, get, set, fns_release, fns);
}

/* --- strings ---------------------------------------------------------- */

static void str_get(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    PropFns *fns = opaque;
    Error *err = NULL;
    g_autofree char *value = fns->get_str(obj, &err);

    if (err) {
        error_propagate(errp, err);
        return;
    }
    visit_type_str(v, name, &value, errp);
}

static void str_set(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    PropFns *fns = opaque;
    g_autofree char *value = NULL;

    if (visit_type_str(v, name, &value, errp)) {
        fns->set_str(obj, value, errp);
    }
}

static ObjectProperty *str_add(Object *obj, ObjectClass *klass, const char *name,
                               char *(*get)(Object *, Error **),
                               void (*set)(Object *, const char *, Error **))
{
    return fns_add(obj, klass, name, "string", get ? str_get : NULL,
                   set ? str_set : NULL, (PropFns) { .get_str = get, .set_str = set });
}

ObjectProperty *object_property_add_str(Object *obj, const char *name,
                                        char *(*get)(Object *, Error **),
                                        void (*set)(Object *, const char *, Error **))
{
    return str_add(obj, NULL, name, get, set);
}

ObjectProperty *object_class_property_add_str(ObjectClass *klass, const char *name,
                                              char *(*get)(Object *, Error **),
                                              void (*set)(Object *, const char *,
                                                          Error **))
{
    return str_add(NULL, klass, name, get, set);
}

/* --- booleans --------------------------------------------------------- */

static void bool_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    PropFns *fns = opaque;
    Error *err = NULL;
    bool value = fns->get_bool(obj, &err);

    if (err) {
        error_propagate(errp, err);
        return;
    }
    visit_type_bool(v, name, &value, errp);
}

static void bool_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    PropFns *fns = opaque;
    bool value;

    if (visit_type_bool(v, name, &value, errp)) {
        fns->set_bool(obj, value, errp);
    }
}

static ObjectProperty *bool_add(Object *obj, ObjectClass *klass, const char *name,
                                bool (*get)(Object *, Error **),
                                void (*set)(Object *, bool, Error **))
{
    return fns_add(obj, klass, name, "bool", get ? bool_get : NULL,
                   set ? bool_set : NULL, (PropFns) { .get_bool = get, .set_bool = set });
}

ObjectProperty *object_property_add_bool(Object *obj, const char *name,
                                         bool (*get)(Object *, Error **),
                                         void (*set)(Object *, bool, Error **))
{
    return bool_add(obj, NULL, name, get, set);
}

ObjectProperty *object_class_property_add_bool(ObjectClass *klass, const char *name,
                                               bool (*get)(Object *, Error **),
                                               void (*set)(Object *, bool, Error **))
{
    return bool_add(NULL, klass, name, get, set);
}

/* --- enums ------------------------------------------------------------ */

static void enum_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    PropFns *fns = opaque;
    Error *err = NULL;
    int value = fns->get_int(obj, &err);

    if (err) {
        error_propagate(errp, err);
        return;
    }
    visit_type_enum(v, name, &value, fns->lookup, errp);
}

static void enum_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    PropFns *fns = opaque;
    int value;

    if (visit_type_enum(v, name, &value, fns->lookup, errp)) {
        fns->set_int(obj, value, errp);
    }
}

static ObjectProperty *enum_add(Object *obj, ObjectClass *klass, const char *name,
                                const char *type_name, PropFns fns)
{
    return fns_add(obj, klass, name, type_name, fns.get_int ? enum_get : NULL,
                   fns.set_int ? enum_set : NULL, fns);
}

ObjectProperty *object_property_add_enum(Object *obj, const char *name,
                                         const char *type_name,
                                         const QEnumLookup *lookup,
                                         int (*get)(Object *, Error **),
                                         void (*set)(Object *, int, Error **))
{
    return enum_add(obj, NULL, name, type_name,
                    (PropFns) { .get_int = get, .set_int = set, .lookup = lookup });
}

ObjectProperty *object_class_property_add_enum(ObjectClass *klass, const char *name,
                                               const char *type_name,
                                               const QEnumLookup *lookup,
                                               int (*get)(Object *, Error **),
                                               void (*set)(Object *, int, Error **))
{
    return enum_add(NULL, klass, name, type_name,
                    (PropFns) { .get_int = get, .set_int = set, .lookup = lookup });
}

int object_property_get_enum(Object *obj, const char *name, const char *type_name,
                             Error **errp)
{
    ObjectProperty *prop = object_property_find_err(obj, name, errp);
    PropFns *fns;

    if (!prop) {
        return -1;
    }
    if (prop->get != enum_get || strcmp(prop->type, type_name)) {
        error_setg(errp, "Property '%s.%s' is of type '%s', not of the enum '%s'",
                   object_get_typename(obj), name, prop->type, type_name);
        return -1;
    }
    fns = prop->opaque;
    return fns->get_int(obj, errp);
}

/* --- times ------------------------------------------------------------ */

static void tm_get(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    PropFns *fns = opaque;
    struct tm value = { 0 };
    Error *err = NULL;

    fns->get_tm(obj, &value, &err);
    if (err) {
        error_propagate(errp, err);
        return;
    }
    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    visit_type_int32(v, "tm_year", &value.tm_year, errp);
    visit_type_int32(v, "tm_mon", &value.tm_mon, errp);
    visit_type_int32(v, "tm_mday", &value.tm_mday, errp);
    visit_type_int32(v, "tm_hour", &value.tm_hour, errp);
    visit_type_int32(v, "tm_min", &value.tm_min, errp);
    visit_type_int32(v, "tm_sec", &value.tm_sec, errp);
    visit_end_struct(v, NULL);
}

ObjectProperty *object_property_add_tm(Object *obj, const char *name,
                                       void (*get)(Object *, struct tm *, Error **))
{
    return fns_add(obj, NULL, name, "struct tm", tm_get, NULL,
                   (PropFns) { .get_tm = get });
}

ObjectProperty *object_class_property_add_tm(ObjectClass *klass, const char *name,
                                             void (*get)(Object *, struct tm *,
                                                         Error **))
{
    return fns_add(NULL, klass, name, "struct tm", tm_get, NULL,
                   (PropFns) { .get_tm = get });
}

/* --- unsigned integers behind a pointer ------------------------------- */

#define UINT_PTR_PROPERTY(bits)                                                 \
    static void uint ## bits ## _get(Object *obj, Visitor *v, const char *name, \
                                     void *opaque, Error **errp)                \
    {                                                                           \
        uint ## bits ## _t value = *(uint ## bits ## _t *)opaque;               \
                                                                                \
        visit_type_uint ## bits(v, name, &value, errp);                         \
    }                                                                           \
    static void uint ## bits ## _set(Object *obj, Visitor *v, const char *name, \
                                     void *opaque, Error **errp)                \
    {                                                                           \
        uint ## bits ## _t value;                                               \
                                                                                \
        value = *(uint ## bits ## _t *)opaque;                                  \
        if (visit_type_uint ## bits(v, name, &value, errp)) {                   \
            *(uint ## bits ## _t *)opaque = value;                              \
        }                                                                       \
    }                                                                           \
    ObjectProperty *object_property_add_uint ## bits ## _ptr(                   \
        Object *obj, const char *name, const uint ## bits ## _t *v,             \
        ObjectPropertyFlags flags)                                              \
    {                                                                           \
        return object_property_add(                                             \
            obj, name, "uint" #bits,                                            \
            flags & OBJ_PROP_FLAG_READ ? uint ## bits ## _get : NULL,           \
            flags & OBJ_PROP_FLAG_WRITE ? uint ## bits ## _set : NULL,          \
            NULL, (void *)v);                                                   \
    }                                                                           \
    ObjectProperty *object_class_property_add_uint ## bits ## _ptr(             \
        ObjectClass *klass, const char *name, const uint ## bits ## _t *v,      \
        ObjectPropertyFlags flags)                                              \
    {                                                                           \
        return object_class_property_add(                                       \
            klass, name, "uint" #bits,                                          \
            flags & OBJ_PROP_FLAG_READ ? uint ## bits ## _get : NULL,           \
            flags & OBJ_PROP_FLAG_WRITE ? uint ## bits ## _set : NULL,          \
            NULL, (void *)v);                                                   \
    }

UINT_PTR_PROPERTY(8)
UINT_PTR_PROPERTY(16)
UINT_PTR_PROPERTY(32)
UINT_PTR_PROPERTY(64)
