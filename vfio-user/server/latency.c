/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Histograms of answers; see vfio-user/latency.h. A start time of 0 says that
 * nobody measured when the request began.
 */
#include "qemu/osdep.h"
#include "internal.h"

#define US SCALE_US
#define MS SCALE_MS

/* Most answers take microseconds; a client gives up after seconds. */
const int64_t vfu_latency_bounds_ns[VFU_LATENCY_BUCKETS] = {
    1 * US, 2 * US, 5 * US, 10 * US, 20 * US, 50 * US, 100 * US, 200 * US, 500 * US,
    1 * MS, 2 * MS, 5 * MS, 10 * MS, 20 * MS, 50 * MS, 100 * MS, 200 * MS, 500 * MS,
    1000 * MS, 5000LL * MS,
};

static const char *const group_names[VFU_LATENCY_GROUPS] = {
    [VFU_LATENCY_SETUP] = "setup", [VFU_LATENCY_READ] = "region_read",
    [VFU_LATENCY_WRITE] = "region_write", [VFU_LATENCY_MAP] = "dma_map",
    [VFU_LATENCY_UNMAP] = "dma_unmap", [VFU_LATENCY_IRQS] = "set_irqs",
    [VFU_LATENCY_RESET] = "reset", [VFU_LATENCY_DMA_READ] = "dma_read",
    [VFU_LATENCY_DMA_WRITE] = "dma_write",
};

/* Those that are not named are VFU_LATENCY_SETUP, which is 0. */
static const uint8_t groups[VFU_COMMAND_COUNT] = {
    [VFU_REGION_READ] = VFU_LATENCY_READ, [VFU_REGION_WRITE] = VFU_LATENCY_WRITE,
    [VFU_REGION_WRITE_MULTI] = VFU_LATENCY_WRITE, [VFU_DMA_MAP] = VFU_LATENCY_MAP,
    [VFU_DMA_UNMAP] = VFU_LATENCY_UNMAP, [VFU_DEVICE_SET_IRQS] = VFU_LATENCY_IRQS,
    [VFU_DEVICE_RESET] = VFU_LATENCY_RESET, [VFU_DMA_READ] = VFU_LATENCY_DMA_READ,
    [VFU_DMA_WRITE] = VFU_LATENCY_DMA_WRITE,
};

VfuLatencyGroup vfu_latency_group(unsigned command)
{
    return command < VFU_COMMAND_COUNT ? groups[command] : VFU_LATENCY_SETUP;
}

const char *vfu_latency_group_name(VfuLatencyGroup group)
{
    return group_names[group];
}

void vfu_latency_add(VfuLatency *latency, VfuLatencyGroup group, int64_t ns)
{
    VfuHistogram *h = &latency->group[group];
    unsigned i = 0;

    while (i < VFU_LATENCY_BUCKETS && ns > vfu_latency_bounds_ns[i]) {
        i++;
    }
    h->count[i]++;
    h->sum_ns += MAX(ns, 0);
}

int64_t vfu_latency_begin(const VfuServer *server)
{
    return server && server->latency ? get_clock() : 0;
}

void vfu_latency_end(VfuServer *server, unsigned command, int64_t *began)
{
    if (*began && server && server->latency) {
        vfu_latency_add(server->latency, vfu_latency_group(command), get_clock() - *began);
    }
    *began = 0;
}

void vfu_server_measure_latency(VfuServer *server, bool on)
{
    if (on && !server->latency) {
        server->latency = g_new0(VfuLatency, 1);
    } else if (!on) {
        g_clear_pointer(&server->latency, g_free);
    }
}

const VfuLatency *vfu_server_latency(VfuServer *server)
{
    return server->latency;
}
