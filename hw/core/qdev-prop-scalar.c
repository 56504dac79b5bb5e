/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of properties: bits, booleans, integers, sizes, strings, enums.
 */
#include "qemu/osdep.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

/* --- defaults --------------------------------------------------------- */

void qdev_propinfo_set_default_value_enum(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_str(op, prop->info->enum_table->array[prop->defval.i]);
}

void qdev_propinfo_set_default_value_int(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_int(op, prop->defval.i);
}

void qdev_propinfo_set_default_value_uint(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_uint(op, prop->defval.u);
}

static void set_default_bool(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_bool(op, prop->defval.u);
}

/* --- integers --------------------------------------------------------- */

/* get and set of one C type through one visit function. */
#define SCALAR_ACCESS(tag, ctype, visit)                                    \
    static void tag ## _get(Object *obj, Visitor *v, const char *name,      \
                            void *opaque, Error **errp)                     \
    {                                                                       \
        visit(v, name, object_field_prop_ptr(obj, opaque), errp);           \
    }                                                                       \
    static void tag ## _set(Object *obj, Visitor *v, const char *name,      \
                            void *opaque, Error **errp)                     \
    {                                                                       \
        ctype *field = object_field_prop_ptr(obj, opaque);                  \
        ctype value = *field;                                               \
                                                                            \
        if (visit(v, name, &value, errp)) {                                 \
            *field = value;                                                 \
        }                                                                   \
    }

#define SCALAR_KIND(tag, ctype, visit, default_fn)                          \
    SCALAR_ACCESS(tag, ctype, visit)                                        \
    const PropertyInfo qdev_prop_ ## tag = {                                \
        .name = #tag,                                                       \
        .get = tag ## _get,                                                 \
        .set = tag ## _set,                                                 \
        .set_default_value = default_fn,                                    \
    }

/* spelled out: "bool" is a macro, which would not survive as a tag */
SCALAR_ACCESS(onoff, bool, visit_type_bool)
const PropertyInfo qdev_prop_bool = {
    .name = "bool",
    .get = onoff_get,
    .set = onoff_set,
    .set_default_value = set_default_bool,
};

SCALAR_KIND(uint8, uint8_t, visit_type_uint8, qdev_propinfo_set_default_value_uint);
SCALAR_KIND(uint16, uint16_t, visit_type_uint16, qdev_propinfo_set_default_value_uint);
SCALAR_KIND(uint32, uint32_t, visit_type_uint32, qdev_propinfo_set_default_value_uint);
SCALAR_KIND(uint64, uint64_t, visit_type_uint64, qdev_propinfo_set_default_value_uint);
SCALAR_KIND(int32, int32_t, visit_type_int32, qdev_propinfo_set_default_value_int);
SCALAR_KIND(int64, int64_t, visit_type_int64, qdev_propinfo_set_default_value_int);
SCALAR_KIND(size, uint64_t, visit_type_size, qdev_propinfo_set_default_value_uint);

/* "usize" has the help text of a uint32, for the size_t-like counts of old models */
const PropertyInfo qdev_prop_usize = {
    .name = "usize",
    .get = uint32_get,
    .set = uint32_set,
    .set_default_value = qdev_propinfo_set_default_value_uint,
};

void qdev_propinfo_get_int32(Object *obj, Visitor *v, const char *name, void *opaque,
                             Error **errp)
{
    int32_get(obj, v, name, opaque, errp);
}

static void uint64_checkmask_set(Object *obj, Visitor *v, const char *name,
                                 void *opaque, Error **errp)
{
    const Property *prop = opaque;
    uint64_t value;

    if (!visit_type_uint64(v, name, &value, errp)) {
        return;
    }
    if (value & ~prop->bitmask) {
        error_setg(errp, "Property '%s.%s': 0x%" PRIx64 " has bits outside 0x%" PRIx64,
                   object_get_typename(obj), name, value, prop->bitmask);
        return;
    }
    *(uint64_t *)object_field_prop_ptr(obj, prop) = value;
}

const PropertyInfo qdev_prop_uint64_checkmask = {
    .name = "uint64",
    .get = uint64_get,
    .set = uint64_checkmask_set,
};

/* --- sizes in 32 bits ------------------------------------------------- */

void qdev_propinfo_get_size32(Object *obj, Visitor *v, const char *name, void *opaque,
                              Error **errp)
{
    uint32_t *field = object_field_prop_ptr(obj, opaque);
    uint64_t value = *field;

    visit_type_size(v, name, &value, errp);
}

