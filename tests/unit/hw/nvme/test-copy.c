/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copy: fields, limits, overlap, errors half way, ranges that change under it. */
#include "qemu/osdep.h"
#include "io-rig.h"

enum { BLOCKS = 1024 };

typedef struct Bench {
    IoRig *rig;
    uint8_t model[BLOCKS][512];
} Bench;

static Bench *bench_new(const char *props)
{
    Bench *b = g_new0(Bench, 1);

    b->rig = io_rig_new(BLOCKS * 512, 512, props, "mdts=7");
    io_fill(b->model, sizeof(b->model));
    memcpy(io_at(b->rig, b->rig->buf), b->model, sizeof(b->model));
    g_assert_cmphex(io_do(b->rig, io_cmd(b->rig, NVME_IO_WRITE, 0, BLOCKS)), ==, NVME_SUCCESS);
    return b;
}

static void bench_free(Bench *b)
{
    io_rig_free(b->rig);
    g_free(b);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bench, bench_free)

static void check(Bench *b)
{
    g_autofree uint8_t *seen = g_malloc(sizeof(b->model));

    io_medium(b->rig, 0, seen, sizeof(b->model));
    g_assert_cmpmem(seen, sizeof(b->model), b->model, sizeof(b->model));
}

static void test_limits(void)
{
    g_autoptr(Bench) b = bench_new("mssrl=64,mcl=100,msrc=3");
    const uint16_t too_long = NVME_CMD_SIZE_LIMIT_EXCEEDED | NVME_DNR;
    IoRange ranges[5] = { { 0, 64 }, { 64, 36 }, { 100, 1 }, { 101, 1 }, { 102, 1 } };
    uint16_t cid;

    cid = io_submit(b->rig, io_cmd_copy(b->rig, 500, ranges, 2));
    g_assert_cmphex(io_wait(b->rig, cid), ==, NVME_SUCCESS);
    g_assert_cmpuint(b->rig->dw0[cid], ==, 0);  /* no range has failed */
    memmove(b->model[500], b->model[0], 100 * 512);
    check(b);
    g_assert_cmphex(io_do_dnr(b->rig, io_cmd_copy(b->rig, 500, ranges, 3)), ==, too_long);
    g_assert_cmphex(io_do_dnr(b->rig, io_cmd_copy(b->rig, 500, ranges + 1, 4)), ==,
                    NVME_SUCCESS);
    memmove(b->model[500], b->model[64], 39 * 512);
    check(b);
    ranges[0].nlb = 1;
    g_assert_cmphex(io_do_dnr(b->rig, io_cmd_copy(b->rig, 500, ranges, 5)), ==, too_long);
    ranges[0].nlb = 64;
    ranges[1].nlb = 65;
    cid = io_submit(b->rig, io_cmd_copy(b->rig, 500, ranges, 2));
    g_assert_cmphex(io_wait(b->rig, cid), ==, NVME_CMD_SIZE_LIMIT_EXCEEDED);
    g_assert_cmpuint(b->rig->dw0[cid], ==, 1);
    check(b);
}

static void test_fields(void)
{
    g_autoptr(Bench) b = bench_new(NULL);
    const uint16_t out = NVME_LBA_OUT_OF_RANGE;
    IoRange ranges[2] = { { 0, 8 }, { BLOCKS - 1, 2 } };
    NvmeSqe cmd;
    uint16_t cid;

    cid = io_submit(b->rig, io_cmd_copy(b->rig, 500, ranges, 2));
    g_assert_cmphex(io_wait(b->rig, cid), ==, out);
    g_assert_cmpuint(b->rig->dw0[cid], ==, 1);
    g_assert_cmphex(io_do(b->rig, io_cmd_copy(b->rig, BLOCKS - 7, ranges, 1)), ==, out);
    g_assert_cmphex(io_do(b->rig, io_cmd_copy(b->rig, UINT64_MAX, ranges, 1)), ==, out);
    ranges[0].slba = UINT64_MAX;
    g_assert_cmphex(io_do(b->rig, io_cmd_copy(b->rig, 500, ranges, 1)), ==, out);
    ranges[0].slba = 0;
    cmd = io_cmd_copy(b->rig, 500, ranges, 1);
    cmd.cdw12 |= cpu_to_le32(2 << 8);
    g_assert_cmphex(io_do_dnr(b->rig, cmd), ==, NVME_INVALID_FIELD | NVME_DNR);
    cmd = io_cmd_copy(b->rig, 500, ranges, 1);
    cmd.cdw12 |= cpu_to_le32(1 << 20);
    g_assert_cmphex(io_do(b->rig, cmd), ==, NVME_INVALID_FIELD);
    cmd = io_cmd_copy(b->rig, 500, ranges, 1);
    cmd.dptr[0] = cpu_to_le64(NVME_RIG_NOWHERE);
    g_assert_cmphex(io_do(b->rig, cmd), ==, NVME_DATA_TRANSFER_ERROR);
    check(b);
}

