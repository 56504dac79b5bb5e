/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BARs: the sizing dialogue for every kind and size, access whatever the
 * registers hold, the spaces of the isolated root, and trees inside BARs.
 */
#include "rig.h"

static PCIBus *bus;
static uint8_t want_type;
static uint64_t want_size;

static void realize_one(PCIDevice *dev, Error **errp)
{
    RigDevice *r = RIG(dev);

    memory_region_init_io(&r->mr[0], OBJECT(dev), &rig_ops, r, "bar", want_size);
    pci_register_bar(dev, 0, want_type, &r->mr[0]);
}

static void check_sizing(uint8_t type, uint64_t size)
{
    bool wide = type & PCI_BASE_ADDRESS_MEM_TYPE_64;
    uint64_t addr = (wide ? 0x12345678c0000000ULL : 0xc0000000ULL) & -size;
    uint64_t mask;
    PCIDevice *dev;

    want_type = type;
    want_size = size;
    rig_realize = realize_one;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    g_assert_cmphex(cfg_r(dev, 0x10, 4), ==, type);
    cfg_w(dev, PCI_COMMAND, 3, 2);
    cfg_w(dev, 0x10, 0xffffffff, 4);
    if (wide) {
        cfg_w(dev, 0x14, 0xffffffff, 4);
    }
    mask = cfg_r(dev, 0x10, 4);
    if (wide) {
        mask |= (uint64_t)cfg_r(dev, 0x14, 4) << 32;
    } else {
        mask |= 0xffffffff00000000ULL;
    }
    g_assert_cmphex(mask & 0xf, ==, (type | (size < 16 ? mask & 0xf & -size : 0)));
    g_assert_cmphex(mask & ~(uint64_t)(type & PCI_BASE_ADDRESS_SPACE_IO ? 3 : 15), ==, -size);
    g_assert_cmphex(pci_get_bar_addr(dev, 0), ==, PCI_BAR_UNMAPPED);
    cfg_w(dev, 0x10, addr, 4);
    if (wide) {
        cfg_w(dev, 0x14, addr >> 32, 4);
    } else {
        g_assert_cmphex(cfg_r(dev, 0x14, 4), ==, 0);
    }
    if (type & PCI_BASE_ADDRESS_SPACE_IO) {
        g_assert_cmphex(pci_get_bar_addr(dev, 0), ==, PCI_BAR_UNMAPPED); /* beyond 64 KiB */
    } else if (wide || (addr | (size - 1)) != 0xffffffff) {
        g_assert_cmphex(pci_get_bar_addr(dev, 0), ==, addr ? addr : PCI_BAR_UNMAPPED);
    }
    rig_unplug(dev);
}

static void test_sizing(void)
{
    for (int bits = 4; bits <= 31; bits++) {
        check_sizing(PCI_BASE_ADDRESS_SPACE_MEMORY, 1ULL << bits);
        check_sizing(PCI_BASE_ADDRESS_MEM_PREFETCH, 1ULL << bits);
        check_sizing(PCI_BASE_ADDRESS_MEM_TYPE_64, 1ULL << bits);
    }
    for (int bits = 32; bits <= 60; bits++) {
        check_sizing(PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH, 1ULL << bits);
    }
    for (int bits = 2; bits <= 8; bits++) {
        check_sizing(PCI_BASE_ADDRESS_SPACE_IO, 1ULL << bits);
    }
}

