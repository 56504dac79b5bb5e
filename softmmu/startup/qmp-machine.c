/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP commands about the process and its run state. */
#include "qemu/osdep.h"
#include "monitor/qmp.h"
#include "qapi/qmp-event.h"
#include "qemu/module.h"
#include "qemu/uuid.h"
#include "sysemu/runstate.h"
#include "sysemu/sysemu.h"

static JsonNode *query_status(JsonObject *args, Error **errp)
{
    JsonObject *status = json_object_new();

    json_object_set_boolean_member(status, "running", runstate_is_running());
    json_object_set_string_member(status, "status", RunState_str(runstate_get()));
    return qmp_return_object(status);
}

static JsonNode *query_name(JsonObject *args, Error **errp)
{
    JsonObject *info = json_object_new();

    if (qemu_name) {
        json_object_set_string_member(info, "name", qemu_name);
    }
    return qmp_return_object(info);
}

static JsonNode *query_uuid(JsonObject *args, Error **errp)
{
    JsonObject *info = json_object_new();
    g_autofree char *text = qemu_uuid_unparse_strdup(&qemu_uuid);

    json_object_set_string_member(info, "UUID", text);
    return qmp_return_object(info);
}

static JsonNode *quit(JsonObject *args, Error **errp)
{
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
    return NULL;
}

static JsonNode *stop(JsonObject *args, Error **errp)
{
    if (runstate_is_running()) {
        vm_stop(RUN_STATE_PAUSED);
        qmp_event_emit("STOP", NULL);
    }
    return NULL;
}

static JsonNode *cont(JsonObject *args, Error **errp)
{
    if (!runstate_is_running()) {
        vm_start();
        qmp_event_emit("RESUME", NULL);
    }
    return NULL;
}

static const QmpArg no_args[] = { { NULL } };

static void register_machine(void)
{
    qmp_register_command_args("query-status", query_status, 0, no_args);
    qmp_register_command_args("query-name", query_name, 0, no_args);
    qmp_register_command_args("query-uuid", query_uuid, 0, no_args);
    qmp_register_command_args("quit", quit, 0, no_args);
    qmp_register_command_args("stop", stop, 0, no_args);
    qmp_register_command_args("cont", cont, 0, no_args);
}

type_init(register_machine)