/* Longer than a buffer, and the destination in the source, in front of it and behind it. */
static void test_overlap(void)
{
    g_autoptr(Bench) b = bench_new("mssrl=600,mcl=1000");
    static const struct {
        uint32_t from, nlb, to;
    } cases[] = {
        { 100, 600, 101 }, { 101, 600, 100 }, { 0, 600, 300 }, { 300, 600, 0 }, { 7, 600, 7 },
        { 0, 512, 256 }, { 0, 512, 512 }, { 100, 300, 399 }, { 100, 300, 400 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        IoRange range = { cases[i].from, cases[i].nlb };

        g_assert_cmphex(io_do(b->rig, io_cmd_copy(b->rig, cases[i].to, &range, 1)), ==,
                        NVME_SUCCESS);
        memmove(b->model[cases[i].to], b->model[cases[i].from], cases[i].nlb * 512);
        check(b);
    }
}

static void test_half_way(void)
{
    g_autoptr(Bench) b = bench_new(NULL);
    IoRange ranges[3] = { { 0, 8 }, { 20, 8 }, { 40, 8 } };
    uint16_t cid;

    io_fail(b->rig, BLOCK_OP_READ, 20 * 512, 512, 1, EIO);
    cid = io_submit(b->rig, io_cmd_copy(b->rig, 500, ranges, 3));
    g_assert_cmphex(io_wait(b->rig, cid), ==, NVME_UNRECOVERED_READ_ERROR);
    g_assert_cmpuint(b->rig->dw0[cid], ==, 1);
    memmove(b->model[500], b->model[0], 8 * 512);
    check(b);
    io_fail(b->rig, BLOCK_OP_WRITE, 516 * 512, 512, 1, ENODEV);
    cid = io_submit(b->rig, io_cmd_copy(b->rig, 500, ranges, 3));
    g_assert_cmphex(io_wait(b->rig, cid), ==, NVME_WRITE_FAULT);
    g_assert_cmpuint(b->rig->dw0[cid], ==, 2);
    memmove(b->model[508], b->model[20], 8 * 512);
    check(b);
}

static void test_read_once(void)
{
    g_autoptr(Bench) b = bench_new(NULL);
    IoRange ranges[2] = { { 0, 8 }, { 20, 8 } };
    NvmeSqe cmd = io_cmd_copy(b->rig, 500, ranges, 2);
    uint16_t cid;

    io_hold(b->rig);
    cid = io_submit(b->rig, cmd);
    io_run(b->rig);
    g_assert_cmpuint(io_held(b->rig), ==, 1);
    memset(io_at(b->rig, le64_to_cpu(cmd.dptr[0])), 0xff, 4096);
    io_let_go(b->rig);
    g_assert_cmphex(io_wait(b->rig, cid), ==, NVME_SUCCESS);
    memmove(b->model[500], b->model[0], 8 * 512);
    memmove(b->model[508], b->model[20], 8 * 512);
    check(b);
}

/* More copies than there are buffers, some into each other's way: all end. */
static void test_many(void)
{
    g_autoptr(Bench) b = bench_new(NULL);
    uint16_t cid[40];

    for (unsigned i = 0; i < ARRAY_SIZE(cid); i++) {
        IoRange ranges[2] = { { 100 * (i % 4), 50 }, { 100 * (i % 3) + 30, 50 } };

        cid[i] = io_submit(b->rig, io_cmd_copy(b->rig, 100 * (i % 5) + 20, ranges, 2));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(cid); i++) {
        g_assert_cmphex(io_wait(b->rig, cid[i]), ==, NVME_SUCCESS);
    }
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/copy/limits", test_limits);
    g_test_add_func("/nvme/copy/fields", test_fields);
    g_test_add_func("/nvme/copy/overlap", test_overlap);
    g_test_add_func("/nvme/copy/half-way", test_half_way);
    g_test_add_func("/nvme/copy/read-once", test_read_once);
    g_test_add_func("/nvme/copy/many", test_many);
    return g_test_run();
}
