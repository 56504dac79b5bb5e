/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA_MAP and DMA_UNMAP of a file: against the bare mmap, munmap and two round
 * trips, and with many mappings there already.
 */
#include "qemu/osdep.h"
#include "bench.h"

#define SIZE (1024 * 1024)
#define PAGE 4096
#define MANY 60000
#define IOVA 0x100000000ull

static int map_unmap_p50(Bench *b, VfuClient *c, VfuMemory *m, size_t size, int samples,
                         double *p50)
{
    g_autofree double *times = g_new(double, samples);

    for (int i = 0; i < samples; i++) {
        double from = bench_now();
        int ret = vfu_client_dma_map(c, m, 0, IOVA, size, 3, true);

        ret = ret ? ret : vfu_client_dma_unmap(c, IOVA, size, NULL);
        if (ret) {
            return vfu_failed(b->tool, c, ret, "DMA_MAP and DMA_UNMAP");
        }
        times[i] = bench_now() - from;
    }
    *p50 = bench_median(times, samples);
    return 0;
}

int bench_map(Bench *b, BenchResult *r)
{
    g_autoptr(BenchServer) server = NULL;
    g_autoptr(VfuMemory) m = vfu_memory_new(SIZE, NULL);
    g_autoptr(VfuClient) c = bench_connect(b, "edu", "", &server);
    int samples = b->quick ? 300 : 2000;

    for (int i = 0; c && i < b->rounds; i++) {
        BareEcho *e = bare_map_start(b);
        double bare, ours;

        bare_map_p50(e, vfu_memory_fd(m), SIZE, samples / 10);
        bare = bare_map_p50(e, vfu_memory_fd(m), SIZE, samples);
        bare_echo_stop(e);
        if (map_unmap_p50(b, c, m, SIZE, samples / 10, &ours) ||
            map_unmap_p50(b, c, m, SIZE, samples, &ours)) {
            return 1;
        }
        bench_add(r, bare * 1e6, ours * 1e6);
    }
    return c ? 0 : 1;
}

/* By pipelined messages: 60,000 round trips would only measure sleeping. */
static int map_pages(Bench *b, VfuClient *c, VfuMemory *m, unsigned count)
{
    int fd = vfu_memory_fd(m);
    unsigned sent = 0, done = 0;

    while (done < count) {
        g_autoptr(VfuClientMessage) reply = NULL;
        int ret = 0;

        while (sent < count && sent - done < 64 && ret == 0) {
            VfuDmaMap map = {
                .argsz = sizeof(map), .flags = 3, .size = PAGE,
                .address = 2 * IOVA + (uint64_t)sent++ * 2 * PAGE,
            };
            struct iovec iov = { &map, sizeof(map) };

            ret = vfu_client_submit(c, VFU_DMA_MAP, &iov, 1, &fd, 1, NULL);
        }
        ret = ret ? ret : vfu_client_poll(c, -1, &reply);
        ret = ret ? ret : vfu_client_message_error(reply);
        if (ret) {
            return vfu_failed(b->tool, c, ret, "DMA_MAP");
        }
        done++;
    }
    return 0;
}

int bench_map_many(Bench *b, BenchResult *r)
{
    g_autoptr(BenchServer) server = NULL;
    g_autoptr(VfuMemory) m = vfu_memory_new(PAGE, NULL);
    g_autoptr(VfuClient) c = bench_connect(b, "edu", "", &server);
    unsigned many = MANY;
    int samples = b->quick ? 300 : 2000;

    if (!c) {
        return 1;
    }
    if (vfu_client_server(c)->max_dma_maps < MANY + 1) {
        r->skipped = "the server takes fewer mappings";
        return 0;
    }
    for (int i = 0; i < (b->quick ? 1 : 3); i++) {
        double first, last;

        if (map_unmap_p50(b, c, m, PAGE, samples, &first) || map_pages(b, c, m, many) ||
            map_unmap_p50(b, c, m, PAGE, samples, &last)) {
            return 1;
        }
        bench_add(r, first * 1e6, last * 1e6);
        if (vfu_client_dma_unmap_all(c) < 0) {
            return vfu_error(b->tool, "DMA_UNMAP of everything failed");
        }
    }
    return 0;
}
