/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First a copy of each server's figures, then the page, family by family as
 * the format wants it. The rows below are the families that have one number
 * for each server.
 */
#include "qemu/osdep.h"
#include "metrics/process.h"
#include "metrics/text.h"
#include "metrics-collect.h"
#include "vfio-user-server.h"

#define PREFIX "xremote_server_"

typedef struct ServerFigures {
    char *labels;
    VfuServerStats stats;
    IOVASpaceStats dma;
    uint64_t attached, maps, interrupts, received_bytes, sent_bytes;
    bool timed;
    VfuLatency latency;
} ServerFigures;

static void figures_free(ServerFigures *f)
{
    g_free(f->labels);
    g_free(f);
}

static bool wanted;

/* --- copying --- */

static void copy_figures(ServerFigures *f, const VfioUserServerView *view)
{
    const VfuLatency *latency;
    VfuServerInfo info;
    AIO_CONTEXT_GUARD(view->ctx);

    vfu_server_query(view->server, &info);
    f->stats = info.stats;
    f->received_bytes = info.bytes_in;
    f->sent_bytes = info.bytes_out;
    f->attached = info.nr_sessions && info.sessions[0].phase == VFU_PHASE_ATTACHED;
    f->dma = *iova_space_stats(view->fn->space);
    f->maps = iova_space_nr_maps(view->fn->space);
    f->interrupts = view->fn->irqs.signals;
    latency = vfu_server_latency(view->server);
    f->timed = latency != NULL;
    if (latency) {
        f->latency = *latency;
    }
}

static void add_figures(const VfioUserServerView *view, void *opaque)
{
    ServerFigures *f = g_new0(ServerFigures, 1);

    f->labels = metrics_labels("server", view->id, "device", view->device, NULL);
    copy_figures(f, view);
    g_ptr_array_add(opaque, f);
}

/* --- one number for each server --- */

typedef struct FamilyRow {
    const char *name;
    MetricsType type;
    const char *label, *value;  /* rows that follow each other and differ in these alone */
    size_t offset;
    const char *help;
} FamilyRow;

#define FIGURE(member) offsetof(ServerFigures, member)

static const FamilyRow rows[] = {
    { "attached", METRICS_GAUGE, NULL, NULL, FIGURE(attached), "1 while a client is attached." },
    { "connections_total", METRICS_COUNTER, NULL, NULL, FIGURE(stats.connections),
      "Connections of clients, with those that did not get to be attached." },
    { "refused_total", METRICS_COUNTER, NULL, NULL, FIGURE(stats.refused),
      "Connections that were closed at once." },
    { "protocol_errors_total", METRICS_COUNTER, NULL, NULL, FIGURE(stats.protocol_errors),
      "Clients that were dropped because they broke the protocol." },
    { "received_bytes_total", METRICS_COUNTER, NULL, NULL, FIGURE(received_bytes),
      "Bytes that came from clients." },
    { "sent_bytes_total", METRICS_COUNTER, NULL, NULL, FIGURE(sent_bytes),
      "Bytes that went to clients." },
    { "region_bytes_total", METRICS_COUNTER, "direction", "read", FIGURE(stats.read_bytes),
      "Bytes of regions that clients read or wrote." },
    { "region_bytes_total", METRICS_COUNTER, "direction", "write", FIGURE(stats.written_bytes),
      NULL },
    { "dma_maps", METRICS_GAUGE, NULL, NULL, FIGURE(maps),
      "Ranges of memory that the client lends now." },
    { "dma_bytes_total", METRICS_COUNTER, "path", "direct", FIGURE(dma.direct_bytes),
      "Bytes that the device moved: in mapped memory, by system calls, by messages." },
    { "dma_bytes_total", METRICS_COUNTER, "path", "file", FIGURE(dma.file_bytes), NULL },
    { "dma_bytes_total", METRICS_COUNTER, "path", "message", FIGURE(dma.message_bytes), NULL },
    { "dma_faults_total", METRICS_COUNTER, NULL, NULL, FIGURE(dma.faults),
      "Accesses of the device that failed: not lent, not permitted, refused by the client." },
    { "dma_messages_total", METRICS_COUNTER, "direction", "read", FIGURE(stats.dma_reads),
      "DMA messages that were sent to the client." },
    { "dma_messages_total", METRICS_COUNTER, "direction", "write", FIGURE(stats.dma_writes),
      NULL },
    { "dma_message_failures_total", METRICS_COUNTER, NULL, NULL, FIGURE(stats.dma_failures),
      "DMA messages without a good answer in time." },
    { "dma_drain_timeouts_total", METRICS_COUNTER, NULL, NULL, FIGURE(dma.drain_timeouts),
      "DMA_UNMAPs whose memory the device did not let go of in time." },
    { "interrupts_total", METRICS_COUNTER, NULL, NULL, FIGURE(interrupts),
      "Interrupts that were signalled to the client." },
};

