/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the figures of disks share: fio for the bare ones. */
#ifndef TOOLS_VFU_BENCH_DISK_H
#define TOOLS_VFU_BENCH_DISK_H

#include "bench.h"
#include "nvme-load.h"

typedef struct BenchFio {
    double iops, p50_us;
} BenchFio;

bool bench_fio_there(void);
/* The same load by fio, on the server's CPU; false when it failed. */
bool bench_fio(const Bench *b, const char *file, const NvmeLoad *load, BenchFio *result);

#endif