/* A client's access goes by (BAR, offset): no register can stand in its way. */
static void test_access_ignores_registers(void)
{
    static const uint32_t values[] = { 0, 0xffffffff, 0xfebf0000, 0x1000 };
    PCIDevice *dev;
    uint8_t raw[8];

    want_type = 0;
    want_size = 4096;
    rig_realize = realize_one;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    for (unsigned i = 0; i < ARRAY_SIZE(values) * 2; i++) {
        cfg_w(dev, PCI_COMMAND, i & 1 ? 3 : 0, 2);
        cfg_w(dev, 0x10, values[i / 2], 4);
        bar_w32(dev, 0, 8, 0x1000 + i);
        g_assert_cmphex(bar_r32(dev, 0, 8), ==, 0x1000 + i);
    }
    /* sizes reach the model unchanged, and the range is checked by subtraction */
    for (unsigned size = 1; size <= 4; size *= 2) {
        g_assert_cmpuint(pci_device_bar_rw(dev, 0, 12, raw, size, false), ==, MEMTX_OK);
        g_assert_cmpuint(RIG(dev)->last_size, ==, size);
        g_assert_cmpuint(RIG(dev)->last_addr, ==, 12);
    }
    g_assert_cmpuint(pci_device_bar_rw(dev, 0, 4096, raw, 1, false), !=, MEMTX_OK);
    g_assert_cmpuint(pci_device_bar_rw(dev, 0, 4095, raw, 2, true), !=, MEMTX_OK);
    g_assert_cmpuint(pci_device_bar_rw(dev, 0, UINT64_MAX, raw, 2, true), !=, MEMTX_OK);
    g_assert_cmpuint(pci_device_bar_rw(dev, 1, 0, raw, 1, false), !=, MEMTX_OK);
    g_assert_cmpuint(pci_device_bar_rw(dev, 9, 0, raw, 1, false), !=, MEMTX_OK);
    g_assert_cmpuint(pci_device_bar_rw(dev, -1, 0, raw, 1, false), !=, MEMTX_OK);
    rig_unplug(dev);
}

/* BAR0: memory, BAR1: I/O, BAR2: 64-bit */
static void realize_three(PCIDevice *dev, Error **errp)
{
    static const uint8_t types[] = { 0, PCI_BASE_ADDRESS_SPACE_IO, PCI_BASE_ADDRESS_MEM_TYPE_64 };
    RigDevice *r = RIG(dev);

    for (int i = 0; i < 3; i++) {
        memory_region_init_io(&r->mr[i], OBJECT(dev), &rig_ops, r, "bar", i == 1 ? 64 : 4096);
        pci_register_bar(dev, i, types[i], &r->mr[i]);
    }
}

static uint32_t space_r32(AddressSpace *as, hwaddr addr)
{
    return address_space_ldl_le(as, addr, MEMTXATTRS_UNSPECIFIED, NULL);
}

static void program(PCIDevice *dev)
{
    cfg_w(dev, 0x10, 0xfebf0000, 4);
    cfg_w(dev, 0x14, 0xc000, 4);
    cfg_w(dev, 0x18, 0x40000000, 4);
    cfg_w(dev, 0x1c, 0x12, 4);
    cfg_w(dev, PCI_COMMAND, 3, 2);
}

/* Two clients program the same addresses and never meet. */
static void test_two_roots(void)
{
    PCIBus *other = rig_root_new("vm2");
    PCIDevice *a, *b;

    rig_realize = realize_three;
    a = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    b = rig_plug(other, TYPE_RIG_PCI, -1, &error_abort);
    g_assert_true(pci_isol_as_mem(a) != pci_isol_as_mem(b));
    g_assert_true(pci_isol_as_io(a) != pci_isol_as_io(b));
    program(a);
    program(b);
    for (int bar = 0; bar < 3; bar++) {
        bar_w32(a, bar, 4, 0xaaaa);
        bar_w32(b, bar, 4, 0xbbbb);
        g_assert_cmphex(bar_r32(a, bar, 4), ==, 0xaaaa);
        g_assert_cmphex(bar_r32(b, bar, 4), ==, 0xbbbb);
    }
    g_assert_cmphex(space_r32(pci_isol_as_mem(a), 0xfebf0004), ==, 0xaaaa);
    g_assert_cmphex(space_r32(pci_isol_as_mem(b), 0xfebf0004), ==, 0xbbbb);
    g_assert_cmphex(space_r32(pci_isol_as_io(a), 0xc004), ==, 0xaaaa);
    g_assert_cmphex(space_r32(pci_isol_as_mem(b), 0x1240000004ULL), ==, 0xbbbb);
    /* moved, disabled, gone */
    cfg_w(a, 0x10, 0xfe000000, 4);
    g_assert_cmphex(space_r32(pci_isol_as_mem(a), 0xfebf0004), ==, 0);
    g_assert_cmphex(space_r32(pci_isol_as_mem(a), 0xfe000004), ==, 0xaaaa);
    g_assert_cmphex(space_r32(pci_isol_as_mem(b), 0xfebf0004), ==, 0xbbbb);
    cfg_w(a, PCI_COMMAND, PCI_COMMAND_IO, 2);
    g_assert_cmphex(space_r32(pci_isol_as_mem(a), 0xfe000004), ==, 0);
    g_assert_cmphex(space_r32(pci_isol_as_io(a), 0xc004), ==, 0xaaaa);
    rig_unplug(b);
    rig_unplug(a);
    rig_root_free(other);
}

