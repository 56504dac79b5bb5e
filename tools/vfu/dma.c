/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu dma: lends memory to the device, does something to it, and shows what
 * has become of the memory.
 */
#include "qemu/osdep.h"
#include "args.h"
#include "enable.h"
#include "steps.h"

#define CHANGED_SHOWN 64
/* So many equal bytes end a changed range: copied data equals by chance, too. */
#define SAME_RUN 16

typedef struct Dma {
    VfuTool *tool;
    VfuClient *c;
    VfuMemory *memory;
    uint8_t *before;            /* a copy of the filled memory */
    uint64_t iova, size, dump;
    uint32_t flags;
    gboolean no_fd, no_enable;
    char *iova_word, *size_word, *access, *fill, *dump_word, *save;
} Dma;

/* --- filling --- */

static bool fill_from_file(Dma *d)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *data = NULL;
    gsize len;

    if (!g_file_get_contents(d->fill + 5, &data, &len, &err)) {
        vfu_error(d->tool, "--fill=%s: %s", d->fill, err->message);
        return false;
    }
    memcpy(vfu_memory_data(d->memory), data, MIN(len, d->size));
    return true;
}

static bool fill(Dma *d)
{
    uint8_t *data = vfu_memory_data(d->memory);
    uint64_t byte;

    if (!d->fill || g_str_equal(d->fill, "zero")) {
        return true;            /* as it is made */
    }
    if (g_str_has_prefix(d->fill, "file:")) {
        return fill_from_file(d);
    }
    if (g_str_equal(d->fill, "count")) {
        for (uint64_t i = 0; i + 4 <= d->size; i += 4) {
            uint32_t v = GUINT32_TO_LE((uint32_t)i);
            memcpy(data + i, &v, 4);
        }
        return true;
    }
    if (!arg_number("fill", d->fill, &byte, NULL) || byte > 255) {
        vfu_error(d->tool, "--fill=%s: use zero, count, file:PATH or a byte (0x00 to 0xff)",
                  d->fill);
        return false;
    }
    memset(data, byte, d->size);
    return true;
}

/* --- showing --- */

/* One behind the last changed byte of the range that begins at `at`. */
static uint64_t end_of_change(Dma *d, uint64_t at)
{
    const uint8_t *now = vfu_memory_data(d->memory);
    uint64_t end = at + 1;

    for (uint64_t i = end; i < d->size && i - end < SAME_RUN; i++) {
        if (now[i] != d->before[i]) {
            end = i + 1;
        }
    }
    return end;
}

static void print_changed(Dma *d)
{
    const uint8_t *now = vfu_memory_data(d->memory);
    unsigned shown = 0;

    out_list(d->tool->out, "changed");
    for (uint64_t at = 0; at < d->size && shown < CHANGED_SHOWN; ) {
        uint64_t end;

        if (now[at] == d->before[at]) {
            at++;
            continue;
        }
        end = end_of_change(d, at);
        out_text(d->tool->out, "changed: 0x%" PRIx64 " to 0x%" PRIx64 " (%" PRIu64
                 " bytes)\n", d->iova + at, d->iova + end - 1, end - at);
        out_object(d->tool->out, NULL);
        out_hex(d->tool->out, "first", d->iova + at);
        out_hex(d->tool->out, "last", d->iova + end - 1);
        out_object_end(d->tool->out);
        at = end;
        shown++;
    }
    out_list_end(d->tool->out);
    if (!shown) {
        out_text(d->tool->out, "changed: nothing\n");
    }
}

static void print_hash(Dma *d)
{
    g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256,
                                                        vfu_memory_data(d->memory), d->size);

    out_text(d->tool->out, "sha256: %s\n", hash);
    out_string(d->tool->out, "sha256", hash);
}

