/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The type "bus": what connects a device with the devices on it.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "qdev-internal.h"

/* --- who sits on it --------------------------------------------------- */

void bus_attach(BusState *bus, DeviceState *dev)
{
    BusChild *kid = g_new0(BusChild, 1);
    g_autofree char *link = g_strdup_printf("child[%d]", bus->max_index);

    kid->index = bus->max_index++;
    kid->child = dev;
    object_ref(dev);
    QTAILQ_INSERT_TAIL(&bus->children, kid, sibling);
    bus->num_children++;
    dev->parent_bus = bus;
    object_ref(bus);
    object_property_add_const_link(OBJECT(bus), link, OBJECT(dev));
}

static BusChild *bus_find_child(BusState *bus, DeviceState *dev)
{
    BusChild *kid;

    QTAILQ_FOREACH(kid, &bus->children, sibling) {
        if (kid->child == dev) {
            return kid;
        }
    }
    return NULL;
}

void bus_detach(DeviceState *dev)
{
    BusState *bus = dev->parent_bus;
    BusChild *kid = bus_find_child(bus, dev);
    g_autofree char *link = g_strdup_printf("child[%d]", kid->index);

    object_property_del(OBJECT(bus), link);
    QTAILQ_REMOVE(&bus->children, kid, sibling);
    bus->num_children--;
    g_free(kid);
    dev->parent_bus = NULL;
    object_unref(dev);
    object_unref(bus);
}

static bool bus_has_room(BusState *bus, Error **errp)
{
    BusClass *bc = BUS_GET_CLASS(bus);

    if (bus->full || (bc->max_dev && bus->num_children >= bc->max_dev)) {
        error_setg(errp, "Bus '%s' is full; choose another with bus=", bus->name);
        return false;
    }
    return true;
}

bool qdev_set_parent_bus(DeviceState *dev, BusState *bus, Error **errp)
{
    BusClass *bc = BUS_GET_CLASS(bus);
    BusState *old = dev->parent_bus;
    const char *want = DEVICE_GET_CLASS(dev)->bus_type;

    if (old == bus) {
        return true;
    }
    if (want && !object_dynamic_cast(OBJECT(bus), want)) {
        error_setg(errp, "Device '%s' can't go on %s bus",
                   object_get_typename(OBJECT(dev)), object_get_typename(OBJECT(bus)));
        return false;
    }
    if (!bus_has_room(bus, errp) ||
        (bc->check_address && !bc->check_address(bus, dev, errp))) {
        return false;
    }
    object_ref(dev);
    object_ref(old);
    if (old) {
        bus_detach(dev);
    }
    bus_attach(bus, dev);
    if (dev->realized) {
        resettable_change_parent(OBJECT(dev), OBJECT(bus), OBJECT(old));
    }
    object_unref(old);
    object_unref(dev);
    return true;
}

BusState *qdev_get_parent_bus(const DeviceState *dev)
{
    return dev->parent_bus;
}

BusState *qdev_get_child_bus(DeviceState *dev, const char *name)
{
    BusState *bus;

    QLIST_FOREACH(bus, &dev->child_bus, sibling) {
        if (strcmp(bus->name, name) == 0) {
            return bus;
        }
    }
    return NULL;
}

/* --- making ----------------------------------------------------------- */

static char *bus_default_name(BusState *bus, DeviceState *parent)
{
    static int serial;      /* atomic */
    g_autofree char *lower = NULL;

    if (parent && parent->id) {
        return g_strdup_printf("%s.%d", parent->id, parent->num_child_bus);
    }
    lower = g_ascii_strdown(object_get_typename(OBJECT(bus)), -1);
    return g_strdup_printf("%s.%d", lower, qatomic_fetch_inc(&serial));
}

static void bus_set_up(BusState *bus, DeviceState *parent, const char *name)
{
    static unsigned serial;     /* atomic */

    bus->serial = qatomic_fetch_inc(&serial);
    bus->name = name ? g_strdup(name) : bus_default_name(bus, parent);
    bus->parent = parent;
    if (parent) {
        QLIST_INSERT_HEAD(&parent->child_bus, bus, sibling);
        parent->num_child_bus++;
        object_property_add_child(OBJECT(parent), bus->name, OBJECT(bus));
        /* the parent's reference keeps it */
        object_unref(bus);
    }
}

