/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of QMP commands and the check of their arguments. */
#include "qemu/osdep.h"
#include "commands.h"

static GHashTable *commands;    /* name -> QmpCommand; main thread */

static const char *const type_names[] = {
    [QMP_ARG_STRING] = "string",
    [QMP_ARG_INT] = "integer",
    [QMP_ARG_NUMBER] = "number",
    [QMP_ARG_BOOL] = "boolean",
    [QMP_ARG_OBJECT] = "object",
    [QMP_ARG_ARRAY] = "array",
    [QMP_ARG_ANY] = "any value",
};

void qmp_register_command_args(const char *name, QmpHandler *fn, unsigned flags,
                               const QmpArg *args)
{
    QmpCommand *cmd = g_new(QmpCommand, 1);

    if (!commands) {
        commands = g_hash_table_new(g_str_hash, g_str_equal);
    }
    *cmd = (QmpCommand) { .name = name, .fn = fn, .flags = flags, .args = args };
    if (!g_hash_table_insert(commands, (char *)name, cmd)) {
        g_error("QMP command '%s' registered twice", name);
    }
}

void qmp_register_command(const char *name, QmpHandler *fn, unsigned flags)
{
    qmp_register_command_args(name, fn, flags | QMP_COMMAND_OPEN_ARGS, NULL);
}

const QmpCommand *qmp_command_find(const char *name)
{
    return commands ? g_hash_table_lookup(commands, name) : NULL;
}

GList *qmp_command_names(void)
{
    GHashTableIter iter;
    gpointer value;
    GList *names = NULL;

    if (!commands) {
        return NULL;
    }
    g_hash_table_iter_init(&iter, commands);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        QmpCommand *cmd = value;
        if (!(cmd->flags & QMP_COMMAND_HIDDEN)) {
            names = g_list_prepend(names, (char *)cmd->name);
        }
    }
    return g_list_sort(names, (GCompareFunc)strcmp);
}

static bool value_is(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

static bool has_type(JsonNode *node, QmpArgType type)
{
    switch (type) {
    case QMP_ARG_STRING:
        return value_is(node, G_TYPE_STRING);
    case QMP_ARG_INT:
        return value_is(node, G_TYPE_INT64);
    case QMP_ARG_NUMBER:
        return value_is(node, G_TYPE_INT64) || value_is(node, G_TYPE_DOUBLE);
    case QMP_ARG_BOOL:
        return value_is(node, G_TYPE_BOOLEAN);
    case QMP_ARG_OBJECT:
        return JSON_NODE_HOLDS_OBJECT(node);
    case QMP_ARG_ARRAY:
        return JSON_NODE_HOLDS_ARRAY(node);
    default:
        return true;
    }
}

static bool check_known(const QmpArg *rows, JsonObject *args, Error **errp)
{
    for (const QmpArg *row = rows; row->name; row++) {
        JsonNode *node = json_object_get_member(args, row->name);

        if (!node && !row->optional) {
            error_setg(errp, "Parameter '%s' is missing", row->name);
            return false;
        }
        if (node && !has_type(node, row->type)) {
            error_setg(errp, "Invalid parameter type for '%s', expected: %s",
                       row->name, type_names[row->type]);
            return false;
        }
    }
    return true;
}

static bool is_listed(const QmpArg *rows, const char *name)
{
    while (rows->name && strcmp(rows->name, name)) {
        rows++;
    }
    return rows->name != NULL;
}

static bool check_unknown(const QmpArg *rows, JsonObject *args, Error **errp)
{
    JsonObjectIter iter;
    const char *name;

    json_object_iter_init_ordered(&iter, args);
    while (json_object_iter_next_ordered(&iter, &name, NULL)) {
        if (!is_listed(rows, name)) {
            error_setg(errp, "Parameter '%s' is unexpected", name);
            return false;
        }
    }
    return true;
}

bool qmp_command_check_args(const QmpCommand *cmd, JsonObject *args, Error **errp)
{
    return !cmd->args ||
           (check_known(cmd->args, args, errp) &&
            ((cmd->flags & QMP_COMMAND_OPEN_ARGS) || check_unknown(cmd->args, args, errp)));
}

const char *qmp_arg_string(JsonObject *args, const char *name, const char *fallback)
{
    return json_object_has_member(args, name) ?
           json_object_get_string_member(args, name) : fallback;
}

int64_t qmp_arg_int(JsonObject *args, const char *name, int64_t fallback)
{
    return json_object_has_member(args, name) ?
           json_object_get_int_member(args, name) : fallback;
}

bool qmp_arg_bool(JsonObject *args, const char *name, bool fallback)
{
    return json_object_has_member(args, name) ?
           json_object_get_boolean_member(args, name) : fallback;
}

JsonNode *qmp_return_object(JsonObject *obj)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, obj);
    return node;
}

JsonNode *qmp_return_array(JsonArray *array)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, array);
    return node;
}
