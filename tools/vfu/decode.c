/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of each command and reply as rows: a row names a field, where it
 * lies and how it is shown. A payload that is too short for a field ends the
 * line there.
 */
#include "qemu/osdep.h"
#include "args.h"
#include "decode.h"

#define DATA_SHOWN 16

typedef enum Show {
    SHOW_DEC, SHOW_HEX, SHOW_FLAGS, SHOW_REGION, SHOW_IRQ, SHOW_DATA, SHOW_TEXT,
} Show;

typedef struct FlagName {
    uint32_t mask;
    const char *name;
} FlagName;

typedef struct Field {
    const char *name;
    uint8_t offset, size;       /* size 0: all that follows */
    Show show;
    const FlagName *flags;
} Field;

typedef struct Layout {
    uint8_t command;
    const Field *request, *reply;       /* end with name == NULL; NULL: no payload */
} Layout;

static const FlagName dma_flags[] = {
    { VFU_DMA_F_READ, "READ" }, { VFU_DMA_F_WRITE, "WRITE" }, { VFU_DMA_F_MMAP, "MMAP" },
    { VFU_DMA_F_FILE_IO, "FILE_IO" }, { 0, NULL },
};
static const FlagName unmap_flags[] = {
    { VFU_UNMAP_F_DIRTY, "DIRTY" }, { VFU_UNMAP_F_ALL, "ALL" }, { 0, NULL },
};
static const FlagName device_flags[] = {
    { VFU_DEVICE_F_RESET, "RESET" }, { VFU_DEVICE_F_PCI, "PCI" }, { 0, NULL },
};
static const FlagName region_flags[] = {
    { VFU_REGION_F_READ, "READ" }, { VFU_REGION_F_WRITE, "WRITE" },
    { VFU_REGION_F_MMAP, "MMAP" }, { VFU_REGION_F_CAPS, "CAPS" }, { 0, NULL },
};
static const FlagName irq_flags[] = {
    { VFU_IRQ_F_EVENTFD, "EVENTFD" }, { VFU_IRQ_F_MASKABLE, "MASKABLE" },
    { VFU_IRQ_F_AUTOMASKED, "AUTOMASKED" }, { VFU_IRQ_F_NORESIZE, "NORESIZE" }, { 0, NULL },
};
static const FlagName set_flags[] = {
    { VFU_SET_DATA_NONE, "NONE" }, { VFU_SET_DATA_BOOL, "BOOL" },
    { VFU_SET_DATA_EVENTFD, "EVENTFD" }, { VFU_SET_ACTION_MASK, "MASK" },
    { VFU_SET_ACTION_UNMASK, "UNMASK" }, { VFU_SET_ACTION_TRIGGER, "TRIGGER" }, { 0, NULL },
};
static const FlagName feature_flags[] = {
    { VFU_FEATURE_GET, "GET" }, { VFU_FEATURE_SET, "SET" }, { VFU_FEATURE_PROBE, "PROBE" },
    { 0, NULL },
};

static const Field version_fields[] = {
    { "major", 0, 2 }, { "minor", 2, 2 }, { "text", 4, 0, SHOW_TEXT }, { NULL },
};
static const Field map_fields[] = {
    { "address", 16, 8, SHOW_HEX }, { "size", 24, 8, SHOW_HEX },
    { "flags", 4, 4, SHOW_FLAGS, dma_flags }, { "offset", 8, 8, SHOW_HEX }, { NULL },
};
static const Field unmap_fields[] = {
    { "address", 8, 8, SHOW_HEX }, { "size", 16, 8, SHOW_HEX },
    { "flags", 4, 4, SHOW_FLAGS, unmap_flags }, { NULL },
};
static const Field argsz_fields[] = { { "argsz", 0, 4 }, { NULL } };
static const Field info_fields[] = {
    { "flags", 4, 4, SHOW_FLAGS, device_flags }, { "regions", 8, 4 }, { "irqs", 12, 4 },
    { NULL },
};
static const Field region_ask_fields[] = {
    { "region", 8, 4, SHOW_REGION }, { "argsz", 0, 4 }, { NULL },
};
static const Field region_fields[] = {
    { "region", 8, 4, SHOW_REGION }, { "size", 16, 8, SHOW_HEX },
    { "flags", 4, 4, SHOW_FLAGS, region_flags }, { "argsz", 0, 4 },
    { "offset", 24, 8, SHOW_HEX }, { "caps", 32, 0, SHOW_DATA }, { NULL },
};
static const Field io_fds_fields[] = {
    { "region", 8, 4, SHOW_REGION }, { "argsz", 0, 4 }, { "count", 12, 4 }, { NULL },
};
static const Field irq_ask_fields[] = { { "irq", 8, 4, SHOW_IRQ }, { NULL } };
static const Field irq_fields[] = {
    { "irq", 8, 4, SHOW_IRQ }, { "count", 12, 4 }, { "flags", 4, 4, SHOW_FLAGS, irq_flags },
    { NULL },
};
static const Field set_fields[] = {
    { "irq", 8, 4, SHOW_IRQ }, { "flags", 4, 4, SHOW_FLAGS, set_flags }, { "start", 12, 4 },
    { "count", 16, 4 }, { "data", 20, 0, SHOW_DATA }, { NULL },
};
static const Field access_fields[] = {
    { "region", 8, 4, SHOW_REGION }, { "offset", 0, 8, SHOW_HEX }, { "count", 12, 4 },
    { "data", 16, 0, SHOW_DATA }, { NULL },
};
static const Field dma_fields[] = {
    { "address", 0, 8, SHOW_HEX }, { "count", 8, 8 }, { "data", 16, 0, SHOW_DATA }, { NULL },
};
static const Field dirty_fields[] = {
    { "argsz", 0, 4 }, { "flags", 4, 4, SHOW_HEX }, { NULL },
};
static const Field multi_fields[] = {
    { "writes", 0, 8 }, { "data", 8, 0, SHOW_DATA }, { NULL },
};
static const Field feature_fields[] = {
    { "feature", 4, 2 }, { "flags", 4, 4, SHOW_FLAGS, feature_flags }, { "argsz", 0, 4 },
    { "data", 8, 0, SHOW_DATA }, { NULL },
};
static const Field migration_fields[] = {
    { "size", 4, 4 }, { "data", 8, 0, SHOW_DATA }, { NULL },
};

