/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property tables of devices: which member of the state struct is set by which
 * name.  The DEFINE_PROP_ macros check the member's type at compile time.  A
 * property can be set until the device is realized, except those whose
 * PropertyInfo says otherwise.
 */
#ifndef QEMU_QDEV_PROPERTIES_H
#define QEMU_QDEV_PROPERTIES_H

#include "hw/qdev-core.h"
#include "qapi/qapi-types-common.h"

/*
 * One row.  @info: how; @offset: where in the instance; @bitnr/@bitmask: which
 * bit, for bit properties; @defval: applied at creation when @set_default.
 * Arrays: @offset is that of the element count (uint32_t), @arrayoffset of the
 * pointer to the elements, each @arrayfieldsize bytes and handled by @arrayinfo.
 */
struct Property {
    const char *name;
    const PropertyInfo *info;
    ptrdiff_t offset;
    const char *link_type;
    uint64_t bitmask;
    union {
        int64_t i;
        uint64_t u;
    } defval;
    const PropertyInfo *arrayinfo;
    int arrayoffset;
    int arrayfieldsize;
    uint8_t bitnr;
    bool set_default;
};

/*
 * @name (8.2) and @type (newer) both name the type shown by help; either is
 * enough.  @print: text for listings, instead of the getter.
 * @create: adds the property in a way of its own.
 */
struct PropertyInfo {
    const char *name;
    const char *type;
    const char *description;
    const QEnumLookup *enum_table;
    bool realized_set_allowed;
    int (*print)(Object *obj, const Property *prop, char *dest, size_t len);
    void (*set_default_value)(ObjectProperty *op, const Property *prop);
    ObjectProperty *(*create)(ObjectClass *oc, const char *name, const Property *prop);
    ObjectPropertyAccessor *get;
    ObjectPropertyAccessor *set;
    ObjectPropertyRelease *release;
};

extern const PropertyInfo qdev_prop_bit;
extern const PropertyInfo qdev_prop_bit64;
extern const PropertyInfo qdev_prop_bool;
extern const PropertyInfo qdev_prop_enum;
extern const PropertyInfo qdev_prop_uint8;
extern const PropertyInfo qdev_prop_uint16;
extern const PropertyInfo qdev_prop_uint32;
extern const PropertyInfo qdev_prop_usize;
extern const PropertyInfo qdev_prop_int32;
extern const PropertyInfo qdev_prop_uint64;
extern const PropertyInfo qdev_prop_uint64_checkmask;
extern const PropertyInfo qdev_prop_int64;
extern const PropertyInfo qdev_prop_size;
extern const PropertyInfo qdev_prop_size32;
extern const PropertyInfo qdev_prop_string;
extern const PropertyInfo qdev_prop_on_off_auto;
extern const PropertyInfo qdev_prop_array;
extern const PropertyInfo qdev_prop_link;

/* offsetof, and a compile error when the member is not of @want. */
#define QDEV_PROP_OFFSET(State, member, want)                               \
    (offsetof(State, member) +                                              \
     0 * sizeof(char[__builtin_types_compatible_p(                          \
         want, __typeof__(((State *)0)->member)) ? 1 : -1]))

#define DEFINE_PROP(_name, _state, _field, _prop, _type, ...) {             \
        .name = (_name),                                                    \
        .info = &(_prop),                                                   \
        .offset = QDEV_PROP_OFFSET(_state, _field, _type),                  \
        __VA_ARGS__                                                         \
    }

#define DEFINE_PROP_SIGNED(_name, _state, _field, _defval, _prop, _type)    \
    DEFINE_PROP(_name, _state, _field, _prop, _type,                        \
                .set_default = true, .defval.i = (_type)(_defval))
#define DEFINE_PROP_SIGNED_NODEFAULT(_name, _state, _field, _prop, _type)   \
    DEFINE_PROP(_name, _state, _field, _prop, _type)
#define DEFINE_PROP_UNSIGNED(_name, _state, _field, _defval, _prop, _type)  \
    DEFINE_PROP(_name, _state, _field, _prop, _type,                        \
                .set_default = true, .defval.u = (_type)(_defval))
#define DEFINE_PROP_UNSIGNED_NODEFAULT(_name, _state, _field, _prop, _type) \
    DEFINE_PROP(_name, _state, _field, _prop, _type)

#define DEFINE_PROP_BIT(_name, _state, _field, _bit, _defval)               \
    DEFINE_PROP(_name, _state, _field, qdev_prop_bit, uint32_t,             \
                .bitnr = (_bit), .set_default = true,                       \
                .defval.u = !!(_defval))
#define DEFINE_PROP_BIT64(_name, _state, _field, _bit, _defval)             \
    DEFINE_PROP(_name, _state, _field, qdev_prop_bit64, uint64_t,           \
                .bitnr = (_bit), .set_default = true,                       \
                .defval.u = !!(_defval))
#define DEFINE_PROP_BOOL(_name, _state, _field, _defval)                    \
    DEFINE_PROP(_name, _state, _field, qdev_prop_bool, bool,                \
                .set_default = true, .defval.u = !!(_defval))
