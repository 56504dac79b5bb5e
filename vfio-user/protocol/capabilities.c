/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON of VERSION. Keys are rows of a table, used both to read what a peer
 * says and to write what we say. json-glib does the grammar behind a scan that
 * bounds what reaches it; types and ranges are judged here. Of a key that comes
 * twice the last one counts.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "vfio-user/capabilities.h"
#include "json-scan.h"

typedef struct NumberKey {
    const char *name;
    size_t offset;              /* in VfuCapabilities */
    uint64_t least, most;       /* larger numbers are clipped when `clip`, else refused */
    uint64_t standard;          /* what absence means */
    uint8_t bytes;
    bool clip;
    bool power_of_two;
} NumberKey;

#define KEY(field, ...) \
    { .name = #field, .offset = offsetof(VfuCapabilities, field), \
      .bytes = sizeof(((VfuCapabilities *)0)->field), __VA_ARGS__ }

/* In the order in which they are written. */
static const NumberKey number_keys[] = {
    KEY(max_msg_fds, .least = 0, .most = 1024, .standard = 1),
    KEY(max_data_xfer_size, .least = VFU_DATA_XFER_MIN, .most = UINT32_MAX,
        .standard = VFU_DATA_XFER_DEFAULT, .clip = true),
    KEY(max_dma_maps, .least = 0, .most = UINT32_MAX, .standard = VFU_DMA_MAPS_DEFAULT,
        .clip = true),
    KEY(pgsizes, .least = 1, .most = INT64_MAX, .standard = VFU_PGSIZES_DEFAULT),
};

static const NumberKey migration_keys[] = {
    { .name = "pgsize", .offset = offsetof(VfuCapabilities, migration_pgsize), .bytes = 8,
      .least = 1, .most = INT64_MAX, .standard = 4096, .power_of_two = true },
    KEY(max_bitmap_size, .least = 0, .most = INT64_MAX, .standard = 256 << 20),
};

static void put_number(VfuCapabilities *caps, const NumberKey *key, uint64_t value)
{
    uint32_t value32 = value;

    memcpy((char *)caps + key->offset, key->bytes == 4 ? (void *)&value32 : (void *)&value,
           key->bytes);
}

static uint64_t get_number(const VfuCapabilities *caps, const NumberKey *key)
{
    uint64_t value = 0;
    uint32_t value32;

    if (key->bytes == 8) {
        memcpy(&value, (const char *)caps + key->offset, 8);
        return value;
    }
    memcpy(&value32, (const char *)caps + key->offset, 4);
    return value32;
}

void vfu_capabilities_init(VfuCapabilities *caps)
{
    *caps = (VfuCapabilities) { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(number_keys); i++) {
        put_number(caps, &number_keys[i], number_keys[i].standard);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(migration_keys); i++) {
        put_number(caps, &migration_keys[i], migration_keys[i].standard);
    }
}

static bool parse_number(JsonObject *object, const NumberKey *key, VfuCapabilities *caps,
                         Error **errp)
{
    JsonNode *node = json_object_get_member(object, key->name);
    int64_t value;

    if (!node) {
        return true;
    }
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64) {
        error_setg(errp, "capability '%s' is not an integer", key->name);
        return false;
    }
    value = json_node_get_int(node);
    if (value >= 0 && (uint64_t)value > key->most && key->clip) {
        value = key->most;
    }
    if (value < 0 || (uint64_t)value < key->least || (uint64_t)value > key->most ||
        (key->power_of_two && (value & (value - 1)))) {
        error_setg(errp, "capability '%s' is out of range", key->name);
        return false;
    }
    put_number(caps, key, value);
    return true;
}

static bool parse_numbers(JsonObject *object, const NumberKey *keys, size_t nr,
                          VfuCapabilities *caps, Error **errp)
{
    for (size_t i = 0; i < nr; i++) {
        if (!parse_number(object, &keys[i], caps, errp)) {
            return false;
        }
    }
    return true;
}

static bool parse_bool(JsonObject *object, const char *name, bool *value, Error **errp)
{
    JsonNode *node = json_object_get_member(object, name);

    if (!node) {
        return true;
    }
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN) {
        error_setg(errp, "capability '%s' is not a boolean", name);
        return false;
    }
    *value = json_node_get_boolean(node);
    return true;
}

