/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Read, Write and Flush: fields, limits, what is on the medium and when. */
#include "qemu/osdep.h"
#include "io-rig.h"

enum { BYTES = 1 << 20, FUA = 1 << 30 };

static void test_limits(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, "mdts=2");
    static const uint8_t opcodes[] = { NVME_IO_READ, NVME_IO_WRITE };
    uint64_t size = BYTES / 512;

    for (unsigned i = 0; i < 2; i++) {
        uint8_t op = opcodes[i];

        /* The last block, and what is behind it. */
        g_assert_cmphex(io_do(rig, io_cmd(rig, op, size - 1, 1)), ==, NVME_SUCCESS);
        g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, op, size - 1, 2)), ==,
                        NVME_LBA_OUT_OF_RANGE | NVME_DNR);
        g_assert_cmphex(io_do(rig, io_cmd(rig, op, size, 1)), ==, NVME_LBA_OUT_OF_RANGE);
        /* Sums that wrap, in blocks and in bytes. */
        g_assert_cmphex(io_do(rig, io_cmd(rig, op, UINT64_MAX, 1)), ==, NVME_LBA_OUT_OF_RANGE);
        g_assert_cmphex(io_do(rig, io_cmd(rig, op, UINT64_MAX, 2)), ==, NVME_LBA_OUT_OF_RANGE);
        g_assert_cmphex(io_do(rig, io_cmd(rig, op, 1ull << 55, 1)), ==, NVME_LBA_OUT_OF_RANGE);
        /* MDTS: four pages. */
        g_assert_cmphex(io_do(rig, io_cmd(rig, op, 0, 32)), ==, NVME_SUCCESS);
        g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, op, 0, 33)), ==, NVME_INVALID_FIELD | NVME_DNR);
    }
}

/* MDTS counts interleaved metadata, and not what is elsewhere or stays in the controller. */
static void test_limits_metadata(void)
{
    g_autoptr(IoRig) extended = io_rig_new(BYTES, 4096, "ms=8,mset=1,pi=2", "mdts=1");
    NvmeSqe cmd = io_cmd(extended, NVME_IO_WRITE, 0, 2);

    g_assert_cmphex(io_do(extended, cmd), ==, NVME_INVALID_FIELD);
    cmd.cdw12 |= cpu_to_le32(1u << 29);
    g_assert_cmphex(io_do(extended, cmd), ==, NVME_SUCCESS);
}

static void test_limits_separate(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 4096, "ms=8", "mdts=1");

    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 0, 2)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 0, 3)), ==, NVME_INVALID_FIELD);
}

static void test_namespaces(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    NvmeSqe cmd = io_cmd(rig, NVME_IO_READ, 0, 1);
    static const uint32_t wrong[] = { 0, 257, 0x7fffffff, NVME_NSID_BROADCAST };

    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        cmd.nsid = cpu_to_le32(wrong[i]);
        g_assert_cmphex(io_do_dnr(rig, cmd), ==, NVME_INVALID_NSID | NVME_DNR);
    }
    cmd.nsid = cpu_to_le32(2);      /* valid, and nothing there */
    g_assert_cmphex(io_do_dnr(rig, cmd), ==, NVME_INVALID_FIELD | NVME_DNR);
    for (unsigned opcode = 0x80; opcode < 0x100; opcode++) {
        g_assert_cmphex(io_do_dnr(rig, nvme_cmd(opcode, 1)), ==, NVME_INVALID_OPCODE | NVME_DNR);
    }
}

static void test_states(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    IoRange range = { 0, 8 };

    rig->ns->busy = NVME_FORMAT_IN_PROGRESS;
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 0, 1)), ==, NVME_FORMAT_IN_PROGRESS);
    g_assert_cmphex(io_do(rig, nvme_cmd(NVME_IO_FLUSH, NVME_NSID_BROADCAST)), ==,
                    NVME_FORMAT_IN_PROGRESS);
    rig->ns->busy = 0;
    rig->ns->write_protected = true;
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 0, 1)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_VERIFY, 0, 1)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, nvme_cmd(NVME_IO_FLUSH, 1)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 0, 1)), ==, NVME_NS_WRITE_PROTECTED);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, 0, 1)), ==,
                    NVME_NS_WRITE_PROTECTED);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_UNCORRECTABLE, 0, 1)), ==,
                    NVME_NS_WRITE_PROTECTED);
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, &range, 1)), ==, NVME_NS_WRITE_PROTECTED);
    g_assert_cmphex(io_do(rig, io_cmd_copy(rig, 0, &range, 1)), ==, NVME_NS_WRITE_PROTECTED);
    rig->ns->write_protected = false;
}

static void test_directives(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    NvmeSqe cmd = io_cmd(rig, NVME_IO_WRITE, 0, 1);

    cmd.cdw12 |= cpu_to_le32(1 << 20);
    g_assert_cmphex(io_do_dnr(rig, cmd), ==, NVME_INVALID_FIELD | NVME_DNR);
}

