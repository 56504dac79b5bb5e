/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completions that QMP knows. What it cannot answer is not offered. */
#include "qemu/osdep.h"
#include "hmp-sources.h"
#include "qemu/log.h"
#include "qapi/qmp-registry.h"

/* The array that a query gives; NULL: none. One argument, or none. */
static JsonArray *ask(const char *command, const char *arg, const char *value)
{
    g_autoptr(JsonObject) args = json_object_new();
    g_autoptr(JsonNode) answer = NULL;

    if (arg) {
        json_object_set_string_member(args, arg, value);
    }
    answer = qmp_call(command, args, NULL);
    return answer && JSON_NODE_HOLDS_ARRAY(answer) ? json_node_dup_array(answer) : NULL;
}

static const char *member(JsonArray *list, guint i, const char *name)
{
    JsonObject *entry = json_array_get_object_element(list, i);

    return json_object_get_string_member_with_default(entry, name, "");
}

static guint length(JsonArray *list)
{
    return list ? json_array_get_length(list) : 0;
}

static void offer_members(HmpCompletion *c, JsonArray *list, const char *name, const char *end)
{
    for (guint i = 0; i < length(list); i++) {
        hmp_offer(c, member(list, i, name), end);
    }
}

static bool is_child(JsonArray *list, guint i)
{
    return g_str_has_prefix(member(list, i, "type"), "child<");
}

static void offer_children(HmpCompletion *c, const char *path)
{
    g_autoptr(JsonArray) list = ask("qom-list", "path", path);

    for (guint i = 0; i < length(list); i++) {
        if (is_child(list, i)) {
            hmp_offer(c, member(list, i, "name"), " ");
        }
    }
}

void hmp_source_device_id(HmpCompletion *c)
{
    offer_children(c, "/machine/peripheral");
}

void hmp_source_object_id(HmpCompletion *c)
{
    offer_children(c, "/objects");
}

void hmp_source_chardev(HmpCompletion *c)
{
    g_autoptr(JsonArray) list = ask("query-chardev", NULL, NULL);

    offer_members(c, list, "label", " ");
}

void hmp_source_trace_event(HmpCompletion *c)
{
    g_autoptr(JsonArray) list = ask("trace-event-get-state", "name", "*");

    offer_members(c, list, "name", " ");
}

void hmp_source_switch(HmpCompletion *c)
{
    hmp_offer(c, "on", " ");
    hmp_offer(c, "off", " ");
}

void hmp_source_watchdog_action(HmpCompletion *c)
{
    static const char *const actions[] = {
        "reset", "shutdown", "poweroff", "pause", "debug", "none", "inject-nmi",
    };

    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        hmp_offer(c, actions[i], " ");
    }
}

void hmp_source_space(HmpCompletion *c)
{
    g_autoptr(JsonArray) list = ask("x-query-address-spaces", NULL, NULL);

    offer_members(c, list, "name", " ");
}

void hmp_source_domain(HmpCompletion *c)
{
    g_autoptr(JsonArray) list = ask("x-query-isolation", NULL, NULL);

    offer_members(c, list, "rc", " ");
}

void hmp_source_server(HmpCompletion *c)
{
    g_autoptr(JsonArray) list = ask("x-query-vfio-user", NULL, NULL);

    offer_members(c, list, "id", " ");
}

/* ---- QOM paths: the last part is completed, the part before it is looked up ---- */

void hmp_source_path(HmpCompletion *c)
{
    const char *slash = strrchr(c->typed, '/');
    g_autofree char *folder = slash ? g_strndup(c->typed, slash - c->typed) : NULL;
    g_autoptr(JsonArray) list = NULL;

    if (!slash) {
        hmp_offer(c, "/", "");
        return;
    }
    list = ask("qom-list", "path", *folder ? folder : "/");
    for (guint i = 0; i < length(list); i++) {
        if (is_child(list, i)) {
            g_autofree char *path = g_strdup_printf("%s/%s", folder, member(list, i, "name"));
            hmp_offer(c, path, "");
        }
    }
}

void hmp_source_property(HmpCompletion *c)
{
    const char *path = g_ptr_array_index(c->before, c->before->len - 1);
    g_autoptr(JsonArray) list = ask("qom-list", "path", path);

    for (guint i = 0; i < length(list); i++) {
        if (!is_child(list, i)) {
            hmp_offer(c, member(list, i, "name"), " ");
        }
    }
}

/* ---- parts between commas ---- */

/* Whatever is offered has to bring along what stands before it in its word. */
static HmpCompletion part_of(HmpCompletion *c, size_t before)
{
    return (HmpCompletion) {
        .typed = c->typed + before, .before = c->before, .words = g_ptr_array_new(),
    };
}

