/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers and the life of the controller: hw/nvme/regs.c, shutdown.c, ctrl.c. */
#include "qemu/osdep.h"
#include "hw/pci/pci_ids.h"
#include "nvme-rig.h"

static uint32_t reg(NvmeRig *rig, unsigned offset)
{
    return rig_read(rig->pci, 0, offset, 4);
}

static void set(NvmeRig *rig, unsigned offset, uint32_t value)
{
    rig_write(rig->pci, 0, offset, value, 4);
}

static void test_identity(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    g_assert_cmphex(rig_config_read(rig->pci, PCI_VENDOR_ID, 4), ==, 0x00101b36);
    g_assert_cmphex(rig_config_read(rig->pci, PCI_CLASS_REVISION, 4) >> 8, ==, 0x010802);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_CAP, 8) & 0xffff, ==, 0xffff);
    g_assert_cmphex(reg(rig, NVME_REG_VS), ==, 0x10400);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, 0);
    g_assert_cmpuint(pci_find_capability(rig->pci->dev, PCI_CAP_ID_EXP), !=, 0);
    g_assert_cmpuint(pci_find_capability(rig->pci->dev, PCI_CAP_ID_PM), !=, 0);
    g_assert_cmpuint(pci_device_bar_size(rig->pci->dev, 0), ==, NVME_BAR0_SIZE);
}

static void test_intel(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("use-intel-id=on");

    g_assert_cmphex(rig_config_read(rig->pci, PCI_VENDOR_ID, 4), ==, 0x58458086);
}

static void expect_error(const char *props, const char *text)
{
    g_autofree char *error = rig_realize_error(TYPE_NVME, props);

    g_assert_cmpstr(error, ==, text);
}

static void test_bad_properties(void)
{
    expect_error(NULL, "nvme needs a serial number: set property 'serial'");
    expect_error("serial=123456789012345678901",
                 "property 'serial' of nvme has 21 characters, but at most 20 fit");
    expect_error("serial=1,max_ioqpairs=0",
                 "property 'max_ioqpairs' of nvme must be 1 to 511, not 0");
    expect_error("serial=1,max_ioqpairs=512",
                 "property 'max_ioqpairs' of nvme must be 1 to 511, not 512");
    expect_error("serial=1,num_queues=1", "property 'num_queues' of nvme must be 2 to 512, not 1");
    expect_error("serial=1,msix_qsize=0", "property 'msix_qsize' of nvme must be 1 to 2048, not 0");
    expect_error("serial=1,msix_qsize=2049",
                 "property 'msix_qsize' of nvme must be 1 to 2048, not 2049");
    expect_error("serial=1,mdts=17", "property 'mdts' of nvme must be 0 to 16, not 17");
    expect_error("serial=1,cmb_size_mb=3",
                 "property 'cmb_size_mb' of nvme must be a power of two up to 1024, not 3");
}

static void test_enable(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_enable(rig);
    nvme_rig_disable(rig);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, 0);
    /* A controller reset leaves the admin queues' place: base 3.7.2. */
    g_assert_cmphex(reg(rig, NVME_REG_AQA), ==, 0x003f003f);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_ASQ, 8), ==, rig->admin.sq);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_ACQ, 8), ==, rig->admin.cq);
    nvme_rig_enable(rig);
    rig_reset(rig->pci);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS) | reg(rig, NVME_REG_CC) | reg(rig, NVME_REG_AQA)
                    | rig_read(rig->pci, 0, NVME_REG_ASQ, 8), ==, 0);
}

/* By halves in any order, too. */
static void test_halves(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    set(rig, NVME_REG_ASQ + 4, 0x12345678);
    set(rig, NVME_REG_ASQ, 0xabcdefff);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_ASQ, 8), ==, 0x12345678abcde000);
    rig_write(rig->pci, 0, NVME_REG_ASQ, 1, 2);
    rig_write(rig->pci, 0, NVME_REG_ASQ + 1, 1, 1);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_ASQ, 8), ==, 0x12345678abcde000);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_ASQ + 2, 2), ==, 0xabcd);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_REG_ASQ + 7, 1), ==, 0x12);
    /* Read-only and reserved ones stay. */
    set(rig, NVME_REG_CAP, 0);
    set(rig, NVME_REG_VS, 0);
    set(rig, 0xffc, 1);
    g_assert_cmphex(reg(rig, NVME_REG_VS), ==, 0x10400);
    g_assert_cmphex(reg(rig, 0xffc), ==, 0);
}

static void fatal(NvmeRig *rig, uint32_t cc)
{
    set(rig, NVME_REG_CC, cc);
    rig_run();
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, NVME_CSTS_CFS);
    set(rig, NVME_REG_CC, 0);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, 0);
}

