/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -device, device_add and device_del: from options to a realized device and
 * back.  All of this runs in the main context; a device's domain is entered
 * and left inside.
 */
#ifndef MONITOR_QDEV_H
#define MONITOR_QDEV_H

#include "hw/qdev-core.h"

/*
 * @opts: "driver", and perhaps "id", "bus" and properties; it stays the
 * caller's.  The result holds a reference for the caller.  On error nothing
 * is left behind.  NULL without an error: a DeviceListener hides the device.
 */
DeviceState *qdev_device_add_from_json(JsonObject *opts, Error **errp);

/*
 * @fn gives the bus for a device without bus=; it may make one.  NULL with
 * errp set refuses.  Called in the main context.
 */
typedef BusState *QdevDefaultBus(DeviceClass *dc, const char *dev_id, Error **errp);
void qdev_set_default_bus_hook(QdevDefaultBus *fn);
/*
 * @fn is told, in the main context, that the device that asked for the default
 * bus failed to realize or is gone: it may take back what it made for it.
 */
typedef void QdevDefaultBusDone(BusState *bus);
void qdev_set_default_bus_release_hook(QdevDefaultBusDone *fn);

/* By id or path, as device_del does. */
void qdev_unplug(DeviceState *dev, Error **errp);
bool qdev_device_del(const char *id, Error **errp);

/* The whole text; the caller frees. */
char *qdev_device_list_help(void);
/* NULL with errp set when @driver is no device that a user may make. */
char *qdev_device_type_help(const char *driver, Error **errp);
/* Class for a name or alias that a user gave; borrowed; NULL with errp set. */
DeviceClass *qdev_get_device_class(const char **driver, Error **errp);
/* The bus at a path as in bus=; NULL with errp set. */
BusState *qbus_find(const char *path, Error **errp);

#endif
