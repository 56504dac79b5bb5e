/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queues: making and deleting, wrapping, filling, pieces: squeue.c, cqueue.c, queue-admin.c. */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "nvme-rig.h"

static uint16_t admin(NvmeRig *rig, NvmeSqe cmd)
{
    return nvme_rig_status(rig, &rig->admin, cmd);
}

static NvmeSqe read_block(NvmeRig *rig)
{
    return nvme_cmd_rw(NVME_IO_READ, 0, 1, RIG_RAM_BASE + RIG_RAM_SIZE - 4096, 0);
}

static NvmeSqe delete_queue(uint8_t opcode, unsigned id)
{
    NvmeSqe cmd = nvme_cmd(opcode, 0);

    cmd.cdw10 = cpu_to_le32(id);
    return cmd;
}

static void test_create_errors(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("max_ioqpairs=4,msix_qsize=3");
    uint64_t at;

    nvme_rig_enable(rig);
    at = nvme_rig_alloc(rig, 8192);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(0, 16, at, 0)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(5, 16, at, 0)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(0xffff, 16, at, 0)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 1, at, 0)), ==, NVME_INVALID_QUEUE_SIZE);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 16, at + 64, 0)), ==,
                    NVME_PRP_OFFSET_INVALID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 16, at, 1)), ==, NVME_INVALID_VECTOR);
    rig_enable_msix(rig->pci);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 16, at, 3)), ==, NVME_INVALID_VECTOR);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 16, at, 2)), ==, 0);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 16, at, 2)), ==, NVME_INVALID_QID);

    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(0, 16, at, 1)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(5, 16, at, 1)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 1, at, 1)), ==, NVME_INVALID_QUEUE_SIZE);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 16, at + 4, 1)), ==,
                    NVME_PRP_OFFSET_INVALID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 16, at, 0)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 16, at, 5)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 16, at, 2)), ==, NVME_INVALID_CQ);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 16, at, 1)), ==, 0);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 16, at, 1)), ==, NVME_INVALID_QID);
}

/* Before the host has said how large its entries are nothing is made: base 5.4 and 5.5. */
static void test_entry_sizes(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    uint32_t cc;
    uint64_t at;

    nvme_rig_enable(rig);
    at = nvme_rig_alloc(rig, 4096);
    cc = rig_read(rig->pci, 0, NVME_REG_CC, 4);
    rig_write(rig->pci, 0, NVME_REG_CC, cc & ~0xff0000u, 4);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 16, at, 0)), ==, NVME_INVALID_QUEUE_SIZE);
    rig_write(rig->pci, 0, NVME_REG_CC, (cc & ~0xff0000u) | 4 << NVME_CC_IOCQES_SHIFT, 4);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 16, at, 0)), ==, 0);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 16, at, 1)), ==, NVME_INVALID_QUEUE_SIZE);
}

static void test_delete(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_start(rig, 16);
    g_assert_true(nvme_has_io_queues(nvme_rig_ctrl(rig)));
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_CQ, 0)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_CQ, 2)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_CQ, 1)), ==,
                    NVME_INVALID_QUEUE_DELETION);
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_SQ, 0)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_SQ, 0xffff)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_SQ, 1)), ==, 0);
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_SQ, 1)), ==, NVME_INVALID_QID);
    g_assert_cmphex(admin(rig, delete_queue(NVME_ADMIN_DELETE_CQ, 1)), ==, 0);
    g_assert_false(nvme_has_io_queues(nvme_rig_ctrl(rig)));
    nvme_rig_create(rig, &rig->io, 1, 16, 0);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_block(rig)), ==, 0);
}

/* One after the other, and as many as fit, around the end and the phase again and again. */
static void wrap(NvmeRig *rig, uint32_t entries)
{
    nvme_rig_start(rig, entries);
    for (unsigned i = 0; i < 3 * entries; i++) {
        g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_block(rig)), ==, 0);
    }
    for (unsigned round = 0; round < 5; round++) {
        uint16_t first = rig->cid;

        for (unsigned i = 0; i < entries - 1; i++) {
            nvme_rig_put(rig, &rig->io, read_block(rig));
        }
        nvme_rig_ring(rig, &rig->io);
        rig_run();
        for (unsigned i = 0; i < entries - 1; i++) {
            NvmeCqe cqe = nvme_rig_expect(rig, &rig->io);

            g_assert_cmpuint(le16_to_cpu(cqe.cid), ==, (uint16_t)(first + i));
            g_assert_cmphex(nvme_cqe_status(cqe), ==, 0);
        }
        nvme_rig_expect_none(rig, &rig->io);
    }
    nvme_rig_disable(rig);
}

static void test_wrap(void)
{
    for (int mappable = 0; mappable < 2; mappable++) {
        g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

        rig->pci->mappable = mappable;
        wrap(rig, 2);
        wrap(rig, 3);
        wrap(rig, 64);
        wrap(rig, 1000);
    }
}