static void test_fatal(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    fatal(rig, NVME_CC_EN);                     /* no queues */
    set(rig, NVME_REG_AQA, 0x00010001);
    rig_write(rig->pci, 0, NVME_REG_ASQ, RIG_RAM_BASE, 8);
    rig_write(rig->pci, 0, NVME_REG_ACQ, RIG_RAM_BASE + 0x1000, 8);
    fatal(rig, NVME_CC_EN | 5 << NVME_CC_MPS_SHIFT);
    fatal(rig, NVME_CC_EN | 1 << NVME_CC_CSS_SHIFT);
    fatal(rig, NVME_CC_EN | 1 << NVME_CC_AMS_SHIFT);
    fatal(rig, NVME_CC_EN | 1 << NVME_CC_MPS_SHIFT);    /* ACQ in the middle of a page */
    set(rig, NVME_REG_AQA, 1);
    fatal(rig, NVME_CC_EN);
    set(rig, NVME_REG_AQA, 0x00010000);
    fatal(rig, NVME_CC_EN);
    nvme_rig_enable(rig);
}

/* Only SHN and the entry sizes change while it is enabled. */
static void test_live_cc(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_enable(rig);
    set(rig, NVME_REG_CC, reg(rig, NVME_REG_CC) | 4 << NVME_CC_MPS_SHIFT | 7 << 4);
    g_assert_cmphex(reg(rig, NVME_REG_CC) & 0x7f0, ==, 0);
    g_assert_cmphex(nvme_rig_ctrl(rig)->page_size, ==, 4096);
}

static void test_nssr(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_enable(rig);
    set(rig, NVME_REG_NSSR, 0x4e564d64);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, NVME_CSTS_RDY);
    set(rig, NVME_REG_NSSR, 0x4e564d65);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, NVME_CSTS_NSSRO);
    g_assert_cmphex(reg(rig, NVME_REG_CC), ==, 0);
    set(rig, NVME_REG_CSTS, NVME_CSTS_NSSRO);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, 0);
    nvme_rig_enable(rig);
}

static uint32_t shst(NvmeRig *rig)
{
    return reg(rig, NVME_REG_CSTS) >> NVME_CSTS_SHST_SHIFT & 3;
}

static void notify_shutdown(NvmeRig *rig, unsigned shn)
{
    set(rig, NVME_REG_CC, reg(rig, NVME_REG_CC) | shn << NVME_CC_SHN_SHIFT);
    rig_run();
}

/* A normal one is complete when the medium has all; an abrupt one at once. */
static void test_shutdown(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new_held(NULL);

    nvme_rig_enable(rig);
    notify_shutdown(rig, 1);
    g_assert_cmpuint(nvme_rig_held(), ==, 1);
    g_assert_cmpuint(shst(rig), ==, NVME_SHST_OCCURRING);
    nvme_rig_let_go(1);
    g_assert_cmpuint(shst(rig), ==, NVME_SHST_COMPLETE);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS) & NVME_CSTS_RDY, ==, NVME_CSTS_RDY);
    nvme_rig_disable(rig);
    g_assert_cmpuint(shst(rig), ==, 0);
    nvme_rig_enable(rig);
    notify_shutdown(rig, 2);
    g_assert_cmpuint(shst(rig), ==, NVME_SHST_COMPLETE);
    g_assert_cmpuint(nvme_rig_held(), ==, 0);
    /* A reset in the middle takes the flush back. */
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    notify_shutdown(rig, 1);
    g_assert_cmpuint(nvme_rig_held(), ==, 1);
    rig_reset(rig->pci);
    g_assert_cmpuint(nvme_rig_held(), ==, 0);
    g_assert_cmphex(reg(rig, NVME_REG_CSTS), ==, 0);
}

static void test_flr(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    unsigned devctl = rig->pci->dev->exp.exp_cap + PCI_EXP_DEVCTL;

    nvme_rig_start(rig, 4);
    rig_config_write(rig->pci, devctl, PCI_EXP_DEVCTL_BCR_FLR, 2);
    rig_run();
    g_assert_cmphex(reg(rig, NVME_REG_CC) | reg(rig, NVME_REG_CSTS), ==, 0);
    g_assert_cmphex(rig_config_read(rig->pci, PCI_COMMAND, 2), ==, 0);
    g_assert_cmpuint(rig->pci->pins, ==, 0);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/life/identity", test_identity);
    g_test_add_func("/nvme/life/intel", test_intel);
    g_test_add_func("/nvme/life/bad-properties", test_bad_properties);
    g_test_add_func("/nvme/life/enable", test_enable);
    g_test_add_func("/nvme/life/halves", test_halves);
    g_test_add_func("/nvme/life/fatal", test_fatal);
    g_test_add_func("/nvme/life/live-cc", test_live_cc);
    g_test_add_func("/nvme/life/nssr", test_nssr);
    g_test_add_func("/nvme/life/shutdown", test_shutdown);
    g_test_add_func("/nvme/life/flr", test_flr);
    return g_test_run();
}
