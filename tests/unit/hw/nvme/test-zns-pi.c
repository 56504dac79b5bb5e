/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones with metadata: Zone Append and reference tags that are remapped (zoned namespace
 * command set 3.4.1.1), and what was never written. Zones of 64 blocks.
 */
#include "qemu/osdep.h"
#include "io-rig.h"
#include "slow-pi.h"

enum { REF = 1, APP = 2, GUARD = 4, PRACT = 8, ALL = REF | APP | GUARD };
enum { APPEND = 0x7d, PIREMAP = 1u << 25, SIZE = 64, NLB = 4, ZSLBA = 2 * SIZE };
enum { OK = 0, INVALID_PI = 0x181, GUARD_ERROR = 0x282, REF_ERROR = 0x284, TAG = 0x1234 };

typedef struct Bench {
    IoRig *rig;
    unsigned type, ms;
    bool wide;
} Bench;

static Bench bench(unsigned type, unsigned ms, bool wide)
{
    g_autofree char *props = g_strdup_printf("ms=%u,pi=%u,pif=%u,zoned=on,zoned.zone_size=32k",
                                             ms, type, wide);

    return (Bench) { io_rig_new(1 << 20, 512, props, NULL), type, ms, wide };
}

static uint8_t *tuple_of(const Bench *b, unsigned i)
{
    return io_at(b->rig, b->rig->meta) + (i + 1) * b->ms - (b->wide ? 16 : 8);
}

static void put_be(uint8_t *p, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        p[i] = value >> 8 * (bytes - 1 - i);
    }
}