static void print_dump(Dma *d)
{
    const uint8_t *data = vfu_memory_data(d->memory);
    g_autoptr(GString) hex = g_string_new("");

    for (uint64_t i = 0; i < MIN(d->dump, d->size); i++) {
        if (i % 16 == 0) {
            out_text(d->tool->out, "%s%010" PRIx64 " ", i ? "\n" : "", d->iova + i);
        }
        out_text(d->tool->out, " %02x", data[i]);
        g_string_append_printf(hex, "%02x", data[i]);
    }
    if (d->dump) {
        out_text(d->tool->out, "\n");
        out_string(d->tool->out, "bytes", hex->str);
    }
}

static void print_messages(Dma *d)
{
    const VfuClientStats *s = vfu_client_stats(d->c);

    out_int(d->tool->out, "dma_read_messages", s->dma_reads);
    out_int(d->tool->out, "dma_write_messages", s->dma_writes);
    out_int(d->tool->out, "refused_messages", s->dma_refused);
    if (s->dma_reads + s->dma_writes + s->dma_refused) {
        out_text(d->tool->out, "messages: %" PRIu64 " DMA_READ, %" PRIu64 " DMA_WRITE, %"
                 PRIu64 " refused\n", s->dma_reads, s->dma_writes, s->dma_refused);
    }
}

static int save(Dma *d)
{
    g_autoptr(GError) err = NULL;

    if (d->save && !g_file_set_contents(d->save, vfu_memory_data(d->memory), d->size, &err)) {
        return vfu_error(d->tool, "--save=%s: %s", d->save, err->message);
    }
    return 0;
}

/* --- the session --- */

static bool parse_access(Dma *d)
{
    static const struct {
        const char *word;
        uint32_t flags;
    } words[] = {
        { "rw", VFU_DMA_F_READ | VFU_DMA_F_WRITE },
        { "r", VFU_DMA_F_READ },
        { "w", VFU_DMA_F_WRITE },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!d->access || g_str_equal(d->access, words[i].word)) {
            d->flags = words[i].flags;
            return true;
        }
    }
    vfu_error(d->tool, "--access=%s: use r (the device may read), w or rw", d->access);
    return false;
}

static bool parse_numbers(Dma *d)
{
    Error *err = NULL;

    d->iova = 0x100000;
    d->size = 64 * 1024;
    if ((d->iova_word && !arg_number("--iova", d->iova_word, &d->iova, &err)) ||
        (d->size_word && !arg_number("--size", d->size_word, &d->size, &err)) ||
        (d->dump_word && !arg_number("--dump", d->dump_word, &d->dump, &err))) {
        vfu_error(d->tool, "%s", error_get_pretty(err));
        error_free(err);
        return false;
    }
    if (!d->size || d->size > 1ull << 40) {
        vfu_error(d->tool, "--size=%s: give 1 byte to 1T (pages, for most servers)",
                  d->size_word);
        return false;
    }
    return parse_access(d);
}

/* Without the bus master bit a device's DMA goes nowhere. */
static int enable(Dma *d)
{
    int ret = d->no_enable ? 0 : enable_device(d->c);

    return ret ? vfu_failed(d->tool, d->c, ret, "setting the bus master bit") : 0;
}

static int lend(Dma *d)
{
    Error *err = NULL;
    int ret;

    d->memory = vfu_memory_new(d->size, &err);
    if (!d->memory) {
        vfu_error(d->tool, "--size: %s", error_get_pretty(err));
        error_free(err);
        return 1;
    }
    if (!fill(d)) {
        return 1;
    }
    d->before = g_memdup2(vfu_memory_data(d->memory), d->size);
    ret = vfu_client_dma_map(d->c, d->memory, 0, d->iova, d->size, d->flags, !d->no_fd);
    return ret ? vfu_failed(d->tool, d->c, ret, "DMA_MAP") : 0;
}