/* A whole transfer is on the medium, at its place, whether memory is mapped or not. */
static void test_data(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, "mdts=0");
    g_autofree uint8_t *seen = g_malloc(512 * 600);

    for (unsigned i = 0; i < 2; i++) {
        rig->nvme->pci->mappable = i == 0;
        io_fill(io_at(rig, rig->buf), 512 * 600);
        g_assert_cmphex(io_do(rig, io_cmd_at(rig, NVME_IO_WRITE, 77, 600, rig->buf, 0)), ==,
                        NVME_SUCCESS);
        io_medium(rig, 77 * 512, seen, 512 * 600);
        g_assert_cmpmem(seen, 512 * 600, io_at(rig, rig->buf), 512 * 600);
        g_assert_cmphex(io_do(rig, io_cmd_at(rig, NVME_IO_READ, 77, 600, rig->other + 4, 0)), ==,
                        NVME_SUCCESS);
        g_assert_cmpmem(io_at(rig, rig->other + 4), 512 * 600, seen, 512 * 600);
    }
}

static void test_bad_memory(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    static const uint8_t opcodes[] = { NVME_IO_READ, NVME_IO_WRITE, NVME_IO_COMPARE };

    for (unsigned i = 0; i < 3; i++) {
        NvmeSqe cmd = io_cmd(rig, opcodes[i], 0, 32);

        cmd.dptr[1] = cpu_to_le64(NVME_RIG_NOWHERE);
        g_assert_cmphex(io_do(rig, cmd), ==, NVME_DATA_TRANSFER_ERROR);
        cmd.dptr[1] = cpu_to_le64(rig->lists + 1);
        g_assert_cmphex(io_do(rig, cmd), ==, NVME_PRP_OFFSET_INVALID);
    }
}

/* How many requests of a kind reach the image below. */
static uint64_t count(IoRig *rig, enum BlockAcctType type)
{
    return blk_get_stats(rig->ns->blkconf.blk)->nr_ops[type];
}

static void test_fua(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    NvmeSqe cmd = io_cmd(rig, NVME_IO_READ, 0, 1);
    uint64_t flushes = count(rig, BLOCK_ACCT_FLUSH);

    g_assert_cmphex(io_do(rig, cmd), ==, NVME_SUCCESS);
    g_assert_cmpuint(count(rig, BLOCK_ACCT_FLUSH), ==, flushes);
    /* Read with FUA: what is in the cache goes to the medium first; if it cannot, no data. */
    cmd.cdw12 |= cpu_to_le32(FUA);
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_SUCCESS);
    g_assert_cmpuint(count(rig, BLOCK_ACCT_FLUSH), ==, flushes + 1);
    io_fail(rig, BLOCK_OP_FLUSH, 0, BYTES, 1, EIO);
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_WRITE_FAULT);
    /* Write with FUA: flushed below, or the driver knows FUA; either can fail. */
    io_fail(rig, BLOCK_OP_FLUSH, 0, BYTES, 1, EIO);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 0, 1)), ==, NVME_SUCCESS);
}

static void test_flush(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, "werror=report", NULL);

    g_assert_cmphex(io_do(rig, nvme_cmd(NVME_IO_FLUSH, 1)), ==, NVME_SUCCESS);
    g_assert_cmpuint(count(rig, BLOCK_ACCT_FLUSH), ==, 1);
    g_assert_cmphex(io_do(rig, nvme_cmd(NVME_IO_FLUSH, NVME_NSID_BROADCAST)), ==, NVME_SUCCESS);
    g_assert_cmpuint(count(rig, BLOCK_ACCT_FLUSH), ==, 2);
    g_assert_cmphex(io_do(rig, nvme_cmd(NVME_IO_FLUSH, 0)), ==, NVME_INVALID_NSID);
    io_fail(rig, BLOCK_OP_FLUSH, 0, BYTES, 1, EIO);
    g_assert_cmphex(io_do(rig, nvme_cmd(NVME_IO_FLUSH, NVME_NSID_BROADCAST)), ==,
                    NVME_WRITE_FAULT);
    io_fail(rig, BLOCK_OP_FLUSH, 0, BYTES, 1, ENOSPC);
    g_assert_cmphex(io_do(rig, nvme_cmd(NVME_IO_FLUSH, 1)), ==, NVME_CAPACITY_EXCEEDED);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/rw/limits", test_limits);
    g_test_add_func("/nvme/rw/limits-metadata", test_limits_metadata);
    g_test_add_func("/nvme/rw/limits-separate", test_limits_separate);
    g_test_add_func("/nvme/rw/namespaces", test_namespaces);
    g_test_add_func("/nvme/rw/states", test_states);
    g_test_add_func("/nvme/rw/directives", test_directives);
    g_test_add_func("/nvme/rw/data", test_data);
    g_test_add_func("/nvme/rw/bad-memory", test_bad_memory);
    g_test_add_func("/nvme/rw/fua", test_fua);
    g_test_add_func("/nvme/rw/flush", test_flush);
    return g_test_run();
}
