/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Realize and unrealize.
 *
 *   1. the hot-plug handler agrees (pre_plug), nothing has changed yet
 *   2. the model's realize
 *   3. child buses and what sits on them; listeners hear of the device
 *   4. reset, so that the device starts from a defined state
 *   5. the hot-plug handler plugs it
 *   6. published: dev->realized
 *
 * A step that fails undoes those before it; qdev_realize() also takes the
 * device off the bus again and out of /machine/unattached.  Unrealize goes the
 * other way and cannot fail.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qdev-internal.h"
#include "trace.h"

static bool realize_child_buses(DeviceState *dev, Error **errp)
{
    BusState *bus;

    QLIST_FOREACH(bus, &dev->child_bus, sibling) {
        if (!qbus_realize(bus, errp)) {
            return false;
        }
    }
    return true;
}

static void unrealize_child_buses(DeviceState *dev)
{
    BusState *bus;

    QLIST_FOREACH(bus, &dev->child_bus, sibling) {
        qbus_unrealize(bus);
    }
}

/* Step 1.  *@handler: who plugs it, NULL for nobody. */
static bool realize_agree(DeviceState *dev, HotplugHandler **handler, Error **errp)
{
    Error *err = NULL;

    if (dev->hotplugged && !DEVICE_GET_CLASS(dev)->hotpluggable) {
        error_setg(errp, "Device '%s' does not support hotplugging; give it with "
                   "-device at start", object_get_typename(OBJECT(dev)));
        return false;
    }
    *handler = qdev_get_hotplug_handler(dev);
    if (*handler) {
        hotplug_handler_pre_plug(*handler, dev, &err);
    }
    error_propagate(errp, err);
    return !err;
}

static bool realize_model(DeviceState *dev, Error **errp)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);
    Error *err = NULL;

    if (dc->realize) {
        dc->realize(dev, &err);
    }
    error_propagate(errp, err);
    return !err;
}

static void unrealize_model(DeviceState *dev)
{
    DeviceClass *dc = DEVICE_GET_CLASS(dev);

    if (dc->unrealize) {
        dc->unrealize(dev);
    }
}

/* Step 5. */
static bool realize_plug(DeviceState *dev, HotplugHandler *handler, Error **errp)
{
    Error *err = NULL;

    if (handler) {
        hotplug_handler_plug(handler, dev, &err);
    }
    error_propagate(errp, err);
    return !err;
}

/* Steps 3 to 6, for a model that runs; undone when one fails. */
static bool realize_rest(DeviceState *dev, HotplugHandler *handler, Error **errp)
{
    dev->canonical_path = object_get_canonical_path(OBJECT(dev));
    if (realize_child_buses(dev, errp)) {
        device_listeners_realize(dev);
        device_reset_after_realize(dev);
        dev->pending_deleted_event = false;
        if (realize_plug(dev, handler, errp)) {
            qatomic_store_release(&dev->realized, true);
            return true;
        }
        device_listeners_unrealize(dev);
    }
    unrealize_child_buses(dev);
    return false;
}

bool device_realize(DeviceState *dev, Error **errp)
{
    ERRP_GUARD();
    const char *type = object_get_typename(OBJECT(dev));
    bool made_parent = !object_get_parent(OBJECT(dev));
    HotplugHandler *handler;

    trace_qdev_realize(type, dev->id ?: "", dev->hotplugged);
    if (made_parent) {
        object_property_add_child(machine_get_container("unattached"), "device[*]",
                                  OBJECT(dev));
    }
    if (realize_agree(dev, &handler, errp) && realize_model(dev, errp)) {
        if (realize_rest(dev, handler, errp)) {
            trace_qdev_realized(dev->canonical_path ?: type);
            return true;
        }
        unrealize_model(dev);
    }
    trace_qdev_realize_failed(type, error_get_pretty(*errp));
    g_clear_pointer(&dev->canonical_path, g_free);
    if (made_parent) {
        object_unparent(OBJECT(dev));
    }
    return false;
}

void device_unrealize(DeviceState *dev)
{
    trace_qdev_unrealize(dev->canonical_path ?: object_get_typename(OBJECT(dev)));
    qatomic_store_release(&dev->realized, false);
    device_listeners_unrealize(dev);
    unrealize_child_buses(dev);
    unrealize_model(dev);
    dev->pending_deleted_event = true;
}

/* --- as others call it ------------------------------------------------ */

bool qdev_realize(DeviceState *dev, BusState *bus, Error **errp)
{
    BusState *old_bus = dev->parent_bus;
    g_autoptr(Object) hold G_GNUC_UNUSED = object_ref(dev);

    g_assert(!dev->realized);
    if (bus && !qdev_set_parent_bus(dev, bus, errp)) {
        return false;
    }
    if (!bus && DEVICE_GET_CLASS(dev)->bus_type && !old_bus) {
        error_setg(errp, "Device '%s' needs a bus of type '%s'",
                   object_get_typename(OBJECT(dev)), DEVICE_GET_CLASS(dev)->bus_type);
        return false;
    }
    if (object_property_set_bool(OBJECT(dev), "realized", true, errp)) {
        return true;
    }
    if (dev->parent_bus && dev->parent_bus != old_bus) {
        bus_detach(dev);
    }
    return false;
}

bool qdev_realize_and_unref(DeviceState *dev, BusState *bus, Error **errp)
{
    bool ok = qdev_realize(dev, bus, errp);

    object_unref(dev);
    return ok;
}

void qdev_unrealize(DeviceState *dev)
{
    object_property_set_bool(OBJECT(dev), "realized", false, &error_abort);
}

static int assert_realized(Object *obj, void *opaque)
{
    DeviceState *dev = (DeviceState *)object_dynamic_cast(obj, TYPE_DEVICE);

    if (dev && dev->parent_bus) {
        g_assert(dev->realized);
    }
    return 0;
}

void qdev_assert_realized_properly(void)
{
    object_child_foreach_recursive(object_get_root(), assert_realized, NULL);
}
