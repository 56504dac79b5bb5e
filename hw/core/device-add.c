/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_add and -device: from options to a realized device.
 *
 * The class comes first, then the bus, because the bus decides the domain, and
 * everything that touches the device (its instance_init too) is done with that
 * domain entered.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "block/aio.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qemu/id.h"
#include "qdev-internal.h"
#include "trace.h"

static QdevDefaultBus *default_bus_hook;
static QdevDefaultBusDone *default_bus_release_hook;

void qdev_set_default_bus_hook(QdevDefaultBus *fn)
{
    default_bus_hook = fn;
}

void qdev_set_default_bus_release_hook(QdevDefaultBusDone *fn)
{
    default_bus_release_hook = fn;
}

void qdev_default_bus_done(BusState *bus)
{
    if (default_bus_release_hook) {
        default_bus_release_hook(bus);
    }
}

/* --- the class -------------------------------------------------------- */

static DeviceClass *bad_driver(const char *driver, const char *why, Error **errp)
{
    ERRP_GUARD();

    error_setg(errp, "'%s' %s", driver, why);
    error_append_hint(errp, "Use '-device help' to list the devices.\n");
    return NULL;
}

DeviceClass *qdev_get_device_class(const char **driver, Error **errp)
{
    ObjectClass *oc = object_class_by_name(*driver);

    if (!object_class_dynamic_cast(oc, TYPE_DEVICE)) {
        return bad_driver(*driver, "is not a valid device model name", errp);
    }
    if (object_class_is_abstract(oc)) {
        return bad_driver(*driver, "is only the base of other device models", errp);
    }
    if (!DEVICE_CLASS(oc)->user_creatable) {
        return bad_driver(*driver, "is a part of other devices and cannot be added "
                          "by itself", errp);
    }
    return DEVICE_CLASS(oc);
}

/* --- the bus ---------------------------------------------------------- */

BusState *qbus_find(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path_type(path, TYPE_BUS, &ambiguous);

    if (obj) {
        return BUS(obj);
    }
    if (ambiguous) {
        error_setg(errp, "Bus '%s' is ambiguous; give its full path", path);
    } else {
        error_setg(errp, "Bus '%s' not found", path);
    }
    return NULL;
}

/* The newest bus of the right type that has room: a part belongs to what was named before it. */
static int match_bus(Object *obj, void *opaque)
{
    BusState **found = ((void **)opaque)[1];
    BusState *bus = (BusState *)object_dynamic_cast(obj, ((void **)opaque)[0]);
    BusClass *bc = bus ? BUS_GET_CLASS(bus) : NULL;

    if (!bus || bus->full || (bc->max_dev && bus->num_children >= bc->max_dev)) {
        return 0;
    }
    if (!*found || bus->serial > (*found)->serial) {
        *found = bus;
    }
    return 0;
}

static BusState *find_bus_of_type(const char *type)
{
    BusState *found = NULL;
    void *args[] = { (void *)type, &found };

    object_child_foreach_recursive(object_get_root(), match_bus, args);
    return found;
}

/* The bus for a device that names none; *@made: it belongs to the hook. */
static BusState *default_bus(DeviceClass *dc, const char *id, bool *made, Error **errp)
{
    const char *driver = object_class_get_name(OBJECT_CLASS(dc));
    Error *err = NULL;
    BusState *bus = default_bus_hook ? default_bus_hook(dc, id, &err) : NULL;

    *made = bus;
    if (err) {
        error_propagate(errp, err);
        return NULL;
    }
    if (!bus) {
        bus = find_bus_of_type(dc->bus_type);
    }
    if (!bus) {
        error_setg(errp, "No '%s' bus found for device '%s'; give a device that has one first",
                   dc->bus_type, driver);
    }
    return bus;
}

/* true with *@bus NULL: it needs none. */
static bool choose_bus(DeviceClass *dc, const char *path, const char *id,
                       BusState **bus, bool *made, Error **errp)
{
    const char *driver = object_class_get_name(OBJECT_CLASS(dc));

    *made = false;
    *bus = NULL;
    if (path) {
        *bus = qbus_find(path, errp);
        if (*bus && (!dc->bus_type || !object_dynamic_cast(OBJECT(*bus), dc->bus_type))) {
            error_setg(errp, "Device '%s' can't go on %s bus", driver,
                       object_get_typename(OBJECT(*bus)));
            return false;
        }
    } else if (!dc->bus_type) {
        return true;
    } else {
        *bus = default_bus(dc, id, made, errp);
    }
    if (*bus && qdev_hot_added && !*made && !qbus_is_hotpluggable(*bus)) {
        error_setg(errp, "Bus '%s' does not support hotplugging", (*bus)->name);
        return false;
    }
    return *bus;
}

