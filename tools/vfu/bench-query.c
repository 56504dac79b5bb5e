/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking into a large process, and what that costs those who work in it: how
 * long a query on 256 devices takes, how long a register access waits because
 * of it, and how fast a device is plugged.
 */
#include "qemu/osdep.h"
#include <math.h>
#include <sys/prctl.h>
#include "bench-qmp.h"

#define DEVICES 256
/* Of the busy client: what x-query-dma-maps has to copy. */
#define MAPS 2000
#define MAP_SIZE 4096

static BenchServer *start(Bench *b, bool one_domain)
{
    BenchServer *s;

    b->with_qmp = true;
    b->one_domain = one_domain;
    s = bench_server_start(b, "edu", DEVICES, "", -1, NULL);
    b->with_qmp = b->one_domain = false;
    return s;
}

/* --- how long a query takes --- */

static int query_rounds(Bench *b, BenchResult *r, const char *query)
{
    g_autoptr(BenchServer) server = start(b, false);
    g_autoptr(BenchQmp) q = server ? bench_qmp_connect(b) : NULL;
    g_autofree char *command = g_strdup_printf("{\"execute\":\"%s\"}\n", query);

    if (!q || bench_qmp_run(b, q, command)) {
        return 1;
    }
    for (int i = 0; i < b->rounds; i++) {
        double from = bench_now();

        if (bench_qmp_run(b, q, command)) {
            return 1;
        }
        bench_add(r, 0, (bench_now() - from) * 1e3);
    }
    return 0;
}

int bench_query_isolation(Bench *b, BenchResult *r)
{
    return query_rounds(b, r, "x-query-isolation");
}

int bench_query_vfio_user(Bench *b, BenchResult *r)
{
    return query_rounds(b, r, "x-query-vfio-user");
}

int bench_query_pci(Bench *b, BenchResult *r)
{
    return query_rounds(b, r, "query-pci");
}

int bench_query_mtree(Bench *b, BenchResult *r)
{
    return query_rounds(b, r, "x-query-mtree");
}

/* --- how long others wait --- */

static const double bucket_us[] = { 25, 50, 100, 200, 400, 800, INFINITY };

typedef struct Latency {
    double *us;
    int n;
} Latency;

static int measure(Bench *b, VfuClient *c, Latency *l)
{
    uint32_t value;

    for (int i = 0; i < l->n; i++) {
        double from = bench_now();
        int ret = vfu_client_read(c, b->read_region, b->read_offset, &value, sizeof(value));

        if (ret) {
            return vfu_failed(b->tool, c, ret, "REGION_READ");
        }
        l->us[i] = (bench_now() - from) * 1e6;
    }
    bench_median(l->us, l->n);  /* sorts them */
    return 0;
}

static double percentile(const Latency *l, double percent)
{
    return l->us[MIN(l->n - 1, (int)(l->n * percent / 100))];
}

static void print_heading(VfuOut *o)
{
    g_autoptr(GString) line = g_string_new("  BAR reads, microseconds:");

    for (unsigned i = 0; i < G_N_ELEMENTS(bucket_us) - 1; i++) {
        g_string_append_printf(line, " %6s%-3g", "<", bucket_us[i]);
    }
    out_text(o, "%s      more    p50    p99  p99.9     max\n", line->str);
}

static void print_histogram(VfuOut *o, const char *title, const Latency *l)
{
    g_autoptr(GString) line = g_string_new(NULL);
    int i = 0;

    for (unsigned k = 0; k < G_N_ELEMENTS(bucket_us); k++) {
        int from = i;

        while (i < l->n && l->us[i] < bucket_us[k]) {
            i++;
        }
        g_string_append_printf(line, " %9d", i - from);
    }
    out_text(o, "  %-24s%s %6.1f %6.1f %6.1f %7.1f\n", title, line->str, percentile(l, 50),
             percentile(l, 99), percentile(l, 99.9), l->us[l->n - 1]);
}