static void size32_set(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    uint32_t *field = object_field_prop_ptr(obj, opaque);
    uint64_t value;

    if (!visit_type_size(v, name, &value, errp)) {
        return;
    }
    if (value > UINT32_MAX) {
        error_setg(errp, "Property '%s.%s' expects a size below 4G, not %" PRIu64,
                   object_get_typename(obj), name, value);
        return;
    }
    *field = value;
}

const PropertyInfo qdev_prop_size32 = {
    .name = "size",
    .get = qdev_propinfo_get_size32,
    .set = size32_set,
    .set_default_value = qdev_propinfo_set_default_value_uint,
};

/* --- bits ------------------------------------------------------------- */

#define BIT_KIND(tag, ctype)                                                \
    static void tag ## _get(Object *obj, Visitor *v, const char *name,      \
                            void *opaque, Error **errp)                     \
    {                                                                       \
        const Property *prop = opaque;                                      \
        ctype *field = object_field_prop_ptr(obj, prop);                    \
        bool value = *field >> prop->bitnr & 1;                             \
                                                                            \
        visit_type_bool(v, name, &value, errp);                             \
    }                                                                       \
    static void tag ## _set(Object *obj, Visitor *v, const char *name,      \
                            void *opaque, Error **errp)                     \
    {                                                                       \
        const Property *prop = opaque;                                      \
        ctype *field = object_field_prop_ptr(obj, prop);                    \
        bool value;                                                         \
                                                                            \
        if (visit_type_bool(v, name, &value, errp)) {                       \
            *field &= ~((ctype)1 << prop->bitnr);                           \
            *field |= (ctype)value << prop->bitnr;                          \
        }                                                                   \
    }                                                                       \
    const PropertyInfo qdev_prop_ ## tag = {                                \
        .name = "bool",                                                     \
        .description = "on/off",                                            \
        .get = tag ## _get,                                                 \
        .set = tag ## _set,                                                 \
        .set_default_value = set_default_bool,                              \
    }

BIT_KIND(bit, uint32_t);
BIT_KIND(bit64, uint64_t);

/* --- strings ---------------------------------------------------------- */

static void string_get(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    char **field = object_field_prop_ptr(obj, opaque);
    char *value = *field ?: (char *)"";

    visit_type_str(v, name, &value, errp);
}

static void string_set(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    char **field = object_field_prop_ptr(obj, opaque);
    char *value;

    if (visit_type_str(v, name, &value, errp)) {
        g_free(*field);
        *field = value;
    }
}

static void string_release(Object *obj, const char *name, void *opaque)
{
    char **field = object_field_prop_ptr(obj, opaque);

    g_clear_pointer(field, g_free);
}

const PropertyInfo qdev_prop_string = {
    .name = "str",
    .get = string_get,
    .set = string_set,
    .release = string_release,
};

/* --- enums ------------------------------------------------------------ */

void qdev_propinfo_get_enum(Object *obj, Visitor *v, const char *name, void *opaque,
                            Error **errp)
{
    const Property *prop = opaque;

    visit_type_enum(v, name, object_field_prop_ptr(obj, prop), prop->info->enum_table,
                    errp);
}

void qdev_propinfo_set_enum(Object *obj, Visitor *v, const char *name, void *opaque,
                            Error **errp)
{
    const Property *prop = opaque;
    int value;

    if (visit_type_enum(v, name, &value, prop->info->enum_table, errp)) {
        *(int *)object_field_prop_ptr(obj, prop) = value;
    }
}

const PropertyInfo qdev_prop_enum = {
    .name = "enum",
    .get = qdev_propinfo_get_enum,
    .set = qdev_propinfo_set_enum,
    .set_default_value = qdev_propinfo_set_default_value_enum,
};

const PropertyInfo qdev_prop_on_off_auto = {
    .name = "OnOffAuto",
    .description = "on/off/auto",
    .enum_table = &OnOffAuto_lookup,
    .get = qdev_propinfo_get_enum,
    .set = qdev_propinfo_set_enum,
    .set_default_value = qdev_propinfo_set_default_value_enum,
};

/* --- links ------------------------------------------------------------ */

static ObjectProperty *link_create(ObjectClass *oc, const char *name,
                                   const Property *prop)
{
    return object_class_property_add_link(oc, name, prop->link_type, prop->offset,
                                          qdev_prop_allow_set_link_before_realize,
                                          OBJ_PROP_LINK_STRONG);
}

const PropertyInfo qdev_prop_link = {
    .name = "link",
    .create = link_create,
};
