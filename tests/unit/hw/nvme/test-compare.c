/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compare and Verify: fields, limits, results. */
#include "qemu/osdep.h"
#include "io-rig.h"

enum { BYTES = 1 << 20 };

static void test_compare(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, "mdts=5");
    uint8_t *host = io_at(rig, rig->buf);

    io_fill(host, 200 * 512);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 10, 200)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, 10, 200)), ==, NVME_SUCCESS);
    for (unsigned at = 0; at < 200 * 512; at += 4093) {
        host[at] ^= 1;
        g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_COMPARE, 10, 200)), ==,
                        NVME_COMPARE_FAILURE | NVME_DNR);
        host[at] ^= 1;
    }
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, 10, 200)), ==, NVME_SUCCESS);
}

static void test_compare_fields(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, "mdts=2");

    g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_COMPARE, BYTES / 512 - 1, 2)), ==,
                    NVME_LBA_OUT_OF_RANGE | NVME_DNR);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, UINT64_MAX, 2)), ==,
                    NVME_LBA_OUT_OF_RANGE);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, 0, 32)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_COMPARE, 0, 33)), ==,
                    NVME_INVALID_FIELD | NVME_DNR);
}

/* Longer than a buffer: the error of any part is that of the command. */
static void test_compare_long(void)
{
    g_autoptr(IoRig) rig = io_rig_new(2 << 20, 512, NULL, "mdts=0");
    uint8_t *host = io_at(rig, rig->buf);

    io_fill(host, IO_BUF);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 1, 2048)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, 1, 2048)), ==, NVME_SUCCESS);
    host[IO_BUF - 1] ^= 0x80;
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, 1, 2048)), ==, NVME_COMPARE_FAILURE);
    io_fail(rig, BLOCK_OP_READ, 1000 * 512, 512, 1, EIO);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, 1, 2048)), ==,
                    NVME_UNRECOVERED_READ_ERROR);
}

/* Each byte of the metadata counts, but those of the tuple, which the checks are for. */
static void metadata(const char *params, unsigned tuple)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, params, NULL);
    uint8_t *meta = io_at(rig, rig->meta);

    io_fill(meta, 16);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 3, 1)), ==, NVME_SUCCESS);
    for (unsigned at = 0; at < 16; at++) {
        bool passed_over = at >= tuple && at < tuple + 8;

        meta[at] ^= 1;
        g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, 3, 1)), ==,
                        passed_over ? NVME_SUCCESS : NVME_COMPARE_FAILURE);
        meta[at] ^= 1;
    }
}

static void test_compare_metadata(void)
{
    metadata("ms=16", 16);
    metadata("ms=16,pi=1", 8);
    metadata("ms=16,pi=1,pil=1", 0);
}

static void test_verify_fields(void)
{
    g_autoptr(IoRig) rig = io_rig_new(2 << 20, 512, NULL, "mdts=1,vsl=3");

    g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_VERIFY, (2 << 20) / 512 - 1, 2)), ==,
                    NVME_LBA_OUT_OF_RANGE | NVME_DNR);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_VERIFY, UINT64_MAX, 2)), ==,
                    NVME_LBA_OUT_OF_RANGE);
    /* VSL, not MDTS, limits it. */
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_VERIFY, 0, 64)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_VERIFY, 0, 65)), ==,
                    NVME_INVALID_FIELD | NVME_DNR);
}

static void test_verify_long(void)
{
    g_autoptr(IoRig) rig = io_rig_new(2 << 20, 512, NULL, "vsl=0");

    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_VERIFY, 0, 4096)), ==, NVME_SUCCESS);
    io_fail(rig, BLOCK_OP_READ, (2 << 20) - 512, 512, 1, EIO);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_VERIFY, 0, 4096)), ==,
                    NVME_UNRECOVERED_READ_ERROR);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_VERIFY, 0, 4096)), ==, NVME_SUCCESS);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/compare/data", test_compare);
    g_test_add_func("/nvme/compare/fields", test_compare_fields);
    g_test_add_func("/nvme/compare/long", test_compare_long);
    g_test_add_func("/nvme/compare/metadata", test_compare_metadata);
    g_test_add_func("/nvme/verify/fields", test_verify_fields);
    g_test_add_func("/nvme/verify/long", test_verify_long);
    return g_test_run();
}
