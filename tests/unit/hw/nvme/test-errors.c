/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of the back end: what the host is told, and what rerror= and werror= make of them. */
#include "qemu/osdep.h"
#include "io-rig.h"
#include "qemu/main-loop.h"
#include "sysemu/block-backend.h"
#include "sysemu/runstate.h"

enum { BYTES = 1 << 20 };

static uint64_t media_errors(IoRig *rig)
{
    uint8_t *page = io_at(rig, rig->other);
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_GET_LOG_PAGE, NVME_NSID_BROADCAST);

    cmd.cdw10 = cpu_to_le32(127 << 16 | 2);
    cmd.dptr[0] = cpu_to_le64(rig->other);
    g_assert_cmphex(nvme_rig_status(rig->nvme, &rig->nvme->admin, cmd), ==, NVME_SUCCESS);
    return ldq_le_p(page + 160);
}

/* Command identifier and status of the newest entry of the error log. */
static void newest_error(IoRig *rig, uint16_t *cid, uint16_t *status)
{
    uint8_t *page = io_at(rig, rig->other);
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_GET_LOG_PAGE, NVME_NSID_BROADCAST);

    cmd.cdw10 = cpu_to_le32(15 << 16 | 1);
    cmd.dptr[0] = cpu_to_le64(rig->other);
    g_assert_cmphex(nvme_rig_status(rig->nvme, &rig->nvme->admin, cmd), ==, NVME_SUCCESS);
    *cid = lduw_le_p(page + 10);
    *status = lduw_le_p(page + 12) >> 1 & 0x7ff;
}

static void test_mapping(void)
{
    static const struct {
        uint8_t opcode;
        int error;
        uint16_t status;
    } cases[] = {
        { NVME_IO_READ, EIO, NVME_UNRECOVERED_READ_ERROR },
        { NVME_IO_VERIFY, EIO, NVME_UNRECOVERED_READ_ERROR },
        { NVME_IO_COMPARE, EIO, NVME_UNRECOVERED_READ_ERROR },
        { NVME_IO_WRITE, EIO, NVME_WRITE_FAULT },
        { NVME_IO_WRITE_ZEROES, EIO, NVME_WRITE_FAULT },
        { NVME_IO_WRITE, EFBIG, NVME_CAPACITY_EXCEEDED },
        { NVME_IO_WRITE, EROFS, NVME_NS_WRITE_PROTECTED },
        { NVME_IO_WRITE, EPERM, NVME_NS_WRITE_PROTECTED },
        { NVME_IO_READ, ESHUTDOWN, NVME_NS_NOT_READY },
        { NVME_IO_WRITE, ETIMEDOUT, NVME_NS_NOT_READY },
        { NVME_IO_READ, ENOMEM, NVME_INTERNAL_ERROR },
        { NVME_IO_READ, ENODATA, NVME_UNRECOVERED_READ_ERROR },
    };
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t before = media_errors(rig);
        uint16_t cid, logged, logged_status;

        io_fail(rig, -1, 8 * 512, 512, 1, cases[i].error);
        cid = io_submit(rig, io_cmd(rig, cases[i].opcode, 7, 4));
        g_assert_cmphex(io_wait(rig, cid), ==, cases[i].status);
        g_assert_cmpuint(media_errors(rig), ==, before + 1);
        newest_error(rig, &logged, &logged_status);
        g_assert_cmpuint(logged, ==, cid);
        g_assert_cmphex(logged_status, ==, cases[i].status);
        /* Once, and only there. */
        g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 7, 4)), ==, NVME_SUCCESS);
    }
}

static void test_ignore(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, "rerror=ignore,werror=ignore", NULL);

    io_fail(rig, BLOCK_OP_READ, 0, BYTES, 1, EIO);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 0, 1)), ==, NVME_SUCCESS);
    io_fail(rig, BLOCK_OP_WRITE, 0, BYTES, 1, EIO);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 0, 1)), ==, NVME_SUCCESS);
}

static bool runs(IoRig *rig)
{
    return vm_domain_state(blk_get_aio_context(blk_by_dev(rig->ns_dev))) == RUN_STATE_RUNNING;
}

static void wait_for_stop(IoRig *rig)
{
    for (int i = 0; i < 20 && runs(rig); i++) {
        io_run(rig);
        g_usleep(1000);
    }
    g_assert_false(runs(rig));
}

/* The request is kept, with everything that the host was not told, until the machine runs. */
static void stopped(const char *props, NvmeSqe (*make)(IoRig *rig), int op)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, props, NULL);
    uint16_t cid;

    vm_start();
    io_fail(rig, op, 0, BYTES, 1, ENOSPC);
    cid = io_submit(rig, make(rig));
    wait_for_stop(rig);
    io_run(rig);
    g_assert_false(rig->done[cid]);
    vm_start();
    g_assert_cmphex(io_wait(rig, cid), ==, NVME_SUCCESS);
    /* The same, taken back while it is kept. */
    io_fail(rig, op, 0, BYTES, 1, ENOSPC);
    cid = io_submit(rig, make(rig));
    wait_for_stop(rig);
    io_abort(rig, cid);
    g_assert_cmphex(io_wait(rig, cid), ==, NVME_ABORT_REQUESTED);
    vm_start();
    io_drain(rig);
}

static NvmeSqe a_write(IoRig *rig)
{
    return io_cmd(rig, NVME_IO_WRITE, 3, 4);
}
static NvmeSqe a_read(IoRig *rig)
{
    return io_cmd(rig, NVME_IO_READ, 3, 4);
}
static NvmeSqe a_copy(IoRig *rig)
{
    IoRange range = { 3, 4 };

    return io_cmd_copy(rig, 100, &range, 1);
}