/* *out stays NULL when the member is not there. */
static bool parse_object(JsonObject *object, const char *name, JsonObject **out, Error **errp)
{
    JsonNode *node = json_object_get_member(object, name);

    *out = NULL;
    if (!node) {
        return true;
    }
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        error_setg(errp, "'%s' is not an object", name);
        return false;
    }
    *out = json_node_get_object(node);
    return true;
}

static bool parse_set(JsonObject *set, VfuCapabilities *caps, Error **errp)
{
    JsonObject *migration, *twin;

    if (!parse_numbers(set, number_keys, G_N_ELEMENTS(number_keys), caps, errp) ||
        !parse_bool(set, "write_multiple", &caps->write_multiple, errp) ||
        !parse_object(set, "migration", &migration, errp) ||
        !parse_object(set, "twin_socket", &twin, errp)) {
        return false;
    }
    if (twin && !parse_bool(twin, "supported", &caps->twin_socket, errp)) {
        return false;
    }
    caps->has_migration = migration != NULL;
    return !migration || parse_numbers(migration, migration_keys,
                                       G_N_ELEMENTS(migration_keys), caps, errp);
}

/* The NUL is the last byte and the only one. */
static bool text_ok(const char *text, size_t len, Error **errp)
{
    if (len > VFU_VERSION_TEXT_MAX || memchr(text, '\0', len) != text + len - 1) {
        error_setg(errp, "the text is too long or does not end with its only NUL");
        return false;
    }
    if (!vfu_json_scan(text, len - 1)) {
        error_setg(errp, "the text is not plain JSON");
        return false;
    }
    return true;
}

bool vfu_capabilities_parse(const char *text, size_t len, VfuCapabilities *caps, Error **errp)
{
    g_autoptr(JsonParser) parser = NULL;
    JsonNode *root;
    JsonObject *set;

    vfu_capabilities_init(caps);
    if (len == 0 || (len == 1 && text[0] == '\0')) {
        return true;
    }
    if (!text_ok(text, len, errp)) {
        return false;
    }
    parser = json_parser_new();
    if (!json_parser_load_from_data(parser, text, len - 1, NULL)) {
        error_setg(errp, "the text is not valid JSON");
        return false;
    }
    root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        error_setg(errp, "the text is not a JSON object");
        return false;
    }
    caps->has_text = true;
    return parse_object(json_node_get_object(root), "capabilities", &set, errp) &&
           (!set || parse_set(set, caps, errp));
}

typedef enum Detail { WRITE_ALL, WRITE_UNUSUAL, WRITE_NONE, WRITE_LEVELS } Detail;

static char *write_text(const VfuCapabilities *caps, Detail detail)
{
    GString *text = g_string_new("{\"capabilities\":{");
    const char *comma = "";

    for (size_t i = 0; i < G_N_ELEMENTS(number_keys) && detail != WRITE_NONE; i++) {
        uint64_t value = get_number(caps, &number_keys[i]);

        if (detail == WRITE_ALL || value != number_keys[i].standard) {
            g_string_append_printf(text, "%s\"%s\":%" PRIu64, comma, number_keys[i].name, value);
            comma = ",";
        }
    }
    if (caps->write_multiple && detail != WRITE_NONE) {
        g_string_append_printf(text, "%s\"write_multiple\":true", comma);
        comma = ",";
    }
    if (caps->has_migration && detail != WRITE_NONE) {
        g_string_append_printf(text, "%s\"migration\":{\"pgsize\":%" PRIu64 "}", comma,
                               caps->migration_pgsize);
    }
    g_string_append(text, "}}");
    return g_string_free(text, FALSE);
}

char *vfu_capabilities_build(const VfuCapabilities *caps, size_t room)
{
    for (Detail detail = WRITE_ALL; detail < WRITE_LEVELS; detail++) {
        g_autofree char *text = write_text(caps, detail);

        if (room == 0 || strlen(text) < room) {
            return g_steal_pointer(&text);
        }
    }
    return NULL;
}
