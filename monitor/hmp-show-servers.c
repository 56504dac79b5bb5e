/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * info vfio-user, info dma: a line or a few for each server; all that is known
 * of one when it is named.
 */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-json.h"
#include "qapi/qmp-registry.h"

typedef void ShowServer(Monitor *mon, JsonObject *server, bool all, Error **errp);

/* Runs @show for the one that args names, or for all. */
static void each_server(Monitor *mon, JsonObject *args, ShowServer *show, Error **errp)
{
    ERRP_GUARD();
    const char *name = json_object_get_string_member_with_default(args, "server", NULL);
    g_autoptr(JsonNode) answer = qmp_call("x-query-vfio-user", NULL, errp);
    JsonArray *servers = answer ? json_node_get_array(answer) : NULL;
    bool found = false;

    for (guint i = 0; servers && !*errp && i < json_array_get_length(servers); i++) {
        JsonObject *server = json_array_get_object_element(servers, i);

        if (!name || !strcmp(json_text(server, "id"), name)) {
            show(mon, server, name != NULL, errp);
            found = true;
        }
    }
    if (answer && name && !found) {
        error_setg(errp, "no vfio-user server '%s': 'info vfio-user' lists them", name);
    }
}

/* Members of @obj that are numbers above 0, under their own names. */
static void show_numbers(Monitor *mon, const char *title, JsonObject *obj)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;
    bool any = false;

    json_object_iter_init_ordered(&iter, obj);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        uint64_t value = 0;

        if (qapi_json_get_uint64(node, &value) && value) {
            monitor_printf(mon, "%s%s %" PRIu64, any ? ", " : title, name, value);
            any = true;
        }
    }
    monitor_printf(mon, any ? "\n" : "");
}

/* ---- info vfio-user ---- */

static void show_client(Monitor *mon, const char *title, JsonObject *client)
{
    if (!client) {
        return;
    }
    monitor_printf(mon, "  %s: %s, pid %" PRIu64 ", uid %" PRIu64 ", gid %" PRIu64, title,
                   json_text(client, "state"), json_number(client, "pid"),
                   json_number(client, "uid"), json_number(client, "gid"));
    if (json_object_has_member(client, "version")) {
        monitor_printf(mon, ", version %s, at most %" PRIu64 " fds and 0x%" PRIx64
                       " bytes in a message", json_text(client, "version"),
                       json_number(client, "max-msg-fds"),
                       json_number(client, "max-data-xfer-size"));
    }
    monitor_printf(mon, "\n    %" PRIu64 " requests in flight, %" PRIu64 " held, %" PRIu64
                   " DMA messages unanswered, %" PRIu64 " bytes to be read%s\n",
                   json_number(client, "in-flight"), json_number(client, "held"),
                   json_number(client, "dma-in-flight"), json_number(client, "queued-bytes"),
                   json_flag(client, "paused") ? ", paused" : "");
}

static void show_regions(Monitor *mon, JsonObject *server)
{
    for (guint i = 0; i < json_count(server, "regions"); i++) {
        JsonObject *region = json_entry(server, "regions", i);

        monitor_printf(mon, "  region %" PRIu64 ": 0x%" PRIx64 " bytes, %s%s%s\n",
                       json_number(region, "index"), json_number(region, "size"),
                       json_flag(region, "read") ? "read" : "",
                       json_flag(region, "write") ? " write" : "",
                       json_flag(region, "mmap") ? " mmap" : "");
    }
}

static void show_interrupts(Monitor *mon, JsonObject *server)
{
    for (guint i = 0; i < json_count(server, "interrupts"); i++) {
        JsonObject *irq = json_entry(server, "interrupts", i);

        monitor_printf(mon, "  %s: %" PRIu64 " of %" PRIu64 " bound, %" PRIu64 " masked, %" PRIu64
                       " pending\n", json_text(irq, "type"), json_number(irq, "bound"),
                       json_number(irq, "count"), json_number(irq, "masked"),
                       json_number(irq, "pending"));
    }
}

static void show_messages(Monitor *mon, JsonObject *server)
{
    for (guint i = 0; i < json_count(server, "messages"); i++) {
        JsonObject *message = json_entry(server, "messages", i);

        monitor_printf(mon, "  %s: %" PRIu64 ", %" PRIu64 " errors\n", json_text(message, "name"),
                       json_number(message, "count"), json_number(message, "errors"));
    }
}

static void show_last_error(Monitor *mon, JsonObject *error)
{
    g_autoptr(GDateTime) when = NULL;
    g_autofree char *text = NULL;

    if (error) {
        when = g_date_time_new_from_unix_utc(json_number(error, "seconds"));
        text = when ? g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ") : NULL;
        monitor_printf(mon, "  last error: %s: %s\n", text ?: "?", json_text(error, "text"));
    }
}

static void show_server(Monitor *mon, JsonObject *server, bool all, Error **errp)
{
    const char *path = json_text(server, "path");

    monitor_printf(mon, "%s: serves %s of domain %s%s%s, %s\n", json_text(server, "id"),
                   json_text(server, "device"), json_text(server, "domain"),
                   *path ? " on " : "", path, json_text(server, "state"));
    show_client(mon, "client", json_object(server, "client"));
    show_client(mon, "next client", json_object(server, "next-client"));
    if (all) {
        show_regions(mon, server);
        show_interrupts(mon, server);
        show_messages(mon, server);
        show_numbers(mon, "  counted: ", server);
    }
    show_last_error(mon, json_object(server, "last-error"));
}

void hmp_info_vfio_user(Monitor *mon, JsonObject *args, Error **errp)
{
    each_server(mon, args, show_server, errp);
}

/* ---- info dma ---- */

static JsonNode *ask(const char *command, JsonObject *server, Error **errp)
{
    g_autoptr(JsonObject) args = json_object_new();

    json_object_set_string_member(args, "server", json_text(server, "id"));
    return qmp_call(command, args, errp);
}

static void show_map(Monitor *mon, JsonObject *map)
{
    uint64_t iova = json_number(map, "iova");

    monitor_printf(mon, "  %016" PRIx64 "-%016" PRIx64 " %c%c %s", iova,
                   iova + (json_number(map, "size") - 1), json_flag(map, "read") ? 'r' : '-',
                   json_flag(map, "write") ? 'w' : '-', json_text(map, "access"));
    if (json_object_has_member(map, "fd-inode")) {
        monitor_printf(mon, ", file %" PRIu64 " at 0x%" PRIx64, json_number(map, "fd-inode"),
                       json_number(map, "fd-offset"));
    }
    monitor_printf(mon, "\n");
}

static void show_dma(Monitor *mon, JsonObject *server, bool all, Error **errp)
{
    g_autoptr(JsonNode) stats = ask("x-query-dma-stats", server, errp);
    g_autoptr(JsonNode) maps = stats ? ask("x-query-dma-maps", server, errp) : NULL;
    JsonArray *list = maps ? json_node_get_array(maps) : NULL;

    if (!list) {
        return;
    }
    monitor_printf(mon, "%s: %u mappings of %s's client\n", json_text(server, "id"),
                   json_array_get_length(list), json_text(server, "device"));
    show_numbers(mon, "  counted: ", json_node_get_object(stats));
    for (guint i = 0; all && i < json_array_get_length(list); i++) {
        show_map(mon, json_array_get_object_element(list, i));
    }
}

void hmp_info_dma(Monitor *mon, JsonObject *args, Error **errp)
{
    each_server(mon, args, show_dma, errp);
}
