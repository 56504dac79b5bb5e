/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Config space: masks, capabilities, the header, reset, and what properties do. */
#include "rig.h"
#include "hw/pci/msi.h"
#include "hw/qdev-properties.h"

static PCIBus *bus;

static void realize_masks(PCIDevice *dev, Error **errp)
{
    dev->config[0x40] = 0xaa;
    dev->wmask[0x40] = 0x0f;
    dev->wmask[0x41] = 0;
    dev->w1cmask[0x41] = 0xf0;
    dev->config[0x41] = 0xff;
}

static void test_masks(void)
{
    PCIDevice *dev;
    uint8_t all[256];

    rig_realize = realize_masks;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    cfg_w(dev, 0x40, 0x3055, 2);
    g_assert_cmphex(cfg_r(dev, 0x40, 1), ==, 0xa5);
    g_assert_cmphex(cfg_r(dev, 0x41, 1), ==, 0xcf);
    cfg_w(dev, 0x42, 0x12345678, 4); /* free space is scratch */
    g_assert_cmphex(cfg_r(dev, 0x42, 4), ==, 0x12345678);
    cfg_w(dev, PCI_VENDOR_ID, 0xffffffff, 4);
    g_assert_cmphex(cfg_r(dev, PCI_VENDOR_ID, 4), ==, 0x56781234);
    g_assert_cmphex(cfg_r(dev, PCI_REVISION_ID, 1), ==, 9);
    g_assert_cmphex(cfg_r(dev, PCI_SUBSYSTEM_VENDOR_ID, 4), ==, 0x11001af4);
    cfg_w(dev, PCI_COMMAND, 0xffff, 2);
    g_assert_cmphex(cfg_r(dev, PCI_COMMAND, 2), ==, 0x0547);
    cfg_w(dev, PCI_COMMAND, 0, 2);
    /* borders: the client chooses offset and length */
    g_assert_cmpint(pci_device_config_rw(dev, 0, all, 256, false), ==, 0);
    g_assert_cmphex(all[0x40], ==, 0xa5);
    g_assert_cmpint(pci_device_config_rw(dev, 0, all, 257, false), ==, -EINVAL);
    g_assert_cmpint(pci_device_config_rw(dev, 255, all, 2, true), ==, -EINVAL);
    g_assert_cmpint(pci_device_config_rw(dev, UINT64_MAX, all, 2, true), ==, -EINVAL);
    g_assert_cmpint(pci_device_config_rw(dev, 256, all, 0, true), ==, 0);
    pci_default_write_config(dev, 254, 0x44332211, 4); /* a model that passes anything on */
    g_assert_cmphex(cfg_r(dev, 254, 2), ==, 0x2211);
    g_assert_cmphex(pci_default_read_config(dev, 254, 4), ==, 0x2211);
    g_assert_cmphex(pci_default_read_config(dev, 0xffffffff, 4), ==, 0);
    pci_default_write_config(dev, 0xfffffffe, 0, 4);
    rig_unplug(dev);
}

/* Every single bit of the config space: what the mask does not allow stays. */
static void test_sweep(void)
{
    PCIDevice *dev;

    rig_realize = realize_masks;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    for (int i = 0; i < 256; i++) {
        uint8_t before = cfg_r(dev, i, 1);
        uint8_t writable = dev->wmask[i];
        uint8_t clears = dev->w1cmask[i];

        for (int v = 0; v < 256; v += 51) {
            uint8_t want = ((before & ~writable) | (v & writable)) & ~(v & clears);

            cfg_w(dev, i, v, 1);
            g_assert_cmphex(cfg_r(dev, i, 1), ==, want);
            before = want;
        }
    }
    rig_unplug(dev);
}