/* A process of its own, so that nothing of it is in the way of the client. */
static pid_t query_for_ever(Bench *b)
{
    static const char *const commands[] = {
        "{\"execute\":\"x-query-isolation\"}\n", "{\"execute\":\"x-query-vfio-user\"}\n",
        "{\"execute\":\"query-pci\"}\n", "{\"execute\":\"x-query-mtree\"}\n",
        "{\"execute\":\"x-query-qtree\"}\n", "{\"execute\":\"x-query-qom-tree\"}\n",
        "{\"execute\":\"x-query-dma-maps\",\"arguments\":{\"server\":\"s0\"}}\n",
    };
    pid_t pid = fork();
    BenchQmp *q;

    if (pid) {
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    q = bench_qmp_connect(b);
    for (unsigned i = 0; q && !bench_qmp_run(b, q, commands[i % G_N_ELEMENTS(commands)]); i++) {
    }
    _exit(1);
}

static int lend_memory(Bench *b, VfuClient *c)
{
    for (int i = 0; i < MAPS; i++) {
        VfuDmaMap map = { .argsz = sizeof(map), .flags = VFU_DMA_F_READ | VFU_DMA_F_WRITE,
                          .address = i * 2ull * MAP_SIZE, .size = MAP_SIZE };
        int ret = vfu_client_dma_map_raw(c, &map, -1);

        if (ret) {
            return vfu_failed(b->tool, c, ret, "DMA_MAP");
        }
    }
    return 0;
}

static int measure_both(Bench *b, VfuClient *c, Latency *alone, Latency *with)
{
    pid_t pid;
    int ret;

    if (measure(b, c, alone)) {
        return 1;
    }
    pid = query_for_ever(b);
    ret = measure(b, c, with);
    if (waitpid(pid, NULL, WNOHANG) == pid) {
        return vfu_error(b->tool, "the queries ended early");
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return ret;
}

static int query_delay(Bench *b, BenchResult *r, bool one_domain)
{
    g_autoptr(BenchServer) server = start(b, one_domain);
    VfuClient *c = server ? bench_server_connect(b, server, 0) : NULL;
    int n = b->quick ? 3000 : 20000;
    g_autofree double *first = g_new(double, n);
    g_autofree double *second = g_new(double, n);
    Latency alone = { first, n }, with = { second, n };
    int ret = !c || lend_memory(b, c);

    bench_pin(b, -1);           /* four threads: whoever is ready takes the CPU that is free */
    for (int i = 0; i < b->rounds && !ret; i++) {
        ret = measure_both(b, c, &alone, &with);
        bench_add(r, 0, percentile(&with, 99.9) - percentile(&alone, 99.9));
    }
    if (!ret) {
        print_heading(b->tool->out);
        print_histogram(b->tool->out, "alone", &alone);
        print_histogram(b->tool->out, "queries without a pause", &with);
    }
    bench_pin(b, b->client_cpu);
    vfu_client_free(c);
    return ret;
}

int bench_query_delay(Bench *b, BenchResult *r)
{
    return query_delay(b, r, false);
}

int bench_query_delay_one(Bench *b, BenchResult *r)
{
    return query_delay(b, r, true);
}

/* --- hot plug --- */

static int plug(Bench *b, BenchQmp *q, int i)
{
    g_autofree char *add = g_strdup_printf("{\"execute\":\"device_add\",\"arguments\":"
                                           "{\"driver\":\"edu\",\"id\":\"h%d\"}}\n", i);
    g_autofree char *serve = g_strdup_printf(
        "{\"execute\":\"object-add\",\"arguments\":{\"qom-type\":\"vfio-user-server\","
        "\"id\":\"hs%d\",\"type\":\"unix\",\"device\":\"h%d\",\"path\":\"%s/plug\"}}\n",
        i, i, b->dir);

    return bench_qmp_run(b, q, add) || bench_qmp_run(b, q, serve);
}

static int unplug(Bench *b, BenchQmp *q, int i)
{
    g_autofree char *stop = g_strdup_printf("{\"execute\":\"object-del\",\"arguments\":"
                                            "{\"id\":\"hs%d\"}}\n", i);
    g_autofree char *del = g_strdup_printf("{\"execute\":\"device_del\",\"arguments\":"
                                           "{\"id\":\"h%d\"}}\n", i);

    return bench_qmp_run(b, q, stop) || bench_qmp_run(b, q, del);
}

/* It listens when object-add is answered: a client that comes then is served. */
static int prove(Bench *b)
{
    g_autofree char *path = g_build_filename(b->dir, "plug", NULL);
    VfuClient *c = vfu_connect(b->tool, path);
    int ret = !c;

    vfu_client_free(c);
    return ret;
}

int bench_hot_plug(Bench *b, BenchResult *r)
{
    g_autoptr(BenchServer) server = start(b, false);
    g_autoptr(BenchQmp) q = server ? bench_qmp_connect(b) : NULL;
    int ret = !q;

    for (int i = 0; i < BENCH_ROUNDS_MAX && !ret; i++) {
        double from = bench_now();

        ret = plug(b, q, i);
        bench_add(r, 0, (bench_now() - from) * 1e3);
        ret = ret || prove(b) || unplug(b, q, i);
    }
    return ret;
}
