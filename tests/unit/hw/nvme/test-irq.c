/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts: the pin's level, INTMS, MSI-X, one for a batch, coalescing: hw/nvme/irq.c. */
#include "qemu/osdep.h"
#include "hw/pci/msix.h"
#include "nvme-rig.h"

static NvmeSqe read_block(NvmeRig *rig)
{
    return nvme_cmd_rw(NVME_IO_READ, 0, 1, RIG_RAM_BASE + RIG_RAM_SIZE - 4096, 0);
}

static void run_reads(NvmeRig *rig, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        nvme_rig_put(rig, &rig->io, read_block(rig));
    }
    nvme_rig_ring(rig, &rig->io);
    rig_run();
}

static void reap(NvmeRig *rig, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        nvme_rig_expect(rig, &rig->io);
    }
}

/* High from the first entry until the last one is consumed. */
static void test_pin(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_start(rig, 16);
    g_assert_cmpint(rig->pci->intx, ==, 0);
    run_reads(rig, 2);
    g_assert_cmpint(rig->pci->intx, ==, 1);
    reap(rig, 1);
    g_assert_cmpint(rig->pci->intx, ==, 1);
    reap(rig, 1);
    g_assert_cmpint(rig->pci->intx, ==, 0);
    /* Base 3.1.3.3 and 3.1.3.4. */
    rig_write(rig->pci, 0, NVME_REG_INTMS, 1, 4);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_INTMC, 4), ==, 1);
    run_reads(rig, 1);
    g_assert_cmpint(rig->pci->intx, ==, 0);
    rig_write(rig->pci, 0, NVME_REG_INTMC, 2, 4);
    g_assert_cmpint(rig->pci->intx, ==, 0);
    rig_write(rig->pci, 0, NVME_REG_INTMC, 1, 4);
    g_assert_cmpint(rig->pci->intx, ==, 1);
    rig_write(rig->pci, 0, NVME_REG_INTMS, 0x80000001, 4);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_INTMS, 4), ==, 0x80000001);
    g_assert_cmpint(rig->pci->intx, ==, 0);
    rig_write(rig->pci, 0, NVME_REG_INTMC, 0xffffffff, 4);
    g_assert_cmpint(rig->pci->intx, ==, 1);
    nvme_rig_disable(rig);
    g_assert_cmpint(rig->pci->intx, ==, 0);
}

/* A queue that goes with entries in it takes its level along. */
static void test_pin_delete(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_DELETE_SQ, 0);

    nvme_rig_start(rig, 16);
    run_reads(rig, 3);
    cmd.cdw10 = cpu_to_le32(1);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
    g_assert_cmpint(rig->pci->intx, ==, 1);
    cmd.opcode = NVME_ADMIN_DELETE_CQ;
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
    g_assert_cmpint(rig->pci->intx, ==, 0);
}

/* IEN 0: a host that polls has its peace. */
static void test_polling_host(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    NvmeSqe cmd;

    nvme_rig_enable(rig);
    rig_enable_msix(rig->pci);
    rig->io = (NvmeRigQueue) { .id = 1, .phase = true, .entries = 16 };
    rig->io.cq = nvme_rig_alloc(rig, 4096);
    rig->io.sq = nvme_rig_alloc(rig, 4096);
    cmd = nvme_cmd_create_cq(1, 16, rig->io.cq, 3);
    cmd.cdw11 = cpu_to_le32(3 << 16 | 1);
    nvme_rig_status(rig, &rig->admin, cmd);
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_sq(1, 16, rig->io.sq, 1));
    run_reads(rig, 5);
    reap(rig, 5);
    g_assert_cmpuint(rig->pci->msix[3], ==, 0);
    g_assert_cmpuint(rig->pci->msix[0], !=, 0);
}

static void start_msix(NvmeRig *rig, unsigned vector)
{
    nvme_rig_enable(rig);
    rig_enable_msix(rig->pci);
    nvme_rig_create(rig, &rig->io, 1, 64, vector);
}

static void test_msix(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    start_msix(rig, 2);
    run_reads(rig, 1);
    g_assert_cmpuint(rig->pci->msix[2], ==, 1);
    g_assert_cmpint(rig->pci->intx, ==, 0);
    /* One for a batch. */
    run_reads(rig, 40);
    g_assert_cmpuint(rig->pci->msix[2], ==, 2);
    reap(rig, 41);
    g_assert_cmpuint(rig->pci->msix[2], ==, 2);
    /* INTMS is not for MSI-X. */
    rig_write(rig->pci, 0, NVME_REG_INTMS, 0xffffffff, 4);
    run_reads(rig, 1);
    g_assert_cmpuint(rig->pci->msix[2], ==, 3);
}

