/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of QMP as text: the ones that are a line or two. */
#include "qemu/osdep.h"
#include "hmp.h"

static const char *text_of(JsonObject *obj, const char *name)
{
    return json_object_get_string_member_with_default(obj, name, "");
}

void hmp_show_version(Monitor *mon, JsonNode *answer)
{
    JsonObject *version = json_node_get_object(answer);
    JsonObject *qemu = json_object_get_object_member(version, "qemu");

    monitor_printf(mon, "%d.%d.%d (%s)\n", (int)json_object_get_int_member(qemu, "major"),
                   (int)json_object_get_int_member(qemu, "minor"),
                   (int)json_object_get_int_member(qemu, "micro"), text_of(version, "package"));
}

void hmp_show_status(Monitor *mon, JsonNode *answer)
{
    JsonObject *info = json_node_get_object(answer);
    bool running = json_object_get_boolean_member(info, "running");
    const char *status = text_of(info, "status");

    monitor_printf(mon, "VM status: %s", running ? "running" : "paused");
    if (!running && strcmp(status, "paused")) {
        monitor_printf(mon, " (%s)", status);
    }
    monitor_printf(mon, "\n");
}

void hmp_show_name(Monitor *mon, JsonNode *answer)
{
    const char *name = text_of(json_node_get_object(answer), "name");

    if (*name) {
        monitor_printf(mon, "%s\n", name);
    }
}

void hmp_show_uuid(Monitor *mon, JsonNode *answer)
{
    monitor_printf(mon, "%s\n", text_of(json_node_get_object(answer), "UUID"));
}

/* HumanReadableText. */
void hmp_show_text(Monitor *mon, JsonNode *answer)
{
    monitor_printf(mon, "%s", text_of(json_node_get_object(answer), "human-readable-text"));
}

void hmp_show_json(Monitor *mon, JsonNode *answer)
{
    g_autofree char *text = json_to_string(answer, true);

    monitor_printf(mon, "%s\n", text);
}

void hmp_show_properties(Monitor *mon, JsonNode *answer)
{
    JsonArray *props = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(props); i++) {
        JsonObject *prop = json_array_get_object_element(props, i);

        monitor_printf(mon, "%s (%s)\n", text_of(prop, "name"), text_of(prop, "type"));
    }
}
