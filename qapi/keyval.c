/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts are cut at commas, then keys at dots. Objects whose members are all
 * numbers are turned into arrays at the end, when the members are complete.
 */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "qemu/error-report.h"
#include "qapi/keyval.h"

typedef struct Part {
    char *key;          /* NULL: no "=" */
    char *value;
} Part;

static void part_clear(Part *part)
{
    g_free(part->key);
    g_free(part->value);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Part, part_clear)

/* The value up to a single comma; returns what is behind it, NULL at the end. */
static const char *cut_value(const char *text, char **value)
{
    GString *out = g_string_new(NULL);
    const char *rest = NULL;

    while (*text) {
        if (*text == ',' && *++text != ',') {
            rest = text;
            break;
        }
        g_string_append_c(out, *text++);
    }
    *value = g_string_free(out, FALSE);
    return rest;
}

static const char *cut_part(const char *text, Part *part)
{
    size_t key_len = strcspn(text, "=,");

    if (text[key_len] == '=') {
        part->key = g_strndup(text, key_len);
        text += key_len + 1;
    }
    return cut_value(text, &part->value);
}

static bool is_help(const Part *part)
{
    return !part->key && (!strcmp(part->value, "help") || !strcmp(part->value, "?"));
}

/* QEMU's deprecated short forms: "foo" is foo=on, "nofoo" is foo=off. */
static void expand_switch(Part *part)
{
    bool off = g_str_has_prefix(part->value, "no") && part->value[2];

    part->key = g_strdup(part->value + (off ? 2 : 0));
    warn_report("'%s' is a deprecated short form: write %s=%s", part->value, part->key,
                off ? "off" : "on");
    g_free(part->value);
    part->value = g_strdup(off ? "off" : "on");
}

static bool put_text(JsonObject *obj, const char *whole, const char *name,
                     const char *value, Error **errp)
{
    JsonNode *old = json_object_get_member(obj, name);

    if (old && !JSON_NODE_HOLDS_VALUE(old)) {
        error_setg(errp, "Parameters '%s.*' used inconsistently", whole);
        return false;
    }
    json_object_set_string_member(obj, name, value);
    return true;
}

static JsonObject *enter_member(JsonObject *obj, const char *whole, const char *name,
                                Error **errp)
{
    JsonNode *old = json_object_get_member(obj, name);

    if (old && !JSON_NODE_HOLDS_OBJECT(old)) {
        error_setg(errp, "Parameters '%s.*' used inconsistently", whole);
        return NULL;
    }
    if (!old) {
        json_object_set_object_member(obj, name, json_object_new());
    }
    return json_object_get_object_member(obj, name);
}

static bool check_fragments(char **names, const char *key, Error **errp)
{
    for (unsigned i = 0; names[i]; i++) {
        if (!*names[i] || i == KEYVAL_MAX_DEPTH) {
            error_setg(errp, "Invalid parameter '%s'", key);
            return false;
        }
    }
    return true;
}

static bool put_nested(JsonObject *root, const Part *part, Error **errp)
{
    g_auto(GStrv) names = g_strsplit(part->key, ".", -1);
    JsonObject *obj = root;

    if (!check_fragments(names, part->key, errp)) {
        return false;
    }
    for (unsigned i = 0; names[i + 1]; i++) {
        obj = enter_member(obj, part->key, names[i], errp);
        if (!obj) {
            return false;
        }
    }
    return put_text(obj, part->key, names[g_strv_length(names) - 1], part->value, errp);
}

static bool put_part(JsonObject *root, Part *part, const char *implied,
                     KeyvalDialect dialect, Error **errp)
{
    if (!part->key && implied) {
        part->key = g_strdup(implied);
    } else if (!part->key && dialect == KEYVAL_FLAT && *part->value) {
        expand_switch(part);
    }
    if (!part->key) {
        error_setg(errp, "Expected '=' after parameter '%s'", part->value);
        return false;
    }
    if (!*part->key) {
        error_setg(errp, "Expected parameter before '=%s'", part->value);
        return false;
    }
    return dialect == KEYVAL_NESTED ? put_nested(root, part, errp) :
           put_text(root, part->key, part->key, part->value, errp);
}

/* Members named 0 to n-1 and nothing else. */
static bool is_array(JsonObject *obj)
{
    guint n = json_object_get_size(obj);

    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("%u", i);
        if (!json_object_has_member(obj, name)) {
            return false;
        }
    }
    return n > 0;
}

static JsonNode *to_array(JsonObject *obj)
{
    JsonArray *array = json_array_new();
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    for (guint i = 0; i < json_object_get_size(obj); i++) {
        g_autofree char *name = g_strdup_printf("%u", i);
        json_array_add_element(array, json_object_dup_member(obj, name));
    }
    json_node_take_array(node, array);
    return node;
}

/* Depth is bounded by KEYVAL_MAX_DEPTH. */
static void make_arrays(JsonObject *obj)
{
    g_autoptr(GList) names = json_object_get_members(obj);

    for (GList *l = names; l; l = l->next) {
        g_autofree char *name = g_strdup(l->data);
        JsonNode *node = json_object_get_member(obj, name);

        if (JSON_NODE_HOLDS_OBJECT(node)) {
            make_arrays(json_node_get_object(node));
            if (is_array(json_node_get_object(node))) {
                json_object_set_member(obj, name, to_array(json_node_get_object(node)));
            }
        }
    }
}

JsonObject *keyval_parse(const char *text, const char *implied, KeyvalDialect dialect,
                         bool *help, Error **errp)
{
    g_autoptr(JsonObject) root = json_object_new();
    const char *rest = text;

    *help = false;
    while (rest && *rest) {
        g_auto(Part) part = { NULL };

        rest = cut_part(rest, &part);
        if (is_help(&part)) {
            *help = true;
        } else if (!put_part(root, &part, implied, dialect, errp)) {
            return NULL;
        }
        implied = NULL;
    }
    if (dialect == KEYVAL_NESTED) {
        make_arrays(root);
    }
    return g_steal_pointer(&root);
}

JsonObject *keyval_or_json_parse(const char *text, const char *implied,
                                 KeyvalDialect dialect, bool *help, Error **errp)
{
    *help = false;
    if (*text == '{') {
        return qapi_json_parse_object(text, strlen(text), errp);
    }
    return keyval_parse(text, implied, dialect, help, errp);
}

void keyval_merge(JsonObject *into, JsonObject *later)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, later);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        json_object_set_member(into, name, json_node_copy(value));
    }
}
