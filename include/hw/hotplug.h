/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hot-plug handlers: who has to agree when a device comes or goes.  The order
 * is pre_plug (may refuse, changes nothing), realize, plug; and unplug_request
 * (asks the guest) or unplug (takes it away at once).
 * All calls are made with the device's domain entered.
 */
#ifndef HW_HOTPLUG_H
#define HW_HOTPLUG_H

#include "qom/object.h"

typedef struct DeviceState DeviceState;

#define TYPE_HOTPLUG_HANDLER "hotplug-handler"

typedef struct HotplugHandlerClass HotplugHandlerClass;
typedef struct HotplugHandler HotplugHandler;
DECLARE_CLASS_CHECKERS(HotplugHandlerClass, HOTPLUG_HANDLER, TYPE_HOTPLUG_HANDLER)
#define HOTPLUG_HANDLER(obj) INTERFACE_CHECK(HotplugHandler, (obj), TYPE_HOTPLUG_HANDLER)

typedef void (*hotplug_fn)(HotplugHandler *plug_handler, DeviceState *plugged_dev,
                           Error **errp);

/* A method that is NULL agrees and does nothing. */
struct HotplugHandlerClass {
    InterfaceClass parent;

    hotplug_fn pre_plug;
    hotplug_fn plug;
    hotplug_fn unplug_request;
    hotplug_fn unplug;
};

void hotplug_handler_pre_plug(HotplugHandler *plug_handler, DeviceState *plugged_dev,
                              Error **errp);
void hotplug_handler_plug(HotplugHandler *plug_handler, DeviceState *plugged_dev,
                          Error **errp);
void hotplug_handler_unplug_request(HotplugHandler *plug_handler,
                                    DeviceState *plugged_dev, Error **errp);
void hotplug_handler_unplug(HotplugHandler *plug_handler, DeviceState *plugged_dev,
                            Error **errp);

#endif
