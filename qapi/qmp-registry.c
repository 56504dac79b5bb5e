/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of QMP commands. */
#include "qemu/osdep.h"
#include "qapi/qmp-marshal.h"
#include "qapi/qmp-registry.h"

static GHashTable *commands;    /* name -> QmpCommand; main thread */

void qmp_register_commands(const QmpCommand *rows, size_t n)
{
    if (!commands) {
        commands = g_hash_table_new(g_str_hash, g_str_equal);
    }
    for (size_t i = 0; i < n; i++) {
        if (!g_hash_table_insert(commands, (char *)rows[i].name, (void *)&rows[i])) {
            g_error("QMP command '%s' registered twice", rows[i].name);
        }
    }
}

void qmp_register_command(const char *name, QmpHandler *fn, unsigned flags)
{
    QmpCommand *cmd = g_new(QmpCommand, 1);

    *cmd = (QmpCommand) { .name = name, .fn = fn, .flags = flags };
    qmp_register_commands(cmd, 1);
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
        const QmpCommand *cmd = value;
        if (!(cmd->flags & QMP_COMMAND_HIDDEN)) {
            names = g_list_prepend(names, (char *)cmd->name);
        }
    }
    return g_list_sort(names, (GCompareFunc)strcmp);
}

JsonNode *qmp_call(const char *name, JsonObject *args, Error **errp)
{
    ERRP_GUARD();
    const QmpCommand *cmd = qmp_command_find(name);
    g_autoptr(JsonObject) given = args ? json_object_ref(args) : json_object_new();
    g_autoptr(JsonNode) ret = NULL;

    if (!cmd) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND, "The command %s has not been found", name);
        return NULL;
    }
    ret = cmd->fn(given, errp);
    if (*errp) {
        return NULL;
    }
    return ret ? g_steal_pointer(&ret) : qmp_return_object(json_object_new());
}

JsonNode *qmp_call_text(const char *name, JsonObject *args, Error **errp)
{
    bool before = qmp_args_set_text(true);
    JsonNode *ret = qmp_call(name, args, errp);

    qmp_args_set_text(before);
    return ret;
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
