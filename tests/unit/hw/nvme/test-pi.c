/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * End-to-end protection through the commands: types 1 to 3, both guards, both places
 * of the tuple, extended and separate metadata, inserted by the controller or by the
 * host. What the tuples have to be is computed bit by bit (slow-pi.h).
 */
#include "qemu/osdep.h"
#include "io-rig.h"
#include "slow-pi.h"

enum { REF = 1, APP = 2, GUARD = 4, PRACT = 8, ALL = REF | APP | GUARD };
enum { NLB = 9, SLBA = 5 };

typedef struct Format {
    unsigned type;
    bool wide, first, extended;
    unsigned ms;
    uint32_t block;
} Format;

typedef struct Bench {
    const Format *f;
    IoRig *rig;
    unsigned size, at;          /* of the tuple */
} Bench;

static Bench bench(const Format *f)
{
    g_autofree char *props = g_strdup_printf("ms=%u,mset=%u,pi=%u,pil=%u,pif=%u", f->ms,
                                             f->extended, f->type, f->first, f->wide);
    Bench b = { f, io_rig_new(4 << 20, f->block, props, NULL), f->wide ? 16 : 8 };

    b.at = f->first ? 0 : f->ms - b.size;
    return b;
}

/* prinfo, application tag 1234h checked in full, reference tag of the first block. */
static NvmeSqe tagged(Bench *b, uint8_t opcode, uint64_t slba, uint32_t nlb, uint8_t prinfo,
                      uint64_t reftag)
{
    bool hidden = (prinfo & PRACT) && b->f->ms == b->size;
    NvmeSqe cmd = io_cmd(b->rig, opcode, slba, nlb);

    if (hidden) {
        io_map(b->rig, &cmd, b->rig->buf, (uint64_t)nlb * b->f->block);
    }
    cmd.cdw3 = cpu_to_le32(reftag >> 32);
    cmd.cdw12 |= cpu_to_le32((uint32_t)prinfo << 26);
    cmd.cdw14 = cpu_to_le32(reftag);
    cmd.cdw15 = cpu_to_le32(0xffff1234);
    return cmd;
}

static uint8_t *data_of(Bench *b, uint32_t i, bool hidden)
{
    unsigned stride = b->f->block + (b->f->extended && !hidden ? b->f->ms : 0);

    return io_at(b->rig, b->rig->buf) + (size_t)i * stride;
}

static uint8_t *meta_of(Bench *b, uint32_t i)
{
    return b->f->extended ? data_of(b, i, false) + b->f->block
                          : io_at(b->rig, b->rig->meta) + (size_t)i * b->f->ms;
}

static void put_be(uint8_t *p, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        p[i] = value >> 8 * (bytes - 1 - i);
    }
}

static void make_tuple(Bench *b, uint8_t *tuple, const uint8_t *data, const uint8_t *meta,
                       uint16_t apptag, uint64_t reftag)
{
    if (b->f->wide) {
        uint64_t crc = slow_crc64(~0ull, data, b->f->block);

        put_be(tuple, ~slow_crc64(crc, meta, b->at), 8);
        put_be(tuple + 8, apptag, 2);
        put_be(tuple + 10, reftag, 6);
    } else {
        put_be(tuple, slow_crc16(slow_crc16(0, data, b->f->block), meta, b->at), 2);
        put_be(tuple + 2, apptag, 2);
        put_be(tuple + 4, reftag, 4);
    }
}

static uint64_t tag_of(Bench *b, uint64_t first, uint32_t i)
{
    return b->f->type == 3 ? first : first + i;
}

/* Random blocks with the tuples that belong to them, in the host's memory. */
static void fill(Bench *b, uint32_t nlb, uint64_t reftag)
{
    for (uint32_t i = 0; i < nlb; i++) {
        io_fill(data_of(b, i, false), b->f->block);
        io_fill(meta_of(b, i), b->f->ms);
        make_tuple(b, meta_of(b, i) + b->at, data_of(b, i, false), meta_of(b, i), 0x1234,
                   tag_of(b, reftag, i));
    }
}

