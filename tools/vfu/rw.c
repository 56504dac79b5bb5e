/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu read, vfu write: single accesses and dumps of a region.
 */
#include "qemu/osdep.h"
#include "args.h"
#include "vfu.h"

/* One REGION_READ never asks for more than this, whatever the server takes. */
#define CHUNK_MAX (64 * 1024)

typedef struct Access {
    char *width_word;
    gboolean posted, binary;
    unsigned width;             /* 0: not given */
    uint32_t region;
    uint64_t offset;
} Access;

static bool parse(VfuTool *tool, Access *a, char **argv)
{
    Error *err = NULL;

    if ((a->width_word && !arg_width(a->width_word, &a->width, &err)) ||
        !arg_region(argv[2], &a->region, &err) ||
        !arg_number("offset", argv[3], &a->offset, &err)) {
        vfu_error(tool, "%s", error_get_pretty(err));
        error_free(err);
        return false;
    }
    return true;
}

static bool parse_number(VfuTool *tool, const char *what, const char *word, uint64_t *value)
{
    Error *err = NULL;

    if (!arg_number(what, word, value, &err)) {
        vfu_error(tool, "%s", error_get_pretty(err));
        error_free(err);
        return false;
    }
    return true;
}

/* --- read --- */

static int read_value(VfuTool *tool, VfuClient *c, const Access *a)
{
    uint64_t value = 0;
    int ret = vfu_client_read(c, a->region, a->offset, &value, a->width);

    if (ret) {
        return vfu_failed(tool, c, ret, "REGION_READ");
    }
    value = GUINT64_FROM_LE(value);
    out_begin(tool->out);
    out_hex(tool->out, "value", value);
    out_int(tool->out, "width", a->width);
    out_text(tool->out, "0x%0*" PRIx64 "\n", (int)(2 * a->width), value);
    out_end(tool->out, true);
    return 0;
}

static void dump_line(VfuOut *o, uint64_t offset, const uint8_t *data, size_t n)
{
    out_text(o, "%08" PRIx64 " ", offset);
    for (size_t i = 0; i < 16; i++) {
        if (i < n) {
            out_text(o, "%s%02x", i == 8 ? "  " : " ", data[i]);
        } else {
            out_text(o, "%s  ", i == 8 ? "  " : " ");
        }
    }
    out_text(o, "  |");
    for (size_t i = 0; i < n; i++) {
        out_text(o, "%c", g_ascii_isprint(data[i]) ? data[i] : '.');
    }
    out_text(o, "|\n");
}

static void dump(VfuTool *tool, const Access *a, const GByteArray *bytes)
{
    g_autoptr(GString) hex = g_string_new("");

    if (a->binary) {
        fwrite(bytes->data, 1, bytes->len, stdout);
        return;
    }
    out_begin(tool->out);
    for (size_t i = 0; i < bytes->len; i += 16) {
        dump_line(tool->out, a->offset + i, bytes->data + i, MIN(bytes->len - i, 16));
    }
    for (size_t i = 0; out_is_json(tool->out) && i < bytes->len; i++) {
        g_string_append_printf(hex, "%02x", bytes->data[i]);
    }
    out_hex(tool->out, "offset", a->offset);
    out_string(tool->out, "bytes", hex->str);
    out_end(tool->out, true);
}

static int read_many(VfuTool *tool, VfuClient *c, const Access *a, uint64_t count)
{
    uint64_t limit = MIN(vfu_client_server(c)->max_data_xfer_size, CHUNK_MAX);
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    /* With a width each access is one of that width. */
    limit = a->width ? a->width : MAX(limit, 1);
    for (uint64_t done = 0; done < count; ) {
        uint32_t n = MIN(limit, count - done);
        int ret;

        g_byte_array_set_size(bytes, done + n);
        ret = vfu_client_read(c, a->region, a->offset + done, bytes->data + done, n);
        if (ret) {
            return vfu_failed(tool, c, ret, "REGION_READ");
        }
        done += n;
    }
    dump(tool, a, bytes);
    return 0;
}

