/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device listeners: those who want to hear of all devices.
 *
 * Lock order: innermost but for QOM's; the callbacks run with the lock held,
 * so that a listener is gone for good when unregister returns.  They must not
 * register or unregister.
 */
#include "qemu/osdep.h"
#include "qemu/thread.h"
#include "qdev-internal.h"

static struct {
    QemuMutex lock;
    QTAILQ_HEAD(, DeviceListener) list;
} listeners = {
    .lock = QEMU_MUTEX_INITIALIZER,
    .list = QTAILQ_HEAD_INITIALIZER(listeners.list),
};

void device_listener_register(DeviceListener *listener)
{
    qemu_mutex_lock(&listeners.lock);
    QTAILQ_INSERT_TAIL(&listeners.list, listener, link);
    qemu_mutex_unlock(&listeners.lock);
}

void device_listener_unregister(DeviceListener *listener)
{
    qemu_mutex_lock(&listeners.lock);
    QTAILQ_REMOVE(&listeners.list, listener, link);
    qemu_mutex_unlock(&listeners.lock);
}

void device_listeners_realize(DeviceState *dev)
{
    DeviceListener *l;

    qemu_mutex_lock(&listeners.lock);
    QTAILQ_FOREACH(l, &listeners.list, link) {
        if (l->realize) {
            l->realize(l, dev);
        }
    }
    qemu_mutex_unlock(&listeners.lock);
}

/* The other way round: who heard first forgets last. */
void device_listeners_unrealize(DeviceState *dev)
{
    DeviceListener *l;

    qemu_mutex_lock(&listeners.lock);
    QTAILQ_FOREACH_REVERSE(l, &listeners.list, link) {
        if (l->unrealize) {
            l->unrealize(l, dev);
        }
    }
    qemu_mutex_unlock(&listeners.lock);
}

bool qdev_should_hide_device(const JsonObject *opts, bool from_json, Error **errp)
{
    DeviceListener *l;
    bool hide = false;

    qemu_mutex_lock(&listeners.lock);
    QTAILQ_FOREACH(l, &listeners.list, link) {
        if (l->hide_device && l->hide_device(l, opts, from_json, errp)) {
            hide = true;
            break;
        }
    }
    qemu_mutex_unlock(&listeners.lock);
    return hide;
}