void qbus_init(void *bus, size_t size, const char *type_name, DeviceState *parent,
               const char *name)
{
    object_initialize(bus, size, type_name);
    bus_set_up(bus, parent, name);
}

BusState *qbus_new(const char *type_name, DeviceState *parent, const char *name)
{
    BusState *bus = BUS(object_new(type_name));

    bus_set_up(bus, parent, name);
    return bus;
}

/* --- realize ---------------------------------------------------------- */

bool qbus_realize(BusState *bus, Error **errp)
{
    return object_property_set_bool(OBJECT(bus), "realized", true, errp);
}

void qbus_unrealize(BusState *bus)
{
    object_property_set_bool(OBJECT(bus), "realized", false, &error_abort);
}

static bool bus_get_realized(Object *obj, Error **errp)
{
    return BUS(obj)->realized;
}

static void bus_do_unrealize(BusState *bus)
{
    BusClass *bc = BUS_GET_CLASS(bus);
    BusChild *kid;

    bus->realized = false;
    QTAILQ_FOREACH(kid, &bus->children, sibling) {
        if (kid->child->realized) {
            qdev_unrealize(kid->child);
        }
    }
    if (bc->unrealize) {
        bc->unrealize(bus);
    }
}

static void bus_set_realized(Object *obj, bool value, Error **errp)
{
    BusState *bus = BUS(obj);
    BusClass *bc = BUS_GET_CLASS(bus);
    Error *err = NULL;

    if (value && !bus->realized) {
        if (bc->realize) {
            bc->realize(bus, &err);
        }
        bus->realized = !err;
        error_propagate(errp, err);
    } else if (!value && bus->realized) {
        bus_do_unrealize(bus);
    }
}

/* --- the type --------------------------------------------------------- */

static char *bus_fw_dev_path(DeviceState *dev)
{
    return g_strdup(object_get_typename(OBJECT(dev)));
}

static void bus_unparent(Object *obj)
{
    BusState *bus = BUS(obj);

    qbus_unrealize(bus);
    while (!QTAILQ_EMPTY(&bus->children)) {
        DeviceState *dev = QTAILQ_FIRST(&bus->children)->child;

        if (object_get_parent(OBJECT(dev))) {
            object_unparent(OBJECT(dev));
        } else {
            bus_detach(dev);
        }
    }
    if (bus->parent) {
        QLIST_REMOVE(bus, sibling);
        bus->parent->num_child_bus--;
        bus->parent = NULL;
    }
}

static void bus_instance_init(Object *obj)
{
    BusState *bus = BUS(obj);

    QTAILQ_INIT(&bus->children);
    object_property_add_link(obj, "hotplug-handler", TYPE_HOTPLUG_HANDLER,
                             (Object **)&bus->hotplug_handler,
                             object_property_allow_set_link, 0);
}

static void bus_instance_finalize(Object *obj)
{
    BusState *bus = BUS(obj);

    qbus_set_aio_context(bus, NULL);
    g_free(bus->name);
}

static void bus_class_init(ObjectClass *oc, void *data)
{
    oc->unparent = bus_unparent;
    BUS_CLASS(oc)->get_fw_dev_path = bus_fw_dev_path;
    bus_class_init_reset(oc);
    object_class_property_add_bool(oc, "realized", bus_get_realized, bus_set_realized);
}

static const TypeInfo bus_info = {
    .name = TYPE_BUS,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(BusState),
    .abstract = true,
    .class_size = sizeof(BusClass),
    .instance_init = bus_instance_init,
    .instance_finalize = bus_instance_finalize,
    .class_init = bus_class_init,
    .interfaces = (const InterfaceInfo[]) {
        { TYPE_RESETTABLE_INTERFACE },
        { }
    },
};

static void register_bus(void)
{
    type_register_static(&bus_info);
}

type_init(register_bus)
