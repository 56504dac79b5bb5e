/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edu against its specification: registers, factorial, both kinds of
 * interrupts, DMA both ways in both kinds of memory, the borders of its
 * window, and its state on the move.
 */
#include "qemu/osdep.h"
#include "pci-rig.h"

enum {
    ID = 0x00, LIVE = 0x04, FACT = 0x08, STATUS = 0x20, IRQ = 0x24, RAISE = 0x60, ACK = 0x64,
    SRC = 0x80, DST = 0x88, COUNT = 0x90, CMD = 0x98,
    WINDOW = 0x40000,
};

#define MS 1000000ll

static uint32_t get(PCIRig *rig, hwaddr reg)
{
    return rig_read(rig, 0, reg, 4);
}

static void set(PCIRig *rig, hwaddr reg, uint32_t val)
{
    rig_write(rig, 0, reg, val, 4);
}

static void test_identity(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    g_assert_cmphex(rig_config_read(rig, PCI_VENDOR_ID, 4), ==, 0x11e81234);
    g_assert_cmphex(rig_config_read(rig, PCI_CLASS_REVISION, 4), ==, 0x00ff0010);
    g_assert_cmphex(rig_config_read(rig, PCI_INTERRUPT_PIN, 1), ==, 1);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 0), ==, 0x100000);
    g_assert_cmphex(get(rig, ID), ==, 0x010000ed);
    set(rig, LIVE, 0x12345678);
    g_assert_cmphex(get(rig, LIVE), ==, 0xedcba987);
    g_assert_cmphex(get(rig, 0x0c), ==, 0xffffffff);
    g_assert_cmphex(get(rig, WINDOW), ==, 0xffffffff);
}

static void test_widths(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    g_assert_cmphex(rig_read(rig, 0, LIVE - 4, 8), ==, UINT64_MAX);
    rig_write(rig, 0, SRC, 0x1122334455667788, 8);
    g_assert_cmphex(rig_read(rig, 0, SRC, 8), ==, 0x1122334455667788);
    g_assert_cmphex(get(rig, SRC), ==, 0x55667788);
    g_assert_cmpint(rig_try_read(rig, 0, LIVE, 2), !=, MEMTX_OK);
    g_assert_cmpint(rig_try_read(rig, 0, LIVE, 1), !=, MEMTX_OK);
}

static uint32_t factorial(PCIRig *rig, uint32_t n)
{
    set(rig, FACT, n);
    g_assert_cmphex(get(rig, STATUS) & 1, ==, 1);
    /* A second operand does not disturb the first one. */
    set(rig, FACT, 2);
    rig_run();
    g_assert_cmphex(get(rig, STATUS) & 1, ==, 0);
    return get(rig, FACT);
}

static void test_factorial(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    g_assert_cmpuint(factorial(rig, 0), ==, 1);
    g_assert_cmpuint(factorial(rig, 1), ==, 1);
    g_assert_cmpuint(factorial(rig, 10), ==, 3628800);
    g_assert_cmpuint(factorial(rig, 13), ==, 1932053504);
    g_assert_cmpuint(factorial(rig, 33), ==, 0x80000000);
    g_assert_cmpuint(factorial(rig, 34), ==, 0);
    g_assert_cmpuint(factorial(rig, 0xffffffff), ==, 0);
    g_assert_cmpint(rig->intx, ==, 0);
    set(rig, STATUS, 0xff);
    g_assert_cmphex(get(rig, STATUS), ==, 0x80);
    factorial(rig, 5);
    g_assert_cmpint(rig->intx, ==, 1);
    g_assert_cmphex(get(rig, IRQ), ==, 1);
    set(rig, ACK, 1);
    g_assert_cmpint(rig->intx, ==, 0);
}

static void test_intx(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    set(rig, RAISE, 0x30);
    g_assert_cmpint(rig->intx, ==, 1);
    set(rig, ACK, 0x10);
    g_assert_cmpint(rig->intx, ==, 1);
    set(rig, ACK, 0x20);
    g_assert_cmpint(rig->intx, ==, 0);
    g_assert_cmpuint(rig->msi[0], ==, 0);
}