/* Overlapping BARs of one domain are legal, and moving one does not hurt the other. */
static void test_overlap_in_domain(void)
{
    PCIDevice *a, *b;

    rig_realize = realize_three;
    a = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    b = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    program(a);
    program(b);
    bar_w32(a, 0, 0, 1);
    bar_w32(b, 0, 0, 2);
    g_assert_cmphex(bar_r32(a, 0, 0), ==, 1);
    g_assert_cmphex(space_r32(pci_isol_as_mem(a), 0xfebf0000), ==, 2); /* the later one */
    cfg_w(b, 0x10, 0, 4);
    g_assert_cmphex(space_r32(pci_isol_as_mem(a), 0xfebf0000), ==, 1);
    rig_unplug(a);
    rig_unplug(b);
}

static void realize_tree(PCIDevice *dev, Error **errp)
{
    RigDevice *r = RIG(dev);

    memory_region_init(&r->mr[0], OBJECT(dev), "bar", 8192);
    memory_region_init_io(&r->sub[0], OBJECT(dev), &rig_ops, r, "regs", 64);
    memory_region_init_ram(&r->sub[1], OBJECT(dev), "buffer", 4096, &error_abort);
    memory_region_add_subregion(&r->mr[0], 128, &r->sub[0]);
    memory_region_add_subregion(&r->mr[0], 4096, &r->sub[1]);
    pci_register_bar(dev, 0, 0, &r->mr[0]);
}

static void test_tree(void)
{
    PCIDevice *dev;
    uint8_t raw[256];

    rig_realize = realize_tree;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    bar_w32(dev, 0, 132, 0x77);
    g_assert_cmphex(bar_r32(dev, 0, 132), ==, 0x77);
    g_assert_cmpuint(RIG(dev)->last_addr, ==, 4);
    bar_w32(dev, 0, 4100, 0x88);
    g_assert_cmphex(bar_r32(dev, 0, 4100), ==, 0x88);
    g_assert_cmpuint(pci_device_bar_rw(dev, 0, 0, raw, 4, false), ==, MEMTX_DECODE_ERROR);
    memory_region_set_enabled(&RIG(dev)->sub[0], false);
    g_assert_cmpuint(pci_device_bar_rw(dev, 0, 132, raw, 4, false), ==, MEMTX_DECODE_ERROR);
    /* DMA of the device itself does not get in the way of its client */
    DEVICE(dev)->mem_reentrancy_guard.engaged_in_io = true;
    memory_region_set_enabled(&RIG(dev)->sub[0], true);
    g_assert_cmpuint(pci_device_bar_rw(dev, 0, 132, raw, 4, false), ==, MEMTX_OK);
    DEVICE(dev)->mem_reentrancy_guard.engaged_in_io = false;
    rig_unplug(dev);
}

int main(int argc, char **argv)
{
    int ret;

    rig_init(&argc, &argv);
    bus = rig_root_new("vm");
    g_test_add_func("/pci/bar/sizing", test_sizing);
    g_test_add_func("/pci/bar/registers-do-not-matter", test_access_ignores_registers);
    g_test_add_func("/pci/bar/two-roots", test_two_roots);
    g_test_add_func("/pci/bar/overlap", test_overlap_in_domain);
    g_test_add_func("/pci/bar/tree", test_tree);
    ret = g_test_run();
    rig_root_free(bus);
    return ret;
}
