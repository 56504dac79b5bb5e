/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function's state through a stream and back; streams of other devices and damaged ones. */
#include "rig.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"

static const VMStateDescription vmstate_rig = {
    .name = "rig",
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(pci, RigDevice),
        VMSTATE_MSIX(pci, RigDevice),
        VMSTATE_BUFFER(regs, RigDevice),
        VMSTATE_END_OF_LIST()
    },
};

static unsigned extra_caps;

static void realize_all(PCIDevice *dev, Error **errp)
{
    RigDevice *r = RIG(dev);

    pci_config_set_interrupt_pin(dev->config, 1);
    memory_region_init_io(&r->mr[0], OBJECT(dev), &rig_ops, r, "bar", 4096);
    pci_register_bar(dev, 0, 0, &r->mr[0]);
    g_assert_cmpint(msi_init(dev, 0x60, 4, true, true, errp), ==, 0);
    g_assert_cmpint(msix_init_exclusive_bar(dev, 20, 4, errp), ==, 0);
    for (int v = 0; v < 20; v++) {
        msix_vector_use(dev, v);
    }
    if (extra_caps) {
        pci_add_capability(dev, PCI_CAP_ID_VPD, 0, 8, &error_abort);
    }
}

static void exit_all(PCIDevice *dev)
{
    msix_uninit_exclusive_bar(dev);
    msi_uninit(dev);
}

static GBytes *save(PCIDevice *dev)
{
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);

    g_assert_cmpint(vmstate_save_state(f, &vmstate_rig, RIG(dev), NULL, &error_abort), ==, 0);
    return qemu_file_take_bytes(f);
}

static int load(PCIDevice *dev, const void *data, size_t len)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, len);
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);
    Error *err = NULL;
    int ret = vmstate_load_state(f, &vmstate_rig, RIG(dev), 0, &err);

    error_free(err);
    return ret;
}

static PCIDevice *plug(PCIBus *bus)
{
    rig_realize = realize_all;
    rig_exit = exit_all;
    return rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
}

/* A state worth moving: BAR programmed, INTx driven, vectors masked and pending. */
static void make_state(PCIDevice *dev)
{
    cfg_w(dev, 0x10, 0xfe000000, 4);
    cfg_w(dev, PCI_COMMAND, 7, 2);
    cfg_w(dev, 0x62, 0x0021, 2);
    cfg_w(dev, 0x70, 0x2, 4);
    pci_set_irq(dev, 1);
    msi_notify(dev, 1);
    cfg_w(dev, dev->msix_cap + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE, 2);
    bar_w32(dev, 4, 5 * 16 + 8, 0x1234);
    bar_w32(dev, 4, 5 * 16 + 12, 1);
    msix_notify(dev, 5);
    msix_notify(dev, 6);
    bar_w32(dev, 0, 16, 0xabcdef01);
}

static void test_round_trip(void)
{
    PCIBus *one = rig_root_new("vm1"), *two = rig_root_new("vm2");
    PCIDevice *a = plug(one), *b = plug(two);
    RigSink s = { .bound = UINT64_MAX };
    g_autoptr(GBytes) bytes = NULL;
    gsize len;
    const void *data;

    make_state(a);
    bytes = save(a);
    data = g_bytes_get_data(bytes, &len);
    pci_device_set_irq_sink(b, &rig_sink, &s);
    g_assert_cmpint(load(b, data, len), ==, 0);
    g_assert_cmpmem(a->config, 256, b->config, 256);
    g_assert_cmpint(s.level, ==, 1);
    g_assert_cmphex(pci_get_bar_addr(b, 0), ==, 0xfe000000);
    g_assert_cmphex(address_space_ldl_le(pci_isol_as_mem(b), 0xfe000010, MEMTXATTRS_UNSPECIFIED,
                                         NULL), ==, 0xabcdef01);
    g_assert_true(b->is_master);
    g_assert_true(msix_is_masked(b, 5));
    g_assert_false(msix_is_masked(b, 6));
    g_assert_cmphex(msix_get_message(b, 5).data, ==, 0x1234);
    pci_device_irq_rebind(b);
    g_assert_cmpuint(s.fired[6], ==, 1);
    g_assert_cmpuint(s.fired[5], ==, 0);
    g_assert_cmpuint(s.fired[1], ==, 0);
    cfg_w(b, 0x70, 0, 4);
    g_assert_cmpuint(s.fired[1], ==, 1);
    rig_root_free(one);
    rig_root_free(two);
}

/* Truncated anywhere, every byte changed: an error or a device that still works. */
static void test_damaged(void)
{
    PCIBus *bus = rig_root_new("vm");
    PCIDevice *dev = plug(bus);
    RigSink s = { .bound = UINT64_MAX };
    g_autoptr(GBytes) bytes = NULL;
    g_autofree uint8_t *copy = NULL;
    gsize len;

    make_state(dev);
    bytes = save(dev);
    copy = g_memdup2(g_bytes_get_data(bytes, &len), g_bytes_get_size(bytes));
    pci_device_set_irq_sink(dev, &rig_sink, &s);
    for (gsize cut = 0; cut < len; cut++) {
        g_assert_cmpint(load(dev, copy, cut), <, 0);
    }
    for (gsize i = 0; i < len; i++) {
        copy[i] ^= 0xff;
        load(dev, copy, len);
        copy[i] ^= 0xff;
        pci_device_irq_rebind(dev);
        g_assert_cmphex(cfg_r(dev, PCI_VENDOR_ID, 4), ==, 0x56781234);
        g_assert_cmpint(pci_find_capability(dev, PCI_CAP_ID_MSI), ==, 0x60);
    }
    for (int v = 4; v < 64; v++) {
        g_assert_true(v < 20 || s.fired[v] == 0); /* vectors that do not exist */
    }
    pci_device_reset(dev);
    rig_root_free(bus);
}

static void test_other_device(void)
{
    PCIBus *bus = rig_root_new("vm");
    PCIDevice *plain = plug(bus);
    PCIDevice *other;
    g_autoptr(GBytes) bytes = save(plain);
    gsize len;
    const void *data = g_bytes_get_data(bytes, &len);

    extra_caps = 1;
    other = plug(bus);
    extra_caps = 0;
    g_assert_cmpint(load(other, data, len), ==, -EINVAL);
    rig_root_free(bus);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/pci/vmstate/round-trip", test_round_trip);
    g_test_add_func("/pci/vmstate/damaged", test_damaged);
    g_test_add_func("/pci/vmstate/other-device", test_other_device);
    return g_test_run();
}
