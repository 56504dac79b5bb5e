/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of a configuration space: ids, command, status, BARs. PCI Local
 * Bus 3.0, section 6.1; bridges: PCI-to-PCI Bridge 1.2, section 3.2.
 */
#include "qemu/osdep.h"
#include "config-space.h"

enum {
    HEADER_COMMAND = 0x04, HEADER_STATUS = 0x06, HEADER_REVISION = 0x08,
    HEADER_PROG_IF = 0x09, HEADER_SUBCLASS = 0x0a, HEADER_CLASS = 0x0b,
    HEADER_CACHE_LINE = 0x0c, HEADER_LATENCY = 0x0d, HEADER_TYPE = 0x0e,
    HEADER_BAR0 = 0x10, HEADER_SUBSYSTEM = 0x2c, HEADER_ROM = 0x30,
    HEADER_INT_LINE = 0x3c, HEADER_INT_PIN = 0x3d,
    BRIDGE_BUSES = 0x18, BRIDGE_ROM = 0x38,
};

static const ConfigFlag command_bits[] = {
    { 1 << 0, "I/O" }, { 1 << 1, "Mem" }, { 1 << 2, "BusMaster" }, { 1 << 3, "SpecCycle" },
    { 1 << 4, "MemWINV" }, { 1 << 5, "VGASnoop" }, { 1 << 6, "ParErr" },
    { 1 << 8, "SERR" }, { 1 << 9, "FastB2B" }, { 1 << 10, "DisINTx" }, { 0, NULL },
};

static const ConfigFlag status_bits[] = {
    { 1 << 3, "INTx" }, { 1 << 4, "Cap" }, { 1 << 5, "66MHz" }, { 1 << 7, "FastB2B" },
    { 1 << 8, "ParErr" }, { 1 << 11, ">TAbort" }, { 1 << 12, "<TAbort" },
    { 1 << 13, "<MAbort" }, { 1 << 14, ">SERR" }, { 1 << 15, "<PERR" }, { 0, NULL },
};

uint8_t config_u8(const ConfigSpace *c, size_t at)
{
    return at < c->size ? c->bytes[at] : 0xff;
}

uint16_t config_u16(const ConfigSpace *c, size_t at)
{
    return config_u8(c, at) | config_u8(c, at + 1) << 8;
}

uint32_t config_u32(const ConfigSpace *c, size_t at)
{
    return config_u16(c, at) | (uint32_t)config_u16(c, at + 2) << 16;
}

void config_flags(VfuOut *o, const char *key, uint32_t value, const ConfigFlag *flags)
{
    out_list(o, key);
    for (; flags->name; flags++) {
        bool set = value & flags->mask;

        out_text(o, " %s%c", flags->name, set ? '+' : '-');
        if (set) {
            out_string(o, NULL, flags->name);
        }
    }
    out_list_end(o);
}

static void print_size(VfuOut *o, uint64_t size)
{
    static const char units[] = " KMGT";
    unsigned u = 0;

    out_int(o, "size", size);
    while (size >= 1024 && size % 1024 == 0 && u < 4) {
        size /= 1024;
        u++;
    }
    if (u) {
        out_text(o, " [size=%" PRIu64 "%c]", size, units[u]);
    } else {
        out_text(o, " [size=%" PRIu64 "]", size);
    }
}

/* Returns how many registers the BAR takes. */
static unsigned print_bar(VfuOut *o, const ConfigSpace *c, unsigned i, unsigned count)
{
    uint32_t low = config_u32(c, HEADER_BAR0 + 4 * i);
    bool io = low & 1, wide = !io && (low & 6) == 4 && i + 1 < count;
    uint64_t address = io ? low & ~3u : low & ~0xfu;

    if (wide) {
        address |= (uint64_t)config_u32(c, HEADER_BAR0 + 4 * i + 4) << 32;
    }
    if (!low && !address && !c->region_sizes[i]) {
        return 1;
    }
    out_object(o, NULL);
    out_int(o, "bar", i);
    out_string(o, "type", io ? "io" : wide ? "mem64" : "mem32");
    out_hex(o, "address", address);
    if (io) {
        out_text(o, "\tRegion %u: I/O ports at %04" PRIx64, i, address);
    } else {
        out_bool(o, "prefetchable", low & 8);
        out_text(o, "\tRegion %u: Memory at %0*" PRIx64 " (%s-bit, %sprefetchable)", i,
                 wide ? 16 : 8, address, wide ? "64" : "32", low & 8 ? "" : "non-");
    }
    print_size(o, c->region_sizes[i]);
    out_text(o, "\n");
    out_object_end(o);
    return wide ? 2 : 1;
}