static uint8_t all_checks(Bench *b)
{
    return b->f->type == 3 ? GUARD | APP : ALL;
}

static void clear_host(Bench *b)
{
    memset(io_at(b->rig, b->rig->buf), 0xa5, IO_BUF);
    memset(io_at(b->rig, b->rig->meta), 0xa5, IO_META);
}

/* The host makes the tuples: they are checked on both ways, and come back as they were. */
static void passed_through(Bench *b)
{
    g_autofree uint8_t *data = g_malloc(NLB * (b->f->block + b->f->ms));
    uint8_t *p = data;

    fill(b, NLB, SLBA);
    for (uint32_t i = 0; i < NLB; i++) {
        p = mempcpy(mempcpy(p, data_of(b, i, false), b->f->block), meta_of(b, i), b->f->ms);
    }
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    clear_host(b);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    p = data;
    for (uint32_t i = 0; i < NLB; i++) {
        g_assert_cmpmem(data_of(b, i, false), b->f->block, p, b->f->block);
        g_assert_cmpmem(meta_of(b, i), b->f->ms, p + b->f->block, b->f->ms);
        p += b->f->block + b->f->ms;
    }
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_COMPARE, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_VERIFY, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
}

/* One bit of one tuple, or the expectation, is wrong: nothing gets to the medium. */
static void refused_writes(Bench *b)
{
    unsigned apptag = b->f->wide ? 8 : 2;
    static const struct {
        unsigned field;
        uint16_t status;
        uint8_t check;
    } cases[] = {
        { 0, NVME_GUARD_CHECK_ERROR, GUARD },
        { 1, NVME_APPTAG_CHECK_ERROR, APP },
        { 2, NVME_REFTAG_CHECK_ERROR, REF },
    };

    for (unsigned i = 0; i < (b->f->type == 3 ? 2 : 3); i++) {
        unsigned at = cases[i].field == 0 ? 0 : cases[i].field == 1 ? apptag : apptag + 2;
        uint8_t before[4096], after[4096];

        io_medium(b->rig, SLBA * b->f->block, before, b->f->block);
        fill(b, NLB, SLBA);
        meta_of(b, 4)[b->at + at] ^= 0x40;
        g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB, cases[i].check, SLBA)),
                        ==, cases[i].status);
        io_medium(b->rig, SLBA * b->f->block, after, b->f->block);
        g_assert_cmpmem(before, b->f->block, after, b->f->block);
        /* Not looked at when the check is off. */
        g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB,
                                             all_checks(b) & ~cases[i].check, SLBA)),
                        ==, NVME_SUCCESS);
        g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, SLBA, NLB, cases[i].check, SLBA)),
                        ==, cases[i].status);
        g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_VERIFY, SLBA, NLB, cases[i].check, SLBA)),
                        ==, cases[i].status);
        g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, SLBA, 4, cases[i].check, SLBA)),
                        ==, NVME_SUCCESS);
    }
}

/* PRACT: the controller makes the tuples, and takes them away when they are all there is. */
static void inserted(Bench *b)
{
    bool hidden = b->f->ms == b->size;
    uint8_t expected[16];

    for (uint32_t i = 0; i < NLB; i++) {
        io_fill(data_of(b, i, hidden), b->f->block);
        if (!hidden) {
            io_fill(meta_of(b, i), b->f->ms);
        }
    }
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB, PRACT, SLBA)), ==,
                    NVME_SUCCESS);
    clear_host(b);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    for (uint32_t i = 0; i < NLB; i++) {
        make_tuple(b, expected, data_of(b, i, false), meta_of(b, i), 0x1234,
                   tag_of(b, SLBA, i));
        g_assert_cmpmem(meta_of(b, i) + b->at, b->size, expected, b->size);
    }
}

