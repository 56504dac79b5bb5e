/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -config: one JSON document that equals a command line.
 *
 * Each member stands for an option; the rows below say which, and in what
 * shape. They are taken in the order of the rows, whatever their order in the
 * document. What is wrong is named as "FILE: member[index]".
 */
#include "qemu/osdep.h"
#include "config-file.h"
#include "qapi/json.h"

typedef enum MemberShape {
    SHAPE_TEXT,                 /* "..." */
    SHAPE_TEXTS,                /* ["...", ...]: the option once for each */
    SHAPE_SWITCH,               /* true: the option, which has no argument */
    SHAPE_OPTIONS,              /* {...}: key=value,... */
    SHAPE_OPTIONS_LIST,         /* [{...}, ...] */
    SHAPE_JSON_LIST,            /* the same for options that take JSON themselves */
    SHAPE_GLOBALS,              /* [{"driver", "property", "value"}, ...] */
} MemberShape;

static const char *const shape_names[] = {
    [SHAPE_TEXT] = "string", [SHAPE_TEXTS] = "array of strings", [SHAPE_SWITCH] = "boolean",
    [SHAPE_OPTIONS] = "object", [SHAPE_OPTIONS_LIST] = "array of objects",
    [SHAPE_JSON_LIST] = "array of objects", [SHAPE_GLOBALS] = "array of objects",
};

typedef struct MemberRow {
    const char *name;
    MemberShape shape;
    const char *option;
    const char *implied;        /* with SHAPE_OPTIONS: a string is the value of this key */
} MemberRow;

static const MemberRow member_rows[] = {
    { "name", SHAPE_OPTIONS, "name", "guest" },
    { "uuid", SHAPE_TEXT, "uuid" },
    { "machine", SHAPE_OPTIONS, "machine", "type" },
    { "globals", SHAPE_GLOBALS, "global" },
    { "devices", SHAPE_JSON_LIST, "device" },
    { "objects", SHAPE_JSON_LIST, "object" },
    { "chardevs", SHAPE_OPTIONS_LIST, "chardev" },
    { "monitors", SHAPE_OPTIONS_LIST, "mon" },
    { "qmp", SHAPE_TEXTS, "qmp" },
    { "hmp", SHAPE_TEXTS, "monitor" },
    { "actions", SHAPE_OPTIONS, "action" },
    { "paused", SHAPE_SWITCH, "S" },
    { "daemonize", SHAPE_SWITCH, "daemonize" },
    { "pidfile", SHAPE_TEXT, "pidfile" },
    { "log-file", SHAPE_TEXT, "D" },
    { "log-items", SHAPE_TEXTS, "d" },
    { "trace", SHAPE_TEXTS, "trace" },
    { "messages", SHAPE_OPTIONS, "msg" },
};

/* One member, or one element of it, with its place. */
typedef struct Place {
    StartupConfig *config;
    const char *path;
    const MemberRow *row;
} Place;

static bool mismatch(const MemberRow *row, const char *what, Error **errp)
{
    error_setg(errp, "%s expects %s", what, shape_names[row->shape]);
    return false;
}

/* A scalar as a command line would spell it; NULL: it is none. */
static char *scalar_text(JsonNode *node)
{
    if (!JSON_NODE_HOLDS_VALUE(node)) {
        return NULL;
    }
    if (qapi_json_is_wide(node)) {
        return qapi_json_print(node);
    }
    switch (json_node_get_value_type(node)) {
    case G_TYPE_STRING:
        return g_strdup(json_node_get_string(node));
    case G_TYPE_BOOLEAN:
        return g_strdup(json_node_get_boolean(node) ? "on" : "off");
    default:
        return qapi_json_print(node);
    }
}

static bool is_string(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) && !qapi_json_is_wide(node) &&
           json_node_get_value_type(node) == G_TYPE_STRING;
}

static bool flatten(GString *out, const char *prefix, JsonNode *node, Error **errp);

static bool flatten_members(GString *out, const char *prefix, JsonObject *obj, Error **errp)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, obj);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        g_autofree char *key = *prefix ? g_strdup_printf("%s.%s", prefix, name) : g_strdup(name);

        if (!config_file_key_ok(name)) {
            error_setg(errp, "Invalid parameter '%s'", name);
            return false;
        }
        if (!flatten(out, key, value, errp)) {
            return false;
        }
    }
    return true;
}

static bool flatten_elements(GString *out, const char *prefix, JsonArray *array, Error **errp)
{
    for (guint i = 0; i < json_array_get_length(array); i++) {
        g_autofree char *key = g_strdup_printf("%s.%u", prefix, i);

        if (!flatten(out, key, json_array_get_element(array, i), errp)) {
            return false;
        }
    }
    return true;
}

/* Depth is bounded by the parser's QAPI_JSON_MAX_DEPTH. */
static bool flatten(GString *out, const char *prefix, JsonNode *node, Error **errp)
{
    g_autofree char *text = scalar_text(node);

    if (text) {
        config_file_append(out, prefix, text);
        return true;
    }
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        return flatten_members(out, prefix, json_node_get_object(node), errp);
    }
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        return flatten_elements(out, prefix, json_node_get_array(node), errp);
    }
    error_setg(errp, "Parameter '%s' is null: leave it out", prefix);
    return false;
}