static const Layout layouts[] = {
    { VFU_VERSION, version_fields, version_fields },
    { VFU_DMA_MAP, map_fields, NULL },
    { VFU_DMA_UNMAP, unmap_fields, unmap_fields },
    { VFU_DEVICE_GET_INFO, argsz_fields, info_fields },
    { VFU_DEVICE_GET_REGION_INFO, region_ask_fields, region_fields },
    { VFU_DEVICE_GET_REGION_IO_FDS, io_fds_fields, io_fds_fields },
    { VFU_DEVICE_GET_IRQ_INFO, irq_ask_fields, irq_fields },
    { VFU_DEVICE_SET_IRQS, set_fields, NULL },
    { VFU_REGION_READ, access_fields, access_fields },
    { VFU_REGION_WRITE, access_fields, access_fields },
    { VFU_DMA_READ, dma_fields, dma_fields },
    { VFU_DMA_WRITE, dma_fields, dma_fields },
    { VFU_DEVICE_RESET, NULL, NULL },
    { VFU_DIRTY_PAGES, dirty_fields, dirty_fields },
    { VFU_REGION_WRITE_MULTI, multi_fields, multi_fields },
    { VFU_DEVICE_FEATURE, feature_fields, feature_fields },
    { VFU_MIG_DATA_READ, migration_fields, migration_fields },
    { VFU_MIG_DATA_WRITE, migration_fields, migration_fields },
};

static uint64_t load(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    /* The wire has host byte order. */
    switch (size) {
    case 2: {
        uint16_t x;
        memcpy(&x, p, 2);
        return x;
    }
    case 4: {
        uint32_t x;
        memcpy(&x, p, 4);
        return x;
    }
    }
    memcpy(&v, p, 8);
    return v;
}

static void show_flags(GString *s, uint32_t value, const FlagName *names)
{
    bool first = true;

    for (; names->name; names++) {
        if (value & names->mask) {
            g_string_append_printf(s, "%s%s", first ? "" : "|", names->name);
            first = false;
        }
    }
    if (first) {
        g_string_append_c(s, '0');
    }
}

static void show_data(GString *s, const uint8_t *data, size_t size)
{
    /* One register's worth is shown as the number that it is. */
    if (size == 1 || size == 2 || size == 4 || size == 8) {
        g_string_append_printf(s, "0x%0*" PRIx64, (int)(2 * size),
                               size == 1 ? data[0] : load(data, size));
        return;
    }
    for (size_t i = 0; i < MIN(size, DATA_SHOWN); i++) {
        g_string_append_printf(s, "%02x", data[i]);
    }
    if (size > DATA_SHOWN) {
        g_string_append_printf(s, "...(%zu bytes)", size);
    }
}

static void show_text(GString *s, const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size && text[i]; i++) {
        g_string_append_c(s, g_ascii_isprint(text[i]) ? text[i] : '?');
    }
}

static void show_name(GString *s, const char *name, uint64_t index)
{
    if (name) {
        g_string_append(s, name);
    } else {
        g_string_append_printf(s, "%" PRIu64, index);
    }
}

static void show(GString *s, const Field *f, const uint8_t *at, size_t size)
{
    uint64_t v = f->size ? load(at, f->size) : 0;

    switch (f->show) {
    case SHOW_DEC:
        g_string_append_printf(s, "%" PRIu64, v);
        break;
    case SHOW_HEX:
        g_string_append_printf(s, "0x%" PRIx64, v);
        break;
    case SHOW_FLAGS:
        show_flags(s, v, f->flags);
        break;
    case SHOW_REGION:
        show_name(s, region_name(v), v);
        break;
    case SHOW_IRQ:
        show_name(s, irq_name(v), v);
        break;
    case SHOW_DATA:
        show_data(s, at, size);
        break;
    case SHOW_TEXT:
        show_text(s, at, size);
        break;
    }
}

static const Field *find_fields(const VfuHeader *h)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(layouts); i++) {
        if (layouts[i].command == h->command) {
            return (h->flags & VFU_TYPE_MASK) == VFU_TYPE_REPLY ? layouts[i].reply
                                                                : layouts[i].request;
        }
    }
    return NULL;
}

char *decode_payload(VfuOut *o, const VfuHeader *h, const uint8_t *payload, size_t size)
{
    const Field *f = h->flags & VFU_ERROR ? NULL : find_fields(h);
    GString *line = g_string_new("");

    for (; f && f->name && size; f++) {
        g_autoptr(GString) one = g_string_new("");

        if (f->offset + MAX(f->size, 1) > size) {
            if (f->size) {
                g_string_append(line, line->len ? " (short)" : "(short)");
                break;
            }
            continue;           /* no data behind the struct */
        }
        show(one, f, payload + f->offset, size - f->offset);
        g_string_append_printf(line, "%s%s=%s", line->len ? " " : "", f->name, one->str);
        if (o) {
            out_string(o, f->name, one->str);
        }
    }
    return g_string_free(line, false);
}
