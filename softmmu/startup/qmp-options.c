/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * query-command-line-options: the options that have a value, and of those
 * that are lists of parameters, which. Properties of devices and objects have
 * queries of their own.
 */
#include "qemu/osdep.h"
#include "chardev/char.h"
#include "hw/boards.h"
#include "options.h"
#include "qapi/qapi-commands-options.h"

typedef struct ParameterRow {
    const char *option, *name;
    CommandLineParameterType type;
    const char *help;
} ParameterRow;

#define STRING COMMAND_LINE_PARAMETER_TYPE_STRING
#define BOOLEAN COMMAND_LINE_PARAMETER_TYPE_BOOLEAN
#define NUMBER COMMAND_LINE_PARAMETER_TYPE_NUMBER
#define SIZE COMMAND_LINE_PARAMETER_TYPE_SIZE

/* tests/cli/test_queries.py holds the options to it. */
static const ParameterRow parameters[] = {
    { "name", "guest", STRING, "what this process is called" },
    { "name", "process", STRING, "what it is called in ps" },
    { "name", "debug-threads", BOOLEAN, "threads have names" },
    { "action", "watchdog", STRING, "what a watchdog's expiry is reported as" },
    { "mon", "chardev", STRING, "the character device" },
    { "mon", "mode", STRING, "readline or control" },
    { "mon", "pretty", BOOLEAN, "QMP: answers are indented" },
    { "add-fd", "fd", NUMBER, "an inherited descriptor" },
    { "add-fd", "set", NUMBER, "the set that it is added to" },
    { "add-fd", "opaque", STRING, "a text for query-fdsets" },
    { "trace", "enable", STRING, "name or pattern" },
    { "trace", "events", STRING, "file with names and patterns" },
    { "trace", "file", STRING, "file for the output" },
    { "msg", "timestamp", BOOLEAN, "messages start with the time" },
    { "msg", "guest-name", BOOLEAN, "messages start with the name" },
    { "m", "size", SIZE, "with -accel qtest: RAM of each domain" },
};

typedef CommandLineParameterInfoList ParameterList;

static void append(ParameterList ***tail, const char *name, CommandLineParameterType type,
                   const char *help)
{
    CommandLineParameterInfo *info = g_new0(CommandLineParameterInfo, 1);

    info->name = g_strdup(name);
    info->type = type;
    info->help = g_strdup(help);
    QAPI_LIST_APPEND(*tail, info);
}

static void append_rows(ParameterList ***tail, const char *option)
{
    for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
        if (!strcmp(parameters[i].option, option)) {
            append(tail, parameters[i].name, parameters[i].type, parameters[i].help);
        }
    }
}

/* ---- -chardev: those of all back ends, each name once ---- */

static void append_backend(ParameterList ***tail, const ChardevClass *cc, GHashTable *seen)
{
    for (const ChardevOption *row = cc->options; row && row->name; row++) {
        if (g_hash_table_add(seen, (gpointer)row->name)) {
            append(tail, row->name, !strcmp(row->type, "boolean") ? BOOLEAN :
                   !strcmp(row->type, "number") ? NUMBER : STRING, row->help);
        }
    }
}

static void append_chardev(ParameterList ***tail)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GList *names = chardev_backend_names();

    append(tail, "backend", STRING, "the kind");
    append(tail, "id", STRING, "its name");
    for (GList *l = names; l; l = l->next) {
        append_backend(tail, chardev_class_by_name(l->data, &error_abort), seen);
    }
    g_list_free_full(names, g_free);
}

/* ---- -machine: the properties of the machines ---- */

static CommandLineParameterType type_of(const char *property_type)
{
    return !strcmp(property_type, "bool") ? BOOLEAN :
           g_str_has_prefix(property_type, "int") || g_str_has_prefix(property_type, "uint") ?
           NUMBER : STRING;
}

static void append_properties(ParameterList ***tail, ObjectClass *oc, GHashTable *seen)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_class_property_iter_init(&iter, oc);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->set && g_hash_table_add(seen, prop->name)) {
            append(tail, prop->name, type_of(prop->type), prop->description);
        }
    }
}

static void append_machine(ParameterList ***tail)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GSList) machines = object_class_get_list_sorted(TYPE_MACHINE, false);

    append(tail, "type", STRING, "the machine");
    for (GSList *l = machines; l; l = l->next) {
        append_properties(tail, l->data, seen);
    }
}

/* ---- */

static CommandLineOptionInfo *describe(const OptionRow *row)
{
    CommandLineOptionInfo *info = g_new0(CommandLineOptionInfo, 1);
    ParameterList **tail = &info->parameters;

    info->option = g_strdup(row->name);
    if (!strcmp(row->name, "chardev")) {
        append_chardev(&tail);
    } else if (!strcmp(row->name, "machine")) {
        append_machine(&tail);
    } else {
        append_rows(&tail, row->name);
    }
    return info;
}

CommandLineOptionInfoList *qmp_query_command_line_options(const char *option, Error **errp)
{
    CommandLineOptionInfoList *list = NULL, **tail = &list;

    for (const OptionRow *row = option_table; row->name; row++) {
        if (row->arg && (!option || !strcmp(option, row->name))) {
            QAPI_LIST_APPEND(tail, describe(row));
        }
    }
    if (!list) {
        error_setg(errp, "invalid option name: %s", option);
    }
    return list;
}
