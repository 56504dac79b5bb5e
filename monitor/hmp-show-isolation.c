/* SPDX-License-Identifier: GPL-2.0-or-later */
/* info isolation, info address-spaces: who is kept apart from whom. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-json.h"
#include "qapi/qmp-registry.h"

static void show_bar(Monitor *mon, JsonObject *bar)
{
    monitor_printf(mon, "    BAR%d %s, 0x%" PRIx64 " bytes", (int)json_number(bar, "index"),
                   json_text(bar, "type"), json_number(bar, "size"));
    if (json_object_has_member(bar, "address")) {
        monitor_printf(mon, " at 0x%" PRIx64 "\n", json_number(bar, "address"));
    } else {
        monitor_printf(mon, ", not mapped by the client\n");
    }
}

static void show_function(Monitor *mon, JsonObject *f)
{
    const char *server = json_text(f, "server");

    monitor_printf(mon, "  %s: %s at %s %s", json_text(f, "device"), json_text(f, "driver"),
                   json_text(f, "bus"), json_text(f, "addr"));
    if (*server) {
        monitor_printf(mon, ", served by %s, %s", server,
                       json_flag(f, "connected") ? "client attached" : "no client");
    } else {
        monitor_printf(mon, ", not served");
    }
    monitor_printf(mon, ", bus master %s\n", json_flag(f, "bus-master") ? "on" : "off");
    for (guint i = 0; i < json_count(f, "bars"); i++) {
        show_bar(mon, json_entry(f, "bars", i));
    }
    if (json_number(f, "dma-regions")) {
        monitor_printf(mon, "    memory lent by the client: %" PRIu64 " mappings, %" PRIu64
                       " of them reached by messages\n", json_number(f, "dma-regions"),
                       json_number(f, "message-regions"));
    }
}

static void show_domains(Monitor *mon, JsonArray *domains)
{
    for (guint i = 0; i < json_array_get_length(domains); i++) {
        JsonObject *domain = json_array_get_object_element(domains, i);

        monitor_printf(mon, "domain %s, %s, peer to peer: %s\n", json_text(domain, "rc"),
                       json_text(domain, "status"), json_text(domain, "p2p"));
        for (guint j = 0; j < json_count(domain, "functions"); j++) {
            show_function(mon, json_entry(domain, "functions", j));
        }
    }
}

void hmp_info_isolation(Monitor *mon, JsonObject *args, Error **errp)
{
    bool dot = json_flag(args, "dot");
    g_autoptr(JsonNode) answer = qmp_call(dot ? "x-query-isolation-dot" : "x-query-isolation",
                                          NULL, errp);

    if (answer && dot) {
        hmp_show_text(mon, answer);
    } else if (answer) {
        show_domains(mon, json_node_get_array(answer));
    }
}

void hmp_show_address_spaces(Monitor *mon, JsonNode *answer)
{
    JsonArray *spaces = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(spaces); i++) {
        JsonObject *space = json_array_get_object_element(spaces, i);

        monitor_printf(mon, "%s: %s of domain %s, %" PRIu64 " ranges, %" PRIu64 " faults\n",
                       json_text(space, "name"), json_text(space, "type"),
                       json_text(space, "domain"), json_number(space, "ranges"),
                       json_number(space, "faults"));
    }
}
