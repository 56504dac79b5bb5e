/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where devices are: their place below /machine, their paths and names, and
 * the isolation domain that they belong to.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "qdev-internal.h"

bool qdev_hot_added;

void qdev_machine_creation_done(void)
{
    qdev_hot_added = true;
}

bool qdev_machine_modified(void)
{
    return qdev_hot_added;
}

/* --- containers ------------------------------------------------------- */

Object *qdev_get_machine(void)
{
    return container_get(object_get_root(), "/machine");
}

void qdev_set_machine(Object *machine)
{
    object_property_add_child(object_get_root(), "machine", machine);
}

Object *machine_get_container(const char *name)
{
    return container_get(qdev_get_machine(), name);
}

const char *qdev_set_id(DeviceState *dev, char *id, Error **errp)
{
    g_autofree char *own = id;
    ObjectProperty *prop;

    g_assert(!dev->id && !dev->realized);
    if (own) {
        prop = object_property_try_add_child(machine_get_container("peripheral"), own,
                                             OBJECT(dev), NULL);
        if (!prop) {
            error_setg(errp, "Duplicate device ID '%s'; choose another id=", own);
            return NULL;
        }
        dev->id = g_steal_pointer(&own);
    } else {
        prop = object_property_add_child(machine_get_container("peripheral-anon"),
                                         "device[*]", OBJECT(dev));
    }
    return prop->name;
}

/* --- names ------------------------------------------------------------ */

char *qdev_get_dev_path(DeviceState *dev)
{
    BusClass *bc;

    if (!dev || !dev->parent_bus) {
        return NULL;
    }
    bc = BUS_GET_CLASS(dev->parent_bus);
    return bc->get_dev_path ? bc->get_dev_path(dev) : NULL;
}

char *qdev_get_own_fw_dev_path_from_handler(BusState *bus, DeviceState *dev)
{
    /* no firmware here that would have a handler */
    return NULL;
}

char *qdev_get_fw_dev_path(DeviceState *dev)
{
    g_autoptr(GString) path = g_string_new(NULL);

    for (; dev && dev->parent_bus; dev = dev->parent_bus->parent) {
        BusClass *bc = BUS_GET_CLASS(dev->parent_bus);
        g_autofree char *part = bc->get_fw_dev_path ? bc->get_fw_dev_path(dev) : NULL;

        if (part) {
            g_string_prepend(path, part);
            g_string_prepend_c(path, '/');
        }
    }
    return g_string_free(g_steal_pointer(&path), FALSE);
}

char *qdev_get_human_name(DeviceState *dev)
{
    char *path;

    if (dev->id) {
        return g_strdup(dev->id);
    }
    path = object_get_canonical_path(OBJECT(dev));
    return path ?: g_strdup(object_get_typename(OBJECT(dev)));
}

DeviceState *qdev_find_by_id(const char *id, Error **errp)
{
    Object *obj;

    if (g_str_has_prefix(id, "/")) {
        obj = object_resolve_path_type(id, TYPE_DEVICE, NULL);
    } else {
        obj = object_resolve_path_component(machine_get_container("peripheral"), id);
    }
    if (!obj || !object_dynamic_cast(obj, TYPE_DEVICE)) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", id);
        return NULL;
    }
    return DEVICE(obj);
}

/* --- the domain ------------------------------------------------------- */

static void replace_context(AioContext **slot, AioContext *ctx)
{
    if (ctx) {
        aio_context_ref(ctx);
    }
    if (*slot) {
        aio_context_unref(*slot);
    }
    *slot = ctx;
}

void qdev_set_aio_context(DeviceState *dev, AioContext *ctx)
{
    replace_context(&dev->priv->ctx, ctx);
}

void qbus_set_aio_context(BusState *bus, AioContext *ctx)
{
    replace_context(&bus->ctx, ctx);
}

/* Up the chain of buses; NULL when nobody on it carries a context. */
static AioContext *context_by_bus(DeviceState *dev)
{
    while (dev) {
        if (dev->priv->ctx) {
            return dev->priv->ctx;
        }
        if (!dev->parent_bus) {
            return NULL;
        }
        if (dev->parent_bus->ctx) {
            return dev->parent_bus->ctx;
        }
        dev = dev->parent_bus->parent;
    }
    return NULL;
}

/* The nearest device above @obj in the tree: that which it is a part of. */
static DeviceState *owner_device(Object *obj)
{
    do {
        obj = object_get_parent(obj);
    } while (obj && !object_dynamic_cast(obj, TYPE_DEVICE));
    return obj ? DEVICE(obj) : NULL;
}

AioContext *qdev_get_aio_context(DeviceState *dev)
{
    AioContext *ctx = NULL;

    for (; dev && !ctx; dev = owner_device(OBJECT(dev))) {
        ctx = context_by_bus(dev);
    }
    return ctx ?: aio_context_main();
}

AioContext *qbus_get_aio_context(BusState *bus)
{
    if (bus->ctx) {
        return bus->ctx;
    }
    return bus->parent ? qdev_get_aio_context(bus->parent) : aio_context_main();
}

AioContext *current_domain(void)
{
    AioContext *ctx = qemu_get_current_aio_context();

    return ctx ?: aio_context_main();
}
