/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -machine x-remote[,vfio-user=on|off][,auto-shutdown=on|off][,drain-timeout=MS]
 *
 * With auto-shutdown=on the process ends when the last client has left, or when
 * the last server object has been deleted. The default is off: sockets go on
 * listening for the next client.
 */
#include "qemu/osdep.h"
#include "hw/boards.h"
#include "hw/hotplug.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/module.h"
#include "sysemu/population.h"
#include "sysemu/runstate.h"
#include "isolated-rc.h"
#include "machine.h"
#include "outbound/sigbus.h"
#include "unplug.h"

#define TYPE_REMOTE_MACHINE MACHINE_TYPE_NAME("x-remote")
OBJECT_DECLARE_SIMPLE_TYPE(RemoteMachineState, REMOTE_MACHINE)

#define DRAIN_TIMEOUT_MS 3000
#define DRAIN_TIMEOUT_MAX_MS 60000u

struct RemoteMachineState {
    MachineState parent_obj;

    bool vfio_user;
    bool auto_shutdown;
    uint32_t drain_timeout_ms;
};

static RemoteMachineState *remote_machine(void)
{
    return (RemoteMachineState *)object_dynamic_cast(OBJECT(current_machine),
                                                     TYPE_REMOTE_MACHINE);
}

bool machine_serves_vfio_user(Error **errp)
{
    RemoteMachineState *m = current_machine ? remote_machine() : NULL;

    if (!m) {
        error_setg(errp, "vfio-user-server needs -machine x-remote");
        return false;
    }
    if (!m->vfio_user) {
        error_setg(errp, "vfio-user-server is switched off: use -machine x-remote,vfio-user=on");
        return false;
    }
    return true;
}

static void count(PopulationKind kind, int change)
{
    RemoteMachineState *m = remote_machine();

    if (population_add(kind, change) == 0 && m->auto_shutdown) {
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
    }
}

void machine_server_added(void)
{
    count(POPULATION_SERVERS, 1);
}

void machine_server_removed(void)
{
    count(POPULATION_SERVERS, -1);
}

void machine_client_attached(void)
{
    count(POPULATION_CLIENTS, 1);
}

void machine_client_detached(void)
{
    count(POPULATION_CLIENTS, -1);
}

static void remote_machine_init(MachineState *machine)
{
    sigbus_init();
    isolated_rc_serve_default_bus();
}

/* --- unplugging root complexes, and devices by request --- */

static void unplug_rc(HotplugHandler *handler, DeviceState *dev, Error **errp)
{
    if (isolated_rc_may_go(dev, errp)) {
        qdev_simple_device_unplug_cb(handler, dev, errp);
    }
}

static bool is_rc(DeviceState *dev)
{
    return object_dynamic_cast(OBJECT(dev), TYPE_ISOLATED_RC);
}

static void request_unplug(HotplugHandler *handler, DeviceState *dev, Error **errp)
{
    Error *err = NULL;

    if (!is_rc(dev)) {
        unplug_request(dev);
        return;
    }
    unplug_rc(handler, dev, &err);
    if (!err) {
        object_unparent(OBJECT(dev));
    }
    error_propagate(errp, err);
}

static HotplugHandler *hotplug_handler_of(MachineState *machine, DeviceState *dev)
{
    return is_rc(dev) || unplug_is_by_request(dev) ? HOTPLUG_HANDLER(machine) : NULL;
}

static bool get_vfio_user(Object *obj, Error **errp)
{
    return REMOTE_MACHINE(obj)->vfio_user;
}

static void set_vfio_user(Object *obj, bool value, Error **errp)
{
    REMOTE_MACHINE(obj)->vfio_user = value;
}

static bool get_auto_shutdown(Object *obj, Error **errp)
{
    return REMOTE_MACHINE(obj)->auto_shutdown;
}

static void set_auto_shutdown(Object *obj, bool value, Error **errp)
{
    REMOTE_MACHINE(obj)->auto_shutdown = value;
}

static void get_drain_timeout(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    visit_type_uint32(v, name, &REMOTE_MACHINE(obj)->drain_timeout_ms, errp);
}

static void set_drain_timeout(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    uint32_t value;

    if (!visit_type_uint32(v, name, &value, errp)) {
        return;
    }
    if (value > DRAIN_TIMEOUT_MAX_MS) {
        error_setg(errp, "Parameter '%s' expects a value from 0 to %u, not %" PRIu32, name,
                   DRAIN_TIMEOUT_MAX_MS, value);
        return;
    }
    REMOTE_MACHINE(obj)->drain_timeout_ms = value;
}

static void remote_machine_instance_init(Object *obj)
{
    REMOTE_MACHINE(obj)->drain_timeout_ms = DRAIN_TIMEOUT_MS;
    REMOTE_MACHINE(obj)->vfio_user = true;
}

static void remote_machine_class_init(ObjectClass *oc, void *data)
{
    MachineClass *mc = MACHINE_CLASS(oc);

    mc->desc = "PCI devices for the virtual machines of other processes";
    mc->init = remote_machine_init;
    mc->is_default = true;
    mc->get_hotplug_handler = hotplug_handler_of;
    HOTPLUG_HANDLER_CLASS(oc)->unplug = unplug_rc;
    HOTPLUG_HANDLER_CLASS(oc)->unplug_request = request_unplug;
    object_class_property_add_bool(oc, "vfio-user", get_vfio_user, set_vfio_user);
    object_class_property_set_description(oc, "vfio-user", "allow vfio-user-server objects");
    object_class_property_add_bool(oc, "auto-shutdown", get_auto_shutdown, set_auto_shutdown);
    object_class_property_set_description(oc, "auto-shutdown",
                                          "end when the last client has left");
    object_class_property_add(oc, "drain-timeout", "uint32", get_drain_timeout,
                              set_drain_timeout, NULL, NULL);
    object_class_property_set_description(oc, "drain-timeout",
                                          "ms that the end waits for answers under way");
}

static const TypeInfo remote_machine_type = {
    .name = TYPE_REMOTE_MACHINE,
    .parent = TYPE_MACHINE,
    .instance_size = sizeof(RemoteMachineState),
    .instance_init = remote_machine_instance_init,
    .class_init = remote_machine_class_init,
    .interfaces = (InterfaceInfo[]) { { TYPE_HOTPLUG_HANDLER }, { } },
};

static void remote_machine_register(void)
{
    type_register_static(&remote_machine_type);
}
type_init(remote_machine_register)
