/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capability list (PCI 3.0, section 6.7): one row of the table and one
 * function for each kind that is decoded; the others are named.
 */
#include "qemu/osdep.h"
#include "config-space.h"

#define STATUS 0x06
#define STATUS_CAPS 0x10
#define CAP_POINTER 0x34

typedef struct CapKind {
    uint8_t id;
    const char *key, *name;
    void (*print)(VfuOut *o, const ConfigSpace *c, unsigned at);
} CapKind;

/* PCI Power Management 1.2, section 3.2 */
static void print_pm(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint16_t pmc = config_u16(c, at + 2), csr = config_u16(c, at + 4);

    out_int(o, "version", pmc & 7);
    out_int(o, "state", csr & 3);
    out_bool(o, "no_soft_reset", csr & 8);
    out_text(o, " version %u\n\t\tFlags: DSI%c D1%c D2%c PME(%02x)\n", pmc & 7,
             pmc & 0x20 ? '+' : '-', pmc & 0x200 ? '+' : '-', pmc & 0x400 ? '+' : '-',
             pmc >> 11);
    out_text(o, "\t\tStatus: D%u NoSoftRst%c PME-Enable%c PME%c\n", csr & 3,
             csr & 8 ? '+' : '-', csr & 0x100 ? '+' : '-', csr & 0x8000 ? '+' : '-');
}

/* PCI 3.0, section 6.8.1 */
static void print_msi(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint16_t control = config_u16(c, at + 2);
    bool wide = control & 0x80, maskable = control & 0x100;
    uint64_t address = config_u32(c, at + 4);
    unsigned data = at + (wide ? 12 : 8);
    unsigned offered = 1u << (control >> 1 & 7), given = 1u << (control >> 4 & 7);

    if (wide) {
        address |= (uint64_t)config_u32(c, at + 8) << 32;
    }
    out_bool(o, "enabled", control & 1);
    out_int(o, "vectors", offered);
    out_int(o, "vectors_enabled", given);
    out_bool(o, "per_vector_mask", maskable);
    out_hex(o, "address", address);
    out_int(o, "data", config_u16(c, data));
    out_text(o, " Enable%c Count=%u/%u Maskable%c 64bit%c\n", control & 1 ? '+' : '-', given,
             offered, maskable ? '+' : '-', wide ? '+' : '-');
    out_text(o, "\t\tAddress: %0*" PRIx64 "  Data: %04x\n", wide ? 16 : 8, address,
             config_u16(c, data));
    if (maskable) {
        out_hex(o, "mask", config_u32(c, data + 4));
        out_hex(o, "pending", config_u32(c, data + 8));
        out_text(o, "\t\tMasking: %08x  Pending: %08x\n", config_u32(c, data + 4),
                 config_u32(c, data + 8));
    }
}

/* PCI 3.0, section 6.8.2 */
static void print_msix(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint16_t control = config_u16(c, at + 2);
    uint32_t table = config_u32(c, at + 4), pba = config_u32(c, at + 8);

    out_bool(o, "enabled", control & 0x8000);
    out_bool(o, "masked", control & 0x4000);
    out_int(o, "vectors", (control & 0x7ff) + 1);
    out_int(o, "table_bar", table & 7);
    out_hex(o, "table_offset", table & ~7u);
    out_int(o, "pba_bar", pba & 7);
    out_hex(o, "pba_offset", pba & ~7u);
    out_text(o, " Enable%c Count=%u Masked%c\n", control & 0x8000 ? '+' : '-',
             (control & 0x7ff) + 1, control & 0x4000 ? '+' : '-');
    out_text(o, "\t\tVector table: BAR=%u offset=%08x\n\t\tPBA: BAR=%u offset=%08x\n",
             table & 7, table & ~7u, pba & 7, pba & ~7u);
}

static const char *express_type(unsigned type)
{
    static const char *const names[16] = {
        [0] = "Endpoint", [1] = "Legacy Endpoint", [4] = "Root Port",
        [5] = "Upstream Port", [6] = "Downstream Port", [7] = "PCIe to PCI Bridge",
        [8] = "PCI to PCIe Bridge", [9] = "Root Complex Integrated Endpoint",
        [10] = "Root Complex Event Collector",
    };

    return names[type & 15] ? names[type & 15] : "reserved type";
}

