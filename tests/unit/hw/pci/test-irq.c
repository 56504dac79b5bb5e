/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INTx level and disable; MSI and MSI-X: masks, pending bits, binding late,
 * use counts, notifiers.
 */
#include "rig.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"

static PCIBus *bus;

static void realize_pin(PCIDevice *dev, Error **errp)
{
    pci_config_set_interrupt_pin(dev->config, 2);
}

static void test_intx(void)
{
    RigSink s = { 0 };
    PCIDevice *dev;

    rig_realize = realize_pin;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    pci_device_set_irq_sink(dev, &rig_sink, &s);
    pci_set_irq(dev, 1);
    pci_set_irq(dev, 1);
    g_assert_cmpint(s.edges, ==, 1);
    g_assert_cmpint(s.level, ==, 1);
    g_assert_true(cfg_r(dev, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
    cfg_w(dev, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE, 2);
    g_assert_cmpint(s.level, ==, 0);
    g_assert_true(cfg_r(dev, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT); /* still wanted */
    pci_irq_deassert(dev);
    pci_irq_assert(dev);
    g_assert_cmpint(s.edges, ==, 2);
    cfg_w(dev, PCI_COMMAND, 0, 2);
    g_assert_cmpint(s.level, ==, 1);
    g_assert_cmpint(pci_device_intx_level(dev), ==, 1);
    pci_device_reset(dev);
    g_assert_cmpint(s.level, ==, 0);
    g_assert_false(cfg_r(dev, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
    pci_device_set_irq_sink(dev, NULL, NULL);
    pci_set_irq(dev, 1); /* nobody listens; the state is kept */
    g_assert_cmpint(pci_device_intx_level(dev), ==, 1);
    rig_unplug(dev);
}

static void test_intx_irq_object(void)
{
    RigSink s = { 0 };
    PCIDevice *dev;
    qemu_irq irq;

    rig_realize = realize_pin;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    pci_device_set_irq_sink(dev, &rig_sink, &s);
    irq = pci_allocate_irq(dev);
    qemu_irq_raise(irq);
    g_assert_cmpint(s.level, ==, 1);
    qemu_irq_lower(irq);
    g_assert_cmpint(s.level, ==, 0);
    qemu_free_irq(irq);
    rig_unplug(dev);
    g_assert_cmpint(s.edges, ==, 2);
    rig_realize = NULL;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    pci_set_irq(dev, 1); /* no pin: says so, does nothing */
    g_assert_cmpint(pci_device_intx_level(dev), ==, 0);
    rig_unplug(dev);
}

/* ---- MSI ---- */

static bool wide, maskable;

static void realize_msi(PCIDevice *dev, Error **errp)
{
    g_assert_cmpint(msi_init(dev, 0x60, 4, wide, maskable, errp), ==, 0);
}

static void exit_msi(PCIDevice *dev)
{
    msi_uninit(dev);
    g_assert_false(msi_present(dev));
    g_assert_cmpint(pci_find_capability(dev, PCI_CAP_ID_MSI), ==, 0);
}

static void test_msi_layout(void)
{
    for (int i = 0; i < 4; i++) {
        unsigned data = i & 1 ? 0x6c : 0x68;
        uint16_t kind = (i & 1 ? 0x80 : 0) | (i & 2 ? 0x100 : 0);
        PCIDevice *dev;

        wide = i & 1;
        maskable = i & 2;
        rig_realize = realize_msi;
        rig_exit = exit_msi;
        dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
        g_assert_cmphex(cfg_r(dev, 0x62, 2), ==, 0x0004 | kind);
        g_assert_false(msi_enabled(dev));
        cfg_w(dev, 0x62, 0xffff, 2);
        g_assert_cmphex(cfg_r(dev, 0x62, 2), ==, 0x0075 | kind);
        g_assert_true(msi_enabled(dev));
        g_assert_cmpuint(msi_nr_vectors_allocated(dev), ==, 4); /* not the 128 it asked for */
        cfg_w(dev, 0x62, 0x0021, 2);
        cfg_w(dev, 0x64, 0xfee00003, 4);
        g_assert_cmphex(cfg_r(dev, 0x64, 4), ==, 0xfee00000);
        cfg_w(dev, data, 0x41, 2);
        g_assert_cmphex(msi_get_message(dev, 2).data, ==, 0x42);
        g_assert_cmphex(msi_get_message(dev, 2).address, ==, 0xfee00000);
        if (maskable) {
            cfg_w(dev, data + 4, 0xffffffff, 4);
            g_assert_cmphex(cfg_r(dev, data + 4, 4), ==, 0xf);
            g_assert_true(msi_is_masked(dev, 3));
        } else {
            g_assert_false(msi_is_masked(dev, 3));
        }
        rig_unplug(dev);
    }
    rig_exit = NULL;
}

static void test_msi_pending(void)
{
    RigSink s = { .bound = 0xe };
    PCIDevice *dev;

    wide = maskable = true;
    rig_realize = realize_msi;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    msi_notify(dev, 0); /* nobody serves the function yet */
    g_assert_cmphex(cfg_r(dev, 0x74, 4), ==, 1);
    pci_device_set_irq_sink(dev, &rig_sink, &s);
    msi_notify(dev, 1); /* bound: goes, though the enable bit is not set */
    g_assert_cmpuint(s.fired[1], ==, 1);
    cfg_w(dev, 0x70, 0x2, 4);
    msi_notify(dev, 1);
    msi_notify(dev, 1);
    g_assert_cmpuint(s.fired[1], ==, 1); /* no write while masked */
    g_assert_cmphex(cfg_r(dev, 0x74, 4), ==, 3);
    cfg_w(dev, 0x62, 0x0021, 2);
    cfg_w(dev, 0x70, 0, 4);
    g_assert_cmpuint(s.fired[1], ==, 2); /* one, however often it was wanted */
    g_assert_cmphex(cfg_r(dev, 0x74, 4), ==, 1);
    s.bound |= 1;
    pci_device_irq_rebind(dev);
    g_assert_cmpuint(s.fired[0], ==, 1);
    pci_device_irq_rebind(dev);
    g_assert_cmpuint(s.fired[0], ==, 1);
    s.bound = 0;
    msi_notify(dev, 2);
    cfg_w(dev, 0x62, 0, 2); /* disabled: what waited is void */
    s.bound = 0xf;
    pci_device_irq_rebind(dev);
    g_assert_cmpuint(s.fired[2], ==, 0);
    msi_notify(dev, 17); /* no such vector */
    s.bound = 0;
    msi_notify(dev, 3);
    pci_device_reset(dev);
    g_assert_cmphex(cfg_r(dev, 0x74, 4), ==, 0);
    pci_device_set_irq_sink(dev, NULL, NULL);
    rig_unplug(dev);
}

/* Without a pending register in config space an early vector is kept all the same. */
static void test_msi_pending_plain(void)
{
    RigSink s = { 0 };
    PCIDevice *dev;

    wide = maskable = false;
    rig_realize = realize_msi;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    pci_device_set_irq_sink(dev, &rig_sink, &s);
    msi_notify(dev, 3);
    s.bound = 8;
    pci_device_irq_rebind(dev);
    g_assert_cmpuint(s.fired[3], ==, 1);
    rig_unplug(dev);
}

/* ---- MSI-X ---- */

static void realize_msix(PCIDevice *dev, Error **errp)
{
    g_assert_cmpint(msix_init_exclusive_bar(dev, 20, 4, errp), ==, 0);
    for (int v = 0; v < 20; v++) {
        msix_vector_use(dev, v);
    }
}

static void exit_msix(PCIDevice *dev)
{
    msix_unuse_all_vectors(dev);
    msix_uninit_exclusive_bar(dev);
}

static PCIDevice *plug_msix(RigSink *s)
{
    PCIDevice *dev;

    rig_realize = realize_msix;
    rig_exit = exit_msix;
    dev = rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort);
    pci_device_set_irq_sink(dev, &rig_sink, s);
    return dev;
}

static void unplug_msix(PCIDevice *dev)
{
    rig_unplug(dev);
    rig_exit = NULL;
}

static void control(PCIDevice *dev, uint16_t bits)
{
    cfg_w(dev, dev->msix_cap + PCI_MSIX_FLAGS, bits, 2);
}

static void test_msix_layout(void)
{
    RigSink s = { 0 };
    PCIDevice *dev = plug_msix(&s);
    uint8_t qword[8];

    g_assert_cmphex(cfg_r(dev, dev->msix_cap + PCI_MSIX_FLAGS, 2), ==, 19);
    g_assert_cmphex(cfg_r(dev, dev->msix_cap + PCI_MSIX_TABLE, 4), ==, 4);
    g_assert_cmphex(cfg_r(dev, dev->msix_cap + PCI_MSIX_PBA, 4), ==, 0x804);
    g_assert_cmpuint(pci_device_bar_size(dev, 4), ==, 4096);
    control(dev, 0xffff);
    g_assert_cmphex(cfg_r(dev, dev->msix_cap + PCI_MSIX_FLAGS, 2), ==, 0xc013);
    g_assert_cmphex(bar_r32(dev, 4, 19 * 16 + 12), ==, 1); /* all masked at power-on */
    bar_w32(dev, 4, 3 * 16, 0xfee00000);
    bar_w32(dev, 4, 3 * 16 + 8, 0x4123);
    stq_le_p(qword, 0x0000000055667788ULL | 1ULL << 32);
    pci_device_bar_rw(dev, 4, 4 * 16 + 8, qword, 8, true);
    g_assert_cmphex(msix_get_message(dev, 3).address, ==, 0xfee00000);
    g_assert_cmphex(msix_get_message(dev, 3).data, ==, 0x4123);
    g_assert_cmphex(msix_get_message(dev, 4).data, ==, 0x55667788);
    bar_w32(dev, 4, 12, 0xffffffff); /* reserved bits of the control word */
    g_assert_cmphex(bar_r32(dev, 4, 12), ==, 1);
    bar_w32(dev, 4, 0x800, 0xffffffff); /* the PBA is read-only */
    g_assert_cmphex(bar_r32(dev, 4, 0x800), ==, 0);
    g_assert_cmpuint(pci_device_bar_rw(dev, 4, 20 * 16, qword, 4, true), ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(pci_device_bar_rw(dev, 4, 0x808, qword, 4, false), ==, MEMTX_DECODE_ERROR);
    pci_device_bar_rw(dev, 4, 1, qword, 2, true); /* split to bytes, and refused */
    unplug_msix(dev);
}

/* A client that keeps the table to itself: an entry it never wrote does not count as masked. */
static void test_msix_untouched_table(void)
{
    RigSink s = { .bound = 1 };
    PCIDevice *dev = plug_msix(&s);

    control(dev, PCI_MSIX_FLAGS_ENABLE);
    msix_notify(dev, 0);
    g_assert_cmpuint(s.fired[0], ==, 1);
    msix_notify(dev, 5); /* not bound */
    g_assert_cmphex(bar_r32(dev, 4, 0x800), ==, 0x20);
    s.bound |= 0x20;
    pci_device_irq_rebind(dev);
    g_assert_cmpuint(s.fired[5], ==, 1);
    g_assert_cmphex(bar_r32(dev, 4, 0x800), ==, 0);
    unplug_msix(dev);
}

static void test_msix_masks(void)
{
    RigSink s = { .bound = UINT64_MAX };
    PCIDevice *dev = plug_msix(&s);

    control(dev, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
    msix_notify(dev, 7);
    msix_notify(dev, 7);
    g_assert_cmpuint(s.fired[7], ==, 0);
    g_assert_true(msix_is_pending(dev, 7));
    control(dev, PCI_MSIX_FLAGS_ENABLE);
    g_assert_cmpuint(s.fired[7], ==, 1);
    g_assert_false(msix_is_pending(dev, 7));
    bar_w32(dev, 4, 7 * 16 + 12, 1);
    g_assert_true(msix_is_masked(dev, 7));
    msix_notify(dev, 7);
    g_assert_cmpuint(s.fired[7], ==, 1);
    g_assert_cmphex(bar_r32(dev, 4, 0x800), ==, 0x80);
    msix_notify(dev, 8);
    g_assert_cmpuint(s.fired[8], ==, 1);
    bar_w32(dev, 4, 7 * 16 + 12, 0);
    g_assert_cmpuint(s.fired[7], ==, 2);
    /* clearing the pending bit makes a level-like source silent */
    bar_w32(dev, 4, 7 * 16 + 12, 1);
    msix_notify(dev, 7);
    msix_clr_pending(dev, 7);
    bar_w32(dev, 4, 7 * 16 + 12, 0);
    g_assert_cmpuint(s.fired[7], ==, 2);
    pci_device_reset(dev);
    g_assert_false(msix_enabled(dev));
    g_assert_cmphex(bar_r32(dev, 4, 7 * 16 + 12), ==, 1);
    g_assert_false(msix_is_masked(dev, 7)); /* untouched again */
    unplug_msix(dev);
}

static void test_msix_use(void)
{
    RigSink s = { .bound = UINT64_MAX };
    PCIDevice *dev = plug_msix(&s);

    control(dev, PCI_MSIX_FLAGS_ENABLE);
    msix_vector_use(dev, 2);
    msix_vector_unuse(dev, 2);
    msix_notify(dev, 2);
    g_assert_cmpuint(s.fired[2], ==, 1);
    msix_vector_unuse(dev, 2);
    msix_vector_unuse(dev, 2); /* once too often */
    msix_notify(dev, 2);
    g_assert_cmpuint(s.fired[2], ==, 1);
    msix_notify(dev, 20);
    msix_vector_use(dev, 4000);
    g_assert_true(msix_is_masked(dev, 20));
    unplug_msix(dev);
}

static unsigned used, released;
static MSIMessage used_msg;

static int on_use(PCIDevice *dev, unsigned vector, MSIMessage msg)
{
    used++;
    used_msg = msg;
    return vector == 19 ? -EBUSY : 0;
}

static void on_release(PCIDevice *dev, unsigned vector)
{
    released++;
}

static void test_msix_notifiers(void)
{
    RigSink s = { 0 };
    PCIDevice *dev = plug_msix(&s);

    for (int v = 0; v < 20; v++) {
        bar_w32(dev, 4, v * 16 + 12, 1);
    }
    g_assert_cmpint(msix_set_vector_notifiers(dev, on_use, on_release, NULL), ==, 0);
    control(dev, PCI_MSIX_FLAGS_ENABLE);
    g_assert_cmpuint(used, ==, 0);
    bar_w32(dev, 4, 3 * 16 + 8, 0x99);
    bar_w32(dev, 4, 3 * 16 + 12, 0);
    g_assert_cmpuint(used, ==, 1);
    g_assert_cmphex(used_msg.data, ==, 0x99);
    control(dev, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
    g_assert_cmpuint(released, ==, 1);
    control(dev, PCI_MSIX_FLAGS_ENABLE);
    g_assert_cmpuint(used, ==, 2);
    msix_unset_vector_notifiers(dev);
    g_assert_cmpuint(released, ==, 2);
    bar_w32(dev, 4, 19 * 16 + 12, 0);
    g_assert_cmpint(msix_set_vector_notifiers(dev, on_use, on_release, NULL), ==, -EBUSY);
    g_assert_cmpuint(used, ==, 4); /* vectors 3 and 19 */
    g_assert_cmpuint(released, ==, 3);
    unplug_msix(dev);
}

static void realize_bad_msix(PCIDevice *dev, Error **errp)
{
    MemoryRegion *bar = &RIG(dev)->mr[0];

    memory_region_init(bar, OBJECT(dev), "bar", 4096);
    pci_register_bar(dev, 0, 0, bar);
    g_assert_cmpint(msix_init(dev, 0, bar, 0, 0, bar, 0, 2048, 0, NULL), ==, -EINVAL);
    g_assert_cmpint(msix_init(dev, 2049, bar, 0, 0, bar, 0, 2048, 0, NULL), ==, -EINVAL);
    g_assert_cmpint(msix_init(dev, 64, bar, 0, 0, bar, 0, 1016, 0, NULL), ==, -EINVAL);
    g_assert_cmpint(msix_init(dev, 64, bar, 0, 3584, bar, 0, 0, 0, NULL), ==, -EINVAL);
    g_assert_cmpint(msix_init(dev, 64, bar, 0, 4, bar, 0, 2048, 0, NULL), ==, -EINVAL);
    g_assert_cmpint(msix_init(dev, 64, bar, 0, 0, bar, 0, 1024, 0x50, errp), ==, 0);
    msix_uninit(dev, bar, bar);
}

static void test_msix_bad(void)
{
    rig_realize = realize_bad_msix;
    rig_unplug(rig_plug(bus, TYPE_RIG_PCI, -1, &error_abort));
}

int main(int argc, char **argv)
{
    int ret;

    rig_init(&argc, &argv);
    bus = rig_root_new("vm");
    g_test_add_func("/pci/irq/intx", test_intx);
    g_test_add_func("/pci/irq/intx-object", test_intx_irq_object);
    g_test_add_func("/pci/irq/msi-layout", test_msi_layout);
    g_test_add_func("/pci/irq/msi-pending", test_msi_pending);
    g_test_add_func("/pci/irq/msi-pending-plain", test_msi_pending_plain);
    g_test_add_func("/pci/irq/msix-layout", test_msix_layout);
    g_test_add_func("/pci/irq/msix-untouched-table", test_msix_untouched_table);
    g_test_add_func("/pci/irq/msix-masks", test_msix_masks);
    g_test_add_func("/pci/irq/msix-use", test_msix_use);
    g_test_add_func("/pci/irq/msix-notifiers", test_msix_notifiers);
    g_test_add_func("/pci/irq/msix-bad", test_msix_bad);
    ret = g_test_run();
    rig_root_free(bus);
    return ret;
}