/* A host that does not consume: nothing is overwritten, and all comes when it does. */
static void test_full(void)
{
    for (int mappable = 0; mappable < 2; mappable++) {
        g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
        NvmeRigQueue *q = &rig->io;

        rig->pci->mappable = mappable;
        nvme_rig_enable(rig);
        *q = (NvmeRigQueue) { .id = 1, .phase = true, .entries = 4 };
        q->cq = nvme_rig_alloc(rig, 4096);
        q->sq = nvme_rig_alloc(rig, 64 * 64);
        g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 4, q->cq, 0)), ==, 0);
        g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 64, q->sq, 1)), ==, 0);
        for (unsigned i = 0; i < 50; i++) {
            NvmeSqe cmd = read_block(rig);

            cmd.cid = cpu_to_le16(i);
            memcpy(nvme_rig_at(rig, q->sq + i * 64), &cmd, 64);
        }
        rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 50, 4);
        for (unsigned i = 0; i < 50; i++) {
            rig_run();
            if (i == 0) {
                /* Three of them; the fourth slot is as it was. */
                g_assert_cmpuint(*(uint64_t *)nvme_rig_at(rig, q->cq + 3 * 16 + 8), ==, 0);
            }
            g_assert_cmpuint(le16_to_cpu(nvme_rig_expect(rig, q).cid), ==, i);
        }
        rig_run();
        nvme_rig_expect_none(rig, q);
    }
}

/* Base 4.1.1: a queue whose pages are in a list, the last page partly used. */
static void test_pieces(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    uint64_t list, page[8];
    NvmeSqe cmd;

    nvme_rig_enable(rig);
    list = nvme_rig_alloc(rig, 8192);
    for (int i = 7; i >= 0; i--) {
        page[i] = nvme_rig_alloc(rig, 4096);
        stq_le_p(nvme_rig_at(rig, list + i * 8), page[i]);
    }
    /* 300 completions take two pages, 300 commands five. */
    cmd = nvme_cmd_create_cq(1, 300, list, 0);
    cmd.cdw11 = cpu_to_le32(2);
    g_assert_cmphex(admin(rig, cmd), ==, 0);
    cmd = nvme_cmd_create_sq(1, 300, list + 4096, 1);
    cmd.cdw11 = cpu_to_le32(1 << 16);
    stq_le_p(nvme_rig_at(rig, list + 4096), page[2] + 8);
    g_assert_cmphex(admin(rig, cmd), ==, NVME_PRP_OFFSET_INVALID);
    memcpy(nvme_rig_at(rig, list + 4096), nvme_rig_at(rig, list + 16), 40);
    cmd.dptr[0] = cpu_to_le64(list + 4096 + 8);
    g_assert_cmphex(admin(rig, cmd), ==, NVME_PRP_OFFSET_INVALID);
    cmd.dptr[0] = cpu_to_le64(NVME_RIG_NOWHERE);
    g_assert_cmphex(admin(rig, cmd), ==, NVME_DATA_TRANSFER_ERROR);
    cmd.dptr[0] = cpu_to_le64(list + 4096);
    g_assert_cmphex(admin(rig, cmd), ==, 0);
    for (unsigned i = 0; i < 1000; i++) {
        uint32_t slot = i % 300;
        NvmeSqe read = read_block(rig);
        const NvmeCqe *cqe;

        read.cid = cpu_to_le16(i);
        memcpy(nvme_rig_at(rig, page[2 + slot / 64] + slot % 64 * 64), &read, 64);
        rig_write(rig->pci, 0, NVME_DOORBELLS + 8, (slot + 1) % 300, 4);
        rig_run();
        cqe = nvme_rig_at(rig, page[slot / 256] + slot % 256 * 16);
        g_assert_cmpuint(le16_to_cpu(cqe->cid), ==, i);
        g_assert_cmpuint(le16_to_cpu(cqe->status), ==, i / 300 % 2 ? 0 : 1);
        rig_write(rig->pci, 0, NVME_DOORBELLS + 12, (slot + 1) % 300, 4);
    }
}

