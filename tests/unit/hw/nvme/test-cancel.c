/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands taken back in the middle, while the back end holds them: abort, queue
 * deletion, reset, memory that the client takes away. Nothing waits for the back end.
 */
#include "qemu/osdep.h"
#include "nvme-rig.h"

static NvmeSqe read_pages(NvmeRig *rig, unsigned page, unsigned pages)
{
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_READ, 0, pages * 8, 0, 0);
    uint64_t data = RIG_RAM_BASE + RIG_RAM_SIZE / 2;

    nvme_rig_prps(rig, &cmd, data + page * 4096, pages * 4096, data + RIG_RAM_SIZE / 4);
    return cmd;
}

/* `count` reads that the back end keeps, each of a page of its own. */
static uint16_t hold(NvmeRig *rig, unsigned count)
{
    uint16_t first = rig->cid;

    for (unsigned i = 0; i < count; i++) {
        nvme_rig_put(rig, &rig->io, read_pages(rig, i, 1));
    }
    nvme_rig_ring(rig, &rig->io);
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, count);
    nvme_rig_expect_none(rig, &rig->io);
    return first;
}

static NvmeSqe abort_of(unsigned sqid, uint16_t cid)
{
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_ABORT, 0);

    cmd.cdw10 = cpu_to_le32((uint32_t)cid << 16 | sqid);
    return cmd;
}

static void test_abort(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);
    uint16_t first;
    NvmeCqe cqe;

    nvme_rig_start(rig, 16);
    first = hold(rig, 3);
    g_assert_cmphex(nvme_rig_do(rig, &rig->admin, abort_of(1, first + 1)).dw0, ==, 0);
    cqe = nvme_rig_expect(rig, &rig->io);
    g_assert_cmpuint(le16_to_cpu(cqe.cid), ==, (uint16_t)(first + 1));
    g_assert_cmphex(nvme_cqe_status(cqe), ==, NVME_ABORT_REQUESTED);
    g_assert_cmpuint(nvme_rig_held(), ==, 2);
    /* It is gone, and others never were. */
    g_assert_cmphex(nvme_rig_do(rig, &rig->admin, abort_of(1, first + 1)).dw0, ==, 1);
    g_assert_cmphex(nvme_rig_do(rig, &rig->admin, abort_of(0, 0x1234)).dw0, ==, 1);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, abort_of(2, first)), ==,
                    NVME_INVALID_FIELD);
    nvme_rig_let_go(0);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, 0);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, 0);
}

static void test_abort_event(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    uint16_t cid;
    NvmeCqe cqe;

    nvme_rig_enable(rig);
    cid = nvme_rig_submit(rig, &rig->admin, nvme_cmd(NVME_ADMIN_ASYNC_EVENT, 0));
    rig_run();
    nvme_rig_submit(rig, &rig->admin, abort_of(0, cid));
    rig_run();
    cqe = nvme_rig_expect(rig, &rig->admin);
    g_assert_cmpuint(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(nvme_cqe_status(cqe), ==, NVME_ABORT_REQUESTED);
    g_assert_cmphex(nvme_rig_expect(rig, &rig->admin).dw0, ==, 0);
}

/* Base 5.7: all are answered before the deletion is. */
static void test_delete_queue(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_DELETE_SQ, 0);

    nvme_rig_start(rig, 16);
    hold(rig, 5);
    cmd.cdw10 = cpu_to_le32(1);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==,
                        NVME_ABORTED_SQ_DELETION);
    }
    g_assert_cmpuint(nvme_rig_held(), ==, 0);
    cmd.opcode = NVME_ADMIN_DELETE_CQ;
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
}

/* The completion queue is too small for all that the deletion aborts. */
static void test_delete_queue_full(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_DELETE_SQ, 0);
    uint64_t sq, cq;

    nvme_rig_enable(rig);
    cq = nvme_rig_alloc(rig, 4096);
    sq = nvme_rig_alloc(rig, 4096);
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_cq(1, 2, cq, 0));
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_sq(1, 16, sq, 1));
    for (unsigned i = 0; i < 8; i++) {
        NvmeSqe read = read_pages(rig, i, 1);

        memcpy(nvme_rig_at(rig, sq + i * 64), &read, 64);
    }
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 8, 4);
    rig_run();
    cmd.cdw10 = cpu_to_le32(1);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
    cmd.opcode = NVME_ADMIN_DELETE_CQ;
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
}