/* Only values inside @_bitmask are accepted. */
#define DEFINE_PROP_UINT64_CHECKMASK(_name, _state, _field, _bitmask)       \
    DEFINE_PROP(_name, _state, _field, qdev_prop_uint64_checkmask, uint64_t, \
                .bitmask = (_bitmask))

#define DEFINE_PROP_UINT8(_n, _s, _f, _d)                                   \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint8, uint8_t)
#define DEFINE_PROP_UINT16(_n, _s, _f, _d)                                  \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint16, uint16_t)
#define DEFINE_PROP_UINT32(_n, _s, _f, _d)                                  \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint32, uint32_t)
#define DEFINE_PROP_UINT64(_n, _s, _f, _d)                                  \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_uint64, uint64_t)
#define DEFINE_PROP_INT32(_n, _s, _f, _d)                                   \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_int32, int32_t)
#define DEFINE_PROP_INT64(_n, _s, _f, _d)                                   \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_int64, int64_t)
#define DEFINE_PROP_SIZE(_n, _s, _f, _d)                                    \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_size, uint64_t)
#define DEFINE_PROP_SIZE32(_n, _s, _f, _d)                                  \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, _d, qdev_prop_size32, uint32_t)
#define DEFINE_PROP_STRING(_n, _s, _f)                                      \
    DEFINE_PROP(_n, _s, _f, qdev_prop_string, char *)
#define DEFINE_PROP_ON_OFF_AUTO(_n, _s, _f, _d)                             \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_on_off_auto, OnOffAuto)

#define DEFINE_PROP_LINK(_name, _state, _field, _type, _ptr_type)           \
    DEFINE_PROP(_name, _state, _field, qdev_prop_link, _ptr_type,           \
                .link_type = (_type))

/*
 * @_field counts the elements, @_arrayfield points at them (allocated by the
 * property, freed with the device), each is set through @_arrayprop.
 */
#define DEFINE_PROP_ARRAY(_name, _state, _field, _arrayfield, _arrayprop, _arraytype) \
    DEFINE_PROP(_name, _state, _field, qdev_prop_array, uint32_t,           \
                .set_default = true, .defval.u = 0,                         \
                .arrayinfo = &(_arrayprop),                                 \
                .arrayfieldsize = sizeof(_arraytype),                       \
                .arrayoffset = QDEV_PROP_OFFSET(_state, _arrayfield, _arraytype *))

#define DEFINE_PROP_END_OF_LIST() { }

/* --- setting from C, before realize: a mistake aborts ------------------------ */

void qdev_prop_set_bit(DeviceState *dev, const char *name, bool value);
void qdev_prop_set_uint8(DeviceState *dev, const char *name, uint8_t value);
void qdev_prop_set_uint16(DeviceState *dev, const char *name, uint16_t value);
void qdev_prop_set_uint32(DeviceState *dev, const char *name, uint32_t value);
void qdev_prop_set_int32(DeviceState *dev, const char *name, int32_t value);
void qdev_prop_set_uint64(DeviceState *dev, const char *name, uint64_t value);
void qdev_prop_set_string(DeviceState *dev, const char *name, const char *value);
void qdev_prop_set_macaddr(DeviceState *dev, const char *name, const uint8_t *value);
void qdev_prop_set_enum(DeviceState *dev, const char *name, int value);
/* @values is moved. */
void qdev_prop_set_array(DeviceState *dev, const char *name, JsonArray *values);

/* --- for code that writes its own PropertyInfo -------------------------------- */

/* The member that @prop describes inside @obj. */
void *object_field_prop_ptr(Object *obj, const Property *prop);

void qdev_propinfo_get_enum(Object *obj, Visitor *v, const char *name, void *opaque,
                            Error **errp);
void qdev_propinfo_set_enum(Object *obj, Visitor *v, const char *name, void *opaque,
                            Error **errp);
void qdev_propinfo_get_int32(Object *obj, Visitor *v, const char *name, void *opaque,
                             Error **errp);
void qdev_propinfo_get_size32(Object *obj, Visitor *v, const char *name, void *opaque,
                              Error **errp);
void qdev_propinfo_set_default_value_enum(ObjectProperty *op, const Property *prop);
void qdev_propinfo_set_default_value_int(ObjectProperty *op, const Property *prop);
void qdev_propinfo_set_default_value_uint(ObjectProperty *op, const Property *prop);
/* errp for -EEXIST, -EINVAL, -ENOENT of a setter that looked for @value. */
void error_set_from_qdev_prop_error(Error **errp, int ret, Object *obj,
                                    const char *name, const char *value);
void qdev_property_add_static(DeviceState *dev, const Property *prop);
/*
 * A check function for links: only while the device is not realized, and only
 * to devices of the domain that is entered.
 */
void qdev_prop_allow_set_link_before_realize(const Object *obj, const char *name,
                                             Object *val, Error **errp);

/* --- -global ------------------------------------------------------------------ */

/* @prop lives for ever. */
void qdev_prop_register_global(GlobalProperty *prop);
const GlobalProperty *qdev_find_global_prop(Object *obj, const char *name);
void qdev_prop_set_globals(DeviceState *dev);
/* Warns about those that matched nothing; 1 when there was one. */
int qdev_prop_check_globals(void);

#endif
