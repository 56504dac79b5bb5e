/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A json-glib tree as text.  json-glib's own generator writes
 * doubles such as 5e+17 with ".0" behind them, which no strict parser takes.
 */
#include "qemu/osdep.h"
#include <math.h>
#include "qapi/json.h"

typedef struct JsonText {
    GString *out;
    bool pretty;
    unsigned depth;
} JsonText;

static void print_node(JsonText *t, JsonNode *node);

/* RFC 8259, 7: what must be escaped is; other UTF-8 stays as it is. */
static void print_string(GString *out, const char *text)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letter[] = "\"\\bfnrt";

    g_string_append_c(out, '"');
    for (; *text; text++) {
        const char *at = strchr(plain, *text);

        if (at) {
            g_string_append_printf(out, "\\%c", letter[at - plain]);
        } else if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            g_string_append_printf(out, "\\u%04x", (unsigned char)*text);
        } else {
            g_string_append_c(out, *text);
        }
    }
    g_string_append_c(out, '"');
}

static void print_double(GString *out, double value)
{
    char buf[G_ASCII_DTOSTR_BUF_SIZE];

    if (!isfinite(value)) {
        /* JSON has no name for it */
        g_string_append(out, "null");
        return;
    }
    g_ascii_dtostr(buf, sizeof(buf), value);
    g_string_append(out, buf);
    if (!strpbrk(buf, ".e")) {
        /* so that it is read as a double again */
        g_string_append(out, ".0");
    }
}

static void print_value(GString *out, JsonNode *node)
{
    uint64_t wide;

    if (qapi_json_is_wide(node) && qapi_json_get_uint64(node, &wide)) {
        g_string_append_printf(out, "%" PRIu64, wide);
        return;
    }
    switch (json_node_get_value_type(node)) {
    case G_TYPE_INT64:
        g_string_append_printf(out, "%" PRId64, (int64_t)json_node_get_int(node));
        break;
    case G_TYPE_DOUBLE:
        print_double(out, json_node_get_double(node));
        break;
    case G_TYPE_BOOLEAN:
        g_string_append(out, json_node_get_boolean(node) ? "true" : "false");
        break;
    default:
        print_string(out, json_node_get_string(node) ?: "");
        break;
    }
}

static void new_line(JsonText *t)
{
    if (t->pretty) {
        g_string_append_printf(t->out, "\n%*s", (int)t->depth * 4, "");
    }
}

static void print_array(JsonText *t, JsonArray *array)
{
    guint i, n = json_array_get_length(array);

    g_string_append_c(t->out, '[');
    t->depth++;
    for (i = 0; i < n; i++) {
        if (i) {
            g_string_append_c(t->out, ',');
        }
        new_line(t);
        print_node(t, json_array_get_element(array, i));
    }
    t->depth--;
    if (n) {
        new_line(t);
    }
    g_string_append_c(t->out, ']');
}

static void print_object(JsonText *t, JsonObject *object)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;
    bool first = true;

    g_string_append_c(t->out, '{');
    t->depth++;
    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (!first) {
            g_string_append_c(t->out, ',');
        }
        first = false;
        new_line(t);
        print_string(t->out, name);
        g_string_append(t->out, t->pretty ? ": " : ":");
        print_node(t, value);
    }
    t->depth--;
    if (!first) {
        new_line(t);
    }
    g_string_append_c(t->out, '}');
}

static void print_node(JsonText *t, JsonNode *node)
{
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        print_object(t, json_node_get_object(node));
    } else if (JSON_NODE_HOLDS_ARRAY(node)) {
        print_array(t, json_node_get_array(node));
    } else if (JSON_NODE_HOLDS_VALUE(node)) {
        print_value(t->out, node);
    } else {
        g_string_append(t->out, "null");
    }
}

char *qapi_json_print(JsonNode *node)
{
    JsonText t = { .out = g_string_new(NULL) };

    print_node(&t, node);
    return g_string_free(t.out, FALSE);
}

char *qapi_json_print_object(JsonObject *obj)
{
    JsonText t = { .out = g_string_new(NULL) };

    print_object(&t, obj);
    return g_string_free(t.out, FALSE);
}

char *qapi_json_print_object_pretty(JsonObject *obj)
{
    JsonText t = { .out = g_string_new(NULL), .pretty = true };

    print_object(&t, obj);
    return g_string_free(t.out, FALSE);
}
