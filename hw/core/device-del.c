/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_del: ask the guest, or take the device away at once, if nothing
 * speaks against it.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/boards.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "qdev-internal.h"
#include "trace.h"

/* A part of another device goes with it; what a user has added he deletes himself. */
static bool is_added_by_user(DeviceState *dev)
{
    Object *parent = object_get_parent(OBJECT(dev));

    return parent == machine_get_container("peripheral") ||
           parent == machine_get_container("peripheral-anon");
}

static bool has_devices_below(DeviceState *dev, Error **errp)
{
    BusState *bus;
    BusChild *child;

    QLIST_FOREACH(bus, &dev->child_bus, sibling) {
        QTAILQ_FOREACH(child, &bus->children, sibling) {
            if (is_added_by_user(child->child)) {
                error_setg(errp, "Bus '%s' of device '%s' has devices: delete '%s' first",
                           bus->name, dev->id ?: object_get_typename(OBJECT(dev)),
                           child->child->id ?: child->child->canonical_path);
                return true;
            }
        }
    }
    return false;
}

static bool may_unplug(DeviceState *dev, Error **errp)
{
    if (has_devices_below(dev, errp)) {
        return false;
    }
    if (qdev_unplug_blocked(dev, errp)) {
        return false;
    }
    if (dev->parent_bus && !dev->priv->default_bus &&
        !qbus_is_hotpluggable(dev->parent_bus)) {
        error_setg(errp, "Bus '%s' does not support hotplugging", dev->parent_bus->name);
        return false;
    }
    if (!DEVICE_GET_CLASS(dev)->hotpluggable) {
        error_setg(errp, "Device '%s' does not support hotplugging",
                   object_get_typename(OBJECT(dev)));
        return false;
    }
    return true;
}

static bool unplug_now(HotplugHandler *handler, DeviceState *dev, Error **errp)
{
    Error *err = NULL;

    if (handler) {
        hotplug_handler_unplug(handler, dev, &err);
    }
    if (err) {
        error_propagate(errp, err);
        return false;
    }
    object_unparent(OBJECT(dev));
    return true;
}

void qdev_unplug(DeviceState *dev, Error **errp)
{
    HotplugHandler *handler;

    if (!may_unplug(dev, errp)) {
        return;
    }
    handler = qdev_get_hotplug_handler(dev);
    if (handler && HOTPLUG_HANDLER_GET_CLASS(handler)->unplug_request) {
        hotplug_handler_unplug_request(handler, dev, errp);
    } else {
        unplug_now(handler, dev, errp);
    }
}

static bool unplug_pending(DeviceState *dev, Error **errp)
{
    if (!dev->pending_deleted_event ||
        (dev->pending_deleted_expires_ms != 0 &&
         dev->pending_deleted_expires_ms <= qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL))) {
        return false;
    }
    error_setg(errp, "Device '%s' is already in the process of unplug",
               dev->id ?: object_get_typename(OBJECT(dev)));
    return true;
}

bool qdev_device_del(const char *id, Error **errp)
{
    DeviceState *dev = qdev_find_by_id(id, errp);
    g_autoptr(AioContext) ctx = NULL;
    Error *err = NULL;

    trace_device_del(id);
    if (!dev) {
        return false;
    }
    ctx = qdev_get_aio_context(dev);
    aio_context_ref(ctx);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        object_ref(dev);
        if (!unplug_pending(dev, &err)) {
            qdev_unplug(dev, &err);
        }
        /* the device's end belongs into its domain */
        object_unref(dev);
    }
    error_propagate(errp, err);
    return !err;
}
