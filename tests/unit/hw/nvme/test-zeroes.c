/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Write Zeroes and Dataset Management: fields, holes, limits. */
#include "qemu/osdep.h"
#include <sys/stat.h>
#include "io-rig.h"

enum { BYTES = 1 << 20, DEAC = 1 << 25 };

static void write_all(IoRig *rig, uint32_t blocks)
{
    io_fill(io_at(rig, rig->buf), (size_t)blocks * rig->block);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 0, blocks)), ==, NVME_SUCCESS);
}

static int64_t allocated(IoRig *rig)
{
    struct stat st;

    g_assert_cmpint(fsync(rig->fd), ==, 0);
    g_assert_cmpint(fstat(rig->fd, &st), ==, 0);
    return st.st_blocks * 512ll;
}

static bool is_zero(IoRig *rig, uint64_t slba, uint32_t nlb)
{
    size_t n = (size_t)nlb * rig->block;
    g_autofree uint8_t *seen = g_malloc(n);

    io_medium(rig, slba * rig->block, seen, n);
    for (size_t i = 0; i < n; i++) {
        if (seen[i]) {
            return false;
        }
    }
    return true;
}

static void test_zeroes(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, "mdts=7");

    write_all(rig, 512);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, 100, 50)), ==, NVME_SUCCESS);
    g_assert_true(is_zero(rig, 100, 50));
    g_assert_false(is_zero(rig, 99, 1));
    g_assert_false(is_zero(rig, 150, 1));
}

static void test_zeroes_fields(void)
{
    g_autoptr(IoRig) rig = io_rig_new(64 << 20, 512, NULL, "mdts=1");
    NvmeSqe cmd = io_cmd(rig, NVME_IO_WRITE_ZEROES, 0, 1);

    g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, (64 << 20) / 512 - 1, 2)), ==,
                    NVME_LBA_OUT_OF_RANGE | NVME_DNR);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, UINT64_MAX, 2)), ==,
                    NVME_LBA_OUT_OF_RANGE);
    cmd.cdw12 |= cpu_to_le32(1 << 21);
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_INVALID_FIELD);
    /* Nothing is transferred: MDTS says nothing, all that the field can say is done. */
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, 0, 65536)), ==, NVME_SUCCESS);
}

static void test_holes(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 4096, NULL, "mdts=7");
    NvmeSqe cmd = io_cmd(rig, NVME_IO_WRITE_ZEROES, 0, 128);
    IoRange all = { 0, 128 };
    int64_t full;

    write_all(rig, 128);
    full = allocated(rig);
    cmd.cdw12 |= cpu_to_le32(DEAC);
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_SUCCESS);
    g_assert_true(is_zero(rig, 0, 128));
    g_assert_cmpint(allocated(rig), <=, full - 128 * 4096);
    write_all(rig, 128);
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, &all, 1)), ==, NVME_SUCCESS);
    g_assert_true(is_zero(rig, 0, 128));
    g_assert_cmpint(allocated(rig), <=, full - 128 * 4096);
}

static void test_dsm_fields(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 4096, NULL, "mdts=7");
    IoRange ranges[256] = { { 0, 0 }, { 1, 2 }, { 255, 1 }, { 256, 0 } };
    IoRange beyond = { 255, 2 }, wrap = { UINT64_MAX, UINT32_MAX };
    NvmeSqe cmd;

    write_all(rig, 128);
    /* Ranges without a block, also behind the last one, are nothing. */
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, ranges, 4)), ==, NVME_SUCCESS);
    g_assert_true(is_zero(rig, 1, 2));
    g_assert_false(is_zero(rig, 0, 1));
    g_assert_false(is_zero(rig, 3, 1));
    /* One bad range, and none is done. */
    ranges[0] = (IoRange) { 5, 1 };
    ranges[1] = beyond;
    g_assert_cmphex(io_do_dnr(rig, io_cmd_deallocate(rig, ranges, 2)), ==,
                    NVME_LBA_OUT_OF_RANGE | NVME_DNR);
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, &wrap, 1)), ==, NVME_LBA_OUT_OF_RANGE);
    g_assert_false(is_zero(rig, 5, 1));
    /* Only a hint: nothing is read and nothing is done. */
    cmd = io_cmd_deallocate(rig, ranges, 1);
    cmd.cdw11 = cpu_to_le32(3);
    cmd.dptr[0] = cpu_to_le64(NVME_RIG_NOWHERE);
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_SUCCESS);
    g_assert_false(is_zero(rig, 5, 1));
    cmd.cdw11 = cpu_to_le32(4);
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_DATA_TRANSFER_ERROR);
    /* 256 ranges, each a block. */
    for (unsigned i = 0; i < 256; i++) {
        ranges[i] = (IoRange) { i, i % 2 };
    }
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, ranges, 256)), ==, NVME_SUCCESS);
    g_assert_true(is_zero(rig, 127, 1));
    g_assert_false(is_zero(rig, 126, 1));
}

/* The list is the host's to change once it has been read. */
static void test_dsm_list_read_once(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 4096, NULL, "mdts=7");
    IoRange ranges[2] = { { 3, 1 }, { 7, 1 } };
    NvmeSqe cmd;
    uint16_t cid;

    write_all(rig, 128);
    io_hold(rig);
    cmd = io_cmd_deallocate(rig, ranges, 2);
    cid = io_submit(rig, cmd);
    io_run(rig);
    g_assert_cmpuint(io_held(rig), ==, 1);
    memset(io_at(rig, le64_to_cpu(cmd.dptr[0])), 0xff, 4096);
    io_let_go(rig);
    g_assert_cmphex(io_wait(rig, cid), ==, NVME_SUCCESS);
    g_assert_true(is_zero(rig, 3, 1) && is_zero(rig, 7, 1));
    g_assert_false(is_zero(rig, 4, 1));
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/zeroes/data", test_zeroes);
    g_test_add_func("/nvme/zeroes/fields", test_zeroes_fields);
    g_test_add_func("/nvme/zeroes/holes", test_holes);
    g_test_add_func("/nvme/dsm/fields", test_dsm_fields);
    g_test_add_func("/nvme/dsm/read-once", test_dsm_list_read_once);
    return g_test_run();
}
