/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading answers of QMP. They are held to the schema before they come here, so
 * what is missing is what may be missing: it reads as "", 0 or false.
 */
#ifndef MONITOR_HMP_JSON_H
#define MONITOR_HMP_JSON_H

#include <json-glib/json-glib.h>

#include "qapi/json.h"

static inline const char *json_text(JsonObject *obj, const char *name)
{
    return json_object_get_string_member_with_default(obj, name, "");
}

static inline bool json_flag(JsonObject *obj, const char *name)
{
    return json_object_get_boolean_member_with_default(obj, name, FALSE);
}

static inline uint64_t json_number(JsonObject *obj, const char *name)
{
    JsonNode *node = json_object_get_member(obj, name);
    uint64_t value = 0;

    if (node && !qapi_json_get_uint64(node, &value)) {
        value = json_node_get_int(node);
    }
    return value;
}

/* Zero elements for a member that is not there. */
static inline guint json_count(JsonObject *obj, const char *name)
{
    return json_object_has_member(obj, name) ?
           json_array_get_length(json_object_get_array_member(obj, name)) : 0;
}

static inline JsonObject *json_entry(JsonObject *obj, const char *name, guint i)
{
    return json_array_get_object_element(json_object_get_array_member(obj, name), i);
}

/* NULL when it is not there. */
static inline JsonObject *json_object(JsonObject *obj, const char *name)
{
    return json_object_has_member(obj, name) ? json_object_get_object_member(obj, name) : NULL;
}

#endif
