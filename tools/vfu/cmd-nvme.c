/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu nvme: load for one NVMe device, and how fast it was.
 */
#include "qemu/osdep.h"
#include "args.h"
#include "qemu/cutils.h"
#include "nvme-load.h"
#include "vfu.h"

typedef struct NvmeWords {
    char *rw, *bytes;
    int depth, nsid;
    double seconds;
    gboolean sleep, mapped;
} NvmeWords;

static bool parse_pattern(VfuTool *tool, const char *word, NvmePattern *pattern)
{
    for (unsigned i = 0; i < NVME_NR_PATTERNS; i++) {
        if (!word || g_str_equal(word, nvme_pattern_names[i])) {
            *pattern = i;
            return true;
        }
    }
    vfu_error(tool, "--rw=%s: use randread, randwrite, read or write", word);
    return false;
}

static bool parse_bytes(VfuTool *tool, const char *word, uint32_t *bytes)
{
    uint64_t value = 4096;

    if (word && (qemu_strtosz(word, NULL, &value) < 0 || value < 512 || value > 1024 * 1024
                 || value % 512)) {
        vfu_error(tool, "--bytes=%s: use 512 to 1M, a multiple of 512", word);
        return false;
    }
    *bytes = value;
    return true;
}

static bool make_load(VfuTool *tool, const NvmeWords *w, NvmeLoad *load)
{
    if (w->depth < 1 || w->depth > 1024) {
        vfu_error(tool, "--depth=%d: use 1 to 1024", w->depth);
        return false;
    }
    if (!(w->seconds > 0 && w->seconds <= 86400)) {
        vfu_error(tool, "--seconds=%g: use more than 0 and at most 86400", w->seconds);
        return false;
    }
    load->depth = w->depth;
    load->seconds = w->seconds;
    load->sleep = w->sleep;
    return parse_pattern(tool, w->rw, &load->pattern) && parse_bytes(tool, w->bytes, &load->bytes);
}

static void print_figures(VfuTool *tool, VfuNvme *n, const NvmeLoad *load, const NvmeFigures *f)
{
    double rate = f->commands / f->seconds;
    static const double shares[] = { 0.5, 0.99, 0.999 };
    static const char *const names[] = { "p50_us", "p99_us", "p999_us" };

    out_begin(tool->out);
    out_text(tool->out, "%s, %" PRIu64 " blocks of %u bytes\n", vfu_nvme_model(n),
             vfu_nvme_blocks(n), vfu_nvme_block_size(n));
    out_text(tool->out, "%s of %u bytes at depth %u: %.0f IOPS, %.1f MB/s; latency",
             nvme_pattern_names[load->pattern], load->bytes, load->depth, rate,
             rate * load->bytes / 1e6);
    out_double(tool->out, "iops", rate);
    out_double(tool->out, "bytes_per_second", rate * load->bytes);
    for (unsigned i = 0; i < G_N_ELEMENTS(shares); i++) {
        double us = nvme_figures_percentile(f, shares[i]);

        out_double(tool->out, names[i], us);
        out_text(tool->out, "%s p%g %.2f us", i ? "," : "", shares[i] * 100, us);
    }
    out_double(tool->out, "errors", f->errors);
    out_text(tool->out, "; %" PRIu64 " errors\n", f->errors);
    out_end(tool->out, false);
}

static int measure(VfuTool *tool, const char *path, const NvmeWords *w)
{
    g_autoptr(VfuClient) c = NULL;
    g_autoptr(VfuNvme) n = NULL;
    Error *err = NULL;
    NvmeLoad load;
    NvmeFigures figures;

    if (!make_load(tool, w, &load)) {
        return 2;
    }
    c = vfu_connect(tool, path);
    if (!c) {
        return 1;
    }
    n = vfu_nvme_open(c, &(VfuNvmeOptions) {
        .depth = load.depth, .bytes = load.bytes, .nsid = w->nsid, .mapped = w->mapped,
        .interrupts = w->sleep,
    }, &err);
    if (!n || !nvme_load_run(n, &load, &figures, &err)) {
        vfu_error(tool, "%s", error_get_pretty(err));
        error_free(err);
        return 1;
    }
    print_figures(tool, n, &load, &figures);
    return figures.errors != 0;
}

static int run_nvme(VfuTool *tool, int argc, char **argv)
{
    NvmeWords w = { .depth = 1, .nsid = 1, .seconds = 5 };
    const GOptionEntry entries[] = {
        { "rw", 0, 0, G_OPTION_ARG_STRING, &w.rw, "what to do", "PATTERN" },
        { "bytes", 0, 0, G_OPTION_ARG_STRING, &w.bytes, "for each command (4k)", "SIZE" },
        { "depth", 0, 0, G_OPTION_ARG_INT, &w.depth, "commands at a time (1)", "N" },
        { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &w.seconds, "how long (5)", "SECONDS" },
        { "nsid", 0, 0, G_OPTION_ARG_INT, &w.nsid, "namespace (1)", "N" },
        { "sleep", 0, 0, G_OPTION_ARG_NONE, &w.sleep, "wait for interrupts", NULL },
        { "mapped", 0, 0, G_OPTION_ARG_NONE, &w.mapped, "doorbells by shared memory", NULL },
        { NULL },
    };
    int status;

    if (vfu_options(tool, &argc, &argv, entries, 1, 1, &status)) {
        status = measure(tool, argv[1], &w);
    }
    g_free(w.rw);
    g_free(w.bytes);
    return status;
}

const VfuSubcommand vfu_cmd_nvme = {
    "nvme", "[--rw=PATTERN] [--bytes=SIZE] [--depth=N] [--seconds=S] [--sleep] [--mapped] SOCK",
    "drives an NVMe device and says how fast it was",
    "A driver of its own, one queue pair. PATTERN is randread (default), randwrite,\n"
    "read or write; the last two go through the disk in order. WRITES DESTROY what is\n"
    "on the disk. Without --sleep the completion queue is looked at all the time. With\n"
    "--mapped doorbells go through shared memory, which the server has to offer\n"
    "(mmap-doorbells=on), else by messages. Also for other vfio-user servers.\n",
    run_nvme,
};