static void reset_with(NvmeRig *rig, void (*reset)(NvmeRig *rig))
{
    nvme_rig_start(rig, 16);
    hold(rig, 7);
    nvme_rig_submit(rig, &rig->admin, nvme_cmd(NVME_ADMIN_ASYNC_EVENT, 0));
    nvme_rig_put(rig, &rig->io, read_pages(rig, 9, 1));
    nvme_rig_ring(rig, &rig->io);
    reset(rig);
    g_assert_cmpuint(nvme_rig_held(), ==, 0);
    g_assert_cmpuint(rig->pci->pins, ==, 0);
    rig_run();
    nvme_rig_expect_none(rig, &rig->io);
}

static void by_cc(NvmeRig *rig)
{
    rig_write(rig->pci, 0, NVME_REG_CC, 0, 4);
}

static void by_nssr(NvmeRig *rig)
{
    rig_write(rig->pci, 0, NVME_REG_NSSR, NVME_NSSR_KEY, 4);
}

static void by_device(NvmeRig *rig)
{
    rig_reset(rig->pci);
}

static void by_flr(NvmeRig *rig)
{
    rig_config_write(rig->pci, rig->pci->dev->exp.exp_cap + PCI_EXP_DEVCTL,
                     PCI_EXP_DEVCTL_BCR_FLR, 2);
    rig_config_write(rig->pci, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
}

static void test_reset(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);

    for (unsigned i = 0; i < 2; i++) {
        reset_with(rig, by_cc);
        reset_with(rig, by_nssr);
        reset_with(rig, by_device);
        reset_with(rig, by_flr);
    }
    nvme_rig_start(rig, 16);
    nvme_rig_let_go(0);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_pages(rig, 0, 1)), ==, 0);
}

/* The device goes while all that is under way. */
static void test_unplug(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);

    nvme_rig_start(rig, 16);
    hold(rig, 7);
}

/* ---- memory that the client takes away ---- */

static void test_revoke(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);
    uint64_t data = RIG_RAM_BASE + RIG_RAM_SIZE / 2;
    uint16_t first;

    nvme_rig_start(rig, 16);
    first = hold(rig, 4);
    /* The last byte of one, the first of the next; the first and the last stay. */
    rig_revoke(rig->pci, data + 2 * 4096 - 1, data + 2 * 4096);
    g_assert_cmpuint(nvme_rig_held(), ==, 2);
    rig_run();
    for (unsigned i = 1; i < 3; i++) {
        NvmeCqe cqe = nvme_rig_expect(rig, &rig->io);

        g_assert_cmpuint(le16_to_cpu(cqe.cid), ==, (uint16_t)(first + i));
        g_assert_cmphex(nvme_cqe_status(cqe), ==, NVME_DATA_TRANSFER_ERROR);
    }
    nvme_rig_let_go(0);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, 0);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, 0);
}

/* Not a byte changes any more in what was taken. */
static void test_revoked_stays(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);
    uint64_t data = RIG_RAM_BASE + RIG_RAM_SIZE / 2;
    NvmeSqe cmd;

    nvme_rig_start(rig, 16);
    memset(nvme_rig_at(rig, data), 0x77, 32 * 4096);
    cmd = read_pages(rig, 0, 32);
    nvme_rig_submit(rig, &rig->io, cmd);
    rig_run();
    rig_revoke(rig->pci, data + 31 * 4096, data + 31 * 4096);
    nvme_rig_let_go(0);
    for (unsigned i = 0; i < 32 * 4096; i++) {
        g_assert_cmphex(((uint8_t *)nvme_rig_at(rig, data))[i], ==, 0x77);
    }
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==,
                    NVME_DATA_TRANSFER_ERROR);
}

/* A file that was cut under a read: the host hears of it. */
static void test_lost(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    NvmeSqe cmd = read_pages(rig, 0, 2);

    nvme_rig_start(rig, 16);
    rig->pci->lossy = 1;
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_pages(rig, 0, 1)), ==,
                    NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_pages(rig, 0, 1)), ==, 0);
    /* The first of two pieces, and the second one is whole. */
    cmd.dptr[1] = cmd.dptr[0];
    rig->pci->lossy = 1;
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, cmd), ==, NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, cmd), ==, 0);
}