static void test_msi(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    rig_enable_msi(rig);
    set(rig, RAISE, 1);
    set(rig, RAISE, 2);
    g_assert_cmpuint(rig->msi[0], ==, 2);
    g_assert_cmpint(rig->intx, ==, 0);
    g_assert_cmphex(get(rig, IRQ), ==, 3);
}

static void dma(PCIRig *rig, uint64_t src, uint64_t dst, uint64_t count, uint64_t cmd)
{
    rig_write(rig, 0, SRC, src, 8);
    rig_write(rig, 0, DST, dst, 8);
    rig_write(rig, 0, COUNT, count, 8);
    rig_write(rig, 0, CMD, cmd, 8);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 1);
    /* While it is busy nothing can be changed. */
    rig_write(rig, 0, SRC, ~src, 8);
    g_assert_cmphex(rig_read(rig, 0, SRC, 8), ==, src);
    rig_advance(99 * MS);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 1);
    rig_advance(1 * MS);
}

static void fill(PCIRig *rig, hwaddr iova, size_t len, uint8_t seed)
{
    for (size_t i = 0; i < len; i++) {
        *rig_ram(rig, iova + i) = i * 3 + seed;
    }
}

static void there_and_back(PCIRig *rig)
{
    const hwaddr from = RIG_RAM_BASE + 0x1000, to = RIG_RAM_BASE + 0x9000;

    fill(rig, from, 4096, 7);
    dma(rig, from, WINDOW, 4096, 1);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 0);
    g_assert_cmphex(get(rig, IRQ), ==, 0);
    dma(rig, WINDOW, to, 4096, 1 | 2 | 4);
    g_assert_cmphex(get(rig, IRQ), ==, 0x100);
    g_assert_cmpmem(rig_ram(rig, to), 4096, rig_ram(rig, from), 4096);
    g_assert_cmpint(rig->intx, ==, 1);
    g_assert_cmpuint(rig->sync_accesses, ==, 0);
}

static void test_dma(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    there_and_back(rig);
}

static void test_dma_by_message(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    rig->mappable = false;
    there_and_back(rig);
}

/* Slow answers: the device stays busy, the loop goes on, reset takes the request back. */
static void test_dma_slow(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    rig->slow = true;
    dma(rig, RIG_RAM_BASE, WINDOW, 8, 1 | 4);
    g_assert_cmpuint(rig->requests.length, ==, 1);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 1);
    g_assert_cmpuint(factorial(rig, 4), ==, 24);
    rig_answer(rig, MEMTX_OK);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 0);
    g_assert_cmphex(get(rig, IRQ), ==, 0x100);
    dma(rig, RIG_RAM_BASE, WINDOW, 8, 1 | 4);
    rig_reset(rig);
    g_assert_cmpuint(rig->cancels, ==, 1);
    g_assert_cmphex(get(rig, CMD), ==, 0);
    dma(rig, RIG_RAM_BASE, WINDOW, 8, 1 | 4);
    rig_answer(rig, MEMTX_ERROR);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 0);
}

static void test_window_borders(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);
    const hwaddr a = RIG_RAM_BASE, b = RIG_RAM_BASE + 0x10000;

    fill(rig, a, 8192, 1);
    /* the last byte, and one more than there is */
    dma(rig, a, WINDOW + 4095, 1, 1);
    dma(rig, a, WINDOW + 4090, 100, 1);
    dma(rig, a, WINDOW, UINT64_MAX, 1);
    fill(rig, b, 8192, 0xaa);
    dma(rig, WINDOW, b, 8192, 1 | 2);
    g_assert_cmpmem(rig_ram(rig, b), 4096, rig_ram(rig, a), 4096);
    g_assert_cmphex(*rig_ram(rig, b + 4096), ==, (uint8_t)(4096 * 3 + 0xaa));
    /* outside: nothing moves, it completes */
    static const uint64_t wrong[] = { 0, WINDOW - 1, WINDOW + 4096, UINT64_MAX, 1ull << 63 };
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        rig->requests_made = 0;
        set(rig, ACK, ~0u);
        dma(rig, a, wrong[i], 16, 1 | 4);
        g_assert_cmpuint(rig->requests_made, ==, 0);
        g_assert_cmphex(get(rig, IRQ), ==, 0x100);
    }
    dma(rig, a, WINDOW, 0, 1);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 0);
}

