/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register accesses: round trips of a 4-byte read, and posted writes.
 */
#include "qemu/osdep.h"
#include "bench.h"

/* How long the server may spin for its next message in the spinning figure. */
#define SPIN_OPTION ",poll-max-ns=1000000"

static int read_p50(Bench *b, VfuClient *c, int samples, double *p50)
{
    g_autofree double *times = g_new(double, samples);
    uint32_t value;

    for (int i = 0; i < samples; i++) {
        double from = bench_now();
        int ret = vfu_client_read(c, b->read_region, b->read_offset, &value, sizeof(value));

        if (ret) {
            return vfu_failed(b->tool, c, ret, "REGION_READ");
        }
        times[i] = bench_now() - from;
    }
    *p50 = bench_median(times, samples);
    return 0;
}

static int read_rounds(Bench *b, BenchResult *r, VfuClient *c, bool spin, int samples)
{
    int ret = 0;

    vfu_client_set_spin(c, spin);
    for (int i = 0; i < b->rounds && ret == 0; i++) {
        /* Started and ended here: it would spin on the server's CPU. */
        BareEcho *e = bare_echo_start(b, spin);
        double bare, ours;

        bare_echo_p50(e, samples / 10);
        bare = bare_echo_p50(e, samples);
        bare_echo_stop(e);
        ret = read_p50(b, c, samples / 10, &ours) || read_p50(b, c, samples, &ours);
        bench_add(r, bare * 1e6, ours * 1e6);
    }
    return ret;
}

static int bench_read(Bench *b, BenchResult *r, bool spin)
{
    g_autoptr(BenchServer) server = NULL;
    g_autoptr(VfuClient) c = bench_connect(b, "edu", spin ? SPIN_OPTION : "", &server);
    int samples = b->quick ? 500 : 4000;

    return c ? read_rounds(b, r, c, spin, spin ? samples * 4 : samples) : 1;
}

int bench_read_asleep(Bench *b, BenchResult *r)
{
    return bench_read(b, r, false);
}

int bench_read_spinning(Bench *b, BenchResult *r)
{
    return bench_read(b, r, true);
}

static int post_many(Bench *b, VfuClient *c, int count, double *per_second)
{
    uint32_t value = b->write_value;
    double from = bench_now();
    int ret = 0;

    vfu_client_cork(c);
    for (int i = 0; i < count && ret == 0; i++) {
        ret = vfu_client_post(c, b->write_region, b->write_offset, &value, sizeof(value));
    }
    vfu_client_uncork(c);
    /* A reply means that everything before it has been done. */
    ret = ret ? ret : vfu_client_read(c, b->read_region, b->read_offset, &value,
                                      sizeof(value));
    *per_second = count / (bench_now() - from);
    return ret ? vfu_failed(b->tool, c, ret, "posted REGION_WRITE") : 0;
}

int bench_posted(Bench *b, BenchResult *r)
{
    g_autoptr(BenchServer) server = NULL;
    g_autoptr(VfuClient) c = NULL;
    int count = b->quick ? 50000 : 500000;

    if (!b->may_write) {
        r->skipped = "which register may be written is not known; give --write=REGION:OFFSET=VALUE";
        return 0;
    }
    c = bench_connect(b, "edu", "", &server);
    if (!c) {
        return 1;
    }
    for (int i = 0; i < b->rounds; i++) {
        double rate;

        if (post_many(b, c, count / 10, &rate) || post_many(b, c, count, &rate)) {
            return 1;
        }
        bench_add(r, 0, rate / 1e6);
    }
    return 0;
}
