/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The type "device": its class, its own properties, making and unmaking one.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "block/aio.h"
#include "hw/qdev-properties.h"
#include "hw/vmstate-if.h"
#include "qapi/error.h"
#include "qapi/qapi-events-qdev.h"
#include "qdev-internal.h"
#include "trace.h"

/* --- making ----------------------------------------------------------- */

DeviceState *qdev_try_new(const char *name)
{
    ObjectClass *oc = object_class_dynamic_cast(object_class_by_name(name), TYPE_DEVICE);

    if (!oc || object_class_is_abstract(oc)) {
        return NULL;
    }
    return DEVICE(object_new_with_class(oc));
}

DeviceState *qdev_new(const char *name)
{
    DeviceState *dev = qdev_try_new(name);

    if (!dev) {
        g_error("qdev: no device type '%s'", name);
    }
    return dev;
}

void qdev_set_legacy_instance_id(DeviceState *dev, int alias_id,
                                 int required_for_version)
{
    g_assert(!dev->realized);
    dev->instance_id_alias = alias_id;
    dev->alias_required_for_version = required_for_version;
}

/* --- properties of every device --------------------------------------- */

static bool device_get_realized(Object *obj, Error **errp)
{
    return DEVICE(obj)->realized;
}

static void device_set_realized(Object *obj, bool value, Error **errp)
{
    DeviceState *dev = DEVICE(obj);

    if (value && !dev->realized) {
        device_realize(dev, errp);
    } else if (!value && dev->realized) {
        device_unrealize(dev);
    }
}

static bool device_get_hotpluggable(Object *obj, Error **errp)
{
    DeviceState *dev = DEVICE(obj);

    return DEVICE_GET_CLASS(dev)->hotpluggable &&
           (!dev->parent_bus || qbus_is_hotpluggable(dev->parent_bus));
}

static bool device_get_hotplugged(Object *obj, Error **errp)
{
    return DEVICE(obj)->hotplugged;
}

/* --- instance --------------------------------------------------------- */

static void device_instance_init(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    dev->priv = g_new0(struct QdevPrivate, 1);
    dev->instance_id_alias = -1;
    dev->hotplugged = qdev_hot_added;
    dev->allow_unplug_during_migration = false;
    QLIST_INIT(&dev->child_bus);
    qdev_gpio_init(dev);
}

/* After all init functions, so that globals win over what they set. */
static void device_instance_post_init(Object *obj)
{
    qdev_prop_set_globals(DEVICE(obj));
}

static void device_emit_deleted(DeviceState *dev)
{
    trace_qdev_deleted(dev->canonical_path);
    qapi_event_send_device_deleted(dev->id, dev->canonical_path);
}

static void device_instance_finalize(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    qdev_gpio_fini(dev);
    if (dev->pending_deleted_event && dev->canonical_path) {
        device_emit_deleted(dev);
    }
    qdev_set_aio_context(dev, NULL);
    g_slist_free(dev->priv->blockers);
    g_free(dev->priv);
    g_free(dev->canonical_path);
    g_free(dev->id);
}

static void default_bus_done_bh(void *opaque)
{
    BusState *bus = opaque;

    qdev_default_bus_done(bus);
    object_unref(bus);
}

/* The hook runs in the main context, where no domain is entered. */
static void device_release_default_bus(DeviceState *dev)
{
    AioContext *ctx = aio_context_main();

    if (dev->priv->default_bus && dev->parent_bus && ctx) {
        aio_bh_schedule_oneshot(ctx, default_bus_done_bh, object_ref(dev->parent_bus));
    }
    dev->priv->default_bus = false;
}

static void device_unparent(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    if (dev->realized) {
        qdev_unrealize(dev);
    }
    while (!QLIST_EMPTY(&dev->child_bus)) {
        object_unparent(OBJECT(QLIST_FIRST(&dev->child_bus)));
    }
    device_release_default_bus(dev);
    if (dev->parent_bus) {
        bus_detach(dev);
    }
}

/* --- class ------------------------------------------------------------ */

static char *device_vmstate_id(VMStateIf *obj)
{
    return qdev_get_dev_path(DEVICE(obj));
}

/* Property tables are a class's own: what it inherits is in the parent's. */
static void device_class_base_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->prop_table = NULL;
    dc->prop_rows = 0;
}

static void device_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    oc->unparent = device_unparent;
    dc->hotpluggable = true;
    dc->user_creatable = true;
    VMSTATE_IF_CLASS(oc)->get_id = device_vmstate_id;
    device_class_init_reset(oc);

    object_class_property_add_bool(oc, "realized", device_get_realized,
                                   device_set_realized);
    object_class_property_add_bool(oc, "hotpluggable", device_get_hotpluggable, NULL);
    object_class_property_add_bool(oc, "hotplugged", device_get_hotplugged, NULL);
    object_class_property_add_link(oc, "parent_bus", TYPE_BUS,
                                   offsetof(DeviceState, parent_bus), NULL, 0);
}

void device_class_set_props_n(DeviceClass *dc, const Property *props, size_t n)
{
    size_t i;

    dc->prop_table = props;
    for (i = 0; i < n && props[i].name; i++) {
        qdev_class_add_property(dc, &props[i]);
    }
    dc->prop_rows = i;
}

void device_class_set_props_bytes(DeviceClass *dc, const Property *props, size_t bytes)
{
    device_class_set_props_n(dc, props, bytes / sizeof(*props));
}

void device_class_set_legacy_reset(DeviceClass *dc, DeviceReset dev_reset)
{
    dc->reset = dev_reset;
}

void device_class_set_parent_reset(DeviceClass *dc, DeviceReset dev_reset,
                                   DeviceReset *parent_reset)
{
    *parent_reset = dc->reset;
    dc->reset = dev_reset;
}

void device_class_set_parent_realize(DeviceClass *dc, DeviceRealize dev_realize,
                                     DeviceRealize *parent_realize)
{
    *parent_realize = dc->realize;
    dc->realize = dev_realize;
}

void device_class_set_parent_unrealize(DeviceClass *dc, DeviceUnrealize dev_unrealize,
                                       DeviceUnrealize *parent_unrealize)
{
    *parent_unrealize = dc->unrealize;
    dc->unrealize = dev_unrealize;
}

const VMStateDescription *qdev_get_vmsd(DeviceState *dev)
{
    return DEVICE_GET_CLASS(dev)->vmsd;
}

const char *qdev_fw_name(DeviceState *dev)
{
    return DEVICE_GET_CLASS(dev)->fw_name ?: object_get_typename(OBJECT(dev));
}

static const TypeInfo device_info = {
    .name = TYPE_DEVICE,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(DeviceState),
    .instance_init = device_instance_init,
    .instance_post_init = device_instance_post_init,
    .instance_finalize = device_instance_finalize,
    .class_base_init = device_class_base_init,
    .class_init = device_class_init,
    .abstract = true,
    .class_size = sizeof(DeviceClass),
    .interfaces = (const InterfaceInfo[]) {
        { TYPE_VMSTATE_IF },
        { TYPE_RESETTABLE_INTERFACE },
        { }
    },
};

static void register_device(void)
{
    type_register_static(&device_info);
}

type_init(register_device)