static void stripped(Bench *b)
{
    bool hidden = b->f->ms == b->size;
    g_autofree uint8_t *data = g_malloc(NLB * b->f->block);

    fill(b, NLB, SLBA);
    for (uint32_t i = 0; i < NLB; i++) {
        memcpy(data + i * b->f->block, data_of(b, i, false), b->f->block);
    }
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    clear_host(b);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, SLBA, NLB, PRACT | all_checks(b), SLBA)),
                    ==, NVME_SUCCESS);
    for (uint32_t i = 0; i < NLB; i++) {
        g_assert_cmpmem(data_of(b, i, hidden), b->f->block, data + i * b->f->block, b->f->block);
    }
    if (hidden) {
        g_assert_cmphex(io_at(b->rig, b->rig->meta)[0], ==, 0xa5);
        g_assert_cmphex(io_at(b->rig, b->rig->buf)[NLB * b->f->block], ==, 0xa5);
    }
}

static void expect_tuples(Bench *b, uint64_t slba, const uint8_t *tuple, bool right)
{
    uint8_t expected[16];

    clear_host(b);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, slba, NLB, 0, slba)), ==, NVME_SUCCESS);
    for (uint32_t i = 0; i < NLB; i++) {
        if (right) {
            make_tuple(b, expected, data_of(b, i, false), meta_of(b, i), 0x1234,
                       tag_of(b, slba, i));
        }
        g_assert_cmpmem(meta_of(b, i) + b->at, b->size, right ? expected : tuple, b->size);
        g_assert_cmphex(data_of(b, i, false)[7], ==, 0);
    }
}

/* What was never written, or deallocated, has tuples of all ones, and is read with all checks. */
static void holes(Bench *b)
{
    static const uint8_t zeroes[16];
    uint8_t ones[16];
    IoRange range = { SLBA, NLB };

    memset(ones, 0xff, sizeof(ones));
    expect_tuples(b, 100, ones, false);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, 100, NLB, all_checks(b), 100)), ==,
                    NVME_SUCCESS);
    fill(b, NLB, SLBA);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    g_assert_cmphex(io_do(b->rig, io_cmd_deallocate(b->rig, &range, 1)), ==, NVME_SUCCESS);
    expect_tuples(b, SLBA, ones, false);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_VERIFY, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE_ZEROES, SLBA, NLB, 0, SLBA)), ==,
                    NVME_SUCCESS);
    expect_tuples(b, SLBA, zeroes, false);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE_ZEROES, SLBA, NLB, PRACT, SLBA)), ==,
                    NVME_SUCCESS);
    expect_tuples(b, SLBA, NULL, true);
}

/* A bit of a block changes on the medium behind the controller's back. */
static void rotten(Bench *b)
{
    uint64_t at = (SLBA + 3) * b->f->block + 17;
    uint8_t byte;

    fill(b, NLB, SLBA);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    io_medium(b->rig, at, &byte, 1);
    byte ^= 1;
    g_assert_cmpint(pwrite(b->rig->fd, &byte, 1, at), ==, 1);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_COMPARE, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_GUARD_CHECK_ERROR);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_VERIFY, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_GUARD_CHECK_ERROR);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_GUARD_CHECK_ERROR);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, SLBA, 3, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
}

static NvmeSqe copy(Bench *b, uint64_t to, uint64_t from, uint32_t nlb, uint8_t read, uint8_t write)
{
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_COPY, to, 1, 0, 0);
    uint64_t page = b->rig->lists;
    uint8_t *p = io_at(b->rig, page);

    memset(p, 0, 40);
    stq_le_p(p + 8, from);
    stw_le_p(p + 16, nlb - 1);
    if (b->f->wide) {
        put_be(p + 30, from, 6);
        stl_le_p(p + 36, 0xffff1234);
        cmd.cdw12 |= cpu_to_le32(1 << 8);
    } else {
        stl_le_p(p + 24, from);
        stl_le_p(p + 28, 0xffff1234);
    }
    cmd.dptr[0] = cpu_to_le64(page);
    cmd.cdw12 |= cpu_to_le32((uint32_t)read << 12 | (uint32_t)write << 26);
    cmd.cdw14 = cpu_to_le32(to);
    cmd.cdw15 = cpu_to_le32(0xffff1234);
    return cmd;
}

