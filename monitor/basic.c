/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that are about the monitor itself. */
#include "qemu/osdep.h"
#include "commands.h"
#include "dispatch.h"
#include "monitor/version.h"
#include "qemu/module.h"

const char *program_package(void)
{
    return "x-remote " PROJECT_VERSION;
}

JsonObject *qmp_version(void)
{
    JsonObject *version = json_object_new();
    JsonObject *qemu = json_object_new();

    json_object_set_int_member(qemu, "micro", SPOKEN_QEMU_MICRO);
    json_object_set_int_member(qemu, "minor", SPOKEN_QEMU_MINOR);
    json_object_set_int_member(qemu, "major", SPOKEN_QEMU_MAJOR);
    json_object_set_object_member(version, "qemu", qemu);
    json_object_set_string_member(version, "package", program_package());
    return version;
}

/* No capability is offered, so none can be switched on. */
static JsonNode *qmp_capabilities(JsonObject *args, Error **errp)
{
    JsonArray *enable = json_object_has_member(args, "enable") ?
                        json_object_get_array_member(args, "enable") : NULL;

    if (enable && json_array_get_length(enable)) {
        JsonNode *first = json_array_get_element(enable, 0);
        const char *name = JSON_NODE_HOLDS_VALUE(first) ? json_node_get_string(first) : NULL;

        error_setg(errp, "Capability '%s' is not offered by this monitor: see"
                   " 'capabilities' of the greeting", name ?: "(not a string)");
    }
    return NULL;
}

static JsonNode *query_version(JsonObject *args, Error **errp)
{
    return qmp_return_object(qmp_version());
}

static JsonNode *query_commands(JsonObject *args, Error **errp)
{
    JsonArray *list = json_array_new();
    g_autoptr(GList) names = qmp_command_names();

    for (GList *l = names; l; l = l->next) {
        JsonObject *entry = json_object_new();
        json_object_set_string_member(entry, "name", l->data);
        json_array_add_object_element(list, entry);
    }
    return qmp_return_array(list);
}

static const QmpArg no_args[] = { { NULL } };
static const QmpArg capabilities_args[] = {
    { "enable", QMP_ARG_ARRAY, .optional = true },
    { NULL }
};

static void register_basic(void)
{
    qmp_register_command_args("qmp_capabilities", qmp_capabilities,
                              QMP_COMMAND_NEGOTIATION, capabilities_args);
    qmp_register_command_args("query-version", query_version, 0, no_args);
    qmp_register_command_args("query-commands", query_commands, 0, no_args);
}

type_init(register_basic)
