/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A json-glib tree as one line of text.  json-glib's own generator writes
 * doubles such as 5e+17 with ".0" behind them, which no strict parser takes.
 */
#include "qemu/osdep.h"
#include <math.h>
#include "qapi/json.h"

static void print_node(GString *out, JsonNode *node);

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

static void print_array(GString *out, JsonArray *array)
{
    guint i, n = json_array_get_length(array);

    g_string_append_c(out, '[');
    for (i = 0; i < n; i++) {
        if (i) {
            g_string_append_c(out, ',');
        }
        print_node(out, json_array_get_element(array, i));
    }
    g_string_append_c(out, ']');
}

static void print_object(GString *out, JsonObject *object)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;
    bool first = true;

    g_string_append_c(out, '{');
    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (!first) {
            g_string_append_c(out, ',');
        }
        first = false;
        print_string(out, name);
        g_string_append_c(out, ':');
        print_node(out, value);
    }
    g_string_append_c(out, '}');
}

static void print_node(GString *out, JsonNode *node)
{
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        print_object(out, json_node_get_object(node));
    } else if (JSON_NODE_HOLDS_ARRAY(node)) {
        print_array(out, json_node_get_array(node));
    } else if (JSON_NODE_HOLDS_VALUE(node)) {
        print_value(out, node);
    } else {
        g_string_append(out, "null");
    }
}

char *qapi_json_print(JsonNode *node)
{
    GString *out = g_string_new(NULL);

    print_node(out, node);
    return g_string_free(out, FALSE);
}

char *qapi_json_print_object(JsonObject *obj)
{
    GString *out = g_string_new(NULL);

    print_object(out, obj);
    return g_string_free(out, FALSE);
}
