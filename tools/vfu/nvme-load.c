/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See nvme-load.h. The clock is read when there is something in the completion
 * queue, so that it is not the clock that is measured; commands that are found
 * together share their end.
 */
#include "qemu/osdep.h"
#include "nvme-load.h"
#include "qemu/host-utils.h"

#define SILENCE_NS (10 * 1000000000LL)
#define LOOKS_A_CLOCK 4096

const char *const nvme_pattern_names[NVME_NR_PATTERNS] = {
    "randread", "randwrite", "read", "write",
};

typedef struct Run {
    VfuNvme *n;
    const NvmeLoad *load;
    NvmeFigures *figures;
    uint32_t blocks;            /* for each command */
    uint32_t places, next;      /* of the disk, in commands */
    uint64_t random;
    uint8_t opcode;
    bool sequential;
    unsigned outstanding;
    unsigned looks;             /* in vain */
    int64_t *begun;             /* by slot */
    int64_t heard;              /* the last completion */
} Run;

static int64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* xorshift64: any sequence will do that does not repeat soon. */
static uint64_t next_random(Run *r)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return r->random;
}

static void put(Run *r, unsigned slot, int64_t now)
{
    uint64_t place;

    if (r->sequential) {
        place = r->next;
        r->next = r->next + 1 == r->places ? 0 : r->next + 1;
    } else {
        place = (next_random(r) >> 32) * r->places >> 32;
    }
    r->begun[slot] = now;
    r->outstanding++;
    vfu_nvme_put(r->n, slot, r->opcode, place * r->blocks, r->blocks);
}

static unsigned latency_slot(uint64_t ns)
{
    unsigned log = ns < 16 ? 4 : 63 - clz64(ns);

    return MIN(log * 16 + (ns >> (log - 4) & 15), NVME_LATENCY_SLOTS - 1);
}

double nvme_figures_percentile(const NvmeFigures *f, double share)
{
    uint64_t wanted = f->commands * share, seen = 0;

    for (unsigned i = 0; i < NVME_LATENCY_SLOTS; i++) {
        seen += f->latency[i];
        if (seen > wanted) {
            return (33 + 2 * (i % 16)) * (double)(1ull << (MAX(i / 16, 4) - 4)) / 2e3;
        }
    }
    return 0;
}

/* What has ended, and in its place a new one while the load lasts. */
static void harvest(Run *r, int64_t now, bool refill)
{
    unsigned slot, found = 0;
    uint16_t status;

    while (vfu_nvme_take(r->n, &slot, &status)) {
        if (slot >= r->load->depth) {
            r->figures->errors++;
            continue;
        }
        r->figures->latency[latency_slot(now - r->begun[slot])]++;
        r->figures->errors += status != 0;
        r->outstanding--;
        found++;
        if (refill) {
            put(r, slot, now);
        }
    }
    r->figures->commands += found;
}

/* Nothing there: goes on looking, or sleeps; false when it has been too long. */
static bool wait_for_more(Run *r, Error **errp)
{
    if (r->load->sleep) {
        vfu_nvme_sleep(r->n);
    } else if (++r->looks % LOOKS_A_CLOCK) {
        return true;
    }
    if (now_ns() - r->heard > SILENCE_NS || !vfu_client_alive(vfu_nvme_client(r->n))) {
        error_setg(errp, "%u commands are not answered", r->outstanding);
        return false;
    }
    return true;
}

static bool turn(Run *r, bool refill, Error **errp)
{
    int ret;

    if (!vfu_nvme_ready(r->n)) {
        return wait_for_more(r, errp);
    }
    r->heard = now_ns();
    harvest(r, r->heard, refill);
    ret = vfu_nvme_ring(r->n);
    if (ret) {
        error_setg_errno(errp, -ret, "the doorbell cannot be rung");
    }
    return ret == 0;
}

static bool run(Run *r, Error **errp)
{
    int64_t begin = now_ns(), end = begin + r->load->seconds * 1e9;

    r->heard = begin;
    for (unsigned slot = 0; slot < r->load->depth; slot++) {
        put(r, slot, begin);
    }
    if (vfu_nvme_ring(r->n)) {
        error_setg(errp, "the doorbell cannot be rung");
        return false;
    }
    while (r->heard < end) {
        if (!turn(r, true, errp)) {
            return false;
        }
    }
    r->figures->seconds = (r->heard - begin) / 1e9;
    while (r->outstanding) {
        if (!turn(r, false, errp)) {
            return false;
        }
    }
    return true;
}

bool nvme_load_run(VfuNvme *n, const NvmeLoad *load, NvmeFigures *figures, Error **errp)
{
    uint32_t block = vfu_nvme_block_size(n);
    g_autofree int64_t *begun = g_new0(int64_t, load->depth);
    Run r = {
        .n = n, .load = load, .figures = figures, .begun = begun,
        .blocks = load->bytes / block, .random = 0x9e3779b97f4a7c15,
        .sequential = load->pattern >= NVME_SEQREAD,
        .opcode = load->pattern & 1 ? VFU_NVME_WRITE : VFU_NVME_READ,
    };

    *figures = (NvmeFigures) { .commands = 0 };
    if (load->bytes % block || !r.blocks || vfu_nvme_blocks(n) < r.blocks) {
        error_setg(errp, "%u bytes for a command do not fit: the disk has %" PRIu64
                   " blocks of %u bytes", load->bytes, vfu_nvme_blocks(n), block);
        return false;
    }
    r.places = MIN(vfu_nvme_blocks(n) / r.blocks, UINT32_MAX);
    return run(&r, errp);
}