static void offer_parts(HmpCompletion *c, HmpCompletion *part)
{
    g_autofree char *before = g_strndup(c->typed, part->typed - c->typed);

    for (guint i = 0; i < part->words->len; i++) {
        g_autofree char *word = g_ptr_array_index(part->words, i);
        g_ptr_array_add(c->words, g_strconcat(before, word, NULL));
    }
    g_ptr_array_unref(part->words);
}

void hmp_source_log_item(HmpCompletion *c)
{
    const char *comma = strrchr(c->typed, ',');
    HmpCompletion part = part_of(c, comma ? comma + 1 - c->typed : 0);

    for (const QEMULogItem *item = qemu_log_items; item->mask; item++) {
        hmp_offer(&part, item->name, "");
    }
    if (!comma) {
        hmp_offer(&part, "none", "");
        hmp_offer(&part, "all", "");
    }
    offer_parts(c, &part);
}

static void offer_types(HmpCompletion *c, const char *implements)
{
    g_autoptr(JsonObject) args = json_object_new();
    g_autoptr(JsonNode) answer = NULL;

    json_object_set_string_member(args, "implements", implements);
    json_object_set_boolean_member(args, "abstract", false);
    answer = qmp_call("qom-list-types", args, NULL);
    offer_members(c, answer ? json_node_get_array(answer) : NULL, "name", ",");
}

/* Buses of the devices that have an id: children of theirs whose type is a bus. */
static void offer_buses(HmpCompletion *c)
{
    g_autoptr(JsonArray) kinds = ask("qom-list-types", "implements", "bus");
    g_autoptr(GHashTable) types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(JsonArray) devices = ask("qom-list", "path", "/machine/peripheral");

    for (guint i = 0; i < length(kinds); i++) {
        g_hash_table_add(types, g_strdup_printf("child<%s>", member(kinds, i, "name")));
    }
    for (guint i = 0; i < length(devices); i++) {
        g_autofree char *path = g_strdup_printf("/machine/peripheral/%s",
                                                member(devices, i, "name"));
        g_autoptr(JsonArray) props = is_child(devices, i) ? ask("qom-list", "path", path) : NULL;

        for (guint j = 0; j < length(props); j++) {
            if (g_hash_table_contains(types, member(props, j, "type"))) {
                hmp_offer(c, member(props, j, "name"), "");
            }
        }
    }
}

/* Devices that can be served, chardevs and the like are asked for by name only. */
static const struct {
    const char *key;
    HmpSource *source;
} value_sources[] = {
    { "bus", offer_buses },
    { "device", hmp_source_device_id },
    { "chardev", hmp_source_chardev },
};

static void offer_value(HmpCompletion *c, const char *key, size_t len, const char *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(value_sources); i++) {
        if (strlen(value_sources[i].key) == len && !memcmp(value_sources[i].key, key, len)) {
            value_sources[i].source(c);
            return;
        }
    }
    if (!g_strcmp0(type, "bool")) {
        hmp_offer(c, "on", "");
        hmp_offer(c, "off", "");
    }
}

static const char *type_of(JsonArray *props, const char *name, size_t len)
{
    for (guint i = 0; i < length(props); i++) {
        const char *other = member(props, i, "name");

        if (strlen(other) == len && !memcmp(other, name, len)) {
            return member(props, i, "type");
        }
    }
    return NULL;
}

/* "TYPE,key=value,ke" or "TYPE,key=val": the part behind the last comma or "=". */
static void offer_option(HmpCompletion *c, const char *comma, JsonArray *props,
                         const char *const *more)
{
    const char *equals = strchr(comma + 1, '=');
    HmpCompletion part = part_of(c, (equals ?: comma) + 1 - c->typed);

    if (equals) {
        size_t len = equals - comma - 1;

        offer_value(&part, comma + 1, len, type_of(props, comma + 1, len));
    } else {
        offer_members(&part, props, "name", "=");
        for (; *more; more++) {
            hmp_offer(&part, *more, "=");
        }
    }
    offer_parts(c, &part);
}

static void complete_options(HmpCompletion *c, const char *implements, const char *lister,
                             const char *const *more)
{
    const char *comma = strrchr(c->typed, ',');
    g_autofree char *type = g_strndup(c->typed, strcspn(c->typed, ","));
    g_autoptr(JsonArray) props = NULL;

    if (!comma) {
        offer_types(c, implements);
        return;
    }
    props = ask(lister, "typename", type);
    offer_option(c, comma, props, more);
}

void hmp_source_device_options(HmpCompletion *c)
{
    static const char *const more[] = { "id", "bus", NULL };

    complete_options(c, "device", "device-list-properties", more);
}

void hmp_source_chardev_options(HmpCompletion *c)
{
    g_autoptr(JsonArray) list = ask("query-chardev-backends", NULL, NULL);

    offer_members(c, list, "name", ",");
}

void hmp_source_object_options(HmpCompletion *c)
{
    static const char *const more[] = { "id", NULL };

    complete_options(c, "user-creatable", "qom-list-properties", more);
}
