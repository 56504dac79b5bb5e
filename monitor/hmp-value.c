/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of a user to a JSON value. The type is the name that a QOM property
 * carries in QMP; types that are not scalars (links, enumerations, strings)
 * are written as text.
 */
#include "qemu/osdep.h"
#include "hmp.h"
#include "qapi/json.h"
#include "qemu/cutils.h"

static JsonNode *boolean_value(const char *text, Error **errp)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {
        { "on", true }, { "off", false }, { "true", true }, { "false", false },
        { "yes", true }, { "no", false }, { "y", true }, { "n", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (!strcmp(words[i].text, text)) {
            return json_node_init_boolean(json_node_alloc(), words[i].value);
        }
    }
    error_setg(errp, "'%s' is neither on nor off", text);
    return NULL;
}

static JsonNode *integer_value(const char *text, Error **errp)
{
    int64_t value;
    uint64_t size;

    if (qemu_strtoi64(text, NULL, 0, &value) == 0) {
        return json_node_init_int(json_node_alloc(), value);
    }
    if (*text != '-' && (qemu_strtou64(text, NULL, 0, &size) == 0 ||
                         qemu_strtosz(text, NULL, &size) == 0)) {
        return qapi_json_uint64_new(size);
    }
    error_setg(errp, "'%s' is not a number: write 4096, 0x1000 or 4K", text);
    return NULL;
}

static JsonNode *number_value(const char *text, Error **errp)
{
    double value;

    if (qemu_strtod_finite(text, NULL, &value) < 0) {
        error_setg(errp, "'%s' is not a number", text);
        return NULL;
    }
    return json_node_init_double(json_node_alloc(), value);
}

static bool is_integer(const char *type)
{
    static const char *const names[] = {
        "int", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "size",
        NULL
    };

    return g_strv_contains(names, type);
}

JsonNode *hmp_value(const char *type, const char *text, Error **errp)
{
    if (!strcmp(type, "bool")) {
        return boolean_value(text, errp);
    }
    if (!strcmp(type, "number")) {
        return number_value(text, errp);
    }
    if (is_integer(type)) {
        return integer_value(text, errp);
    }
    if (*text == '{' || *text == '[') {
        return qapi_json_parse(text, strlen(text), errp);
    }
    return json_node_init_string(json_node_alloc(), text);
}
