/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integers that json-glib has no node for. The mark in front is a byte that
 * UTF-8 never has, so nothing that was parsed or that is a proper string can
 * be taken for one.
 */
#include "qemu/osdep.h"
#include "qapi/json.h"

#define WIDE_MARK '\xff'

bool qapi_json_is_wide(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING &&
           json_node_get_string(node) && json_node_get_string(node)[0] == WIDE_MARK;
}

JsonNode *qapi_json_uint64_new(uint64_t value)
{
    g_autofree char *text = NULL;

    if (value <= INT64_MAX) {
        return json_node_init_int(json_node_alloc(), value);
    }
    text = g_strdup_printf("%c%" PRIu64, WIDE_MARK, value);
    return json_node_init_string(json_node_alloc(), text);
}

bool qapi_json_get_uint64(JsonNode *node, uint64_t *value)
{
    if (qapi_json_is_wide(node)) {
        *value = g_ascii_strtoull(json_node_get_string(node) + 1, NULL, 10);
        return true;
    }
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64 ||
        json_node_get_int(node) < 0) {
        return false;
    }
    *value = json_node_get_int(node);
    return true;
}