/* PCI Express Base, section 7.5.3 */
static void print_express(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    static const char *const speeds[8] = {
        "?", "2.5GT/s", "5GT/s", "8GT/s", "16GT/s", "32GT/s", "64GT/s", "?",
    };
    uint16_t flags = config_u16(c, at + 2), control = config_u16(c, at + 8);
    uint32_t devcap = config_u32(c, at + 4), linkcap = config_u32(c, at + 12);
    uint16_t linkstatus = config_u16(c, at + 18);
    unsigned payload = 128u << (devcap & 7);

    out_int(o, "version", flags & 15);
    out_string(o, "port_type", express_type(flags >> 4));
    out_int(o, "max_payload", payload);
    out_bool(o, "flr", devcap & 1u << 28);
    out_int(o, "link_width", linkcap >> 4 & 0x3f);
    out_text(o, " (v%u) %s, MSI %u\n", flags & 15, express_type(flags >> 4), flags >> 9 & 31);
    out_text(o, "\t\tDevCap: MaxPayload %u bytes, ExtTag%c RBE%c FLReset%c\n", payload,
             devcap & 0x20 ? '+' : '-', devcap & 0x8000 ? '+' : '-',
             devcap & 1u << 28 ? '+' : '-');
    out_text(o, "\t\tDevCtl: MaxPayload %u bytes, MaxReadReq %u bytes\n",
             128u << (control >> 5 & 7), 128u << (control >> 12 & 7));
    if ((flags >> 4 & 15) != 9 && (flags >> 4 & 15) != 10) {
        out_text(o, "\t\tLnkCap: Speed %s, Width x%u\n", speeds[linkcap & 7],
                 linkcap >> 4 & 0x3f);
        out_text(o, "\t\tLnkSta: Speed %s, Width x%u\n", speeds[linkstatus & 7],
                 linkstatus >> 4 & 0x3f);
    }
}

/* The bytes of a vendor specific capability belong to the vendor; virtio's
 * kind is told by its fourth byte (virtio 1.2, section 4.1.4). */
static void print_vendor(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    unsigned len = config_u8(c, at + 2);

    out_int(o, "length", len);
    out_text(o, " Len=%02x", len);
    for (unsigned i = 3; i < MIN(len, 16); i++) {
        out_text(o, " %02x", config_u8(c, at + i));
    }
    out_text(o, "%s\n", len > 16 ? " ..." : "");
}

/* PCI Bridge 1.2 / PCI Express: subsystem of a bridge */
static void print_ssvid(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    out_hex(o, "subsystem_vendor", config_u16(c, at + 4));
    out_hex(o, "subsystem_device", config_u16(c, at + 6));
    out_text(o, " [%04x:%04x]\n", config_u16(c, at + 4), config_u16(c, at + 6));
}

/* Conventional PCI Advanced Features ECN */
static void print_af(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint8_t caps = config_u8(c, at + 3);

    out_bool(o, "flr", caps & 2);
    out_text(o, " TP%c FLR%c\n", caps & 1 ? '+' : '-', caps & 2 ? '+' : '-');
}

static const CapKind kinds[] = {
    { 0x01, "pm", "Power Management", print_pm },
    { 0x02, "agp", "AGP", NULL },
    { 0x03, "vpd", "Vital Product Data", NULL },
    { 0x04, "slotid", "Slot Identification", NULL },
    { 0x05, "msi", "MSI:", print_msi },
    { 0x06, "hotswap", "CompactPCI Hot Swap", NULL },
    { 0x07, "pcix", "PCI-X", NULL },
    { 0x08, "ht", "HyperTransport", NULL },
    { 0x09, "vendor", "Vendor Specific:", print_vendor },
    { 0x0a, "debug", "Debug Port", NULL },
    { 0x0c, "shpc", "Hot Plug", NULL },
    { 0x0d, "ssvid", "Subsystem:", print_ssvid },
    { 0x10, "express", "Express", print_express },
    { 0x11, "msix", "MSI-X:", print_msix },
    { 0x12, "sata", "SATA HBA", NULL },
    { 0x13, "af", "Advanced Features:", print_af },
    { 0x14, "ea", "Enhanced Allocation", NULL },
};

static const CapKind *find_kind(unsigned id)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].id == id) {
            return &kinds[i];
        }
    }
    return NULL;
}

static void print_cap(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    unsigned id = config_u8(c, at);
    const CapKind *kind = find_kind(id);

    out_object(o, NULL);
    out_hex(o, "offset", at);
    out_int(o, "id", id);
    out_string(o, "kind", kind ? kind->key : "unknown");
    out_text(o, "\tCapabilities: [%02x] ", at);
    if (kind) {
        out_text(o, "%s", kind->name);
    } else {
        out_text(o, "unknown id %02x", id);
    }
    if (kind && kind->print) {
        kind->print(o, c, at);
    } else {
        out_text(o, "\n");
    }
    out_object_end(o);
}

void config_print_caps(VfuOut *o, const ConfigSpace *c)
{
    bool seen[256] = { false };
    unsigned at = config_u8(c, CAP_POINTER) & ~3u;

    out_list(o, "capabilities");
    if (!(config_u16(c, STATUS) & STATUS_CAPS)) {
        at = 0;
    }
    while (at) {
        if (at < 0x40 || at + 1 >= c->size) {
            out_text(o, "\tCapabilities: broken chain: pointer to %02x\n", at);
            break;
        }
        if (seen[at]) {
            out_text(o, "\tCapabilities: broken chain: loop at %02x\n", at);
            break;
        }
        seen[at] = true;
        print_cap(o, c, at);
        at = config_u8(c, at + 1) & ~3u;
    }
    out_list_end(o);
}
