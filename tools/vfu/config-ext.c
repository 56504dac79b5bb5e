/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended capabilities (PCI Express Base, section 7.6.3): id, version and
 * next in one register, from 0x100 on.
 */
#include "qemu/osdep.h"
#include "config-space.h"

typedef struct ExtKind {
    uint16_t id;
    const char *key, *name;
    void (*print)(VfuOut *o, const ConfigSpace *c, unsigned at);
} ExtKind;

static void print_aer(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    out_hex(o, "uncorrectable_status", config_u32(c, at + 4));
    out_hex(o, "correctable_status", config_u32(c, at + 16));
    out_text(o, "\n\t\tUESta: %08x UEMsk: %08x UESvrt: %08x\n", config_u32(c, at + 4),
             config_u32(c, at + 8), config_u32(c, at + 12));
    out_text(o, "\t\tCESta: %08x CEMsk: %08x\n", config_u32(c, at + 16),
             config_u32(c, at + 20));
}

static void print_serial(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint64_t serial = (uint64_t)config_u32(c, at + 8) << 32 | config_u32(c, at + 4);

    out_hex(o, "serial", serial);
    out_text(o, " %016" PRIx64 "\n", serial);
}

static void print_ari(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    out_int(o, "next_function", config_u8(c, at + 5));
    out_text(o, " next function %u\n", config_u8(c, at + 5));
}

static void print_ats(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint16_t control = config_u16(c, at + 6);

    out_bool(o, "enabled", control & 0x8000);
    out_text(o, " Enable%c, invalidate queue depth %u\n", control & 0x8000 ? '+' : '-',
             config_u16(c, at + 4) & 31);
}

static void print_sriov(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    out_int(o, "initial_vfs", config_u16(c, at + 12));
    out_int(o, "total_vfs", config_u16(c, at + 14));
    out_int(o, "num_vfs", config_u16(c, at + 16));
    out_text(o, " VFs: %u of %u (initially %u), device id %04x\n", config_u16(c, at + 16),
             config_u16(c, at + 14), config_u16(c, at + 12), config_u16(c, at + 26));
}

static void print_pasid(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint16_t caps = config_u16(c, at + 4), control = config_u16(c, at + 6);

    out_bool(o, "enabled", control & 1);
    out_int(o, "width", caps >> 8 & 31);
    out_text(o, " Enable%c, width %u bits, Exec%c Priv%c\n", control & 1 ? '+' : '-',
             caps >> 8 & 31, caps & 2 ? '+' : '-', caps & 4 ? '+' : '-');
}

static void print_vsec(VfuOut *o, const ConfigSpace *c, unsigned at)
{
    uint32_t head = config_u32(c, at + 4);

    out_int(o, "vsec_id", head & 0xffff);
    out_text(o, " ID=%04x Rev=%u Len=%u\n", head & 0xffff, head >> 16 & 15, head >> 20);
}

static const ExtKind kinds[] = {
    { 0x01, "aer", "Advanced Error Reporting", print_aer },
    { 0x02, "vc", "Virtual Channel", NULL },
    { 0x03, "serial", "Device Serial Number", print_serial },
    { 0x04, "power", "Power Budgeting", NULL },
    { 0x0b, "vsec", "Vendor Specific", print_vsec },
    { 0x0d, "acs", "Access Control Services", NULL },
    { 0x0e, "ari", "Alternative Routing-ID Interpretation", print_ari },
    { 0x0f, "ats", "Address Translation Service", print_ats },
    { 0x10, "sriov", "Single Root I/O Virtualization", print_sriov },
    { 0x13, "pri", "Page Request Interface", NULL },
    { 0x15, "rebar", "Resizable BAR", NULL },
    { 0x17, "tph", "TLP Processing Hints", NULL },
    { 0x18, "ltr", "Latency Tolerance Reporting", NULL },
    { 0x19, "secpci", "Secondary PCI Express", NULL },
    { 0x1b, "pasid", "Process Address Space ID", print_pasid },
    { 0x1e, "l1pm", "L1 PM Substates", NULL },
    { 0x1f, "ptm", "Precision Time Measurement", NULL },
    { 0x23, "dvsec", "Designated Vendor-Specific", NULL },
    { 0x25, "dlf", "Data Link Feature", NULL },
    { 0x2e, "doe", "Data Object Exchange", NULL },
};

static const ExtKind *find_kind(unsigned id)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].id == id) {
            return &kinds[i];
        }
    }
    return NULL;
}

static void print_ext(VfuOut *o, const ConfigSpace *c, unsigned at, uint32_t head)
{
    const ExtKind *kind = find_kind(head & 0xffff);

    out_object(o, NULL);
    out_hex(o, "offset", at);
    out_int(o, "id", head & 0xffff);
    out_int(o, "version", head >> 16 & 15);
    out_string(o, "kind", kind ? kind->key : "unknown");
    out_text(o, "\tCapabilities: [%03x v%u] ", at, head >> 16 & 15);
    if (kind) {
        out_text(o, "%s", kind->name);
    } else {
        out_text(o, "unknown extended id %04x", head & 0xffff);
    }
    if (kind && kind->print) {
        kind->print(o, c, at);
    } else {
        out_text(o, "\n");
    }
    out_object_end(o);
}

void config_print_ext_caps(VfuOut *o, const ConfigSpace *c)
{
    bool seen[4096 / 4] = { false };
    unsigned at = 0x100;

    out_list(o, "extended_capabilities");
    while (at >= 0x100 && at + 4 <= MIN(c->size, 4096)) {
        uint32_t head = config_u32(c, at);

        /* An empty list is a register of zeros, or ones without the space. */
        if (head == 0 || head == UINT32_MAX) {
            break;
        }
        if (seen[at / 4]) {
            out_text(o, "\tCapabilities: broken chain: loop at %03x\n", at);
            break;
        }
        seen[at / 4] = true;
        print_ext(o, c, at, head);
        at = head >> 20 & ~3u;
    }
    out_list_end(o);
}
