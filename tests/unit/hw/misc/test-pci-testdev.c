/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci-testdev as a guest's test program uses it: scan the tests of each BAR,
 * make the write that the header asks for, look at the count.
 */
#include "qemu/osdep.h"
#include "pci-rig.h"

enum { TEST = 0, WIDTH = 1, OFFSET = 4, DATA = 8, COUNT = 12, NAME = 16 };

static void expect_name(PCIRig *rig, int bar, const char *want)
{
    for (size_t i = 0; i <= strlen(want); i++) {
        g_assert_cmpint((char)rig_read(rig, bar, NAME + i, 1), ==, want[i]);
    }
}

static uint32_t count_after(PCIRig *rig, int bar, int test, unsigned writes, bool right_data)
{
    uint32_t offset, data;

    rig_write(rig, bar, TEST, test, 1);
    g_assert_cmpuint(rig_read(rig, bar, COUNT, 4), ==, 0);
    g_assert_cmpuint(rig_read(rig, bar, WIDTH, 1), ==, 1);
    offset = rig_read(rig, bar, OFFSET, 4);
    data = rig_read(rig, bar, DATA, 4);
    g_assert_cmpuint(offset, <, pci_device_bar_size(rig->dev, bar));
    for (unsigned i = 0; i < writes; i++) {
        rig_write(rig, bar, offset, right_data ? data : data ^ 1, 1);
        rig_write(rig, bar, offset ^ 8, data, 1);
    }
    return rig_read(rig, bar, COUNT, 4);
}

static void test_identity(void)
{
    g_autoptr(PCIRig) rig = rig_new("pci-testdev", NULL);

    g_assert_cmphex(rig_config_read(rig, PCI_VENDOR_ID, 4), ==, 0x00051b36);
    g_assert_cmphex(rig_config_read(rig, PCI_CLASS_DEVICE, 2), ==, 0x00ff);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 0), ==, 4096);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 1), ==, 256);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 2), ==, 0);
    g_assert_cmphex(rig_config_read(rig, PCI_BASE_ADDRESS_1, 4) & 1, ==, 1);
    /* No test runs. */
    g_assert_cmphex(rig_read(rig, 0, 0, 4), ==, 0);
}

static void test_all(void)
{
    static const char *const kinds[] = { "no-eventfd", "wildcard-eventfd", "datamatch-eventfd" };
    g_autoptr(PCIRig) rig = rig_new("pci-testdev", NULL);

    for (int bar = 0; bar < 2; bar++) {
        for (int test = 0; test < 3; test++) {
            g_autofree char *name = g_strdup_printf("%s:%s", bar ? "portio" : "mmio", kinds[test]);

            g_assert_cmpuint(count_after(rig, bar, test, 5, true), ==, 5);
            expect_name(rig, bar, name);
            g_assert_cmpuint(rig_read(rig, bar, TEST, 1), ==, test);
            g_assert_cmpuint(count_after(rig, bar, test, 3, false), ==, 3);
        }
        rig_write(rig, bar, TEST, 3, 1);
        g_assert_cmpuint(rig_read(rig, bar, WIDTH, 1), ==, 0);
        rig_write(rig, bar, TEST, 255, 1);
        g_assert_cmpuint(rig_read(rig, bar, WIDTH, 1), ==, 0);
    }
}

/* A test of one BAR shows nothing in the other, and ends when another one starts. */
static void test_one_at_a_time(void)
{
    g_autoptr(PCIRig) rig = rig_new("pci-testdev", NULL);

    rig_write(rig, 0, TEST, 1, 1);
    g_assert_cmpuint(rig_read(rig, 1, WIDTH, 1), ==, 0);
    rig_write(rig, 1, TEST, 2, 1);
    g_assert_cmpuint(rig_read(rig, 0, WIDTH, 1), ==, 0);
    g_assert_cmpuint(rig_read(rig, 1, WIDTH, 1), ==, 1);
    rig_reset(rig);
    g_assert_cmpuint(rig_read(rig, 1, WIDTH, 1), ==, 0);
}

static void test_membar(void)
{
    g_autoptr(PCIRig) rig = rig_new("pci-testdev", "membar=16G");
    g_autoptr(PCIRig) ram = rig_new("pci-testdev", "membar=64K,membar-backed=on");
    g_autofree char *odd = rig_realize_error("pci-testdev", "membar=100");

    g_assert_cmphex(pci_device_bar_size(rig->dev, 2), ==, 1ull << 34);
    g_assert_cmphex(rig_config_read(rig, PCI_BASE_ADDRESS_2, 4) & 0xf, ==, 0xc);
    g_assert_cmpint(rig_try_read(rig, 2, 0, 4), !=, MEMTX_OK);
    rig_write(ram, 2, 0xfff8, 0x1122334455667788, 8);
    g_assert_cmphex(rig_read(ram, 2, 0xfffc, 4), ==, 0x11223344);
    g_assert_nonnull(strstr(odd, "'membar'"));
}

static void test_migration(void)
{
    g_autoptr(PCIRig) a = rig_new("pci-testdev", NULL);
    g_autoptr(PCIRig) b = rig_new("pci-testdev", NULL);
    g_autoptr(GBytes) bytes = NULL;

    g_assert_cmpuint(count_after(a, 1, 1, 4, true), ==, 4);
    rig_write(a, 1, rig_read(a, 1, OFFSET, 4), 1, 1);
    bytes = rig_save(a);
    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    g_assert_cmpuint(rig_read(b, 1, COUNT, 4), ==, 5);
    rig_write(b, 1, rig_read(b, 1, OFFSET, 4), 1, 1);
    g_assert_cmpuint(rig_read(b, 1, COUNT, 4), ==, 6);
    rig_truncate_everywhere(b, bytes);
    rig_corrupt(b, bytes, 300);
}

int main(int argc, char **argv)
{
    rig_setup(&argc, &argv);
    g_test_add_func("/pci-testdev/identity", test_identity);
    g_test_add_func("/pci-testdev/all", test_all);
    g_test_add_func("/pci-testdev/one-at-a-time", test_one_at_a_time);
    g_test_add_func("/pci-testdev/membar", test_membar);
    g_test_add_func("/pci-testdev/migration", test_migration);
    return g_test_run();
}
