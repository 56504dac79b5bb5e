/* SPDX-License-Identifier: GPL-2.0-or-later */
/* info block, info blockstats. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-json.h"

/* The name that a user would know it by. */
static const char *title(JsonObject *info)
{
    const char *device = json_text(info, "device");

    return *device ? device : json_text(info, "qdev");
}

static const char *cache_mode(JsonObject *cache)
{
    bool direct = json_flag(cache, "direct");

    if (json_flag(cache, "no-flush")) {
        return "unsafe";
    }
    if (json_flag(cache, "writeback")) {
        return direct ? "none" : "writeback";
    }
    return direct ? "directsync" : "writethrough";
}

static void show_medium(Monitor *mon, JsonObject *medium)
{
    if (!medium) {
        monitor_printf(mon, ": [not inserted]\n");
        return;
    }
    monitor_printf(mon, " (%s): %s (%s%s)\n", json_text(medium, "node-name"),
                   json_text(medium, "file"), json_text(medium, "drv"),
                   json_flag(medium, "ro") ? ", read-only" : "");
}

static void show_one(Monitor *mon, JsonObject *info)
{
    JsonObject *medium = json_object(info, "inserted");

    monitor_printf(mon, "%s", title(info));
    show_medium(mon, medium);
    if (*json_text(info, "qdev")) {
        monitor_printf(mon, "    Attached to:      %s\n", json_text(info, "qdev"));
    }
    if (json_flag(info, "removable")) {
        monitor_printf(mon, "    Removable device: %s, tray %s\n",
                       json_flag(info, "locked") ? "locked" : "not locked",
                       json_flag(info, "tray_open") ? "open" : "closed");
    }
    if (*json_text(info, "io-status") && strcmp(json_text(info, "io-status"), "ok")) {
        monitor_printf(mon, "    I/O status:       %s\n", json_text(info, "io-status"));
    }
    if (medium) {
        monitor_printf(mon, "    Cache mode:       %s\n", cache_mode(json_object(medium, "cache")));
    }
}

void hmp_show_block(Monitor *mon, JsonNode *answer)
{
    JsonArray *list = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(list); i++) {
        show_one(mon, json_array_get_object_element(list, i));
    }
}

void hmp_show_blockstats(Monitor *mon, JsonNode *answer)
{
    static const char *const figures[] = {
        "rd_bytes", "wr_bytes", "unmap_bytes", "rd_operations", "wr_operations",
        "flush_operations", "unmap_operations", "rd_total_time_ns", "wr_total_time_ns",
        "flush_total_time_ns", "unmap_total_time_ns", "rd_merged", "wr_merged", "idle_time_ns",
    };
    JsonArray *list = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(list); i++) {
        JsonObject *one = json_array_get_object_element(list, i);
        JsonObject *stats = json_object(one, "stats");

        monitor_printf(mon, "%s:", title(one));
        for (size_t j = 0; j < ARRAY_SIZE(figures); j++) {
            if (json_object_has_member(stats, figures[j])) {
                monitor_printf(mon, " %s=%" PRIu64, figures[j], json_number(stats, figures[j]));
            }
        }
        monitor_printf(mon, "\n");
    }
}
