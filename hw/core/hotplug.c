/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hot-plug handler interface, which handler is in charge of a device, and
 * what speaks against unplugging one.
 */
#include "qemu/osdep.h"
#include "hw/boards.h"
#include "qapi/error.h"
#include "qdev-internal.h"

/* --- the interface ---------------------------------------------------- */

#define HOTPLUG_CALL(method)                                                \
    void hotplug_handler_ ## method(HotplugHandler *plug_handler,           \
                                    DeviceState *plugged_dev, Error **errp) \
    {                                                                       \
        HotplugHandlerClass *hc = HOTPLUG_HANDLER_GET_CLASS(plug_handler);  \
                                                                            \
        if (hc->method) {                                                   \
            hc->method(plug_handler, plugged_dev, errp);                    \
        }                                                                   \
    }

HOTPLUG_CALL(pre_plug)
HOTPLUG_CALL(plug)
HOTPLUG_CALL(unplug_request)
HOTPLUG_CALL(unplug)

/* --- who is in charge ------------------------------------------------- */

void qbus_set_hotplug_handler(BusState *bus, Object *handler)
{
    object_property_set_link(OBJECT(bus), "hotplug-handler", handler, &error_abort);
}

void qbus_set_bus_hotplug_handler(BusState *bus)
{
    qbus_set_hotplug_handler(bus, OBJECT(bus));
}

HotplugHandler *qdev_get_bus_hotplug_handler(DeviceState *dev)
{
    return dev->parent_bus ? dev->parent_bus->hotplug_handler : NULL;
}

HotplugHandler *qdev_get_machine_hotplug_handler(DeviceState *dev)
{
    MachineState *ms = current_machine;
    MachineClass *mc = ms ? MACHINE_GET_CLASS(ms) : NULL;

    return mc && mc->get_hotplug_handler ? mc->get_hotplug_handler(ms, dev) : NULL;
}

HotplugHandler *qdev_get_hotplug_handler(DeviceState *dev)
{
    return qdev_get_machine_hotplug_handler(dev) ?: qdev_get_bus_hotplug_handler(dev);
}

/* --- may it come, may it go ------------------------------------------- */

bool qdev_hotplug_allowed(DeviceState *dev, Error **errp)
{
    MachineState *ms = current_machine;
    MachineClass *mc = ms ? MACHINE_GET_CLASS(ms) : NULL;

    return !mc || !mc->hotplug_allowed || mc->hotplug_allowed(ms, dev, errp);
}

bool qdev_hotunplug_allowed(DeviceState *dev, Error **errp)
{
    return !qdev_unplug_blocked(dev, errp);
}

void qdev_simple_device_unplug_cb(HotplugHandler *hotplug_dev, DeviceState *dev,
                                  Error **errp)
{
    qdev_unrealize(dev);
}

void qdev_add_unplug_blocker(DeviceState *dev, Error *reason)
{
    dev->priv->blockers = g_slist_append(dev->priv->blockers, reason);
}

void qdev_del_unplug_blocker(DeviceState *dev, Error *reason)
{
    dev->priv->blockers = g_slist_remove(dev->priv->blockers, reason);
}

bool qdev_unplug_blocked(DeviceState *dev, Error **errp)
{
    if (!dev->priv->blockers) {
        return false;
    }
    error_propagate(errp, error_copy(dev->priv->blockers->data));
    return true;
}

static void register_hotplug_handler(void)
{
    static const TypeInfo info = {
        .name = TYPE_HOTPLUG_HANDLER,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(HotplugHandlerClass),
    };

    type_register_static(&info);
}

type_init(register_hotplug_handler)
