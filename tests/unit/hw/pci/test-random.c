/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client that writes anything anywhere, at a function that has everything:
 * what is read-only stays, the capability lists stay lists, interrupts go out
 * only where the masks allow, and reset brings back the very first picture.
 */
#include "rig.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"

#define ROUNDS 20000

static void realize_all(PCIDevice *dev, Error **errp)
{
    RigDevice *r = RIG(dev);

    pci_config_set_interrupt_pin(dev->config, 1);
    memory_region_init_io(&r->mr[0], OBJECT(dev), &rig_ops, r, "regs", 4096);
    pci_register_bar(dev, 0, 0, &r->mr[0]);
    memory_region_init_io(&r->mr[1], OBJECT(dev), &rig_ops, r, "io", 64);
    pci_register_bar(dev, 1, PCI_BASE_ADDRESS_SPACE_IO, &r->mr[1]);
    memory_region_init_ram(&r->mr[2], OBJECT(dev), "ram", 65536, &error_abort);
    pci_register_bar(dev, 2, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH,
                     &r->mr[2]);
    g_assert_cmpint(pcie_endpoint_cap_init(dev, 0), >, 0);
    pcie_cap_deverr_init(dev);
    pcie_cap_flr_init(dev);
    g_assert_cmpint(pci_pm_init(dev, 0, &error_abort), >, 0);
    g_assert_cmpint(msi_init(dev, 0, 8, true, true, &error_abort), ==, 0);
    g_assert_cmpint(msix_init_exclusive_bar(dev, 16, 4, &error_abort), ==, 0);
    for (int v = 0; v < 16; v++) {
        msix_vector_use(dev, v);
    }
    g_assert_cmpint(pcie_aer_init(dev, PCI_ERR_VER, 0x100, PCI_ERR_SIZEOF, &error_abort), ==, 0);
    pcie_dev_ser_num_init(dev, 0x148, 42);
    pcie_ats_init(dev, 0x154, true);
}

static void exit_all(PCIDevice *dev)
{
    pcie_aer_exit(dev);
    msix_uninit_exclusive_bar(dev);
    msi_uninit(dev);
    pcie_cap_exit(dev);
}

static void random_config(PCIDevice *dev, GRand *r)
{
    uint32_t offset = g_rand_int_range(r, 0, g_rand_boolean(r) ? 256 : 4096);
    uint8_t raw[16];
    int len = MIN(g_rand_int_range(r, 1, 16), (int)(4096 - offset));

    for (int i = 0; i < len; i++) {
        raw[i] = g_rand_boolean(r) ? g_rand_int(r) : g_rand_boolean(r) ? 0xff : 0;
    }
    g_assert_cmpint(pci_device_config_rw(dev, offset, raw, len, true), ==, 0);
}

static void random_bar(PCIDevice *dev, GRand *r)
{
    static const int bars[] = { 0, 1, 2, 4, 6, 3 };
    int bar = bars[g_rand_int_range(r, 0, 6)];
    uint8_t raw[64];

    memset(raw, g_rand_int(r), sizeof(raw));
    pci_device_bar_rw(dev, bar, g_rand_int_range(r, 0, 5000), raw, g_rand_int_range(r, 0, 64),
                      g_rand_boolean(r));
}

static void random_device(PCIDevice *dev, GRand *r, RigSink *s)
{
    uint8_t buf[8];
    unsigned v = g_rand_int_range(r, 0, 20);
    bool masked = msix_is_masked(dev, v);
    unsigned before = s->fired[v];

    switch (g_rand_int_range(r, 0, 5)) {
    case 0:
        pci_set_irq(dev, g_rand_boolean(r));
        break;
    case 1:
        msi_notify(dev, v);
        break;
    case 2:
        msix_notify(dev, v);
        g_assert_true(!masked || s->fired[v] == before);
        break;
    case 3:
        s->bound = g_rand_int(r);
        pci_device_irq_rebind(dev);
        break;
    default:
        g_assert_cmpuint(pci_dma_read(dev, g_rand_int(r), buf, 8), !=, MEMTX_OK);
        break;
    }
    g_assert_cmpint(s->level, ==, pci_device_intx_level(dev));
}

static void check_lists(PCIDevice *dev)
{
    g_assert_cmphex(cfg_r(dev, PCI_VENDOR_ID, 4), ==, 0x56781234);
    g_assert_cmphex(pci_find_capability(dev, PCI_CAP_ID_EXP), ==, dev->exp.exp_cap);
    g_assert_cmphex(pci_find_capability(dev, PCI_CAP_ID_MSI), ==, dev->msi_cap);
    g_assert_cmphex(pci_find_capability(dev, PCI_CAP_ID_MSIX), ==, dev->msix_cap);
    g_assert_cmphex(pcie_find_capability(dev, PCI_EXT_CAP_ID_ATS), ==, 0x154);
    g_assert_cmphex(cfg_r(dev, 0x14c, 4), ==, 42);
    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        PCIIORegion *b = &dev->io_regions[i];

        g_assert_true(b->addr == PCI_BAR_UNMAPPED || !b->size || !(b->addr & (b->size - 1)));
    }
}

static void run(uint32_t seed)
{
    GRand *r = g_rand_new_with_seed(seed);
    PCIBus *bus = rig_root_new("vm");
    RigSink s = { 0 };
    g_autofree uint8_t *first = NULL;
    PCIDevice *dev;

    rig_realize = realize_all;
    rig_exit = exit_all;
    dev = rig_plug(bus, TYPE_RIG_PCIE, -1, &error_abort);
    first = g_memdup2(dev->config, 4096);
    pci_device_set_irq_sink(dev, &rig_sink, &s);
    for (int i = 0; i < ROUNDS; i++) {
        switch (g_rand_int_range(r, 0, 3)) {
        case 0:
            random_config(dev, r);
            break;
        case 1:
            random_bar(dev, r);
            break;
        default:
            random_device(dev, r, &s);
            break;
        }
        if (i % 64 == 0) {
            check_lists(dev);
        }
    }
    g_assert_cmpuint(RIG(dev)->resets, >, 2); /* the client found the FLR bit */
    g_assert_cmpuint(RIG(dev)->writes, >, 100);
    g_assert_cmpuint(s.fired[3] + s.fired[7], >, 10);
    pci_device_reset(dev);
    g_assert_cmpmem(dev->config, 4096, first, 4096);
    for (int v = 0; v < 16; v++) {
        g_assert_false(msix_is_pending(dev, v));
        g_assert_cmphex(bar_r32(dev, 4, v * 16 + 12), ==, 1);
    }
    g_assert_cmpint(s.level, ==, 0);
    rig_root_free(bus);
    g_rand_free(r);
}

static void test_random(void)
{
    for (uint32_t seed = 1; seed <= 4; seed++) {
        run(seed);
    }
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/pci/random/client", test_random);
    return g_test_run();
}
