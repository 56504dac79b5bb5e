/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property tables as QOM class properties.  The opaque of each is its row; the
 * row's kind (PropertyInfo) does the work, after a look at whether the device
 * may still be changed.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "block/aio.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qdev-internal.h"

void *object_field_prop_ptr(Object *obj, const Property *prop)
{
    return (char *)obj + prop->offset;
}

bool qdev_prop_may_set(Object *obj, const char *name, const PropertyInfo *info,
                       Error **errp)
{
    DeviceState *dev = (DeviceState *)object_dynamic_cast(obj, TYPE_DEVICE);

    if (!dev || !dev->realized || info->realized_set_allowed) {
        return true;
    }
    error_setg(errp, "Attempt to set property '%s' on %s '%s' (type '%s') "
               "after it was realized", name, dev->id ? "device" : "anonymous device",
               dev->id ?: "", object_get_typename(obj));
    return false;
}

/*
 * A device may be linked from its own domain only, which is the one entered
 * here.  What belongs to the main context (memory back ends) is for everyone.
 */
static void check_same_domain(const char *name, Object *val, Error **errp)
{
    DeviceState *target = (DeviceState *)object_dynamic_cast(val, TYPE_DEVICE);
    AioContext *domain = target ? qdev_get_aio_context(target) : NULL;
    g_autofree char *human = NULL;

    if (domain && domain != aio_context_main() && domain != current_domain()) {
        human = qdev_get_human_name(target);
        error_setg(errp, "Property '%s' cannot link to '%s': it belongs to another "
                   "isolation domain", name, human);
    }
}

void qdev_prop_allow_set_link_before_realize(const Object *obj, const char *name,
                                             Object *val, Error **errp)
{
    static const PropertyInfo link_kind;

    if (qdev_prop_may_set((Object *)obj, name, &link_kind, errp)) {
        check_same_domain(name, val, errp);
    }
}

static void field_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    const Property *prop = opaque;

    prop->info->get(obj, v, name, opaque, errp);
}

static void field_set(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    const Property *prop = opaque;

    if (qdev_prop_may_set(obj, name, prop->info, errp)) {
        prop->info->set(obj, v, name, opaque, errp);
    }
}

static const char *info_type(const PropertyInfo *info)
{
    return info->type ?: info->name;
}

void qdev_class_add_property(DeviceClass *dc, const Property *prop)
{
    ObjectClass *oc = OBJECT_CLASS(dc);
    const PropertyInfo *info = prop->info;
    ObjectProperty *op;

    if (info->create) {
        op = info->create(oc, prop->name, prop);
    } else {
        op = object_class_property_add(oc, prop->name, info_type(info),
                                       info->get ? field_get : NULL,
                                       info->set ? field_set : NULL,
                                       info->release, (void *)prop);
    }
    if (prop->set_default) {
        info->set_default_value(op, prop);
    }
    op->description = g_strdup(info->description);
}

void qdev_property_add_static(DeviceState *dev, const Property *prop)
{
    const PropertyInfo *info = prop->info;
    Object *obj = OBJECT(dev);
    ObjectProperty *op;

    g_assert(!info->create);
    op = object_property_add(obj, prop->name, info_type(info),
                             info->get ? field_get : NULL, info->set ? field_set : NULL,
                             info->release, (void *)prop);
    op->description = g_strdup(info->description);
    if (prop->set_default) {
        info->set_default_value(op, prop);
        op->init(obj, op);
    }
}

/* Every table row of the class and its parents that @target does not have. */
void qdev_alias_all_properties(DeviceState *target, Object *source)
{
    ObjectClass *oc;

    for (oc = object_get_class(source); oc != object_class_by_name(TYPE_DEVICE);
         oc = object_class_get_parent(oc)) {
        DeviceClass *dc = DEVICE_CLASS(oc);
        size_t i;

        for (i = 0; i < dc->prop_rows; i++) {
            if (!object_property_find(OBJECT(target), dc->prop_table[i].name)) {
                object_property_add_alias(OBJECT(target), dc->prop_table[i].name,
                                          source, dc->prop_table[i].name);
            }
        }
    }
}

void error_set_from_qdev_prop_error(Error **errp, int ret, Object *obj,
                                    const char *name, const char *value)
{
    const char *why = "has a value that cannot be used";

    if (ret == 0) {
        return;
    }
    if (ret == -EEXIST) {
        why = "is in use already";
    } else if (ret == -ENOENT) {
        why = "was not found";
    }
    error_setg(errp, "Property '%s.%s': '%s' %s", object_get_typename(obj), name, value,
               why);
}

/* --- from C ----------------------------------------------------------- */

void qdev_prop_set_bit(DeviceState *dev, const char *name, bool value)
{
    object_property_set_bool(OBJECT(dev), name, value, &error_abort);
}

#define QDEV_PROP_SET(suffix, ctype, how)                                   \
    void qdev_prop_set_ ## suffix(DeviceState *dev, const char *name,       \
                                  ctype value)                              \
    {                                                                       \
        object_property_set_ ## how(OBJECT(dev), name, value, &error_abort); \
    }

QDEV_PROP_SET(uint8, uint8_t, uint)
QDEV_PROP_SET(uint16, uint16_t, uint)
QDEV_PROP_SET(uint32, uint32_t, uint)
QDEV_PROP_SET(uint64, uint64_t, uint)
QDEV_PROP_SET(int32, int32_t, int)
QDEV_PROP_SET(string, const char *, str)

void qdev_prop_set_macaddr(DeviceState *dev, const char *name, const uint8_t *value)
{
    g_autofree char *text = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x",
                                            value[0], value[1], value[2],
                                            value[3], value[4], value[5]);

    qdev_prop_set_string(dev, name, text);
}

void qdev_prop_set_enum(DeviceState *dev, const char *name, int value)
{
    ObjectProperty *op = object_property_find_err(OBJECT(dev), name, &error_abort);
    const Property *prop = op->opaque;
    const QEnumLookup *lookup = prop->info->enum_table;

    g_assert(value >= 0 && value < lookup->size);
    qdev_prop_set_string(dev, name, lookup->array[value]);
}

void qdev_prop_set_array(DeviceState *dev, const char *name, JsonArray *values)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, values);
    object_property_set_json(OBJECT(dev), name, node, &error_abort);
}