static void test_dma_mask(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);
    g_autoptr(PCIRig) wide = rig_new("edu", "dma_mask=0xffffffffffffffff");

    fill(rig, RIG_RAM_BASE, 16, 5);
    dma(rig, (1ull << 28) + RIG_RAM_BASE, WINDOW, 16, 1);
    dma(rig, WINDOW, RIG_RAM_BASE + 64, 16, 1 | 2);
    g_assert_cmpmem(rig_ram(rig, RIG_RAM_BASE + 64), 16, rig_ram(rig, RIG_RAM_BASE), 16);
    /* With all lines driven the same address is another one, where nothing is. */
    fill(wide, RIG_RAM_BASE, 16, 5);
    dma(wide, (1ull << 28) + RIG_RAM_BASE, WINDOW, 16, 1);
    dma(wide, WINDOW, RIG_RAM_BASE + 64, 16, 1 | 2);
    g_assert_cmpuint(*rig_ram(wide, RIG_RAM_BASE + 65), ==, 0);
}

static void test_no_bus_master(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    fill(rig, RIG_RAM_BASE, 16, 5);
    rig_config_write(rig, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    dma(rig, RIG_RAM_BASE, WINDOW, 16, 1);
    g_assert_cmpuint(rig->requests_made, ==, 0);
    g_assert_cmphex(get(rig, CMD) & 1, ==, 0);
}

static void test_reset(void)
{
    g_autoptr(PCIRig) rig = rig_new("edu", NULL);

    set(rig, LIVE, 1);
    set(rig, RAISE, 1);
    set(rig, FACT, 5);
    rig_write(rig, 0, CMD, 1, 8);
    rig_reset(rig);
    rig_advance(1000 * MS);
    g_assert_cmpint(rig->intx, ==, 0);
    g_assert_cmphex(get(rig, LIVE) | get(rig, FACT) | get(rig, STATUS) | get(rig, IRQ), ==, 0);
    g_assert_cmphex(get(rig, CMD), ==, 0);
}

static void test_migration(void)
{
    g_autoptr(PCIRig) a = rig_new("edu", NULL);
    g_autoptr(PCIRig) b = rig_new("edu", NULL);
    g_autoptr(GBytes) bytes = NULL;

    set(a, LIVE, 7);
    fill(a, RIG_RAM_BASE, 64, 3);
    fill(b, RIG_RAM_BASE, 64, 3);
    dma(a, RIG_RAM_BASE, WINDOW, 64, 1);
    rig_write(a, 0, SRC, WINDOW, 8);
    rig_write(a, 0, DST, RIG_RAM_BASE + 0x100, 8);
    rig_write(a, 0, CMD, 1 | 2 | 4, 8);
    set(a, FACT, 6);
    bytes = rig_save(a);
    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    rig_run();
    g_assert_cmphex(get(b, LIVE), ==, ~7u);
    g_assert_cmpuint(get(b, FACT), ==, 720);
    g_assert_cmphex(get(b, CMD) & 1, ==, 1);
    rig_advance(100 * MS);
    g_assert_cmphex(get(b, IRQ), ==, 0x100);
    g_assert_cmpmem(rig_ram(b, RIG_RAM_BASE + 0x100), 64, rig_ram(b, RIG_RAM_BASE), 64);
    rig_truncate_everywhere(b, bytes);
    rig_corrupt(b, bytes, 300);
}

int main(int argc, char **argv)
{
    rig_setup(&argc, &argv);
    g_test_add_func("/edu/identity", test_identity);
    g_test_add_func("/edu/widths", test_widths);
    g_test_add_func("/edu/factorial", test_factorial);
    g_test_add_func("/edu/intx", test_intx);
    g_test_add_func("/edu/msi", test_msi);
    g_test_add_func("/edu/dma", test_dma);
    g_test_add_func("/edu/dma-by-message", test_dma_by_message);
    g_test_add_func("/edu/dma-slow", test_dma_slow);
    g_test_add_func("/edu/window-borders", test_window_borders);
    g_test_add_func("/edu/dma-mask", test_dma_mask);
    g_test_add_func("/edu/no-bus-master", test_no_bus_master);
    g_test_add_func("/edu/reset", test_reset);
    g_test_add_func("/edu/migration", test_migration);
    return g_test_run();
}
