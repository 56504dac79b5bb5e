/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load for an NVMe device, and what it did to it: how many, how long each. */
#ifndef TOOLS_VFU_NVME_LOAD_H
#define TOOLS_VFU_NVME_LOAD_H

#include "nvme.h"

typedef enum NvmePattern {
    NVME_RANDREAD, NVME_RANDWRITE, NVME_SEQREAD, NVME_SEQWRITE, NVME_NR_PATTERNS,
} NvmePattern;

extern const char *const nvme_pattern_names[NVME_NR_PATTERNS];

typedef struct NvmeLoad {
    NvmePattern pattern;
    uint32_t bytes;             /* for each command */
    unsigned depth;             /* at a time */
    double seconds;
    bool sleep;                 /* wait for interrupts rather than look */
} NvmeLoad;

/* Latencies by their binary logarithm with 4 more bits: 6 % wide. */
enum { NVME_LATENCY_SLOTS = 64 * 16 };

typedef struct NvmeFigures {
    uint64_t commands, errors;
    double seconds;
    uint64_t latency[NVME_LATENCY_SLOTS];
} NvmeFigures;

/* Runs the load; false with errp when the connection broke or commands stayed away. */
bool nvme_load_run(VfuNvme *n, const NvmeLoad *load, NvmeFigures *figures, Error **errp);
/* Microseconds below which `share` (0 to 1) of the commands took. */
double nvme_figures_percentile(const NvmeFigures *figures, double share);

#endif
