/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bringing up a device with memory of its own, each thing it asks of the
 * system refused in turn: an error that says so, and nothing left behind.
 */
#include "rig.h"
#include "hw/pci/msix.h"
#include "hw/qdev-properties.h"
#include "qemu/fault-inject.h"
#include "tests/unit/helpers.h"

static void realize_memory(PCIDevice *dev, Error **errp)
{
    RigDevice *r = RIG(dev);

    for (int i = 0; i < 2; i++) {
        if (!memory_region_init_ram(&r->mr[i], OBJECT(dev), "ram", 65536, errp)) {
            return;
        }
        pci_register_bar(dev, i, 0, &r->mr[i]);
    }
    msix_init_exclusive_bar(dev, 4, 4, errp);
}

static void exit_memory(PCIDevice *dev)
{
    msix_uninit_exclusive_bar(dev);
}

static void sweep(FaultPoint point, const char *rom, unsigned want_failures)
{
    PCIBus *bus = rig_root_new("vm");
    int fds = count_fds();
    unsigned failures = 0;

    rig_realize = realize_memory;
    rig_exit = exit_memory;
    for (unsigned n = 1;; n++) {
        PCIDevice *dev = pci_new(-1, TYPE_RIG_PCI);
        Error *err = NULL;
        bool ok;

        qdev_prop_set_string(DEVICE(dev), "romfile", rom);
        fault_inject_arm(point, n, false);
        ok = pci_realize_and_unref(dev, bus, &err);
        fault_inject_disarm();
        if (ok) {
            g_assert_null(err);
            rig_unplug(dev);
            break;
        }
        failures++;
        g_assert_nonnull(strstr(error_get_pretty(err), "region"));
        error_free(err);
        g_assert_cmpint(count_fds(), ==, fds);
        g_assert_null(pci_find_device(bus, 0, 0));
    }
    g_assert_cmpuint(failures, ==, want_failures);
    g_assert_cmpint(count_fds(), ==, fds);
    rig_root_free(bus);
}

/* Two RAM BARs and the ROM: three files, three mappings. */
static void test_memory(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("rom-XXXXXX", &path, NULL);

    g_assert_cmpint(write(fd, "rom", 3), ==, 3);
    close(fd);
    sweep(FAULT_OPEN, path, 3);
    sweep(FAULT_MMAP, path, 3);
    unlink(path);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/pci/fail-nth/memory", test_memory);
    return g_test_run();
}
