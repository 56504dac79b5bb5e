/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA: the gate, and that a function's space is its own whatever its address
 * on whichever bus. Bridges below the root neither filter nor alias.
 */
#include "rig.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pcie_port.h"
#include "hw/qdev-properties.h"
#include "monitor/qdev.h"
#include "tests/unit/helpers.h"

static void realize_bar(PCIDevice *dev, Error **errp)
{
    RigDevice *r = RIG(dev);

    memory_region_init_io(&r->mr[0], OBJECT(dev), &rig_ops, r, "bar", 4096);
    pci_register_bar(dev, 0, 0, &r->mr[0]);
}

static void test_gate(void)
{
    PCIBus *bus = rig_root_new("vm");
    PCIDevice *dev;
    RigMemory *m;
    uint32_t v = 0x11223344;
    uint8_t buf[8];

    rig_realize = realize_bar;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    /* nothing mapped, bus master on: default deny */
    cfg_w(dev, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
    g_assert_cmpuint(pci_dma_write(dev, 0x1000, &v, 4), ==, MEMTX_DECODE_ERROR);
    m = rig_memory_new(dev, 0x1000);
    g_assert_cmpuint(pci_dma_write(dev, 0x1000, &v, 4), ==, MEMTX_OK);
    g_assert_cmphex((uint32_t)ldl_le_p(m->bytes), ==, 0x11223344);
    cfg_w(dev, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    v = 0;
    g_assert_cmpuint(pci_dma_write(dev, 0x1000, &v, 4), ==, MEMTX_DECODE_ERROR);
    memset(buf, 0xff, 8);
    g_assert_cmpuint(pci_dma_read(dev, 0x1000, buf, 8), ==, MEMTX_DECODE_ERROR);
    g_assert_cmphex(buf[0], ==, 0);
    g_assert_cmphex((uint32_t)ldl_le_p(m->bytes), ==, 0x11223344);
    cfg_w(dev, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
    g_assert_cmpuint(stl_le_pci_dma(dev, 0x1004, 7, MEMTXATTRS_UNSPECIFIED), ==, MEMTX_OK);
    g_assert_cmpuint(lduw_le_pci_dma(dev, 0x1004, (uint16_t *)buf, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_OK);
    pci_device_reset(dev);
    g_assert_cmpuint(pci_dma_read(dev, 0x1000, buf, 4), ==, MEMTX_DECODE_ERROR);
    /* its own BAR is not in the space either */
    cfg_w(dev, 0x10, 0xfe000000, 4);
    cfg_w(dev, PCI_COMMAND, 7, 2);
    g_assert_cmpuint(pci_dma_read(dev, 0xfe000000, buf, 4), ==, MEMTX_DECODE_ERROR);
    rig_memory_free(dev, m);
    g_assert_cmpuint(pci_dma_read(dev, 0x1000, buf, 4), ==, MEMTX_DECODE_ERROR);
    rig_unplug(dev);
    rig_root_free(bus);
}

static PCIBus *bridge_on(PCIBus *bus, const char *type, const char *chassis_or_slot, int n)
{
    PCIDevice *br = pci_new(-1, type);

    if (chassis_or_slot) {
        object_property_set_uint(OBJECT(br), chassis_or_slot, n, &error_abort);
    }
    pci_realize_and_unref(br, bus, &error_abort);
    return pci_bridge_get_sec_bus(PCI_BRIDGE(br));
}

/* Every device master of memory at the same IOVA: each writes only its own. */
static void check_apart(PCIDevice **dev, int n)
{
    RigMemory *m[8];

    for (int i = 0; i < n; i++) {
        m[i] = rig_memory_new(dev[i], 0x1000);
        cfg_w(dev[i], PCI_COMMAND, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY, 2);
        cfg_w(dev[i], 0x10, 0xfebf0000, 4);
    }
    for (int i = 0; i < n; i++) {
        uint32_t v = 0xd0d00000 + i;

        g_assert_cmpuint(pci_dma_write(dev[i], 0x1000, &v, 4), ==, MEMTX_OK);
        bar_w32(dev[i], 0, 0, v);
    }
    for (int i = 0; i < n; i++) {
        g_assert_cmphex((uint32_t)ldl_le_p(m[i]->bytes), ==, 0xd0d00000 + i);
        g_assert_cmphex(bar_r32(dev[i], 0, 0), ==, 0xd0d00000 + i);
    }
    cfg_w(dev[0], PCI_COMMAND, 0, 2); /* one gate shuts, the others stay open */
    for (int i = 0; i < n; i++) {
        uint8_t b;

        g_assert_cmpuint(pci_dma_read(dev[i], 0x1000, &b, 1), ==,
                         i ? MEMTX_OK : MEMTX_DECODE_ERROR);
    }
    for (int i = 0; i < n; i++) {
        rig_memory_free(dev[i], m[i]);
    }
}

/* Two functions at 00.0 below two root ports, and two more behind a switch. */
static void test_devfn_collision(void)
{
    PCIBus *root = rig_root_new("vm");
    PCIBus *up, *below[4];
    PCIDevice *dev[4];

    rig_realize = realize_bar;
    below[0] = bridge_on(root, "pcie-root-port", "slot", 1);
    below[1] = bridge_on(root, "pcie-root-port", "slot", 2);
    up = bridge_on(bridge_on(root, "pcie-root-port", "slot", 3), "x3130-upstream", NULL, 0);
    below[2] = bridge_on(up, "xio3130-downstream", "slot", 4);
    below[3] = bridge_on(up, "xio3130-downstream", "slot", 5);
    for (int i = 0; i < 4; i++) {
        dev[i] = rig_plug(below[i], TYPE_RIG_PCIE, 0, &error_abort);
        g_assert_cmpint(dev[i]->devfn, ==, 0);
        g_assert_true(pci_device_root_bus(dev[i]) == root);
        g_assert_true(pci_isol_as_mem(dev[i]) == root->isol_as_mem);
        g_assert_true(pci_address_space(dev[i]) == root->address_space_mem);
    }
    check_apart(dev, 4);
    rig_root_free(root); /* with everything on it */
}

/* Behind conventional bridges there is no alias of the bridge's identity. */
static void test_no_alias(void)
{
    PCIBus *root = rig_root_new("vm");
    PCIBus *sec = bridge_on(bridge_on(root, "pcie-pci-bridge", NULL, 0), "pci-bridge",
                            "chassis_nr", 1);
    PCIDevice *dev[3];

    rig_realize = realize_bar;
    for (int i = 0; i < 3; i++) {
        dev[i] = rig_plug(sec, TYPE_RIG_PCI, -1, &error_abort);
    }
    check_apart(dev, 3);
    rig_unplug(dev[1]);
    rig_root_free(root);
}

static void test_port_rules(void)
{
    PCIBus *root = rig_root_new("vm");
    PCIBus *other = rig_root_new("vm2");
    PCIBus *link = bridge_on(root, "pcie-root-port", "slot", 1);
    Error *err = NULL;
    PCIDevice *d;
    uint16_t cap;

    rig_realize = realize_bar;
    g_assert_null(rig_plug(link, TYPE_RIG_PCIE, PCI_DEVFN(1, 0), &err)); /* slot 0 only */
    error_free(err);
    err = NULL;
    d = pci_new(-1, "pcie-root-port");
    object_property_set_uint(OBJECT(d), "slot", 1, &error_abort);
    g_assert_false(pci_realize_and_unref(d, root, &err)); /* the slot number is taken */
    error_free(err);
    err = NULL;
    d = pci_new(-1, "pcie-root-port");
    object_property_set_uint(OBJECT(d), "slot", 1, &error_abort);
    pci_realize_and_unref(d, other, &error_abort); /* another domain: another chassis */
    d = pci_new(-1, "xio3130-downstream");
    g_assert_false(pci_realize_and_unref(d, link, &err));
    error_free(err);
    d = link->parent_dev;
    cap = d->exp.exp_cap;
    g_assert_cmphex(cfg_r(d, PCI_HEADER_TYPE, 1), ==, PCI_HEADER_TYPE_BRIDGE);
    g_assert_cmphex(cfg_r(d, PCI_VENDOR_ID, 4), ==, 0x000c1b36);
    g_assert_cmphex(cfg_r(d, PCI_CLASS_DEVICE, 2), ==, PCI_CLASS_BRIDGE_PCI);
    g_assert_cmpuint(pcie_cap_get_type(d), ==, PCI_EXP_TYPE_ROOT_PORT);
    g_assert_cmphex(cfg_r(d, cap + PCI_EXP_LNKCAP, 4) & 0x3ff, ==, 0x204); /* x32, 16 GT/s */
    g_assert_cmphex(cfg_r(d, cap + PCI_EXP_LNKCAP2, 4), ==, 0x1e);
    g_assert_cmphex(cfg_r(d, cap + PCI_EXP_SLTSTA, 2) & PCI_EXP_SLTSTA_PDS, ==, 0);
    rig_plug(link, TYPE_RIG_PCIE, 0, &error_abort);
    g_assert_cmphex(cfg_r(d, cap + PCI_EXP_SLTSTA, 2) & PCI_EXP_SLTSTA_PDS, !=, 0);
    cfg_w(d, PCI_SECONDARY_BUS, 5, 1);
    g_assert_cmpint(pci_bus_num(link), ==, 5);
    g_assert_nonnull(pci_find_device(root, 5, 0));
    g_assert_null(pci_find_device(other, 5, 0));
    cfg_w(d, PCI_MEMORY_BASE, 0x1230, 2);
    cfg_w(d, PCI_MEMORY_LIMIT, 0x1230, 2);
    g_assert_cmphex(pci_bridge_get_base(d, 0), ==, 0x12300000);
    g_assert_cmphex(pci_bridge_get_limit(d, 0), ==, 0x123fffff);
    rig_root_free(root);
    rig_root_free(other);
}

/* device_del on a root bus and below ports: at once, unless something speaks against it. */
static void test_unplug(void)
{
    PCIBus *root = rig_root_new("vm");
    PCIBus *link = bridge_on(root, "pcie-root-port", "slot", 1);
    PCIDevice *port = link->parent_dev;
    PCIDevice *on_root, *below;
    Error *blocker = NULL, *err = NULL;

    rig_realize = realize_bar;
    on_root = rig_plug(root, TYPE_RIG_PCI, PCI_DEVFN(9, 0), &error_abort);
    below = rig_plug(link, TYPE_RIG_PCIE, 0, &error_abort);
    error_setg(&blocker, "served");
    qdev_add_unplug_blocker(DEVICE(on_root), blocker);
    qdev_unplug(DEVICE(on_root), &err);
    g_assert_cmpstr(error_get_pretty(err), ==, "served");
    error_free(err);
    err = NULL;
    g_assert_nonnull(pci_find_device(root, 0, PCI_DEVFN(9, 0)));
    qdev_del_unplug_blocker(DEVICE(on_root), blocker);
    error_free(blocker);
    qdev_unplug(DEVICE(on_root), &error_abort);
    g_assert_null(pci_find_device(root, 0, PCI_DEVFN(9, 0)));
    PCIE_SLOT(port)->hotplug = false;
    qdev_unplug(DEVICE(below), &err);
    g_assert_nonnull(err);
    error_free(err);
    g_assert_nonnull(link->devices[0]);
    PCIE_SLOT(port)->hotplug = true;
    qdev_unplug(DEVICE(below), &error_abort);
    g_assert_null(link->devices[0]);
    g_assert_cmphex(cfg_r(port, port->exp.exp_cap + PCI_EXP_SLTSTA, 2) & PCI_EXP_SLTSTA_PDS, ==,
                    0);
    rig_root_free(root);
}

static void realize_ram(PCIDevice *dev, Error **errp)
{
    memory_region_init_ram(&RIG(dev)->mr[0], OBJECT(dev), "ram", 65536, &error_abort);
    pci_register_bar(dev, 0, 0, &RIG(dev)->mr[0]);
}

static void test_plug_cycles(void)
{
    PCIBus *root = rig_root_new("vm");
    int fds = 0;

    rig_realize = realize_ram;
    for (int i = 0; i < 200; i++) {
        PCIDevice *dev = rig_plug(root, TYPE_RIG_PCI, -1, &error_abort);

        g_assert_cmpint(dev->devfn, ==, 0);
        cfg_w(dev, 0x10, 0xfe000000, 4);
        cfg_w(dev, PCI_COMMAND, 7, 2);
        rig_unplug(dev);
        if (i == 0) {
            fds = count_fds();
        }
    }
    g_assert_cmpint(count_fds(), ==, fds);
    rig_root_free(root);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/pci/isolation/gate", test_gate);
    g_test_add_func("/pci/isolation/devfn-collision", test_devfn_collision);
    g_test_add_func("/pci/isolation/no-alias", test_no_alias);
    g_test_add_func("/pci/isolation/port-rules", test_port_rules);
    g_test_add_func("/pci/isolation/unplug", test_unplug);
    g_test_add_func("/pci/isolation/plug-cycles", test_plug_cycles);
    return g_test_run();
}
