/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of -drive that a node does not have are taken out one by one; what
 * is left is the node's, and the schema checks it. The file becomes a node of its
 * own below, as in QEMU.
 */
#include "qemu/osdep.h"
#include "drive-options.h"
#include "qapi/json-visitor.h"
#include "qapi/qapi-visit-block-core.h"
#include "qapi/util.h"
#include "throttle-limits.h"
#include <sys/stat.h>

void drive_options_free(DriveOptions *options)
{
    g_free(options->id);
    g_free(options->throttle_group);
    qapi_free_BlockdevOptions(options->node);
    g_free(options);
}

/* The member as text, taken out; NULL: absent, or not text. */
static char *take_text(JsonObject *opts, const char *name)
{
    JsonNode *node = json_object_get_member(opts, name);
    char *text = NULL;

    if (node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING) {
        text = json_node_dup_string(node);
        json_object_remove_member(opts, name);
    }
    return text;
}

/* `from` and `to` are two names of the same; both is one too many. */
static bool rename_member(JsonObject *opts, const char *from, const char *to, Error **errp)
{
    JsonNode *node = json_object_get_member(opts, from);

    if (node && json_object_has_member(opts, to)) {
        error_setg(errp, "'%s' and '%s' are the same: give one of them", from, to);
        return false;
    }
    if (node) {
        json_object_set_member(opts, to, json_node_copy(node));
        json_object_remove_member(opts, from);
    }
    return true;
}

/* ---- options that are refused, and why ---- */

static bool check_refused(JsonObject *opts, Error **errp)
{
    bool has_if = json_object_has_member(opts, "if");
    static const struct {
        const char *name, *harmless, *why;
    } rows[] = {
        { "if", "none", "the machine has no connectors for disks: use if=none and"
          " -device nvme,drive=ID" },
        { "snapshot", "off", "what is written cannot be thrown away here: use a copy of the file" },
        { "copy-on-read", "off", "no image here has a backing file" },
        { "media", "disk", "no CD-ROM drive is here: use media=disk" },
        { "index", NULL, "if=none has no places: give the drive an id" },
        { "bus", NULL, "if=none has no places: give the drive an id" },
        { "unit", NULL, "if=none has no places: give the drive an id" },
        { "serial", NULL, "give the serial number to the -device" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *text = take_text(opts, rows[i].name);

        if (json_object_has_member(opts, rows[i].name) ||
            (text && g_strcmp0(text, rows[i].harmless))) {
            error_setg(errp, "'%s' cannot be used: %s", rows[i].name, rows[i].why);
            return false;
        }
    }
    if (!has_if) {
        error_setg(errp, "Parameter 'if' is missing: use if=none and -device nvme,drive=ID");
    }
    return has_if;
}

/* ---- cache ---- */

typedef struct CacheMode {
    const char *name;
    bool write_cache, direct, no_flush;
} CacheMode;

static const CacheMode cache_modes[] = {
    { "writeback", true, false, false },
    { "none", true, true, false },
    { "writethrough", false, false, false },
    { "directsync", false, true, false },
    { "unsafe", true, false, true },
};

static const CacheMode *find_cache_mode(const char *name, Error **errp)
{
    for (size_t i = 0; i < ARRAY_SIZE(cache_modes); i++) {
        if (!strcmp(cache_modes[i].name, name)) {
            return &cache_modes[i];
        }
    }
    error_setg(errp, "invalid cache option '%s': use writeback, none, writethrough, directsync"
               " or unsafe", name);
    return NULL;
}

static bool parse_writeback(JsonObject *cache, DriveOptions *options, Error **errp)
{
    g_autofree char *text = take_text(cache, "writeback");

    return !text || qapi_bool_parse("cache.writeback", text, &options->write_cache, errp);
}

/* cache=MODE, or cache.direct and so on one by one. */
static bool parse_cache(JsonObject *opts, DriveOptions *options, Error **errp)
{
    g_autofree char *name = take_text(opts, "cache");
    JsonNode *node = json_object_get_member(opts, "cache");
    const CacheMode *mode;
    JsonObject *cache;

    if (!name) {
        return !node || !JSON_NODE_HOLDS_OBJECT(node) ||
               parse_writeback(json_node_get_object(node), options, errp);
    }
    mode = find_cache_mode(name, errp);
    if (!mode) {
        return false;
    }
    options->write_cache = mode->write_cache;
    cache = json_object_new();
    json_object_set_boolean_member(cache, "direct", mode->direct);
    json_object_set_boolean_member(cache, "no-flush", mode->no_flush);
    json_object_set_object_member(opts, "cache", cache);
    return true;
}

/* ---- limits ---- */

/* throttling.NAME, with the names that ThrottleLimits has; and throttling.group. */
static bool parse_throttling(JsonObject *opts, DriveOptions *options, Error **errp)
{
    g_autoptr(JsonNode) node = json_object_dup_member(opts, "throttling");
    g_autoptr(ThrottleLimits) limits = NULL;
    g_autoptr(Visitor) v = NULL;

    throttle_config_init(&options->limits);
    if (!node) {
        return true;
    }
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        options->throttle_group = take_text(json_node_get_object(node), "group");
    }
    v = json_input_visitor_new_keyval(node);
    if (!visit_type_ThrottleLimits(v, NULL, &limits, errp)) {
        return false;
    }
    json_object_remove_member(opts, "throttling");
    throttle_limits_apply(limits, &options->limits);
    return throttle_config_check(&options->limits, "throttling.", errp);
}