static bool apply_options(const Place *at, JsonNode *node, Error **errp)
{
    g_autoptr(GString) text = g_string_new(NULL);
    bool ok;

    if (at->row->implied && is_string(node)) {
        ok = flatten(text, at->row->implied, node, errp);
    } else if (JSON_NODE_HOLDS_OBJECT(node)) {
        ok = flatten_members(text, "", json_node_get_object(node), errp);
    } else {
        ok = mismatch(at->row, at->row->name, errp);
    }
    return ok && config_file_apply(at->config, at->row->option, text->str, errp);
}

static bool apply_json(const Place *at, JsonNode *node, Error **errp)
{
    g_autofree char *text = NULL;

    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        return mismatch(at->row, at->row->name, errp);
    }
    text = qapi_json_print(node);
    return config_file_apply(at->config, at->row->option, text, errp);
}

static bool apply_text(const Place *at, JsonNode *node, Error **errp)
{
    if (!is_string(node)) {
        return mismatch(at->row, at->row->name, errp);
    }
    return config_file_apply(at->config, at->row->option, json_node_get_string(node), errp);
}

static bool apply_switch(const Place *at, JsonNode *node, Error **errp)
{
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN) {
        return mismatch(at->row, at->row->name, errp);
    }
    return !json_node_get_boolean(node) ||
           config_file_apply(at->config, at->row->option, NULL, errp);
}

static bool apply_global(const Place *at, JsonNode *node, Error **errp)
{
    static const char *const names[] = { "driver", "property", "value" };
    g_auto(GStrv) texts = g_new0(char *, 4);
    JsonObject *obj = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    g_autofree char *arg = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        JsonNode *member = obj ? json_object_get_member(obj, names[i]) : NULL;

        texts[i] = member ? scalar_text(member) : NULL;
        if (!texts[i] || json_object_get_size(obj) != ARRAY_SIZE(names)) {
            error_setg(errp, "expects an object of driver, property and value");
            return false;
        }
    }
    arg = g_strdup_printf("%s.%s=%s", texts[0], texts[1], texts[2]);
    return config_file_apply(at->config, at->row->option, arg, errp);
}

typedef bool ApplyFn(const Place *at, JsonNode *node, Error **errp);

static bool apply_each(const Place *at, JsonNode *node, ApplyFn *fn, Error **errp)
{
    JsonArray *array;

    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        return mismatch(at->row, at->row->name, errp);
    }
    array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        g_autofree char *name = g_strdup_printf("%s: %s[%u]", at->path, at->row->name, i);

        config_file_at(at->config, name, 0);
        if (!fn(at, json_array_get_element(array, i), errp)) {
            return false;
        }
    }
    return true;
}

static bool apply_member(const Place *at, JsonNode *node, Error **errp)
{
    static const struct {
        ApplyFn *fn;
        bool each;
    } shapes[] = {
        [SHAPE_TEXT] = { apply_text }, [SHAPE_TEXTS] = { apply_text, true },
        [SHAPE_SWITCH] = { apply_switch }, [SHAPE_OPTIONS] = { apply_options },
        [SHAPE_OPTIONS_LIST] = { apply_options, true }, [SHAPE_JSON_LIST] = { apply_json, true },
        [SHAPE_GLOBALS] = { apply_global, true },
    };
    g_autofree char *name = g_strdup_printf("%s: %s", at->path, at->row->name);
    ApplyFn *fn = shapes[at->row->shape].fn;

    config_file_at(at->config, name, 0);
    return shapes[at->row->shape].each ? apply_each(at, node, fn, errp) : fn(at, node, errp);
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(member_rows); i++) {
        if (!strcmp(member_rows[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool check_names(JsonObject *doc, Error **errp)
{
    g_autoptr(GList) names = json_object_get_members(doc);

    for (GList *l = names; l; l = l->next) {
        if (!is_known(l->data)) {
            error_setg(errp, "unknown member '%s': -config help lists those that exist",
                       (char *)l->data);
            return false;
        }
    }
    return true;
}

static bool apply_document(StartupConfig *config, const char *path, JsonObject *doc, Error **errp)
{
    for (size_t i = 0; i < ARRAY_SIZE(member_rows); i++) {
        const Place at = { config, path, &member_rows[i] };
        JsonNode *node = json_object_get_member(doc, member_rows[i].name);

        if (node && !apply_member(&at, node, errp)) {
            return false;
        }
    }
    return true;
}

static void print_help(void)
{
    printf("Members of the document of -config, in the order in which they are taken:\n");
    for (size_t i = 0; i < ARRAY_SIZE(member_rows); i++) {
        printf("  %-10s  %-16s  -%s\n", member_rows[i].name, shape_names[member_rows[i].shape],
               member_rows[i].option);
    }
}

bool option_config(StartupConfig *config, const char *arg, Error **errp)
{
    g_autoptr(JsonObject) doc = NULL;
    g_autofree char *text = NULL;
    size_t len;

    if (!strcmp(arg, "help") || !strcmp(arg, "?")) {
        print_help();
        config->done = true;
        return true;
    }
    text = config_file_read(arg, &len, errp);
    if (!text) {
        return false;
    }
    config_file_at(config, arg, 0);
    doc = qapi_json_parse_object(text, len, errp);
    return doc && check_names(doc, errp) && apply_document(config, arg, doc, errp);
}