static void realize_caps(PCIDevice *dev, Error **errp)
{
    Error *err = NULL;
    int a = pci_add_capability(dev, PCI_CAP_ID_VNDR, 0x80, 0x10, &error_abort);
    int b = pci_add_capability(dev, PCI_CAP_ID_VPD, 0, 8, &error_abort);
    int c;

    g_assert_cmpint(a, ==, 0x80);
    g_assert_cmpint(b, ==, 0x40);
    c = pci_add_capability(dev, PCI_CAP_ID_AF, 0x8c, 8, &err); /* overlaps a */
    g_assert_cmpint(c, ==, -EINVAL);
    g_assert_nonnull(err);
    error_free(err);
    g_assert_cmpint(pci_add_capability(dev, PCI_CAP_ID_AF, 0xfc, 8, NULL), ==, -EINVAL);
    g_assert_cmpint(pci_add_capability(dev, PCI_CAP_ID_AF, 0x30, 4, NULL), ==, -EINVAL);
    g_assert_cmpint(pci_add_capability(dev, PCI_CAP_ID_AF, 0, 0xc0, NULL), ==, -EINVAL);
    g_assert_cmpint(pci_pm_init(dev, 0, &error_abort), ==, 0x48);
}

static void test_capabilities(void)
{
    PCIDevice *dev;

    rig_realize = realize_caps;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    g_assert_cmphex(cfg_r(dev, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST, !=, 0);
    g_assert_cmphex(cfg_r(dev, PCI_CAPABILITY_LIST, 1), ==, 0x48);
    g_assert_cmphex(cfg_r(dev, 0x49, 1), ==, 0x40);
    g_assert_cmphex(cfg_r(dev, 0x41, 1), ==, 0x80);
    g_assert_cmphex(cfg_r(dev, 0x81, 1), ==, 0);
    cfg_w(dev, 0x80, 0xffffffff, 4);
    g_assert_cmphex(cfg_r(dev, 0x80, 4), ==, PCI_CAP_ID_VNDR);
    g_assert_cmpint(pci_find_capability(dev, PCI_CAP_ID_VPD), ==, 0x40);
    pci_del_capability(dev, PCI_CAP_ID_VPD, 8);
    g_assert_cmpint(pci_find_capability(dev, PCI_CAP_ID_VPD), ==, 0);
    g_assert_cmpint(pci_find_capability(dev, PCI_CAP_ID_VNDR), ==, 0x80);
    dev->config[0x81] = 0x48; /* a model that ties the list into a ring */
    g_assert_cmpint(pci_find_capability(dev, PCI_CAP_ID_HT), ==, 0);
    rig_unplug(dev);
}

/* D-states that are not offered are not entered; D3 stops decoding and mastering. */
static void test_power(void)
{
    PCIDevice *dev;
    uint8_t pm;

    rig_realize = realize_caps;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    pm = pci_find_capability(dev, PCI_CAP_ID_PM);
    cfg_w(dev, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
    g_assert_true(dev->is_master);
    cfg_w(dev, pm + PCI_PM_CTRL, 1, 2);
    g_assert_cmphex(cfg_r(dev, pm + PCI_PM_CTRL, 2) & 3, ==, 0);
    cfg_w(dev, pm + PCI_PM_CTRL, 3, 2);
    g_assert_cmphex(cfg_r(dev, pm + PCI_PM_CTRL, 2) & 3, ==, 3);
    g_assert_false(dev->is_master);
    cfg_w(dev, pm + PCI_PM_CTRL, 0, 2);
    g_assert_true(dev->is_master);
    rig_unplug(dev);
}

static void realize_pcie(PCIDevice *dev, Error **errp)
{
    g_assert_cmpint(pcie_endpoint_cap_init(dev, 0), >, 0);
    pcie_cap_deverr_init(dev);
    pcie_cap_flr_init(dev);
    g_assert_cmpint(pcie_aer_init(dev, PCI_ERR_VER, 0x100, PCI_ERR_SIZEOF, &error_abort), ==, 0);
    pcie_ari_init(dev, 0x150);
    pcie_dev_ser_num_init(dev, 0x140 + 0x30, 0x1122334455667788ULL);
}

static void exit_pcie(PCIDevice *dev)
{
    pcie_aer_exit(dev);
    pcie_cap_exit(dev);
}

static void test_express(void)
{
    PCIDevice *dev;
    uint8_t cap;
    PCIEAERErr err = { .status = PCI_ERR_UNC_UNSUP, .flags = PCIE_AER_ERR_HEADER_VALID,
                       .header = { 0x01020304 } };

    rig_realize = realize_pcie;
    rig_exit = exit_pcie;
    dev = rig_plug(bus, TYPE_RIG_PCIE, -1, &error_abort);
    cap = dev->exp.exp_cap;
    g_assert_cmpuint(pci_config_size(dev), ==, 4096);
    g_assert_cmpuint(pcie_cap_get_type(dev), ==, PCI_EXP_TYPE_RC_END);
    g_assert_cmpuint(pcie_cap_get_version(dev), ==, 2);
    g_assert_cmphex(cfg_r(dev, 0x100, 4), ==, 0x15020001);
    g_assert_cmphex(cfg_r(dev, 0x150, 4), ==, 0x1701000e);
    g_assert_cmphex(cfg_r(dev, 0x170, 4), ==, 0x00010003);
    g_assert_cmphex(cfg_r(dev, 0x174, 4), ==, 0x55667788);
    g_assert_cmpuint(pcie_find_capability(dev, PCI_EXT_CAP_ID_DSN), ==, 0x170);
    g_assert_cmpuint(pcie_find_capability(dev, PCI_EXT_CAP_ID_SRIOV), ==, 0);
    cfg_w(dev, 0x800, 0xffffffff, 4); /* nothing there, and a client cannot put something */
    g_assert_cmphex(cfg_r(dev, 0x800, 4), ==, 0);
    /* errors are recorded and cleared by writing ones */
    g_assert_cmpint(pcie_aer_inject_error(dev, &err), ==, 0);
    g_assert_cmphex(cfg_r(dev, 0x104, 4), ==, PCI_ERR_UNC_UNSUP);
    g_assert_cmphex(cfg_r(dev, 0x11c, 4), ==, 0x04030201);
    g_assert_cmphex(cfg_r(dev, cap + PCI_EXP_DEVSTA, 2), ==, PCI_EXP_DEVSTA_NFED);
    err.status = PCI_ERR_UNC_MALF_TLP;
    pcie_aer_inject_error(dev, &err);
    cfg_w(dev, 0x104, PCI_ERR_UNC_UNSUP, 4);
    pcie_aer_write_config(dev, 0x104, PCI_ERR_UNC_UNSUP, 4);
    g_assert_cmphex(cfg_r(dev, 0x118, 4) & 0x1f, ==, 18);
    err.status = 3;
    g_assert_cmpint(pcie_aer_inject_error(dev, &err), ==, -EINVAL);
    rig_unplug(dev);
    rig_exit = NULL;
}

static void on_flr(PCIDevice *dev, void *opaque)
{
    ++*(unsigned *)opaque;
}

static void test_flr(void)
{
    PCIDevice *dev;
    uint32_t devctl;
    unsigned resets;
    unsigned taken_over = 0;

    rig_realize = realize_pcie;
    rig_exit = exit_pcie;
    dev = rig_plug(bus, TYPE_RIG_PCIE, -1, &error_abort);
    devctl = dev->exp.exp_cap + PCI_EXP_DEVCTL;
    resets = RIG(dev)->resets;
    cfg_w(dev, PCI_INTERRUPT_LINE, 0x42, 1);
    cfg_w(dev, PCI_COMMAND, 7, 2);
    cfg_w(dev, devctl, PCI_EXP_DEVCTL_CERE, 2);
    g_assert_cmpuint(RIG(dev)->resets, ==, resets);
    cfg_w(dev, devctl, PCI_EXP_DEVCTL_BCR_FLR | PCI_EXP_DEVCTL_CERE, 2);
    g_assert_cmpuint(RIG(dev)->resets, ==, resets + 1);
    g_assert_cmphex(cfg_r(dev, devctl, 2), ==, 0);
    g_assert_cmphex(cfg_r(dev, PCI_INTERRUPT_LINE, 1), ==, 0);
    g_assert_cmphex(cfg_r(dev, PCI_COMMAND, 2), ==, 0);
    cfg_w(dev, devctl + 1, 0x80, 1); /* the upper byte alone */
    g_assert_cmpuint(RIG(dev)->resets, ==, resets + 2);
    /* whoever serves the function may want to finish something first */
    pci_device_set_flr_handler(dev, on_flr, &taken_over);
    cfg_w(dev, PCI_INTERRUPT_LINE, 0x42, 1);
    cfg_w(dev, devctl, PCI_EXP_DEVCTL_BCR_FLR, 2);
    g_assert_cmpuint(taken_over, ==, 1);
    g_assert_cmphex(cfg_r(dev, devctl, 2), ==, 0);
    g_assert_cmphex(cfg_r(dev, PCI_INTERRUPT_LINE, 1), ==, 0x42);
    pci_device_set_flr_handler(dev, NULL, NULL);
    rig_unplug(dev);
    rig_exit = NULL;
}

static void reset_sets(PCIDevice *dev)
{
    dev->config[0x43] = 0x5a;
}

static void test_reset(void)
{
    PCIDevice *dev;

    rig_realize = realize_masks;
    rig_reset = reset_sets;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    cfg_w(dev, 0x40, 0x0, 1);
    cfg_w(dev, 0x42, 0x1177, 2);
    cfg_w(dev, PCI_COMMAND, 0x407, 2);
    pci_device_reset(dev);
    g_assert_cmphex(cfg_r(dev, 0x40, 1), ==, 0xaa);
    g_assert_cmphex(cfg_r(dev, 0x42, 1), ==, 0);
    g_assert_cmphex(cfg_r(dev, 0x43, 1), ==, 0x5a); /* what the model's reset says stays */
    g_assert_cmphex(cfg_r(dev, PCI_COMMAND, 2), ==, 0);
    g_assert_false(dev->is_master);
    rig_unplug(dev);
    rig_reset = NULL;
}

/* ---- places on a bus ---- */

static void test_places(void)
{
    PCIDevice *a, *b;
    Error *err = NULL;

    rig_realize = NULL;
    a = rig_plug(bus, TYPE_RIG_PCI, PCI_DEVFN(3, 0), &error_abort);
    g_assert_true(pci_find_device(bus, 0, PCI_DEVFN(3, 0)) == a);
    g_assert_null(rig_plug(bus, TYPE_RIG_PCI, PCI_DEVFN(3, 0), &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "3.0"));
    error_free(err);
    err = NULL;
    g_assert_null(rig_plug(bus, TYPE_RIG_PCI, PCI_DEVFN(3, 1), &err)); /* single function */
    error_free(err);
    b = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    g_assert_cmpint(b->devfn, ==, 0);
    rig_unplug(a);
    g_assert_null(pci_find_device(bus, 0, PCI_DEVFN(3, 0)));
    a = pci_create_simple_multifunction(bus, PCI_DEVFN(3, 0), TYPE_RIG_PCI);
    g_assert_cmphex(cfg_r(a, PCI_HEADER_TYPE, 1), ==, 0x80);
    rig_unplug(b);
    b = rig_plug(bus, TYPE_RIG_PCI, PCI_DEVFN(3, 1), &error_abort);
    g_assert_true(pci_get_function_0(b) == a);
    rig_unplug(a);
    rig_unplug(b);
}

/* As on a command line. */
static void test_properties(void)
{
    static const struct {
        const char *addr;
        int devfn;
    } good[] = { { "3", 0x18 }, { "3.1", 0x19 }, { "1f.7", 0xff }, { "0x10", 0x80 } };
    static const char *const bad[] = { "20", "1.8", "-2", "x", "1.2.3", "" };

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        PCIDevice *dev = PCI_DEVICE(qdev_new(TYPE_RIG_PCI));

        object_property_parse(OBJECT(dev), "addr", good[i].addr, &error_abort);
        g_assert_cmpint(dev->devfn, ==, good[i].devfn);
        object_unref(dev);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        PCIDevice *dev = PCI_DEVICE(qdev_new(TYPE_RIG_PCI));
        Error *err = NULL;

        g_assert_false(object_property_parse(OBJECT(dev), "addr", bad[i], &err));
        error_free(err);
        object_unref(dev);
    }
}

static void realize_fails(PCIDevice *dev, Error **errp)
{
    memory_region_init_io(&RIG(dev)->mr[0], OBJECT(dev), &rig_ops, dev, "bar", 4096);
    pci_register_bar(dev, 0, 0, &RIG(dev)->mr[0]);
    error_setg(errp, "no");
}

static void test_realize_fails(void)
{
    for (int i = 0; i < 3; i++) {
        Error *err = NULL;

        rig_realize = realize_fails;
        g_assert_null(rig_plug(bus, TYPE_RIG_PCI, PCI_DEVFN(1, 0), &err));
        g_assert_cmpstr(error_get_pretty(err), ==, "no");
        error_free(err);
    }
}

static void test_rom(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("rom-XXXXXX", &path, NULL);
    uint8_t data[3000];
    uint8_t back[4096];
    PCIDevice *dev;
    Error *err = NULL;

    for (unsigned i = 0; i < sizeof(data); i++) {
        data[i] = i * 3;
    }
    g_assert_cmpint(write(fd, data, sizeof(data)), ==, sizeof(data));
    close(fd);
    rig_realize = NULL;
    dev = pci_new(-1, TYPE_RIG_PCI);
    qdev_prop_set_string(DEVICE(dev), "romfile", path);
    pci_realize_and_unref(dev, bus, &error_abort);
    g_assert_cmpuint(pci_device_bar_size(dev, PCI_ROM_SLOT), ==, 4096);
    /* readable while the ROM BAR is disabled */
    g_assert_cmpuint(pci_device_bar_rw(dev, PCI_ROM_SLOT, 0, back, 4096, false), ==, MEMTX_OK);
    g_assert_cmpmem(back, 3000, data, 3000);
    g_assert_cmpuint(back[3000], ==, 0);
    g_assert_cmpuint(pci_device_bar_rw(dev, PCI_ROM_SLOT, 0, back, 4, true), !=, MEMTX_OK);
    cfg_w(dev, PCI_ROM_ADDRESS, 0xffffffff, 4);
    g_assert_cmphex(cfg_r(dev, PCI_ROM_ADDRESS, 4), ==, 0xfffff001);
    rig_unplug(dev);

    dev = pci_new(-1, TYPE_RIG_PCI);
    qdev_prop_set_string(DEVICE(dev), "romfile", path);
    qdev_prop_set_uint32(DEVICE(dev), "rombar", 0);
    pci_realize_and_unref(dev, bus, &error_abort);
    g_assert_cmpuint(pci_device_bar_size(dev, PCI_ROM_SLOT), ==, 0);
    rig_unplug(dev);

    dev = pci_new(-1, TYPE_RIG_PCI);
    qdev_prop_set_string(DEVICE(dev), "romfile", path);
    qdev_prop_set_uint32(DEVICE(dev), "romsize", 2048);
    g_assert_false(pci_realize_and_unref(dev, bus, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "romsize"));
    error_free(err);
    unlink(path);
    err = NULL;
    dev = pci_new(-1, TYPE_RIG_PCI);
    qdev_prop_set_string(DEVICE(dev), "romfile", path);
    g_assert_false(pci_realize_and_unref(dev, bus, &err));
    error_free(err);
}

int main(int argc, char **argv)
{
    int ret;

    rig_init(&argc, &argv);
    bus = rig_root_new("vm");
    g_test_add_func("/pci/config/masks", test_masks);
    g_test_add_func("/pci/config/sweep", test_sweep);
    g_test_add_func("/pci/config/capabilities", test_capabilities);
    g_test_add_func("/pci/config/power", test_power);
    g_test_add_func("/pci/config/express", test_express);
    g_test_add_func("/pci/config/flr", test_flr);
    g_test_add_func("/pci/config/reset", test_reset);
    g_test_add_func("/pci/config/places", test_places);
    g_test_add_func("/pci/config/properties", test_properties);
    g_test_add_func("/pci/config/realize-fails", test_realize_fails);
    g_test_add_func("/pci/config/rom", test_rom);
    ret = g_test_run();
    rig_root_free(bus);
    return ret;
}