/* --- the device ------------------------------------------------------- */

static bool is_frame_member(const char *name)
{
    return strcmp(name, "driver") == 0 || strcmp(name, "id") == 0 ||
           strcmp(name, "bus") == 0;
}

static bool set_properties(DeviceState *dev, JsonObject *opts, Error **errp)
{
    ERRP_GUARD();
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, opts);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (is_frame_member(name)) {
            continue;
        }
        if (!object_property_set_json(OBJECT(dev), name, value, errp)) {
            error_append_hint(errp, "Use '-device %s,help' to list its properties.\n",
                              object_get_typename(OBJECT(dev)));
            return false;
        }
    }
    return true;
}

/* With the domain entered. */
static DeviceState *make_device(DeviceClass *dc, BusState *bus, bool made_bus,
                                const char *id, JsonObject *opts, Error **errp)
{
    DeviceState *dev = DEVICE(object_new_with_class(OBJECT_CLASS(dc)));

    if (!qdev_hotplug_allowed(dev, errp) || !qdev_set_id(dev, g_strdup(id), errp)) {
        object_unref(dev);
        return NULL;
    }
    if (!set_properties(dev, opts, errp) || !qdev_realize(dev, bus, errp)) {
        object_unparent(OBJECT(dev));
        object_unref(dev);
        return NULL;
    }
    dev->priv->default_bus = made_bus;
    return dev;
}

/* NULL when it is absent; *@ok false when it is not text. */
static const char *text_member(JsonObject *opts, const char *name, bool *ok, Error **errp)
{
    JsonNode *node = json_object_get_member(opts, name);

    if (!node) {
        return NULL;
    }
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING) {
        if (*ok) {
            error_setg(errp, "Invalid parameter type for '%s', expected: string", name);
        }
        *ok = false;
        return NULL;
    }
    return json_node_get_string(node);
}

/* What was given beside the properties; false with errp set when it is not usable. */
static bool parse_frame(JsonObject *opts, const char **driver, const char **id,
                        const char **bus, Error **errp)
{
    bool ok = true;

    *driver = text_member(opts, "driver", &ok, errp);
    *id = text_member(opts, "id", &ok, errp);
    *bus = text_member(opts, "bus", &ok, errp);
    if (!ok) {
        return false;
    }
    if (!*driver) {
        error_setg(errp, "Parameter 'driver' is missing");
        return false;
    }
    if (*id && !id_wellformed(*id)) {
        error_setg(errp, "Parameter 'id' expects an identifier, not '%s': a letter, then "
                   "letters, digits, '-', '.' or '_'", *id);
        return false;
    }
    /* before the hook makes a bus after that name */
    if (*id && object_resolve_path_component(machine_get_container("peripheral"), *id)) {
        error_setg(errp, "Duplicate device ID '%s'; choose another id=", *id);
        return false;
    }
    return true;
}

DeviceState *qdev_device_add_from_json(JsonObject *opts, Error **errp)
{
    const char *driver, *id, *bus_path;
    g_autoptr(Object) hold_bus = NULL;
    DeviceState *dev = NULL;
    DeviceClass *dc;
    BusState *bus;
    bool made_bus;

    if (!parse_frame(opts, &driver, &id, &bus_path, errp)) {
        return NULL;
    }
    trace_device_add(driver, id ?: "", bus_path ?: "");
    dc = qdev_get_device_class(&driver, errp);
    if (!dc || qdev_should_hide_device(opts, true, errp) ||
        !choose_bus(dc, bus_path, id, &bus, &made_bus, errp)) {
        return NULL;
    }
    hold_bus = object_ref(bus);
    WITH_AIO_CONTEXT_GUARD(bus ? qbus_get_aio_context(bus) : aio_context_main()) {
        dev = make_device(dc, bus, made_bus, id, opts, errp);
    }
    if (!dev && made_bus) {
        qdev_default_bus_done(bus);
    }
    return dev;
}
