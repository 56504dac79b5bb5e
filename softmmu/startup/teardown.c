/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way back at exit and after a failed start.
 *
 * Deleting a server object drains its client and removes its socket. Devices
 * go next, latest first, so that what sits on a bus goes before the bridge or
 * root complex that has the bus; each in the domain of its bus. Devices
 * without a bus (root complexes) end their domains' threads and go last, from
 * outside their domain.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "build.h"
#include "hw/boards.h"
#include "hw/qdev-core.h"
#include "qom/object_interfaces.h"

static int prepend_device(Object *child, void *opaque)
{
    GSList **list = opaque;

    if (object_dynamic_cast(child, TYPE_DEVICE)) {
        *list = g_slist_prepend(*list, object_ref(child));
    }
    return 0;
}

static GSList *devices_latest_first(void)
{
    GSList *list = NULL;

    object_child_foreach(machine_get_container("peripheral-anon"), prepend_device, &list);
    object_child_foreach(machine_get_container("peripheral"), prepend_device, &list);
    return list;
}

static void remove_device(DeviceState *dev)
{
    BusState *bus = qdev_get_parent_bus(dev);

    if (bus) {
        AIO_CONTEXT_GUARD(qbus_get_aio_context(bus));
        object_unparent(OBJECT(dev));
    } else {
        object_unparent(OBJECT(dev));
    }
}

static void remove_devices(bool on_bus)
{
    GSList *list = devices_latest_first();

    for (GSList *l = list; l; l = l->next) {
        DeviceState *dev = l->data;

        if (!!qdev_get_parent_bus(dev) == on_bus) {
            remove_device(dev);
        }
    }
    g_slist_free_full(list, object_unref);
}

void teardown_all(void)
{
    user_creatable_cleanup();
    if (!current_machine) {
        return;
    }
    remove_devices(true);
    remove_devices(false);
}
