/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes what the command line asks for.
 *
 * Objects come in two groups. Back ends and the like must exist before the
 * disks and devices that name them; a vfio-user server names a device, and so
 * comes after all of them, wherever its option stands. Within a group the order
 * is that of the command line.
 */
#include "qemu/osdep.h"
#include "build.h"
#include "hw/boards.h"
#include "hw/qdev-properties.h"
#include "monitor/qdev.h"
#include "qapi/qmp-registry.h"
#include "qom/object_interfaces.h"
#include "sysemu/blockdev.h"
#include "sysemu/sysemu.h"

/* Types whose objects name devices, by the end of their names. */
static const char *const late_types[] = { "vfio-user-server" };

typedef bool BuildItem(const StartupItem *item, Error **errp);

/* Runs @fn at the item's place and reports its error there. */
static bool at_item(const StartupItem *item, BuildItem *fn)
{
    Location saved;
    Error *err = NULL;
    bool ok;

    startup_item_begin(item, &saved);
    ok = fn(item, &err);
    if (!ok) {
        startup_report(err);
    }
    startup_item_end(&saved);
    return ok;
}

static const char *type_of(const StartupItem *item)
{
    JsonNode *node = json_object_get_member(item->opts, "qom-type");

    return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
}

static bool is_late(const StartupItem *item)
{
    const char *type = type_of(item);

    for (size_t i = 0; type && i < ARRAY_SIZE(late_types); i++) {
        if (g_str_has_suffix(type, late_types[i])) {
            return true;
        }
    }
    return false;
}

static bool build_object(const StartupItem *item, Error **errp)
{
    return user_creatable_add_from_json(item->opts, errp) != NULL;
}

static bool build_objects(const StartupConfig *config, bool late)
{
    for (guint i = 0; i < config->objects->len; i++) {
        const StartupItem *item = g_ptr_array_index(config->objects, i);
        if (is_late(item) == late && !at_item(item, build_object)) {
            return false;
        }
    }
    return true;
}

static bool build_blockdev(const StartupItem *item, Error **errp)
{
    g_autoptr(JsonNode) answer = qmp_call("blockdev-add", item->opts, errp);

    return answer != NULL;
}

static bool build_drive(const StartupItem *item, Error **errp)
{
    return drive_add_json(item->opts, errp);
}

static bool build_each(const GPtrArray *items, BuildItem *fn)
{
    for (guint i = 0; i < items->len; i++) {
        if (!at_item(g_ptr_array_index(items, i), fn)) {
            return false;
        }
    }
    return true;
}

static bool build_device(const StartupItem *item, Error **errp)
{
    DeviceState *dev = qdev_device_add_from_json(item->opts, errp);

    /* The tree holds it. */
    object_unref(dev);
    return dev != NULL;
}

static MachineClass *default_machine(void)
{
    g_autoptr(GSList) classes = object_class_get_list(TYPE_MACHINE, false);

    for (GSList *l = classes; l; l = l->next) {
        if (MACHINE_CLASS(l->data)->is_default) {
            return l->data;
        }
    }
    return NULL;
}

static MachineClass *choose_machine(const char *name, Error **errp)
{
    MachineClass *mc = name ? find_machine_class(name) : default_machine();

    if (!mc && name) {
        error_setg(errp, "unsupported machine type '%s': use x-remote (-machine help lists"
                   " what there is)", name);
    } else if (!mc) {
        error_setg(errp, "No machine specified, and there is no default: use -machine help"
                   " to list supported machines");
    }
    return mc;
}

static JsonObject *machine_properties(JsonObject *opts)
{
    JsonObject *props = json_object_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, opts);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (strcmp(name, "type")) {
            json_object_set_member(props, name, json_node_copy(value));
        }
    }
    return props;
}

static bool build_machine(const StartupItem *item, Error **errp)
{
    g_autoptr(JsonObject) props = machine_properties(item->opts);
    const char *name = json_object_get_string_member_with_default(item->opts, "type", NULL);
    MachineClass *mc = choose_machine(name, errp);
    Object *machine;

    if (!mc) {
        return false;
    }
    machine = object_new_with_class(OBJECT_CLASS(mc));
    if (!object_set_properties_from_json(machine, props, errp)) {
        object_unref(machine);
        return false;
    }
    machine_run_board_init(MACHINE(machine));
    object_unref(machine);
    /* Management programs list these before they add their first device. */
    machine_get_container("peripheral");
    machine_get_container("peripheral-anon");
    return true;
}

static bool build_given_or_default_machine(const StartupConfig *config)
{
    g_autoptr(JsonObject) empty = json_object_new();
    StartupItem none = { .loc = { .kind = LOC_NONE }, .opts = empty };

    return at_item(config->machine ?: &none, build_machine);
}

bool build_all(const StartupConfig *config)
{
    if (!build_given_or_default_machine(config) || !build_objects(config, false) ||
        !build_each(config->blockdevs, build_blockdev) ||
        !build_each(config->drives, build_drive) ||
        !build_each(config->devices, build_device) || !build_objects(config, true)) {
        return false;
    }
    qdev_prop_check_globals();
    qdev_machine_creation_done();
    qemu_run_machine_init_done_notifiers();
    return true;
}
