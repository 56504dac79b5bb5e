/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pvpanic-pci: what a guest reads, which events its writes cause, and which
 * they do not.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qapi/qmp-event.h"
#include "pci-rig.h"

static GString *events;

static void note_event(JsonObject *event, void *opaque)
{
    const char *name = json_object_get_string_member(event, "event");

    if (g_str_has_prefix(name, "GUEST_")) {
        g_string_append_printf(events, "%s;", name);
    }
}

static void expect_events(const char *want)
{
    rig_run();
    g_assert_cmpstr(events->str, ==, want);
    g_string_truncate(events, 0);
}

static void test_identity(void)
{
    g_autoptr(PCIRig) rig = rig_new("pvpanic-pci", NULL);

    g_assert_cmphex(rig_config_read(rig, PCI_VENDOR_ID, 4), ==, 0x00111b36);
    g_assert_cmphex(rig_config_read(rig, PCI_CLASS_REVISION, 4), ==, 0x08800001);
    g_assert_cmphex(rig_config_read(rig, PCI_INTERRUPT_PIN, 1), ==, 0);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 0), ==, 16);
    g_assert_cmphex(rig_read(rig, 0, 0, 1), ==, 3);
    g_assert_cmphex(rig_read(rig, 0, 1, 1), ==, 0);
    /* Wider reads see the register in the lowest byte. */
    g_assert_cmphex(rig_read(rig, 0, 0, 4), ==, 3);
}

static void test_events(void)
{
    g_autoptr(PCIRig) rig = rig_new("pvpanic-pci", NULL);

    rig_write(rig, 0, 0, 1, 1);
    expect_events("GUEST_PANICKED;");
    rig_write(rig, 0, 0, 2, 1);
    expect_events("GUEST_CRASHLOADED;");
    rig_write(rig, 0, 0, 3, 1);
    expect_events("GUEST_PANICKED;");
    rig_write(rig, 0, 0, 4, 1);
    rig_write(rig, 0, 0, 0xf8, 1);
    rig_write(rig, 0, 0, 0, 1);
    rig_write(rig, 0, 1, 1, 1);
    expect_events("");
}

static void test_property(void)
{
    g_autoptr(PCIRig) rig = rig_new("pvpanic-pci", "events=2");
    g_autoptr(PCIRig) all = rig_new("pvpanic-pci", "events=7");

    g_assert_cmphex(rig_read(rig, 0, 0, 1), ==, 2);
    rig_write(rig, 0, 0, 1, 1);
    expect_events("");
    rig_write(rig, 0, 0, 3, 1);
    expect_events("GUEST_CRASHLOADED;");
    rig_write(all, 0, 0, 4, 1);
    expect_events("GUEST_PVSHUTDOWN;");
}

static void test_migration(void)
{
    g_autoptr(PCIRig) a = rig_new("pvpanic-pci", NULL);
    g_autoptr(PCIRig) b = rig_new("pvpanic-pci", NULL);
    g_autoptr(GBytes) bytes = NULL;

    rig_config_write(a, PCI_INTERRUPT_LINE, 7, 1);
    bytes = rig_save(a);
    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    g_assert_cmphex(rig_config_read(b, PCI_INTERRUPT_LINE, 1), ==, 7);
    rig_truncate_everywhere(b, bytes);
}

int main(int argc, char **argv)
{
    rig_setup(&argc, &argv);
    events = g_string_new(NULL);
    qmp_event_set_sink(note_event, NULL);
    g_test_add_func("/pvpanic-pci/identity", test_identity);
    g_test_add_func("/pvpanic-pci/events", test_events);
    g_test_add_func("/pvpanic-pci/property", test_property);
    g_test_add_func("/pvpanic-pci/migration", test_migration);
    return g_test_run();
}