static int session(Dma *d, const GArray *steps)
{
    int ret;

    out_begin(d->tool->out);
    out_hex(d->tool->out, "iova", d->iova);
    out_int(d->tool->out, "size", d->size);
    if (lend(d) || enable(d) || steps_run(d->tool, d->c, steps)) {
        return 1;
    }
    /* After the unmap nothing changes any more: what is shown is final. */
    ret = vfu_client_dma_unmap(d->c, d->iova, d->size, NULL);
    if (ret) {
        return vfu_failed(d->tool, d->c, ret, "DMA_UNMAP");
    }
    print_changed(d);
    print_messages(d);
    print_hash(d);
    print_dump(d);
    out_end(d->tool->out, false);
    return save(d);
}

static void clear(Dma *d)
{
    vfu_client_free(d->c);
    vfu_memory_free(d->memory);
    g_free(d->before);
    g_free(d->iova_word);
    g_free(d->size_word);
    g_free(d->access);
    g_free(d->fill);
    g_free(d->dump_word);
    g_free(d->save);
}

static int run_dma(VfuTool *tool, int argc, char **argv)
{
    Dma d = { .tool = tool };
    const GOptionEntry entries[] = {
        { "iova", 0, 0, G_OPTION_ARG_STRING, &d.iova_word, "address for the device", "N" },
        { "size", 0, 0, G_OPTION_ARG_STRING, &d.size_word, "bytes", "N" },
        { "access", 0, 0, G_OPTION_ARG_STRING, &d.access, "of the device", "r|w|rw" },
        { "no-fd", 0, 0, G_OPTION_ARG_NONE, &d.no_fd, "by messages only", NULL },
        { "no-enable", 0, 0, G_OPTION_ARG_NONE, &d.no_enable, "leave COMMAND alone", NULL },
        { "fill", 0, 0, G_OPTION_ARG_STRING, &d.fill, "first content", "PATTERN" },
        { "dump", 0, 0, G_OPTION_ARG_STRING, &d.dump_word, "show the first N bytes", "N" },
        { "save", 0, 0, G_OPTION_ARG_FILENAME, &d.save, "write the memory there", "FILE" },
        { NULL },
    };
    g_autoptr(GArray) steps = NULL;
    int status;

    if (vfu_options(tool, &argc, &argv, entries, 1, 4096, &status)) {
        status = 2;
        steps = parse_numbers(&d) ? steps_parse(tool, argv + 2, argc - 2) : NULL;
        if (steps) {
            d.c = vfu_connect(tool, argv[1]);
            status = d.c ? session(&d, steps) : 1;
        }
    }
    clear(&d);
    return status;
}

const VfuSubcommand vfu_cmd_dma = {
    "dma", "[OPTIONS] SOCK [STEP...]", "lends memory to the device and shows what it does",
    "Lends --size bytes (64K) at --iova (0x100000), with the file or, by --no-fd, for\n"
    "messages only; sets I/O, memory and bus master in COMMAND unless --no-enable; does\n"
    "the steps in order; takes the memory back and shows which bytes changed, a hash\n"
    "and, by --dump, the bytes. --fill is zero, count (each 32-bit word holds its own\n"
    "offset), file:PATH or a byte.\n\n"
    "Steps:\n"
    "  REGION:OFFSET[/WIDTH]                read a register and print it\n"
    "  REGION:OFFSET[/WIDTH]=VALUE          write it\n"
    "  REGION:OFFSET[/WIDTH][&MASK]==VALUE  read it until it has that value\n"
    "  wait:SECONDS                         answer DMA messages so long\n"
    "  reset                                DEVICE_RESET\n\n"
    "edu copies 256 bytes from 0x100000 into its buffer and back to 0x100800:\n\n"
    "  vfu dma --fill=count d0.sock bar0:0x80/8=0x100000 bar0:0x88/8=0x40000 \\\n"
    "      bar0:0x90/8=256 bar0:0x98/8=1 'bar0:0x98/8&1==0' \\\n"
    "      bar0:0x80/8=0x40000 bar0:0x88/8=0x100800 bar0:0x98/8=3 'bar0:0x98/8&1==0'\n",
    run_dma,
};
