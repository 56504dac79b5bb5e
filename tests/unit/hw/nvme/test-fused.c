/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compare and Write: who is whose other half, what both end with, and that nothing gets between. */
#include "qemu/osdep.h"
#include "io-rig.h"

enum { BYTES = 1 << 20, NLB = 4, SLBA = 16 };

typedef struct Pair {
    uint16_t first, second;
} Pair;

/* The host compares with buf and writes other. */
static Pair submit_pair(IoRig *rig, NvmeSqe compare, NvmeSqe write)
{
    Pair pair;

    compare.flags |= NVME_FUSE_FIRST;
    write.flags |= NVME_FUSE_SECOND;
    pair.first = io_submit(rig, compare);
    pair.second = io_submit(rig, write);
    return pair;
}

static NvmeSqe compare_cmd(IoRig *rig)
{
    return io_cmd(rig, NVME_IO_COMPARE, SLBA, NLB);
}

static NvmeSqe write_cmd(IoRig *rig)
{
    return io_cmd_at(rig, NVME_IO_WRITE, SLBA, NLB, rig->other, rig->meta);
}

static void expect(IoRig *rig, Pair pair, uint16_t first, uint16_t second)
{
    g_assert_cmphex(io_wait(rig, pair.first), ==, first);
    g_assert_cmphex(io_wait(rig, pair.second), ==, second);
}

static void expect_medium(IoRig *rig, uint64_t host)
{
    uint8_t seen[NLB * 4096];

    io_medium(rig, SLBA * rig->block, seen, NLB * rig->block);
    g_assert_cmpmem(seen, NLB * rig->block, io_at(rig, host), NLB * rig->block);
}

static void write_first(IoRig *rig)
{
    io_fill(io_at(rig, rig->buf), NLB * (rig->block + rig->ms));
    io_fill(io_at(rig, rig->other), NLB * (rig->block + rig->ms));
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, SLBA, NLB)), ==, NVME_SUCCESS);
}

static void test_pair(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);

    write_first(rig);
    expect(rig, submit_pair(rig, compare_cmd(rig), write_cmd(rig)), NVME_SUCCESS, NVME_SUCCESS);
    expect_medium(rig, rig->other);
    /* Again: now it differs, and nothing is written. */
    expect(rig, submit_pair(rig, compare_cmd(rig), write_cmd(rig)), NVME_COMPARE_FAILURE,
           NVME_ABORTED_FUSED_FAILED);
    expect_medium(rig, rig->other);
}

static void test_pair_metadata(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, "ms=16", NULL);
    uint8_t seen[NLB * 16];

    write_first(rig);
    memset(io_at(rig, rig->meta), 0x11, NLB * 16);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, SLBA, NLB)), ==, NVME_SUCCESS);
    memset(io_at(rig, rig->meta + 4096), 0x22, NLB * 16);
    expect(rig, submit_pair(rig, compare_cmd(rig),
                            io_cmd_at(rig, NVME_IO_WRITE, SLBA, NLB, rig->other,
                                      rig->meta + 4096)), NVME_SUCCESS, NVME_SUCCESS);
    expect_medium(rig, rig->other);
    io_medium(rig, rig->ns->moff + SLBA * 16, seen, sizeof(seen));
    g_assert_cmpmem(seen, sizeof(seen), io_at(rig, rig->meta + 4096), sizeof(seen));
    /* The same data with other metadata differs. */
    expect(rig, submit_pair(rig, io_cmd_at(rig, NVME_IO_COMPARE, SLBA, NLB, rig->other, rig->meta),
                            write_cmd(rig)), NVME_COMPARE_FAILURE, NVME_ABORTED_FUSED_FAILED);
}