/* Queues whose pins went are reached again; queues in memory that is gone are fatal. */
static void test_revoke_queues(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_start(rig, 16);
    rig_revoke(rig->pci, 0, UINT64_MAX);
    g_assert_cmpuint(rig->pci->pins, ==, 0);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_pages(rig, 0, 1)), ==, 0);
    g_assert_cmpuint(rig->pci->pins, !=, 0);
}

static void gone(NvmeRig *rig, uint64_t sq, uint64_t cq)
{
    nvme_rig_enable(rig);
    nvme_rig_alloc(rig, 4096);
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_cq(1, 16, cq, 0));
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_sq(1, 16, sq, 1));
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 3, 4);
    rig_run();
    g_assert_cmphex(nvme_rig_csts(rig), ==, NVME_CSTS_RDY | NVME_CSTS_CFS);
    /* Nothing works, and nothing breaks, until it is reset. */
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 4, 4);
    nvme_rig_submit(rig, &rig->admin, abort_of(1, 0));
    rig_run();
    nvme_rig_expect_none(rig, &rig->admin);
    nvme_rig_disable(rig);
}

static void test_queues_nowhere(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    uint64_t here = RIG_RAM_BASE + RIG_RAM_SIZE / 2;

    gone(rig, NVME_RIG_NOWHERE, here);
    gone(rig, here, NVME_RIG_NOWHERE);
    gone(rig, UINT64_MAX & ~4095ull, here);
    rig->pci->read_only = true;
    rig_write(rig->pci, 0, NVME_REG_CC, NVME_CC_EN, 4);
    nvme_rig_submit(rig, &rig->admin, abort_of(1, 0));
    rig_run();
    g_assert_cmphex(nvme_rig_csts(rig), ==, NVME_CSTS_RDY | NVME_CSTS_CFS);
    rig->pci->read_only = false;
    nvme_rig_disable(rig);
    nvme_rig_start(rig, 16);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_pages(rig, 0, 1)), ==, 0);
}

/* Without bus mastering nothing is fetched, moved or posted; with it all goes on. */
static void test_bus_master(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);
    uint64_t data = RIG_RAM_BASE + RIG_RAM_SIZE / 2;

    nvme_rig_start(rig, 16);
    memset(nvme_rig_at(rig, data), 0x77, 4096);
    hold(rig, 2);
    rig_config_write(rig->pci, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    g_assert_cmpuint(rig->pci->pins, ==, 0);
    nvme_rig_let_go(0);
    g_assert_cmphex(*(uint8_t *)nvme_rig_at(rig, data), ==, 0x77);
    nvme_rig_put(rig, &rig->io, read_pages(rig, 5, 1));
    nvme_rig_ring(rig, &rig->io);
    rig_run();
    nvme_rig_expect_none(rig, &rig->io);
    g_assert_cmphex(nvme_rig_csts(rig), ==, NVME_CSTS_RDY);
    rig_config_write(rig->pci, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
    rig_run();
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==,
                    NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==,
                    NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, 0);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/cancel/abort", test_abort);
    g_test_add_func("/nvme/cancel/abort-event", test_abort_event);
    g_test_add_func("/nvme/cancel/delete-queue", test_delete_queue);
    g_test_add_func("/nvme/cancel/delete-queue-full", test_delete_queue_full);
    g_test_add_func("/nvme/cancel/reset", test_reset);
    g_test_add_func("/nvme/cancel/unplug", test_unplug);
    g_test_add_func("/nvme/cancel/revoke", test_revoke);
    g_test_add_func("/nvme/cancel/revoked-stays", test_revoked_stays);
    g_test_add_func("/nvme/cancel/lost", test_lost);
    g_test_add_func("/nvme/cancel/revoke-queues", test_revoke_queues);
    g_test_add_func("/nvme/cancel/queues-nowhere", test_queues_nowhere);
    g_test_add_func("/nvme/cancel/bus-master", test_bus_master);
    return g_test_run();
}
