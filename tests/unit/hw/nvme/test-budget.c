/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a disk that hangs: how much the commands of a host with long queues may take: budget.c. */
#include "qemu/osdep.h"
#include "nvme-rig.h"

enum { DOORBELLS = 0x1000, SQ_ENTRIES = 8192, QUEUES = 9, CQ_ENTRIES = 65536 };

/* All that are held are let go, again and again, until `count` commands have ended well. */
static void drain(NvmeRig *rig, NvmeRigQueue *q, unsigned count)
{
    NvmeCqe cqe;

    while (count) {
        nvme_rig_let_go(100000);
        rig_run();
        while (nvme_rig_reap(rig, q, &cqe)) {
            g_assert_cmphex(nvme_cqe_status(cqe), ==, 0);
            count--;
        }
    }
    nvme_rig_let_go(100000);
    rig_run();
    nvme_rig_expect_none(rig, q);
}

/* Queues of an attacker: all in the same place, full of the same command. */
static void make_queues(NvmeRig *rig, NvmeRigQueue *cq)
{
    uint64_t at = nvme_rig_alloc(rig, SQ_ENTRIES * sizeof(NvmeSqe));
    NvmeSqe *entries = nvme_rig_at(rig, at);

    for (unsigned i = 0; i < SQ_ENTRIES; i++) {
        entries[i] = nvme_cmd_rw(NVME_IO_READ, 0, 1, RIG_RAM_BASE + RIG_RAM_SIZE - 4096, 0);
    }
    *cq = (NvmeRigQueue) { .id = 1, .entries = CQ_ENTRIES, .phase = true };
    cq->cq = nvme_rig_alloc(rig, CQ_ENTRIES * sizeof(NvmeCqe));
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin,
                                    nvme_cmd_create_cq(1, CQ_ENTRIES, cq->cq, 0)), ==, 0);
    for (unsigned id = 1; id <= QUEUES; id++) {
        g_assert_cmphex(nvme_rig_status(rig, &rig->admin,
                                        nvme_cmd_create_sq(id, SQ_ENTRIES, at, 1)), ==, 0);
    }
}

static void test_requests(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held("max_ioqpairs=9");
    NvmeRigQueue cq;

    nvme_rig_enable(rig);
    make_queues(rig, &cq);
    for (unsigned id = 1; id <= QUEUES; id++) {
        rig_write(rig->pci, 0, DOORBELLS + 8 * id, SQ_ENTRIES - 1, 4);
    }
    rig_run();
    /* 65536 can be under way, which are more than one queue has; and a few of each in any case. */
    g_assert_cmpuint(nvme_rig_held(), >=, 65536 - 128);
    g_assert_cmpuint(nvme_rig_held(), <=, 65536 + QUEUES * 8);
    drain(rig, &cq, QUEUES * (SQ_ENTRIES - 1));
}

/* A read whose data is described by two segments, the first of which has to be looked at first. */
static NvmeSqe scattered_read(NvmeRig *rig)
{
    uint64_t at = nvme_rig_alloc(rig, NVME_RIG_PAGE), data = nvme_rig_alloc(rig, NVME_RIG_PAGE);
    const uint64_t list[] = {
        data, 256, at + 64, 16 | 3ull << 60,
        0, 0, 0, 0,
        data + 1024, 256,
    };
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_READ, 0, 1, at, 32 | 2ull << 60);
    uint64_t *host = nvme_rig_at(rig, at);

    for (unsigned i = 0; i < G_N_ELEMENTS(list); i++) {
        host[i] = cpu_to_le64(list[i]);
    }
    cmd.flags = 0x40;
    return cmd;
}

static void submit(NvmeRig *rig, NvmeSqe cmd, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        nvme_rig_put(rig, &rig->io, cmd);
    }
    nvme_rig_ring(rig, &rig->io);
    rig_run();
}

static void test_lists(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);
    NvmeSqe cmd;
    unsigned held;

    nvme_rig_start(rig, 1024);
    cmd = scattered_read(rig);
    submit(rig, cmd, 1000);
    held = nvme_rig_held();
    g_assert_cmpuint(held, >, 50);
    g_assert_cmpuint(held, <, 400);
    /* For one that ends there is room for the next. */
    nvme_rig_let_go(1);
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, held);
    drain(rig, &rig->io, 1000);
    /* Nothing is left over of what they had: as many may begin again. */
    submit(rig, cmd, 1000);
    g_assert_cmpuint(nvme_rig_held(), ==, held);
    nvme_rig_disable(rig);
    nvme_rig_start(rig, 1024);
    submit(rig, scattered_read(rig), 1000);
    g_assert_cmpuint(nvme_rig_held(), ==, held);
    drain(rig, &rig->io, 1000);
}

/* A neighbour has all the lists there are: small commands need none, each queue may have one. */
static void test_neighbour(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held("max_ioqpairs=2");
    NvmeRigQueue other;
    unsigned held;

    nvme_rig_start(rig, 1024);
    nvme_rig_create(rig, &other, 2, 16, 0);
    submit(rig, scattered_read(rig), 1000);
    held = nvme_rig_held();
    nvme_rig_submit(rig, &other,
                    nvme_cmd_rw(NVME_IO_READ, 0, 1, RIG_RAM_BASE + RIG_RAM_SIZE - 4096, 0));
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, ++held);
    for (int i = 0; i < 3; i++) {
        nvme_rig_submit(rig, &other, scattered_read(rig));
    }
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, ++held);
    /* The rest of them when enough of the neighbour's have ended. */
    drain(rig, &rig->io, 1000);
    for (int i = 0; i < 4; i++) {
        g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &other)), ==, 0);
    }
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/budget/requests", test_requests);
    g_test_add_func("/nvme/budget/lists", test_lists);
    g_test_add_func("/nvme/budget/neighbour", test_neighbour);
    return g_test_run();
}
