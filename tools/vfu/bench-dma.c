/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA to mapped memory against memcpy, and two busy domains against one.
 * What is measured is what a device model's pci_dma_write() costs.
 *
 * A list of descriptors costs a fixed part (start, list, interrupt, our
 * waking up), which has nothing to do with moving bytes: it is taken off by
 * measuring a short list as well. A run of a few milliseconds on a busy machine
 * is as often interrupted as not, so the best of each round's runs counts, for
 * memcpy just the same.
 */
#include "qemu/osdep.h"
#include "bench-engine.h"

#define SHORT_LIST 8

/* One kind of transfer: its list and how far round the memory it has come. */
typedef struct Job {
    Engine *e;
    unsigned nr;
    uint32_t piece;
    unsigned next;
} Job;

static bool run_list(Job *job, unsigned nr, double *seconds)
{
    double from;

    /* Other memory than the last time: that would be in the cache. */
    engine_prepare(job->e, ENGINE_FROM_BUFFER, job->next, nr, job->piece, ENGINE_SPAN);
    job->next += nr;
    from = bench_now();
    if (!engine_start(job->e, nr) || !engine_wait(job->e)) {
        return false;
    }
    *seconds = bench_now() - from;
    return true;
}

/* Seconds for nr - SHORT_LIST pieces; less than 0 after a message. */
static double engine_seconds(Job *job, int samples)
{
    g_autofree double *whole = g_new(double, samples);
    g_autofree double *start = g_new(double, samples);

    for (int i = 0; i < samples; i++) {
        if (!run_list(job, job->nr, &whole[i]) || !run_list(job, SHORT_LIST, &start[i])) {
            return -1;
        }
    }
    return bench_least(whole, samples) - bench_least(start, samples);
}

static double memcpy_seconds(Job *job, int samples)
{
    g_autofree double *times = g_new(double, samples);
    g_autofree uint8_t *from = g_malloc0(ENGINE_BUFFER_SIZE);
    uint8_t *to = engine_destination(job->e);

    for (int i = 0; i < samples; i++) {
        double start = bench_now();

        for (unsigned k = 0; k < job->nr - SHORT_LIST; k++) {
            uint64_t at = engine_step(job->e, job->next++, job->piece);

            memcpy(to + at, from, job->piece);
            /* The copy is not to be moved out of the loop. */
            asm volatile("" : : "r"(to + at) : "memory");
        }
        times[i] = bench_now() - start;
    }
    return bench_least(times, samples);
}

static int bench_dma(Bench *b, BenchResult *r, unsigned nr, uint32_t piece)
{
    g_autoptr(BenchServer) server = bench_server_start(b, ENGINE_DEVICE, 1, "",
                                                       b->server_cpu, NULL);
    VfuClient *c = server ? bench_server_connect(b, server, 0) : NULL;
    int samples = b->quick ? 5 : 21;
    bool ok = c != NULL;
    double warm;
    Engine e;
    Job job = { &e, nr, piece };

    /* Round the memory once: the server's mapping is filled by page faults. */
    ok = ok && engine_init(&e, b, c);
    for (unsigned i = 0; ok && i <= ENGINE_SPAN / piece / nr; i++) {
        ok = run_list(&job, nr, &warm);
    }
    for (int i = 0; ok && i < b->rounds; i++) {
        double bytes = (double)(nr - SHORT_LIST) * piece / 1e9;
        double bare = memcpy_seconds(&job, samples);
        double ours = engine_seconds(&job, samples);

        /* A round that the machine spoilt is left out; -1 is a failure. */
        ok = ours != -1;
        if (ours > 0) {
            bench_add(r, bytes / bare, bytes / ours);
        }
    }
    if (c) {
        engine_clear(&e);
    }
    return !ok;
}

int bench_dma_4k(Bench *b, BenchResult *r)
{
    return bench_dma(b, r, ENGINE_MAX_DESCRIPTORS, 4096);
}

int bench_dma_64k(Bench *b, BenchResult *r)
{
    return bench_dma(b, r, 1024, 65536);
}

/* --- two domains --- */

/* Both engines do `times` lists each; the first one alone when nr is 1. */
static double work(Engine *engines, int nr, int times)
{
    double from = bench_now();

    for (int i = 0; i < times; i++) {
        for (int k = 0; k < nr; k++) {
            if (!engine_start(&engines[k], ENGINE_MAX_DESCRIPTORS)) {
                return -1;
            }
        }
        for (int k = 0; k < nr; k++) {
            if (!engine_wait(&engines[k])) {
                return -1;
            }
        }
    }
    return bench_now() - from;
}

static bool domain_rounds(Bench *b, BenchResult *r, Engine *engines)
{
    int times = b->quick ? 2 : 8;

    for (int i = 0; i < b->rounds; i++) {
        double one = work(engines, 1, times), two = work(engines, 2, times);

        if (one < 0 || two < 0) {
            return false;
        }
        bench_add(r, times / one, 2 * times / two);
    }
    return true;
}

int bench_domains(Bench *b, BenchResult *r)
{
    /* Not pinned: each domain's thread takes the core that it gets. */
    g_autoptr(BenchServer) server = NULL;
    Engine engines[2];
    int nr = 0;
    bool ok = true;

    if (b->client_cpu < 0) {
        r->skipped = "there is one CPU only";
        return 0;
    }
    server = bench_server_start(b, ENGINE_DEVICE, 2, "", -1, NULL);
    while (ok && server && nr < 2) {
        VfuClient *c = bench_server_connect(b, server, nr);

        if (!c) {
            break;
        }
        ok = engine_init(&engines[nr], b, c);
        /* The same 64 KiB again and again: work for the core, not the memory. */
        engine_prepare(&engines[nr], ENGINE_FILL, 0, ENGINE_MAX_DESCRIPTORS, 65536, 65536);
        nr++;
    }
    ok = ok && nr == 2 && domain_rounds(b, r, engines);
    while (nr > 0) {
        engine_clear(&engines[--nr]);
    }
    return !ok;
}