/* As they are, the reference tags are those of the source; with PRACT of the destination. */
static void copied(Bench *b)
{
    uint64_t to = SLBA + 50;
    bool is_three = b->f->type == 3;

    fill(b, NLB, SLBA);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_WRITE, SLBA, NLB, all_checks(b), SLBA)), ==,
                    NVME_SUCCESS);
    g_assert_cmphex(io_do(b->rig, copy(b, to, SLBA, NLB, all_checks(b), GUARD | APP)), ==,
                    NVME_SUCCESS);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, to, NLB, GUARD | APP, to)), ==,
                    NVME_SUCCESS);
    if (!is_three) {
        g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, to, NLB, REF, to)), ==,
                        NVME_REFTAG_CHECK_ERROR);
        g_assert_cmphex(io_do(b->rig, copy(b, to, SLBA, NLB, ALL, ALL)), ==,
                        NVME_REFTAG_CHECK_ERROR);
    }
    g_assert_cmphex(io_do(b->rig, copy(b, to, SLBA, NLB, PRACT | all_checks(b), PRACT)), ==,
                    NVME_SUCCESS);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_READ, to, NLB, all_checks(b), to)), ==,
                    NVME_SUCCESS);
    g_assert_cmphex(io_do(b->rig, copy(b, to, SLBA, NLB, PRACT, 0)), ==, NVME_INVALID_FIELD);
}

static void wrong_fields(Bench *b)
{
    const uint16_t invalid = NVME_INVALID_PROTECTION_INFO;
    bool tied = b->f->type != 2;
    NvmeSqe cmd = copy(b, SLBA + 50, SLBA, NLB, GUARD, GUARD);

    fill(b, NLB, SLBA + 1);
    for (unsigned i = 0; i < 3; i++) {
        static const uint8_t opcodes[] = { NVME_IO_WRITE, NVME_IO_COMPARE, NVME_IO_VERIFY };

        g_assert_cmphex(io_do(b->rig, tagged(b, opcodes[i], SLBA, NLB, REF, SLBA + 1)), ==,
                        tied ? invalid : NVME_SUCCESS);
    }
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_COMPARE, SLBA, NLB, PRACT, SLBA)), ==, invalid);
    g_assert_cmphex(io_do(b->rig, tagged(b, NVME_IO_VERIFY, SLBA, NLB, PRACT, SLBA)), ==, invalid);
    cmd.cdw12 ^= cpu_to_le32(1 << 8);
    g_assert_cmphex(io_do(b->rig, cmd), ==, NVME_INVALID_FORMAT);
}

static void test_format(const void *data)
{
    Bench b = bench(data);

    holes(&b);
    passed_through(&b);
    refused_writes(&b);
    inserted(&b);
    stripped(&b);
    rotten(&b);
    copied(&b);
    wrong_fields(&b);
    io_rig_free(b.rig);
}

static const Format formats[] = {
    { 1, false, false, false, 8, 512 },
    { 1, false, true, true, 8, 512 },
    { 1, false, false, true, 16, 4096 },
    { 2, false, false, false, 64, 4096 },
    { 2, false, true, false, 16, 512 },
    { 3, false, false, true, 8, 4096 },
    { 3, false, true, false, 64, 512 },
    { 1, true, false, false, 16, 4096 },
    { 2, true, true, true, 64, 512 },
    { 3, true, false, false, 64, 4096 },
};

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
        const Format *f = &formats[i];
        g_autofree char *path = g_strdup_printf("/nvme/pi/type%u,guard=%u,%s,%s,%u+%u", f->type,
                                                f->wide ? 64 : 16, f->first ? "first" : "last",
                                                f->extended ? "extended" : "separate", f->block,
                                                f->ms);

        g_test_add_data_func(path, f, test_format);
    }
    return g_test_run();
}