/* ---- errors ---- */

static bool parse_policy(JsonObject *opts, const char *name, BlockdevOnError *policy, Error **errp)
{
    g_autofree char *text = take_text(opts, name);
    int value;

    if (!text) {
        return true;
    }
    value = qapi_enum_parse(&BlockdevOnError_lookup, text, -1, NULL);
    if (value < 0 || (value == BLOCKDEV_ON_ERROR_ENOSPC && !strcmp(name, "rerror"))) {
        error_setg(errp, "'%s=%s' is no error policy: use report, ignore, stop%s or auto", name,
                   text, strcmp(name, "rerror") ? ", enospc" : "");
        return false;
    }
    *policy = value;
    return true;
}

/* ---- the file ---- */

static bool is_block_device(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISBLK(st.st_mode);
}

static JsonObject *file_node(JsonObject *opts, const char *path)
{
    JsonObject *file = json_object_new();
    g_autofree char *aio = take_text(opts, "aio");

    json_object_set_string_member(file, "driver", is_block_device(path) ? "host_device" : "file");
    json_object_set_string_member(file, "filename", path);
    if (aio) {
        json_object_set_string_member(file, "aio", aio);
    }
    return file;
}

/* What -drive means by file.KEY without file.driver. */
static void complete_file(JsonObject *opts, JsonObject *file)
{
    const char *path = json_object_get_string_member_with_default(file, "filename", NULL);
    g_autofree char *aio = take_text(opts, "aio");

    if (path && !json_object_has_member(file, "driver")) {
        json_object_set_string_member(file, "driver",
                                      is_block_device(path) ? "host_device" : "file");
    }
    if (aio) {
        json_object_set_string_member(file, "aio", aio);
    }
}

/* false: nothing says what the medium is. */
static bool set_medium(JsonObject *opts)
{
    g_autofree char *path = take_text(opts, "file");
    JsonNode *node = json_object_get_member(opts, "file");
    bool has_driver = json_object_has_member(opts, "driver");

    if (path && g_str_has_prefix(path, "null-co://")) {
        json_object_set_string_member(opts, "driver", "null-co");
        return true;
    }
    if (path && *path) {
        json_object_set_object_member(opts, "file", file_node(opts, path));
    } else if (node && JSON_NODE_HOLDS_OBJECT(node)) {
        complete_file(opts, json_node_get_object(node));
    } else {
        return has_driver;
    }
    if (!has_driver) {
        json_object_set_string_member(opts, "driver", "raw");
    }
    return true;
}

static bool check_format(JsonObject *opts, Error **errp)
{
    const char *driver = json_object_get_string_member_with_default(opts, "driver", "raw");

    if (qapi_enum_parse(&BlockdevDriver_lookup, driver, -1, NULL) < 0) {
        error_setg(errp, "Unknown driver '%s': images of other formats are reached by NBD, with"
                   " qemu-nbd or qemu-storage-daemon behind it", driver);
        return false;
    }
    return true;
}

static BlockdevOptions *to_node(JsonObject *opts, Error **errp)
{
    g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), opts);
    BlockdevOptions *options = NULL;
    Visitor *v = json_input_visitor_new_keyval(node);

    visit_type_BlockdevOptions(v, NULL, &options, errp);
    visit_free(v);
    return options;
}

DriveOptions *drive_options_parse(JsonObject *opts, Error **errp)
{
    g_autoptr(DriveOptions) options = g_new0(DriveOptions, 1);

    options->write_cache = true;
    options->rerror = options->werror = BLOCKDEV_ON_ERROR_REPORT;
    options->id = take_text(opts, "id");
    if (!check_refused(opts, errp) || !rename_member(opts, "readonly", "read-only", errp) ||
        !rename_member(opts, "format", "driver", errp) || !parse_cache(opts, options, errp) ||
        !parse_throttling(opts, options, errp) ||
        !parse_policy(opts, "rerror", &options->rerror, errp) ||
        !parse_policy(opts, "werror", &options->werror, errp) || !check_format(opts, errp)) {
        return NULL;
    }
    if (set_medium(opts)) {
        options->node = to_node(opts, errp);
        return options->node ? g_steal_pointer(&options) : NULL;
    }
    if (json_object_get_size(opts)) {
        error_setg(errp, "Parameter 'file' is missing: a drive without a medium has no options");
        return NULL;
    }
    return g_steal_pointer(&options);
}
