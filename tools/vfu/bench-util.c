/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time, medians, pinning: see bench.h. */
#include "qemu/osdep.h"
#include "bench.h"

double bench_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(double *values, int n)
{
    qsort(values, n, sizeof(*values), compare);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double bench_least(const double *values, int n)
{
    double least = values[0];

    for (int i = 1; i < n; i++) {
        least = MIN(least, values[i]);
    }
    return least;
}

void bench_pin(const Bench *b, int cpu)
{
    cpu_set_t set = b->all_cpus;

    if (cpu >= 0) {
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
    }
    sched_setaffinity(0, sizeof(set), &set);
}

void bench_add(BenchResult *r, double bare, double ours)
{
    if (r->rounds < BENCH_ROUNDS_MAX) {
        r->pairs[r->rounds++] = (BenchPair) { bare, ours };
    }
}