static uint64_t get_be(const uint8_t *p, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

/* Blocks of random bytes with right tuples. */
static void make(const Bench *b, uint64_t reftag)
{
    io_fill(io_at(b->rig, b->rig->buf), NLB * 512);
    io_fill(io_at(b->rig, b->rig->meta), NLB * b->ms);
    for (unsigned i = 0; i < NLB; i++) {
        const uint8_t *data = io_at(b->rig, b->rig->buf) + i * 512;
        uint8_t *tuple = tuple_of(b, i), *meta = io_at(b->rig, b->rig->meta) + i * b->ms;

        if (b->wide) {
            uint64_t crc = slow_crc64(~0ull, data, 512);

            put_be(tuple, ~slow_crc64(crc, meta, tuple - meta), 8);
            put_be(tuple + 8, TAG, 2);
            put_be(tuple + 10, reftag + i, 6);
        } else {
            put_be(tuple, slow_crc16(slow_crc16(0, data, 512), meta, tuple - meta), 2);
            put_be(tuple + 2, TAG, 2);
            put_be(tuple + 4, reftag + i, 4);
        }
    }
}

static NvmeSqe cmd_of(const Bench *b, uint8_t opcode, uint64_t slba, uint32_t cdw12,
                      uint64_t reftag)
{
    NvmeSqe cmd = io_cmd(b->rig, opcode, slba, NLB);

    cmd.cdw3 = cpu_to_le32(reftag >> 32);
    cmd.cdw12 |= cpu_to_le32(cdw12);
    cmd.cdw14 = cpu_to_le32(reftag);
    cmd.cdw15 = cpu_to_le32(0xffffu << 16 | TAG);
    return cmd;
}

static uint16_t append(const Bench *b, uint32_t cdw12, uint64_t reftag)
{
    return io_do(b->rig, cmd_of(b, APPEND, ZSLBA, cdw12, reftag));
}

static uint16_t read_back(const Bench *b, uint64_t slba, uint32_t prinfo, uint64_t reftag)
{
    return io_do(b->rig, cmd_of(b, NVME_IO_READ, slba, prinfo << 26, reftag));
}

static uint64_t reftag_of(const Bench *b, unsigned i)
{
    return b->wide ? get_be(tuple_of(b, i) + 10, 6) : get_be(tuple_of(b, i) + 4, 4);
}

/* The third append is not at the start of the zone: its tags are. */
static void check_remap(const Bench *b, uint32_t prinfo, uint64_t first)
{
    for (unsigned at = 0; at < 3 * NLB; at += NLB) {
        uint64_t stored = b->type == 1 ? ZSLBA + at : first + at;
        g_autofree uint8_t *data = NULL;

        make(b, first);
        data = g_memdup2(io_at(b->rig, b->rig->buf), NLB * 512);
        g_assert_cmphex(append(b, prinfo << 26 | PIREMAP, first), ==, OK);
        memset(io_at(b->rig, b->rig->buf), 0, NLB * 512);
        memset(io_at(b->rig, b->rig->meta), 0, NLB * b->ms);
        g_assert_cmphex(read_back(b, ZSLBA + at, ALL, stored), ==, OK);
        g_assert_cmpmem(io_at(b->rig, b->rig->buf), NLB * 512, data, NLB * 512);
        for (unsigned i = 0; i < NLB; i++) {
            g_assert_cmphex(reftag_of(b, i), ==, stored + i);
        }
    }
}

static void check_type(unsigned type, unsigned ms, bool wide)
{
    Bench b = bench(type, ms, wide);

    check_remap(&b, ALL, type == 1 ? ZSLBA : 777);
    io_rig_free(b.rig);
}

static void test_type1(void)
{
    check_type(1, 8, false);
    check_type(1, 16, false);
    check_type(1, 64, true);
}

static void test_type2(void)
{
    check_type(2, 8, false);
    check_type(2, 16, true);
}

/* The controller makes the tuples; what is left of the metadata is the host's. */
static void test_generate(void)
{
    Bench b = bench(1, 16, false);

    check_remap(&b, PRACT, ZSLBA);
    io_rig_free(b.rig);
}

/* Type 2 without it: the tags are those of the host, wherever the block gets. */
static void test_plain(void)
{
    Bench b = bench(2, 8, false);

    for (unsigned at = 0; at < 2 * NLB; at += NLB) {
        make(&b, 777);
        g_assert_cmphex(append(&b, ALL << 26, 777), ==, OK);
        g_assert_cmphex(read_back(&b, ZSLBA + at, ALL, 777), ==, OK);
    }
    io_rig_free(b.rig);
}

static void test_refused(void)
{
    Bench one = bench(1, 8, false);
    Bench three;

    make(&one, ZSLBA);
    g_assert_cmphex(append(&one, ALL << 26, ZSLBA), ==, INVALID_PI);
    g_assert_cmphex(append(&one, ALL << 26 | PIREMAP, ZSLBA + 1), ==, INVALID_PI);
    tuple_of(&one, 2)[0] ^= 1;
    g_assert_cmphex(append(&one, ALL << 26 | PIREMAP, ZSLBA), ==, GUARD_ERROR);
    tuple_of(&one, 2)[0] ^= 1;
    tuple_of(&one, 2)[7] ^= 1;
    g_assert_cmphex(append(&one, ALL << 26 | PIREMAP, ZSLBA), ==, REF_ERROR);
    g_assert_cmpuint(one.rig->ns->zns->zones[2].wp, ==, 0);
    io_rig_free(one.rig);

    three = bench(3, 8, false);
    make(&three, 5);
    g_assert_cmphex(append(&three, (GUARD | APP) << 26 | PIREMAP, 5), ==, INVALID_PI);
    g_assert_cmphex(append(&three, (GUARD | APP) << 26, 5), ==, OK);
    g_assert_cmphex(read_back(&three, ZSLBA, GUARD | APP, 5), ==, OK);
    io_rig_free(three.rig);
}

/* Never written: zeroes, and a tuple that disables the checks, whatever the medium has. */
static void test_unwritten(void)
{
    Bench b = bench(1, 8, false);
    g_autofree uint8_t *junk = g_malloc(1 << 20);

    memset(junk, 0x33, 1 << 20);
    g_assert_cmpint(pwrite(b.rig->fd, junk, 1 << 20, 0), ==, 1 << 20);
    make(&b, ZSLBA);
    g_assert_cmphex(io_do(b.rig, cmd_of(&b, NVME_IO_WRITE, ZSLBA, ALL << 26, ZSLBA)), ==, OK);
    g_assert_cmphex(read_back(&b, ZSLBA, ALL, ZSLBA), ==, OK);
    g_assert_cmphex(read_back(&b, ZSLBA + 2, ALL, ZSLBA + 2), ==, OK);
    for (unsigned i = 2; i < NLB; i++) {
        const uint8_t *data = io_at(b.rig, b.rig->buf) + i * 512;

        g_assert_cmphex(get_be(tuple_of(&b, i), 8), ==, UINT64_MAX);
        g_assert_true(!data[0] && !memcmp(data, data + 1, 511));
    }
    io_rig_free(b.rig);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/zns-pi/type1", test_type1);
    g_test_add_func("/nvme/zns-pi/type2", test_type2);
    g_test_add_func("/nvme/zns-pi/generate", test_generate);
    g_test_add_func("/nvme/zns-pi/plain", test_plain);
    g_test_add_func("/nvme/zns-pi/refused", test_refused);
    g_test_add_func("/nvme/zns-pi/unwritten", test_unwritten);
    return g_test_run();
}