static void add_family(GString *out, const FamilyRow *row, const GPtrArray *servers)
{
    g_autofree char *name = g_strconcat(PREFIX, row->name, NULL);

    if (row->help) {
        metrics_family(out, name, row->type, row->help);
    }
    for (guint i = 0; i < servers->len; i++) {
        const ServerFigures *f = servers->pdata[i];
        g_autofree char *labels = row->label ? metrics_labels_add(f->labels, row->label,
                                                                  row->value) : NULL;

        metrics_sample(out, name, labels ?: f->labels,
                       *(const uint64_t *)((const char *)f + row->offset));
    }
}

/* --- by command --- */

static void add_commands(GString *out, const char *name, const char *help, size_t offset,
                         const GPtrArray *servers)
{
    metrics_family(out, name, METRICS_COUNTER, help);
    for (guint i = 0; i < servers->len; i++) {
        const ServerFigures *f = servers->pdata[i];
        const uint64_t *counts = (const uint64_t *)((const char *)f + offset);

        for (unsigned command = 0; command < VFU_COMMAND_COUNT; command++) {
            const VfuCommandInfo *info = vfu_command_info(command);
            g_autofree char *labels = NULL;

            if (info && info->sender == VFU_BY_CLIENT) {
                labels = metrics_labels_add(f->labels, "command", info->name);
                metrics_sample(out, name, labels, counts[command]);
            }
        }
    }
}

static void add_histograms(GString *out, const GPtrArray *servers)
{
    g_auto(GStrv) bounds = metrics_bounds(vfu_latency_bounds_ns, VFU_LATENCY_BUCKETS);

    metrics_family(out, PREFIX "answer_seconds", METRICS_HISTOGRAM,
                   "Time to answer a command, or, of dma_read and dma_write, to get the client's"
                   " answer.");
    for (guint i = 0; i < servers->len; i++) {
        const ServerFigures *f = servers->pdata[i];

        for (unsigned g = 0; f->timed && g < VFU_LATENCY_GROUPS; g++) {
            const VfuHistogram *h = &f->latency.group[g];
            g_autofree char *labels = metrics_labels_add(f->labels, "command",
                                                         vfu_latency_group_name(g));

            metrics_sample_histogram(out, PREFIX "answer_seconds", labels, bounds, h->count,
                                     h->sum_ns);
        }
    }
}

void metrics_collect(GString *out)
{
    g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func((GDestroyNotify)figures_free);

    vfio_user_server_foreach(add_figures, servers);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        add_family(out, &rows[i], servers);
    }
    add_commands(out, PREFIX "messages_total", "Commands that clients sent.",
                 FIGURE(stats.messages), servers);
    add_commands(out, PREFIX "errors_total", "Commands that were answered with an error.",
                 FIGURE(stats.errors), servers);
    add_histograms(out, servers);
    metrics_process(out);
}

/* --- switching on and off --- */

static void measure_one(const VfioUserServerView *view, void *opaque)
{
    AIO_CONTEXT_GUARD(view->ctx);

    vfu_server_measure_latency(view->server, *(bool *)opaque);
}

void metrics_measure(bool on)
{
    wanted = on;
    vfio_user_server_foreach(measure_one, &on);
}

bool metrics_wanted(void)
{
    return wanted;
}