static void test_missing(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    NvmeSqe first = compare_cmd(rig), second = write_cmd(rig), reserved = compare_cmd(rig);
    uint16_t cid[4];

    first.flags = NVME_FUSE_FIRST;
    second.flags = NVME_FUSE_SECOND;
    reserved.flags = 3;
    g_assert_cmphex(io_do(rig, second), ==, NVME_ABORTED_FUSED_MISSING);
    g_assert_cmphex(io_do(rig, reserved), ==, NVME_INVALID_FIELD);
    /* Something between the two: both are lost, it is not. */
    cid[0] = io_submit(rig, first);
    cid[1] = io_submit(rig, io_cmd(rig, NVME_IO_READ, 0, 1));
    cid[2] = io_submit(rig, second);
    g_assert_cmphex(io_wait(rig, cid[0]), ==, NVME_ABORTED_FUSED_MISSING);
    g_assert_cmphex(io_wait(rig, cid[1]), ==, NVME_SUCCESS);
    g_assert_cmphex(io_wait(rig, cid[2]), ==, NVME_ABORTED_FUSED_MISSING);
    /* First, first, second: the newer first has its second. */
    write_first(rig);
    cid[0] = io_submit(rig, first);
    cid[1] = io_submit(rig, first);
    cid[2] = io_submit(rig, second);
    g_assert_cmphex(io_wait(rig, cid[0]), ==, NVME_ABORTED_FUSED_MISSING);
    g_assert_cmphex(io_wait(rig, cid[1]), ==, NVME_SUCCESS);
    g_assert_cmphex(io_wait(rig, cid[2]), ==, NVME_SUCCESS);
    /* A first alone waits for the next doorbell, and can be taken back. */
    cid[0] = io_submit(rig, first);
    io_run(rig);
    g_assert_false(rig->done[cid[0]]);
    io_abort(rig, cid[0]);
    g_assert_cmphex(io_wait(rig, cid[0]), ==, NVME_ABORT_REQUESTED);
    g_assert_null(nvme_rig_ctrl(rig->nvme)->fused);
    g_assert_cmphex(io_do(rig, second), ==, NVME_ABORTED_FUSED_MISSING);
}

/* Another queue's commands are not between the two, and not the other half. */
static void test_two_queues(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    NvmeSqe first = compare_cmd(rig), second = write_cmd(rig);
    NvmeRigQueue other;
    uint16_t cid;

    nvme_rig_create(rig->nvme, &other, 2, 16, 0);
    write_first(rig);
    first.flags = NVME_FUSE_FIRST;
    second.flags = NVME_FUSE_SECOND;
    cid = io_submit(rig, first);
    io_run(rig);
    g_assert_cmphex(nvme_rig_status(rig->nvme, &other, second), ==, NVME_ABORTED_FUSED_MISSING);
    g_assert_cmphex(nvme_rig_status(rig->nvme, &other, nvme_cmd(0x7f, 1)), ==,
                    NVME_INVALID_OPCODE);
    g_assert_false(rig->done[cid]);
    g_assert_cmphex(io_do(rig, second), ==, NVME_SUCCESS);
    g_assert_cmphex(io_wait(rig, cid), ==, NVME_SUCCESS);
}

static void test_mismatch(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    const uint16_t invalid = NVME_INVALID_FIELD;
    NvmeSqe write = write_cmd(rig);

    expect(rig, submit_pair(rig, compare_cmd(rig), compare_cmd(rig)), invalid, invalid);
    expect(rig, submit_pair(rig, write_cmd(rig), write_cmd(rig)), invalid, invalid);
    write.cdw10 = cpu_to_le32(SLBA + 1);
    expect(rig, submit_pair(rig, compare_cmd(rig), write), invalid, invalid);
    write = write_cmd(rig);
    write.cdw11 = cpu_to_le32(1);
    expect(rig, submit_pair(rig, compare_cmd(rig), write), invalid, invalid);
    write = write_cmd(rig);
    write.cdw12 = cpu_to_le32(NLB);
    expect(rig, submit_pair(rig, compare_cmd(rig), write), invalid, invalid);
    write = write_cmd(rig);
    write.nsid = cpu_to_le32(2);
    expect(rig, submit_pair(rig, compare_cmd(rig), write), invalid, invalid);
}

/* One is wrong, or fails: it says so, the other one that it failed for it. */
static void test_failures(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    const uint16_t failed = NVME_ABORTED_FUSED_FAILED;
    NvmeSqe write = write_cmd(rig), compare = compare_cmd(rig);

    write_first(rig);
    write.cdw12 |= cpu_to_le32(1 << 20);
    expect(rig, submit_pair(rig, compare, write), failed, NVME_INVALID_FIELD);
    write = write_cmd(rig);
    write.dptr[0] = cpu_to_le64(NVME_RIG_NOWHERE);
    expect(rig, submit_pair(rig, compare, write), failed, NVME_DATA_TRANSFER_ERROR);
    compare.dptr[0] = cpu_to_le64(NVME_RIG_NOWHERE);
    expect(rig, submit_pair(rig, compare, write_cmd(rig)), NVME_DATA_TRANSFER_ERROR, failed);
    io_fail(rig, BLOCK_OP_READ, 0, BYTES, 1, EIO);
    expect(rig, submit_pair(rig, compare_cmd(rig), write_cmd(rig)), NVME_UNRECOVERED_READ_ERROR,
           failed);
    io_fail(rig, BLOCK_OP_WRITE, 0, BYTES, 1, EIO);
    expect(rig, submit_pair(rig, compare_cmd(rig), write_cmd(rig)), failed, NVME_WRITE_FAULT);
    expect_medium(rig, rig->buf);
    rig->ns->write_protected = true;
    expect(rig, submit_pair(rig, compare_cmd(rig), write_cmd(rig)), failed,
           NVME_NS_WRITE_PROTECTED);
    rig->ns->write_protected = false;
}

