/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of QMP as text: the ones that are a line or two. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-json.h"

void hmp_show_version(Monitor *mon, JsonNode *answer)
{
    JsonObject *version = json_node_get_object(answer);
    JsonObject *qemu = json_object_get_object_member(version, "qemu");

    monitor_printf(mon, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 " (%s)\n", json_number(qemu, "major"),
                   json_number(qemu, "minor"), json_number(qemu, "micro"),
                   json_text(version, "package"));
}

void hmp_show_status(Monitor *mon, JsonNode *answer)
{
    JsonObject *info = json_node_get_object(answer);
    bool running = json_flag(info, "running");
    const char *status = json_text(info, "status");

    monitor_printf(mon, "VM status: %s", running ? "running" : "paused");
    if (!running && strcmp(status, "paused")) {
        monitor_printf(mon, " (%s)", status);
    }
    monitor_printf(mon, "\n");
}

void hmp_show_name(Monitor *mon, JsonNode *answer)
{
    const char *name = json_text(json_node_get_object(answer), "name");

    if (*name) {
        monitor_printf(mon, "%s\n", name);
    }
}

void hmp_show_uuid(Monitor *mon, JsonNode *answer)
{
    monitor_printf(mon, "%s\n", json_text(json_node_get_object(answer), "UUID"));
}

/* HumanReadableText. */
void hmp_show_text(Monitor *mon, JsonNode *answer)
{
    monitor_printf(mon, "%s", json_text(json_node_get_object(answer), "human-readable-text"));
}

void hmp_show_json(Monitor *mon, JsonNode *answer)
{
    g_autofree char *text = JSON_NODE_HOLDS_OBJECT(answer) ?
                            qapi_json_print_object_pretty(json_node_get_object(answer)) :
                            qapi_json_print(answer);

    monitor_printf(mon, "%s\n", text);
}

void hmp_show_properties(Monitor *mon, JsonNode *answer)
{
    JsonArray *props = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(props); i++) {
        JsonObject *prop = json_array_get_object_element(props, i);

        monitor_printf(mon, "%s (%s)\n", json_text(prop, "name"), json_text(prop, "type"));
    }
}

void hmp_show_chardevs(Monitor *mon, JsonNode *answer)
{
    JsonArray *chardevs = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(chardevs); i++) {
        JsonObject *chardev = json_array_get_object_element(chardevs, i);

        monitor_printf(mon, "%s: filename=%s\n", json_text(chardev, "label"),
                       json_text(chardev, "filename"));
    }
}

void hmp_show_trace_events(Monitor *mon, JsonNode *answer)
{
    JsonArray *events = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(events); i++) {
        JsonObject *event = json_array_get_object_element(events, i);

        monitor_printf(mon, "%s : state %d\n", json_text(event, "name"),
                       !strcmp(json_text(event, "state"), "enabled"));
    }
}