static void print_rom(VfuOut *o, const ConfigSpace *c, bool bridge)
{
    uint32_t rom = config_u32(c, bridge ? BRIDGE_ROM : HEADER_ROM);

    if (!rom && !c->region_sizes[6]) {
        return;
    }
    out_object(o, "rom");
    out_hex(o, "address", rom & ~0x7ffu);
    out_bool(o, "enabled", rom & 1);
    out_text(o, "\tExpansion ROM at %08x%s", rom & ~0x7ffu, rom & 1 ? "" : " [disabled]");
    print_size(o, c->region_sizes[6]);
    out_text(o, "\n");
    out_object_end(o);
}

static void print_ids(VfuOut *o, const ConfigSpace *c, PciIds *ids)
{
    unsigned vendor = config_u16(c, 0), device = config_u16(c, 2);
    unsigned base = config_u8(c, HEADER_CLASS), sub = config_u8(c, HEADER_SUBCLASS);
    unsigned prog = config_u8(c, HEADER_PROG_IF), rev = config_u8(c, HEADER_REVISION);
    g_autofree char *class_name = pci_ids_class(ids, base, sub);
    g_autofree char *vendor_name = pci_ids_vendor(ids, vendor);
    g_autofree char *device_name = pci_ids_device(ids, vendor, device);

    out_text(o, "%s [%02x%02x]: %s %s [%04x:%04x]", class_name ? class_name : "Class", base,
             sub, vendor_name ? vendor_name : "Vendor", device_name ? device_name : "Device",
             vendor, device);
    out_text(o, " (rev %02x, prog-if %02x)\n", rev, prog);
    out_hex(o, "vendor", vendor);
    out_hex(o, "device", device);
    out_hex(o, "class", base << 16 | sub << 8 | prog);
    out_int(o, "revision", rev);
    if (vendor_name) {
        out_string(o, "vendor_name", vendor_name);
    }
    if (device_name) {
        out_string(o, "device_name", device_name);
    }
    if (class_name) {
        out_string(o, "class_name", class_name);
    }
}

static void print_subsystem(VfuOut *o, const ConfigSpace *c, PciIds *ids)
{
    unsigned vendor = config_u16(c, HEADER_SUBSYSTEM);
    unsigned device = config_u16(c, HEADER_SUBSYSTEM + 2);
    g_autofree char *name = pci_ids_vendor(ids, vendor);

    if (vendor) {
        out_text(o, "\tSubsystem: %s [%04x:%04x]\n", name ? name : "Vendor", vendor, device);
    }
    out_hex(o, "subsystem_vendor", vendor);
    out_hex(o, "subsystem_device", device);
}

static void print_interrupt(VfuOut *o, const ConfigSpace *c)
{
    unsigned pin = config_u8(c, HEADER_INT_PIN), line = config_u8(c, HEADER_INT_LINE);

    out_int(o, "interrupt_pin", pin);
    out_int(o, "interrupt_line", line);
    if (pin) {
        out_text(o, "\tInterrupt: pin %c, line %u\n", pin <= 4 ? 'A' + pin - 1 : '?', line);
    }
}

static void print_buses(VfuOut *o, const ConfigSpace *c)
{
    unsigned primary = config_u8(c, BRIDGE_BUSES), secondary = config_u8(c, BRIDGE_BUSES + 1);
    unsigned subordinate = config_u8(c, BRIDGE_BUSES + 2);

    out_text(o, "\tBus: primary=%02x, secondary=%02x, subordinate=%02x\n", primary, secondary,
             subordinate);
    out_int(o, "primary_bus", primary);
    out_int(o, "secondary_bus", secondary);
    out_int(o, "subordinate_bus", subordinate);
}

void config_print_header(VfuOut *o, const ConfigSpace *c, PciIds *ids)
{
    unsigned type = config_u8(c, HEADER_TYPE);
    bool bridge = (type & 0x7f) == 1;
    unsigned count = bridge ? 2 : 6;

    print_ids(o, c, ids);
    out_int(o, "header_type", type & 0x7f);
    out_bool(o, "multifunction", type & 0x80);
    if (!bridge) {
        print_subsystem(o, c, ids);
    }
    out_text(o, "\tControl:");
    config_flags(o, "command", config_u16(c, HEADER_COMMAND), command_bits);
    out_text(o, "\n\tStatus:");
    config_flags(o, "status", config_u16(c, HEADER_STATUS), status_bits);
    out_text(o, "\n\tLatency: %u, cache line %u bytes\n", config_u8(c, HEADER_LATENCY),
             config_u8(c, HEADER_CACHE_LINE) * 4);
    if (bridge) {
        print_buses(o, c);
    }
    print_interrupt(o, c);
    out_list(o, "bars");
    for (unsigned i = 0; i < count; ) {
        i += print_bar(o, c, i, count);
    }
    out_list_end(o);
    print_rom(o, c, bridge);
}

void config_print(VfuOut *o, const ConfigSpace *c, PciIds *ids)
{
    config_print_header(o, c, ids);
    config_print_caps(o, c);
    config_print_ext_caps(o, c);
}