/*
 * While the pair compares, a write of the range waits; so does the pair for one that the
 * medium has; what does not overlap goes on.
 */
static void test_atomic(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    uint16_t before, inside, aside, reading;
    Pair pair;

    write_first(rig);
    io_hold(rig);
    before = io_submit(rig, io_cmd(rig, NVME_IO_WRITE, SLBA + 1, 1));
    io_run(rig);
    g_assert_cmpuint(io_held(rig), ==, 1);
    /* Block SLBA + 1 becomes block SLBA of buf, which is what the pair shall find there. */
    memcpy(io_at(rig, rig->other + 65536), io_at(rig, rig->buf), NLB * 512);
    memcpy(io_at(rig, rig->other + 65536 + 512), io_at(rig, rig->buf), 512);
    pair = submit_pair(rig, io_cmd_at(rig, NVME_IO_COMPARE, SLBA, NLB, rig->other + 65536, 0),
                       write_cmd(rig));
    io_run(rig);
    g_assert_cmpuint(io_held(rig), ==, 1);      /* it waits for the write */
    io_release(rig, 1);
    g_assert_cmphex(io_wait(rig, before), ==, NVME_SUCCESS);
    io_run(rig);
    g_assert_cmpuint(io_held(rig), ==, 1);      /* the read of the pair's comparison */
    inside = io_submit(rig, io_cmd(rig, NVME_IO_WRITE, SLBA + 3, 2));
    reading = io_submit(rig, io_cmd_at(rig, NVME_IO_READ, SLBA, 1, rig->other + 131072, 0));
    aside = io_submit(rig, io_cmd(rig, NVME_IO_WRITE, SLBA + NLB, 1));
    io_run(rig);
    g_assert_cmpuint(io_held(rig), ==, 2);      /* that, and what does not overlap */
    io_let_go(rig);
    expect(rig, pair, NVME_SUCCESS, NVME_SUCCESS);
    g_assert_cmphex(io_wait(rig, inside), ==, NVME_SUCCESS);
    g_assert_cmphex(io_wait(rig, aside), ==, NVME_SUCCESS);
    g_assert_cmphex(io_wait(rig, reading), ==, NVME_SUCCESS);
    g_assert_cmpmem(io_at(rig, rig->other + 131072), 512, io_at(rig, rig->other), 512);
}

/* Each half taken back at each step of the pair: the other one ends, too. */
static void test_taken_back(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, "ms=8", NULL);

    for (unsigned which = 0; which < 2; which++) {
        for (unsigned steps = 0; steps < 5; steps++) {
            uint16_t victim, other;
            Pair pair;

            write_first(rig);
            io_hold(rig);
            pair = submit_pair(rig, compare_cmd(rig), write_cmd(rig));
            io_run(rig);
            for (unsigned i = 0; i < steps; i++) {
                io_release(rig, 1);
                io_run(rig);
                while (!io_held(rig) && !rig->done[pair.second]) {
                    aio_poll(qemu_get_current_aio_context(), true);
                    io_run(rig);
                }
            }
            victim = which ? pair.second : pair.first;
            other = which ? pair.first : pair.second;
            if (rig->done[pair.second]) {
                g_assert_cmpuint(steps, ==, 4);
            } else {
                io_abort(rig, victim);
                io_let_go(rig);
                g_assert_cmphex(io_wait(rig, victim), ==, NVME_ABORT_REQUESTED);
                g_assert_cmphex(io_wait(rig, other), ==, NVME_ABORTED_FUSED_FAILED);
            }
            io_let_go(rig);
            io_drain(rig);
            g_assert_true(interval_tree_is_empty(&rig->ns->io->locks.tree));
        }
    }
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/fused/pair", test_pair);
    g_test_add_func("/nvme/fused/metadata", test_pair_metadata);
    g_test_add_func("/nvme/fused/missing", test_missing);
    g_test_add_func("/nvme/fused/two-queues", test_two_queues);
    g_test_add_func("/nvme/fused/mismatch", test_mismatch);
    g_test_add_func("/nvme/fused/failures", test_failures);
    g_test_add_func("/nvme/fused/atomic", test_atomic);
    g_test_add_func("/nvme/fused/taken-back", test_taken_back);
    return g_test_run();
}