static void test_stop_write(void)
{
    stopped("werror=stop", a_write, BLOCK_OP_WRITE);
}
static void test_stop_read(void)
{
    stopped("rerror=stop", a_read, BLOCK_OP_READ);
}
static void test_stop_metadata(void)
{
    stopped("werror=stop,ms=8", a_write, BLOCK_OP_WRITE);
}
static void test_stop_copy(void)
{
    stopped("werror=enospc", a_copy, BLOCK_OP_WRITE);
}

static void test_uncorrectable(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);

    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_UNCORRECTABLE, BYTES / 512, 1)), ==,
                    NVME_LBA_OUT_OF_RANGE);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_UNCORRECTABLE, 10, 3)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 8, 2)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_READ, 8, 3)), ==,
                    NVME_UNRECOVERED_READ_ERROR | NVME_DNR);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 11, 1)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 11, 1)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 12, 1)), ==, NVME_UNRECOVERED_READ_ERROR);
    /* A write that fails repairs nothing. */
    io_fail(rig, BLOCK_OP_WRITE, 0, BYTES, 1, EIO);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 12, 1)), ==, NVME_WRITE_FAULT);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, 12, 1)), ==, NVME_UNRECOVERED_READ_ERROR);
    for (unsigned i = 0; i < NVME_BAD_RANGES - 2; i++) {
        g_assert_true(nvme_bad_mark(&rig->ns->io->bad, 100 + 2 * i,
                                    100 + 2 * i));
    }
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_UNCORRECTABLE, 50, 1)), ==,
                    NVME_INTERNAL_ERROR);
}

/* What brings marked blocks back, and what only looks as if it did. */
static void test_healing(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    const IoRange marked = { 20, 4 }, none = { 0, 0 }, good = { 0, 4 };
    const NvmeSqe mark = io_cmd(rig, NVME_IO_WRITE_UNCORRECTABLE, 20, 4);
    const NvmeSqe read = io_cmd(rig, NVME_IO_READ, 20, 4);
    const NvmeSqe healers[] = {
        io_cmd(rig, NVME_IO_WRITE, 20, 4),
        io_cmd(rig, NVME_IO_WRITE_ZEROES, 20, 4),
        io_cmd_deallocate(rig, &marked, 1),
        io_cmd_copy(rig, 20, &good, 1),
    };

    for (unsigned i = 0; i < ARRAY_SIZE(healers); i++) {
        g_assert_cmphex(io_do(rig, mark), ==, NVME_SUCCESS);
        g_assert_cmphex(io_do(rig, read), ==, NVME_UNRECOVERED_READ_ERROR);
        g_assert_cmphex(io_do(rig, healers[i]), ==, NVME_SUCCESS);
        g_assert_cmphex(io_do(rig, read), ==, NVME_SUCCESS);
    }
    g_assert_cmphex(io_do(rig, mark), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, &none, 1)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, read), ==, NVME_UNRECOVERED_READ_ERROR);
    g_assert_cmphex(io_do(rig, io_cmd_copy(rig, 40, &marked, 1)), ==, NVME_UNRECOVERED_READ_ERROR);
}

/*
 * With as many pieces as there may be, no command that writes may cut one in two. Most of
 * them are where the namespace has no blocks: it does not matter here.
 */
static void test_uncorrectable_pieces(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, 512, NULL, NULL);
    IntervalTreeRoot *bad = &rig->ns->io->bad;
    const IoRange source = { 0, 1 }, middle = { 101, 1 }, edge = { 102, 1 };

    g_assert_true(nvme_bad_mark(bad, 100, 102));
    for (uint64_t at = 1 << 20; bad->count < NVME_BAD_PIECES; at += 2) {
        g_assert_true(nvme_bad_restore_range(bad, at, at));
    }
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 101, 1)), ==, NVME_INTERNAL_ERROR);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, 101, 1)), ==,
                    NVME_INTERNAL_ERROR);
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, &middle, 1)), ==, NVME_INTERNAL_ERROR);
    g_assert_cmphex(io_do(rig, io_cmd_copy(rig, 101, &source, 1)), ==, NVME_INTERNAL_ERROR);
    g_assert_cmpuint(bad->count, ==, NVME_BAD_PIECES);
    g_assert_true(nvme_bad_any(bad, 101, 101));
    /* From its end it gets shorter, and what was the middle is an end then. */
    g_assert_cmphex(io_do(rig, io_cmd_deallocate(rig, &edge, 1)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE, 101, 1)), ==, NVME_SUCCESS);
    g_assert_true(nvme_bad_any(bad, 100, 100));
    g_assert_false(nvme_bad_any(bad, 101, 102));
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/errors/mapping", test_mapping);
    g_test_add_func("/nvme/errors/ignore", test_ignore);
    g_test_add_func("/nvme/errors/stop-write", test_stop_write);
    g_test_add_func("/nvme/errors/stop-read", test_stop_read);
    g_test_add_func("/nvme/errors/stop-metadata", test_stop_metadata);
    g_test_add_func("/nvme/errors/stop-copy", test_stop_copy);
    g_test_add_func("/nvme/errors/uncorrectable", test_uncorrectable);
    g_test_add_func("/nvme/errors/healing", test_healing);
    g_test_add_func("/nvme/errors/uncorrectable-pieces", test_uncorrectable_pieces);
    return g_test_run();
}
