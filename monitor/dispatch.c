/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP requests (QEMU's qmp-spec): shape of a request, negotiation mode, call
 * of the handler, shape of the reply.
 */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "commands.h"
#include "dispatch.h"

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
    bool opener = cmd && (cmd->flags & QMP_COMMAND_NEGOTIATION);

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

static JsonNode *run(const QmpRequest *req, bool *negotiated, Error **errp)
{
    ERRP_GUARD();
    const QmpCommand *cmd = qmp_command_find(req->command);
    g_autoptr(JsonObject) args = req->args ? json_object_ref(req->args) : json_object_new();
    g_autoptr(JsonNode) ret = NULL;

    if (!check_mode(req, cmd, *negotiated, errp) ||
        !qmp_command_check_args(cmd, args, errp)) {
        return NULL;
    }
    ret = cmd->fn(args, errp);
    if (*errp) {
        return NULL;
    }
    if (cmd->flags & QMP_COMMAND_NEGOTIATION) {
        *negotiated = true;
    }
    return ret ? g_steal_pointer(&ret) : qmp_return_object(json_object_new());
}

JsonObject *qmp_dispatch(const char *text, size_t len, bool *negotiated, bool *malformed)
{
    Error *err = NULL;
    QmpRequest req = { NULL };
    g_autoptr(JsonNode) root = qapi_json_parse(text, len, &err);
    JsonNode *ret = NULL;
    JsonObject *reply;

    *malformed = !root;
    if (root && read_request(&req, root, &err)) {
        ret = run(&req, negotiated, &err);
    }
    if (ret) {
        reply = json_object_new();
        json_object_set_member(reply, "return", ret);
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
    JsonObject *greeting = json_object_new();
    JsonObject *body = json_object_new();

    json_object_set_object_member(body, "version", qmp_version());
    json_object_set_array_member(body, "capabilities", json_array_new());
    json_object_set_object_member(greeting, "QMP", body);
    return greeting;
}
