/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of devices and buses as text.
 *
 * Devices come and go in the main context alone, which is where this runs, so
 * the tree itself stands still. What the properties of a device say belongs to
 * its domain: it is entered for each device and left again before the next.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/qdev-core.h"
#include "hw/qdev-properties.h"

#define STEP 2

static void print_device(DeviceState *dev, int indent, GString *out);

static void line(GString *out, int indent, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
static void line(GString *out, int indent, const char *fmt, ...)
{
    va_list ap;

    g_string_append_printf(out, "%*s", indent, "");
    va_start(ap, fmt);
    g_string_append_vprintf(out, fmt, ap);
    va_end(ap);
    g_string_append_c(out, '\n');
}

/* Borrows the shape of object_property_print(); NULL when it cannot be read. */
static char *value_of(DeviceState *dev, const Property *prop)
{
    char text[1024];

    if (!prop->info->print) {
        return object_property_print(OBJECT(dev), prop->name, true, NULL);
    }
    if (prop->info->print(OBJECT(dev), prop, text, sizeof(text)) < 0) {
        return NULL;
    }
    return g_strdup(text);
}

static void print_property(DeviceState *dev, const Property *prop, int indent, GString *out)
{
    g_autofree char *value = NULL;

    if (object_property_find(OBJECT(dev), prop->name)) {
        value = value_of(dev, prop);
    }
    if (value) {
        line(out, indent, "%s = %s", prop->name, *value ? value : "<null>");
    }
}

/* The rows of the model first, then those of its parents. */
static void print_properties(DeviceState *dev, int indent, GString *out)
{
    ObjectClass *oc = object_get_class(OBJECT(dev));
    ObjectClass *end = object_class_get_parent(object_class_by_name(TYPE_DEVICE));

    for (; oc && oc != end; oc = object_class_get_parent(oc)) {
        DeviceClass *dc = DEVICE_CLASS(oc);

        for (size_t i = 0; i < dc->prop_rows && dc->prop_table[i].name; i++) {
            print_property(dev, &dc->prop_table[i], indent, out);
        }
    }
}

static void print_bus(BusState *bus, int indent, GString *out)
{
    BusChild *kid;

    line(out, indent, "bus: %s", bus->name);
    line(out, indent + STEP, "type %s", object_get_typename(OBJECT(bus)));
    QTAILQ_FOREACH(kid, &bus->children, sibling) {
        print_device(kid->child, indent + STEP, out);
    }
}

static void describe(DeviceState *dev, int indent, GString *out)
{
    BusState *bus = qdev_get_parent_bus(dev);
    AIO_CONTEXT_VISIT(qdev_get_aio_context(dev));

    print_properties(dev, indent, out);
    if (bus && BUS_GET_CLASS(bus)->describe_dev) {
        BUS_GET_CLASS(bus)->describe_dev(dev, indent, out);
    }
}

static void print_device(DeviceState *dev, int indent, GString *out)
{
    BusState *bus;

    line(out, indent, "dev: %s, id \"%s\"", object_get_typename(OBJECT(dev)),
         dev->id ? dev->id : "");
    describe(dev, indent + STEP, out);
    QLIST_FOREACH(bus, &dev->child_bus, sibling) {
        print_bus(bus, indent + STEP, out);
    }
}

static int print_if_root(Object *obj, void *opaque)
{
    DeviceState *dev = (DeviceState *)object_dynamic_cast(obj, TYPE_DEVICE);

    if (dev && !qdev_get_parent_bus(dev)) {
        print_device(dev, 0, opaque);
    }
    return 0;
}

void qdev_print_tree(GString *out)
{
    static const char *const places[] = { "peripheral", "peripheral-anon", "unattached" };

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        object_child_foreach(machine_get_container(places[i]), print_if_root, out);
    }
}

AioContext *qdev_context_of_object(Object *obj)
{
    for (; obj; obj = object_get_parent(obj)) {
        if (object_dynamic_cast(obj, TYPE_DEVICE)) {
            return qdev_get_aio_context(DEVICE(obj));
        }
        if (object_dynamic_cast(obj, TYPE_BUS)) {
            return qbus_get_aio_context(BUS(obj));
        }
    }
    return aio_context_main();
}