static int run_read(VfuTool *tool, int argc, char **argv)
{
    Access a = { 0 };
    const GOptionEntry entries[] = {
        { "width", 'w', 0, G_OPTION_ARG_STRING, &a.width_word, "bytes of one access",
          "1|2|4|8" },
        { "binary", 'b', 0, G_OPTION_ARG_NONE, &a.binary, "the bytes as they are", NULL },
        { NULL },
    };
    g_autoptr(VfuClient) c = NULL;
    g_autofree char *word = NULL;
    uint64_t count = 0;
    int status;

    if (!vfu_options(tool, &argc, &argv, entries, 3, 4, &status)) {
        return status;
    }
    word = a.width_word;
    if (!parse(tool, &a, argv) ||
        (argc > 4 && !parse_number(tool, "count", argv[4], &count))) {
        return 2;
    }
    if (count > G_MAXUINT32 / 2) {
        vfu_error(tool, "count %s: at most 2G - 1 bytes", argv[4]);
        return 2;
    }
    c = vfu_connect(tool, argv[1]);
    if (!c) {
        return 1;
    }
    if (argc > 4) {
        return read_many(tool, c, &a, count);
    }
    a.width = a.width ? a.width : 4;
    return read_value(tool, c, &a);
}

const VfuSubcommand vfu_cmd_read = {
    "read", "[--width=N] [--binary] SOCK REGION OFFSET [COUNT]",
    "reads a register, or COUNT bytes of a region",
    "REGION is bar0 to bar5, rom, config or an index. Without COUNT one value of\n"
    "--width bytes (default 4) is read and printed as a little-endian number.\n"
    "With COUNT that many bytes are dumped: in messages as large as the server\n"
    "takes, or in accesses of --width bytes.\n\n"
    "  vfu read d0.sock config 0 64\n"
    "  vfu read --width=4 d0.sock bar0 0\n"
    "  vfu read --binary d0.sock rom 0 64K > rom.bin\n",
    run_read,
};

/* --- write --- */

static int write_one(VfuTool *tool, VfuClient *c, Access *a, uint64_t value)
{
    uint64_t le = GUINT64_TO_LE(value);
    int ret;

    if (a->width < 8 && value >> (8 * a->width)) {
        return vfu_error(tool, "value 0x%" PRIx64 " does not fit in %u bytes; give "
                         "--width=8 or a smaller value", value, a->width);
    }
    ret = a->posted ? vfu_client_post(c, a->region, a->offset, &le, a->width)
                    : vfu_client_write(c, a->region, a->offset, &le, a->width);
    a->offset += a->width;
    return ret ? vfu_failed(tool, c, ret, "REGION_WRITE") : 0;
}

/* A posted write can fail unseen; at least its arrival can be waited for. */
static int settle(VfuTool *tool, VfuClient *c, const Access *a)
{
    VfuDeviceInfo info;
    int ret = a->posted ? vfu_client_get_info(c, &info) : 0;

    return ret ? vfu_failed(tool, c, ret, "DEVICE_GET_INFO") : 0;
}

static int run_write(VfuTool *tool, int argc, char **argv)
{
    Access a = { 0 };
    const GOptionEntry entries[] = {
        { "width", 'w', 0, G_OPTION_ARG_STRING, &a.width_word, "bytes of one access",
          "1|2|4|8" },
        { "posted", 'p', 0, G_OPTION_ARG_NONE, &a.posted, "without a reply", NULL },
        { NULL },
    };
    g_autoptr(VfuClient) c = NULL;
    g_autofree char *word = NULL;
    g_autofree uint64_t *values = NULL;
    int status;

    if (!vfu_options(tool, &argc, &argv, entries, 4, 4096, &status)) {
        return status;
    }
    word = a.width_word;
    values = g_new0(uint64_t, argc);
    if (!parse(tool, &a, argv)) {
        return 2;
    }
    for (int i = 4; i < argc; i++) {
        if (!parse_number(tool, "value", argv[i], &values[i])) {
            return 2;
        }
    }
    a.width = a.width ? a.width : 4;
    c = vfu_connect(tool, argv[1]);
    for (int i = 4; c && i < argc; i++) {
        if (write_one(tool, c, &a, values[i])) {
            return 1;
        }
    }
    return c ? settle(tool, c, &a) : 1;
}

const VfuSubcommand vfu_cmd_write = {
    "write", "[--width=N] [--posted] SOCK REGION OFFSET VALUE...",
    "writes registers",
    "Writes each VALUE with --width bytes (default 4), the first at OFFSET and the\n"
    "others behind it. --posted sends without asking for replies, as QEMU does.\n\n"
    "  vfu write d0.sock bar0 4 0x12345678\n"
    "  vfu write --width=2 d0.sock config 4 0x0006\n",
    run_write,
};