/* A masked vector is pending, and goes when it is unmasked. */
static void test_msix_masked(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    start_msix(rig, 2);
    rig_write(rig->pci, 4, 2 * 16 + 12, 1, 4);
    run_reads(rig, 3);
    g_assert_cmpuint(rig->pci->msix[2], ==, 0);
    g_assert_true(msix_is_pending(rig->pci->dev, 2));
    rig_write(rig->pci, 4, 2 * 16 + 12, 0, 4);
    g_assert_cmpuint(rig->pci->msix[2], ==, 1);
}

/* The pin takes over when MSI-X goes off with entries waiting. */
static void test_msix_off(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    unsigned flags = rig->pci->dev->msix_cap + PCI_MSIX_FLAGS;

    start_msix(rig, 0);
    run_reads(rig, 3);
    g_assert_cmpint(rig->pci->intx, ==, 0);
    rig_config_write(rig->pci, flags, 0, 2);
    g_assert_cmpint(rig->pci->intx, ==, 1);
    reap(rig, 3);
    g_assert_cmpint(rig->pci->intx, ==, 0);
}

static void set_feature(NvmeRig *rig, uint8_t fid, uint32_t cdw11)
{
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_SET_FEATURES, 0);

    cmd.cdw10 = cpu_to_le32(fid);
    cmd.cdw11 = cpu_to_le32(cdw11);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
}

/* Base 5.27.1.6: by number (0's based) or by time (100 us), whatever comes first. */
static void test_coalescing(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    start_msix(rig, 2);
    set_feature(rig, 8, 5 << 8 | 3);
    run_reads(rig, 1);
    run_reads(rig, 2);
    g_assert_cmpuint(rig->pci->msix[2], ==, 0);
    run_reads(rig, 1);
    g_assert_cmpuint(rig->pci->msix[2], ==, 1);
    run_reads(rig, 1);
    rig_advance(499999);
    g_assert_cmpuint(rig->pci->msix[2], ==, 1);
    rig_advance(1);
    g_assert_cmpuint(rig->pci->msix[2], ==, 2);
    /* 5.27.1.7: not for this vector. */
    set_feature(rig, 9, 1 << 16 | 2);
    run_reads(rig, 1);
    g_assert_cmpuint(rig->pci->msix[2], ==, 3);
    set_feature(rig, 9, 2);
    run_reads(rig, 1);
    g_assert_cmpuint(rig->pci->msix[2], ==, 3);
    /* What was held back goes when there is nothing to wait for any more. */
    set_feature(rig, 8, 0);
    g_assert_cmpuint(rig->pci->msix[2], ==, 4);
    reap(rig, 7);
    /* A reset forgets all of it. */
    set_feature(rig, 8, 5 << 8 | 3);
    run_reads(rig, 1);
    nvme_rig_disable(rig);
    rig_advance(1000000);
    g_assert_cmpuint(rig->pci->msix[2], ==, 4);
}

/* The interrupt comes after the entry has arrived. */
static void test_after_message(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    start_msix(rig, 2);
    rig->pci->mappable = false;
    rig_revoke(rig->pci, 0, UINT64_MAX);
    rig->pci->slow = true;
    run_reads(rig, 1);
    while (rig->pci->requests.length) {
        const NvmeCqe *cqe = nvme_rig_at(rig, rig->io.cq);

        g_assert_cmpuint(rig->pci->msix[2], ==, 0);
        rig_answer(rig->pci, MEMTX_OK);
        g_assert_cmpuint(rig->pci->msix[2], <=, le16_to_cpu(cqe->status) & 1);
        rig_run();
    }
    g_assert_cmpuint(rig->pci->msix[2], ==, 1);
    nvme_rig_expect(rig, &rig->io);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/irq/pin", test_pin);
    g_test_add_func("/nvme/irq/pin-delete", test_pin_delete);
    g_test_add_func("/nvme/irq/polling-host", test_polling_host);
    g_test_add_func("/nvme/irq/msix", test_msix);
    g_test_add_func("/nvme/irq/msix-masked", test_msix_masked);
    g_test_add_func("/nvme/irq/msix-off", test_msix_off);
    g_test_add_func("/nvme/irq/coalescing", test_coalescing);
    g_test_add_func("/nvme/irq/after-message", test_after_message);
    return g_test_run();
}
