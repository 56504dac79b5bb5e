/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a server takes to answer: a histogram for each group of commands,
 * from the moment when a command is run to its reply, and for our own DMA
 * messages from sending to the client's answer. What a command waits in the
 * socket, or behind others of its client, is not part of it.
 *
 * Measured only while somebody wants to know (vfu_server_measure_latency());
 * else no clock is read.
 *
 * Locking: that of the server, see vfio-user/server.h.
 */
#ifndef VFIO_USER_LATENCY_H
#define VFIO_USER_LATENCY_H

#include "qemu/osdep.h"

typedef enum VfuLatencyGroup {
    VFU_LATENCY_SETUP,          /* VERSION, GET_*, DEVICE_FEATURE */
    VFU_LATENCY_READ,           /* REGION_READ */
    VFU_LATENCY_WRITE,          /* REGION_WRITE, REGION_WRITE_MULTI */
    VFU_LATENCY_MAP,
    VFU_LATENCY_UNMAP,          /* with the wait for devices that use the memory */
    VFU_LATENCY_IRQS,           /* DEVICE_SET_IRQS */
    VFU_LATENCY_RESET,
    VFU_LATENCY_DMA_READ,       /* ours, answered by the client */
    VFU_LATENCY_DMA_WRITE,
    VFU_LATENCY_GROUPS,
} VfuLatencyGroup;

#define VFU_LATENCY_BUCKETS 20

/* Upper bounds in ns, inclusive, ascending. */
extern const int64_t vfu_latency_bounds_ns[VFU_LATENCY_BUCKETS];

typedef struct VfuHistogram {
    uint64_t count[VFU_LATENCY_BUCKETS + 1];    /* the last: beyond all bounds */
    uint64_t sum_ns;
} VfuHistogram;

typedef struct VfuLatency {
    VfuHistogram group[VFU_LATENCY_GROUPS];
} VfuLatency;

/* By command number; one that does not exist counts as SETUP. */
VfuLatencyGroup vfu_latency_group(unsigned command);
const char *vfu_latency_group_name(VfuLatencyGroup group);
/* A time below 0, from a clock that went back, counts as 0. */
void vfu_latency_add(VfuLatency *latency, VfuLatencyGroup group, int64_t ns);

#endif
