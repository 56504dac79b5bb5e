/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP requests (QEMU's qmp-spec): shape of a request, negotiation mode, call
 * of the handler, shape of the reply.
 */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "qapi/qapi-types-error.h"
#include "qapi/qmp-registry.h"
#include "qapi/qapi-commands-control.h"
#include "dispatch.h"
#include "monitor-int.h"

/* The one command of the negotiation. */
#define OPENER "qmp_capabilities"

typedef struct QmpRequest {
    const char *command;
    JsonObject *args;       /* NULL: none given */
    JsonNode *id;           /* NULL: none given */
} QmpRequest;

JsonObject *qmp_error_reply(Error *err)
{
    JsonObject *reply = json_object_new();
    JsonObject *body = json_object_new();

    json_object_set_string_member(body, "class",
                                  QapiErrorClass_str((QapiErrorClass)error_get_class(err)));
    json_object_set_string_member(body, "desc", error_get_pretty(err));
    json_object_set_object_member(reply, "error", body);
    error_free(err);
    return reply;
}

static bool read_member(QmpRequest *req, const char *name, JsonNode *value, Error **errp)
{
    if (!strcmp(name, "execute")) {
        if (!JSON_NODE_HOLDS_VALUE(value) ||
            json_node_get_value_type(value) != G_TYPE_STRING) {
            error_setg(errp, "QMP input member 'execute' must be a string");
            return false;
        }
        req->command = json_node_get_string(value);
    } else if (!strcmp(name, "arguments")) {
        if (!JSON_NODE_HOLDS_OBJECT(value)) {
            error_setg(errp, "QMP input member 'arguments' must be an object");
            return false;
        }
        req->args = json_node_get_object(value);
    } else if (strcmp(name, "id")) {
        /* "exec-oob" too: the capability is not offered */
        error_setg(errp, "QMP input member '%s' is unexpected", name);
        return false;
    }
    return true;
}

static bool read_request(QmpRequest *req, JsonNode *root, Error **errp)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    if (!JSON_NODE_HOLDS_OBJECT(root)) {
        error_setg(errp, "QMP input must be a JSON object");
        return false;
    }
    req->id = json_object_get_member(json_node_get_object(root), "id");
    json_object_iter_init_ordered(&iter, json_node_get_object(root));
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (!read_member(req, name, value, errp)) {
            return false;
        }
    }
    if (!req->command) {
        error_setg(errp, "QMP input lacks member 'execute'");
        return false;
    }
    return true;
}

static bool check_mode(const QmpRequest *req, const QmpCommand *cmd, bool negotiated,
                       Error **errp)
{
    bool opener = !strcmp(req->command, OPENER);

    if (negotiated && opener) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "Capabilities negotiation is already complete, command ignored");
        return false;
    }
    if (!negotiated && !opener) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "Expecting capabilities negotiation with 'qmp_capabilities'");
        return false;
    }
    if (!cmd) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "The command %s has not been found", req->command);
        return false;
    }
    return true;
}

/* Whoever runs on behalf of a QMP client can tell; text for it there is none. */
static Monitor qmp_monitor;

static JsonNode *run(const QmpRequest *req, bool *negotiated, bool *silent, Error **errp)
{
    const QmpCommand *cmd = qmp_command_find(req->command);
    JsonNode *ret;
    Monitor *old;

    if (!check_mode(req, cmd, *negotiated, errp)) {
        return NULL;
    }
    old = monitor_set_cur(&qmp_monitor);
    ret = qmp_call(req->command, req->args, errp);
    monitor_set_cur(old);
    if (ret) {
        *negotiated = true;
        *silent = cmd->flags & QMP_COMMAND_NO_REPLY;
    }
    return ret;
}

JsonObject *qmp_dispatch(const char *text, size_t len, bool *negotiated, bool *malformed)
{
    Error *err = NULL;
    QmpRequest req = { NULL };
    g_autoptr(JsonNode) root = qapi_json_parse(text, len, &err);
    g_autoptr(JsonNode) ret = NULL;
    bool silent = false;
    JsonObject *reply;

    *malformed = !root;
    if (root && read_request(&req, root, &err)) {
        ret = run(&req, negotiated, &silent, &err);
    }
    if (silent) {
        return NULL;
    }
    if (ret) {
        reply = json_object_new();
        json_object_set_member(reply, "return", g_steal_pointer(&ret));
    } else {
        reply = qmp_error_reply(err);
    }
    if (req.id) {
        json_object_set_member(reply, "id", json_node_copy(req.id));
    }
    return reply;
}

JsonObject *qmp_greeting(void)
{
    g_autoptr(JsonObject) args = json_object_new();
    JsonObject *greeting = json_object_new();
    JsonObject *body = json_object_new();

    json_object_set_member(body, "version", qmp_marshal_query_version(args, &error_abort));
    json_object_set_array_member(body, "capabilities", json_array_new());
    json_object_set_object_member(greeting, "QMP", body);
    return greeting;
}