/* Two submission queues, one completion queue; each gets its share. */
static void test_fair(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    unsigned first_of_second = 0, seen[3] = { 0 };
    NvmeRigQueue cq;

    nvme_rig_enable(rig);
    cq = (NvmeRigQueue) { .id = 1, .phase = true, .entries = 2048 };
    cq.cq = nvme_rig_alloc(rig, 2048 * 16);
    cq.sq = nvme_rig_alloc(rig, 2 * 1024 * 64);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 2048, cq.cq, 0)), ==, 0);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 1024, cq.sq, 1)), ==, 0);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(2, 1024, cq.sq + 65536, 1)), ==, 0);
    for (unsigned i = 0; i < 2048; i++) {
        NvmeSqe cmd = read_block(rig);

        memcpy(nvme_rig_at(rig, cq.sq + i * 64), &cmd, 64);
    }
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 1000, 4);
    rig_write(rig->pci, 0, NVME_DOORBELLS + 16, 1000, 4);
    rig_run();
    for (unsigned i = 0; i < 2000; i++) {
        unsigned id = le16_to_cpu(nvme_rig_expect(rig, &cq).sq_id);

        if (id == 2 && !first_of_second) {
            first_of_second = i;
        }
        seen[id]++;
    }
    g_assert_cmpuint(seen[1], ==, 1000);
    g_assert_cmpuint(seen[2], ==, 1000);
    g_assert_cmpuint(first_of_second, <=, NVME_TURN_COMMANDS);
}

/* A turn is bounded: with so much to do the loop comes round in between. */
static void test_bounded(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    unsigned turns = 0;

    nvme_rig_start(rig, 2048);
    for (unsigned i = 0; i < 2047; i++) {
        nvme_rig_put(rig, &rig->io, read_block(rig));
    }
    nvme_rig_ring(rig, &rig->io);
    while (aio_poll(qemu_get_aio_context(), false)) {
        turns++;
    }
    g_assert_cmpuint(turns, >=, 2047 / NVME_TURN_COMMANDS);
    g_assert_cmpuint(nvme_rig_ctrl(rig)->queues->cq[1]->tail, ==, 2047);
}

/* The largest queues there are, in the controller's own memory, all of them under way. */
static void test_64k(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held("cmb_size_mb=8");
    const uint64_t cmb = 1ull << 40, cq = 4 * MiB;
    NvmeSqe *sq;
    const NvmeCqe *cqe;

    rig_write(rig->pci, 0, NVME_REG_CMBMSC, cmb | 3, 8);
    sq = memory_region_get_ram_ptr(&nvme_rig_ctrl(rig)->cmb_region);
    cqe = (NvmeCqe *)((uint8_t *)sq + cq);
    nvme_rig_enable(rig);
    g_assert_cmphex(admin(rig, nvme_cmd_create_cq(1, 65536, cmb + cq, 0)), ==, 0);
    g_assert_cmphex(admin(rig, nvme_cmd_create_sq(1, 65536, cmb, 1)), ==, 0);
    g_assert_cmpuint(nvme_rig_ctrl(rig)->queues->sq[1]->allocated, ==, 0);
    for (unsigned i = 0; i < 65535; i++) {
        sq[i] = read_block(rig);
        sq[i].cid = cpu_to_le16(i);
    }
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 65535, 4);
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, 65535);
    g_assert_cmpuint(cqe[0].status, ==, 0);
    nvme_rig_let_go(0);
    for (unsigned i = 0; i < 65535; i++) {
        g_assert_cmpuint(le16_to_cpu(cqe[i].cid), ==, i);
        g_assert_cmpuint(le16_to_cpu(cqe[i].status), ==, 1);
    }
}

/* Event requests stay for ever; two entries are enough for other commands all the same. */
static void test_small_admin_queue(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_enable(rig);
    nvme_rig_disable(rig);
    rig_write(rig->pci, 0, NVME_REG_AQA, 0x00010001, 4);
    rig_write(rig->pci, 0, NVME_REG_CC, NVME_CC_EN, 4);
    rig->admin = (NvmeRigQueue) {
        .phase = true, .entries = 2, .sq = rig->admin.sq, .cq = rig->admin.cq,
    };
    memset(nvme_rig_at(rig, rig->admin.cq), 0, 4096);
    for (unsigned i = 0; i < 4; i++) {
        nvme_rig_submit(rig, &rig->admin, nvme_cmd(NVME_ADMIN_ASYNC_EVENT, 0));
        rig_run();
        nvme_rig_expect_none(rig, &rig->admin);
    }
    g_assert_cmphex(admin(rig, nvme_cmd(NVME_ADMIN_ASYNC_EVENT, 0)), ==, NVME_AER_LIMIT_EXCEEDED);
    g_assert_cmphex(admin(rig, nvme_cmd(0xff, 0)), ==, NVME_INVALID_OPCODE);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/queues/create-errors", test_create_errors);
    g_test_add_func("/nvme/queues/entry-sizes", test_entry_sizes);
    g_test_add_func("/nvme/queues/delete", test_delete);
    g_test_add_func("/nvme/queues/wrap", test_wrap);
    g_test_add_func("/nvme/queues/full", test_full);
    g_test_add_func("/nvme/queues/pieces", test_pieces);
    g_test_add_func("/nvme/queues/fair", test_fair);
    g_test_add_func("/nvme/queues/bounded", test_bounded);
    g_test_add_func("/nvme/queues/64k", test_64k);
    g_test_add_func("/nvme/queues/small-admin-queue", test_small_admin_queue);
    return g_test_run();
}
