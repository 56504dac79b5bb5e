/* SPDX-License-Identifier: GPL-2.0-or-later */
/* info pci: the functions of each isolation domain, as QEMU shows those of a machine. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "hmp-json.h"

#define NOWHERE UINT64_MAX      /* address of a BAR that the client has not placed */

static void show_device(Monitor *mon, JsonObject *dev);

static void show_class(Monitor *mon, JsonObject *dev)
{
    JsonObject *class = json_object(dev, "class_info");
    JsonObject *id = json_object(dev, "id");
    const char *desc = json_text(class, "desc");

    if (*desc) {
        monitor_printf(mon, "    %s", desc);
    } else {
        monitor_printf(mon, "    Class %04x", (int)json_number(class, "class"));
    }
    monitor_printf(mon, ": PCI device %04x:%04x\n", (int)json_number(id, "vendor"),
                   (int)json_number(id, "device"));
    if (json_object_has_member(id, "subsystem-vendor") &&
        json_object_has_member(id, "subsystem")) {
        monitor_printf(mon, "      PCI subsystem %04x:%04x\n",
                       (int)json_number(id, "subsystem-vendor"),
                       (int)json_number(id, "subsystem"));
    }
}

static void show_range(Monitor *mon, const char *what, JsonObject *range, int digits)
{
    monitor_printf(mon, "      %s [0x%0*" PRIx64 ", 0x%0*" PRIx64 "]\n", what,
                   digits, json_number(range, "base"), digits, json_number(range, "limit"));
}

static void show_bridge(Monitor *mon, JsonObject *bridge)
{
    JsonObject *bus = json_object(bridge, "bus");

    monitor_printf(mon, "      BUS %d.\n", (int)json_number(bus, "number"));
    monitor_printf(mon, "      secondary bus %d.\n", (int)json_number(bus, "secondary"));
    monitor_printf(mon, "      subordinate bus %d.\n", (int)json_number(bus, "subordinate"));
    show_range(mon, "IO range", json_object(bus, "io_range"), 4);
    show_range(mon, "memory range", json_object(bus, "memory_range"), 8);
    show_range(mon, "prefetchable memory range", json_object(bus, "prefetchable_range"), 8);
}

static void show_region(Monitor *mon, JsonObject *region)
{
    bool io = !strcmp(json_text(region, "type"), "io");
    uint64_t address = json_number(region, "address");
    uint64_t size = json_number(region, "size");

    monitor_printf(mon, "      BAR%d: ", (int)json_number(region, "bar"));
    if (io) {
        monitor_printf(mon, "I/O");
    } else {
        monitor_printf(mon, "%d bit%s memory", json_flag(region, "mem_type_64") ? 64 : 32,
                       json_flag(region, "prefetch") ? " prefetchable" : "");
    }
    if (address == NOWHERE) {
        monitor_printf(mon, ", 0x%" PRIx64 " bytes, not mapped by the client.\n", size);
    } else {
        monitor_printf(mon, " at 0x%0*" PRIx64 " [0x%0*" PRIx64 "].\n", io ? 4 : 8, address,
                       io ? 4 : 8, address + (size - 1));
    }
}

static void show_device(Monitor *mon, JsonObject *dev)
{
    JsonObject *bridge = json_object(dev, "pci_bridge");
    uint64_t pin = json_number(dev, "irq_pin");

    monitor_printf(mon, "  Bus %2d, device %3d, function %d:\n", (int)json_number(dev, "bus"),
                   (int)json_number(dev, "slot"), (int)json_number(dev, "function"));
    show_class(mon, dev);
    if (pin) {
        monitor_printf(mon, "      IRQ %d, pin %c\n", (int)json_number(dev, "irq"),
                       (char)('A' + pin - 1));
    }
    if (bridge) {
        show_bridge(mon, bridge);
    }
    for (guint i = 0; i < json_count(dev, "regions"); i++) {
        show_region(mon, json_entry(dev, "regions", i));
    }
    monitor_printf(mon, "      id \"%s\"\n", json_text(dev, "qdev_id"));
    for (guint i = 0; bridge && i < json_count(bridge, "devices"); i++) {
        show_device(mon, json_entry(bridge, "devices", i));
    }
}

void hmp_show_pci(Monitor *mon, JsonNode *answer)
{
    JsonArray *buses = json_node_get_array(answer);

    for (guint i = 0; i < json_array_get_length(buses); i++) {
        JsonObject *bus = json_array_get_object_element(buses, i);

        monitor_printf(mon, "Domain %s\n", json_text(bus, "domain"));
        for (guint j = 0; j < json_count(bus, "devices"); j++) {
            show_device(mon, json_entry(bus, "devices", j));
        }
    }
}
