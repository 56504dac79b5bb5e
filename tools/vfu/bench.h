/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu bench: every figure beside the bare cost of the same system calls, both
 * measured in the same run, in turns. A figure is the median of several
 * rounds; the spread of the rounds' ratios is printed with it, because on a
 * shared machine it is part of the truth.
 */
#ifndef TOOLS_VFU_BENCH_H
#define TOOLS_VFU_BENCH_H

#include <sched.h>
#include "vfu.h"

#define BENCH_ROUNDS_MAX 15

typedef struct BenchServer BenchServer;

typedef struct Bench {
    VfuTool *tool;
    const char *sock;           /* of a running server, or NULL: --self */
    char *server_program;
    char *only;
    gboolean self, quick;
    char *read_word, *write_word;
    int rounds;
    int client_cpu, server_cpu; /* -1: one CPU only, nothing is pinned */
    cpu_set_t all_cpus;         /* what this process was given */
    char *dir;                  /* for sockets */
    uint32_t read_region, write_region;
    uint64_t read_offset, write_offset, write_value;
    bool may_write;
    bool with_qmp;              /* servers started now have a monitor at DIR/qmp, */
    bool one_domain;            /* and all devices in one domain, */
    const char *const *more_args;   /* and these arguments before all, NULL-terminated */
} Bench;

/* One round's pair; bare is 0 for an absolute figure. */
typedef struct BenchPair {
    double bare, ours;
} BenchPair;

typedef struct BenchResult {
    BenchPair pairs[BENCH_ROUNDS_MAX];
    int rounds;
    const char *skipped;        /* why there is no figure, or NULL */
} BenchResult;

typedef enum BenchRule {
    BENCH_RATIO_AT_MOST, BENCH_RATIO_AT_LEAST, BENCH_AT_MOST, BENCH_AT_LEAST,
    BENCH_OVER_AT_MOST,         /* ours less bare */
} BenchRule;

typedef struct BenchCase {
    const char *key, *title, *unit;
    const char *bare;           /* what the bare figure is, or NULL */
    BenchRule rule;
    double goal;
    bool needs_self;            /* starts servers of its own */
    /* 0, or 1 when a message was printed */
    int (*run)(Bench *b, BenchResult *r);
} BenchCase;

/* bench-access.c, bench-map.c, bench-dma.c, bench-process.c, bench-query.c */
int bench_read_asleep(Bench *b, BenchResult *r);
int bench_read_spinning(Bench *b, BenchResult *r);
int bench_posted(Bench *b, BenchResult *r);
int bench_map(Bench *b, BenchResult *r);
int bench_map_many(Bench *b, BenchResult *r);
int bench_dma_4k(Bench *b, BenchResult *r);
int bench_dma_64k(Bench *b, BenchResult *r);
int bench_domains(Bench *b, BenchResult *r);
int bench_start(Bench *b, BenchResult *r);
int bench_rss_one(Bench *b, BenchResult *r);
int bench_rss_more(Bench *b, BenchResult *r);
int bench_idle(Bench *b, BenchResult *r);
int bench_query_isolation(Bench *b, BenchResult *r);
int bench_query_vfio_user(Bench *b, BenchResult *r);
int bench_query_pci(Bench *b, BenchResult *r);
int bench_query_mtree(Bench *b, BenchResult *r);
int bench_query_delay(Bench *b, BenchResult *r);
int bench_query_delay_one(Bench *b, BenchResult *r);
int bench_hot_plug(Bench *b, BenchResult *r);
/* bench-nvme.c */
int bench_nvme_read_asleep(Bench *b, BenchResult *r);
int bench_nvme_write_asleep(Bench *b, BenchResult *r);
int bench_nvme_read_polled(Bench *b, BenchResult *r);
int bench_nvme_write_polled(Bench *b, BenchResult *r);
int bench_nvme_read_32(Bench *b, BenchResult *r);
int bench_nvme_write_32(Bench *b, BenchResult *r);
int bench_nvme_read_seq(Bench *b, BenchResult *r);
int bench_nvme_write_seq(Bench *b, BenchResult *r);
int bench_nvme_zeroes_1(Bench *b, BenchResult *r);
int bench_nvme_zeroes_32(Bench *b, BenchResult *r);
int bench_nvme_null_1(Bench *b, BenchResult *r);
int bench_nvme_null_32(Bench *b, BenchResult *r);
int bench_nvme_null_128(Bench *b, BenchResult *r);
int bench_nvme_idle(Bench *b, BenchResult *r);
int bench_nvme_idle_mapped(Bench *b, BenchResult *r);
int bench_nvme_idle_wakeup(Bench *b, BenchResult *r);
int bench_nvme_first(Bench *b, BenchResult *r);
int bench_nvme_first_mapped(Bench *b, BenchResult *r);
int bench_nvme_first_wakeup(Bench *b, BenchResult *r);

/* --- bench-util.c --- */
double bench_now(void);                         /* seconds */
double bench_median(double *values, int n);     /* sorts them */
double bench_least(const double *values, int n);
/* The calling process to one CPU, or with -1 back to all that it was given. */
void bench_pin(const Bench *b, int cpu);
void bench_add(BenchResult *r, double bare, double ours);

/* --- bench-bare.c: the same messages without a protocol --- */
typedef struct BareEcho BareEcho;
/* A process, on the server's CPU, that answers 32 bytes by 36. */
BareEcho *bare_echo_start(Bench *b, bool spin);
double bare_echo_p50(BareEcho *e, int samples); /* seconds per round trip */
void bare_echo_stop(BareEcho *e);
/* The other process maps, answers, unmaps, answers. */
BareEcho *bare_map_start(Bench *b);
double bare_map_p50(BareEcho *e, int fd, size_t size, int samples);

/* --- bench-server.c: servers that the benchmark starts --- */
/* devices: "edu", "dma-engine,max-descriptors=4096"...; count of them, with
 * sockets 0..count-1; options go to each server object ("" or ",x=y"). cpu -1:
 * not pinned. */
BenchServer *bench_server_start(Bench *b, const char *device, int count,
                                const char *options, int cpu, double *seconds);
pid_t bench_server_pid(const BenchServer *s);
VfuClient *bench_server_connect(Bench *b, BenchServer *s, int index);
void bench_server_stop(BenchServer *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BenchServer, bench_server_stop)
/* A client of --self's server, started when needed, or of the given socket. */
VfuClient *bench_connect(Bench *b, const char *device, const char *options,
                         BenchServer **server);

#endif
