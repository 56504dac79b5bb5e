/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i6300esb driven as the stock Linux driver drives it, and beside its path:
 * the unlock sequence, the lock bit, both prescalers, the two stages, the
 * time-out flag that outlives a reset.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qapi/qmp-event.h"
#include "pci-rig.h"

enum {
    CONFIG = 0x60, LOCK = 0x68,
    PRELOAD1 = 0x00, PRELOAD2 = 0x04, GINT = 0x08, RELOAD = 0x0c,
    ENABLE = 2, LOCKED = 1, FREE_RUN = 4,
};

#define SECOND 1000000000ll

static unsigned watchdog_events;

static void note_event(JsonObject *event, void *opaque)
{
    watchdog_events += !strcmp(json_object_get_string_member(event, "event"), "WATCHDOG");
}

static unsigned fired(void)
{
    unsigned n;

    rig_run();
    n = watchdog_events;
    watchdog_events = 0;
    return n;
}

static void unlock(PCIRig *rig)
{
    rig_write(rig, 0, RELOAD, 0x80, 2);
    rig_write(rig, 0, RELOAD, 0x86, 2);
}

static void preload(PCIRig *rig, uint32_t first, uint32_t second)
{
    unlock(rig);
    rig_write(rig, 0, PRELOAD1, first, 4);
    unlock(rig);
    rig_write(rig, 0, PRELOAD2, second, 4);
}

static void keep_alive(PCIRig *rig)
{
    unlock(rig);
    rig_write(rig, 0, RELOAD, 0x100, 2);
}

/* The driver: interrupts off, 1 kHz, each stage half of the heartbeat. */
static PCIRig *driver_probe(unsigned heartbeat)
{
    PCIRig *rig = rig_new("i6300esb", NULL);

    rig_config_write(rig, CONFIG, 0x0003, 2);
    rig_config_write(rig, LOCK, 0, 1);
    unlock(rig);
    rig_write(rig, 0, RELOAD, 0x200, 2);
    preload(rig, heartbeat * 1024 / 2, heartbeat * 1024 / 2);
    keep_alive(rig);
    rig_config_write(rig, LOCK, ENABLE, 1);
    return rig;
}

static void test_identity(void)
{
    g_autoptr(PCIRig) rig = rig_new("i6300esb", NULL);

    g_assert_cmphex(rig_config_read(rig, PCI_VENDOR_ID, 4), ==, 0x25ab8086);
    g_assert_cmphex(rig_config_read(rig, PCI_CLASS_DEVICE, 2), ==, 0x0880);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 0), ==, 16);
    g_assert_cmphex(rig_read(rig, 0, PRELOAD1, 4), ==, 0xfffff);
    g_assert_cmphex(rig_read(rig, 0, RELOAD, 2), ==, 0);
    rig_config_write(rig, CONFIG, 0xffff, 2);
    g_assert_cmphex(rig_config_read(rig, CONFIG, 2), ==, 0x27);
}

static void test_expiry(void)
{
    g_autoptr(PCIRig) rig = driver_probe(30);

    rig_advance(25 * SECOND);
    keep_alive(rig);
    rig_advance(25 * SECOND);
    g_assert_cmpuint(fired(), ==, 0);
    g_assert_cmphex(rig_read(rig, 0, RELOAD, 2), ==, 0);
    rig_advance(10 * SECOND);
    g_assert_cmpuint(fired(), ==, 1);
    rig_advance(100 * SECOND);
    g_assert_cmpuint(fired(), ==, 0);
    /* The next boot's driver finds out, and clears it. */
    rig_reset(rig);
    g_assert_cmphex(rig_read(rig, 0, RELOAD, 2), ==, 0x200);
    rig_write(rig, 0, RELOAD, 0x200, 2);
    g_assert_cmphex(rig_read(rig, 0, RELOAD, 2), ==, 0x200);
    unlock(rig);
    rig_write(rig, 0, RELOAD, 0x200, 2);
    g_assert_cmphex(rig_read(rig, 0, RELOAD, 2), ==, 0);
}

static void test_stop(void)
{
    g_autoptr(PCIRig) rig = driver_probe(2);

    rig_config_write(rig, LOCK, 0, 1);
    rig_advance(100 * SECOND);
    g_assert_cmpuint(fired(), ==, 0);
    rig_config_write(rig, LOCK, ENABLE, 1);
    rig_advance(3 * SECOND);
    g_assert_cmpuint(fired(), ==, 1);
}

static void test_output_off(void)
{
    g_autoptr(PCIRig) rig = driver_probe(2);

    rig_config_write(rig, CONFIG, 0x23, 2);
    rig_advance(100 * SECOND);
    g_assert_cmpuint(fired(), ==, 0);
    g_assert_cmphex(rig_read(rig, 0, RELOAD, 2), ==, 0x200);
}

static void test_unlock(void)
{
    g_autoptr(PCIRig) rig = rig_new("i6300esb", NULL);

    rig_write(rig, 0, PRELOAD1, 5, 4);
    g_assert_cmphex(rig_read(rig, 0, PRELOAD1, 4), ==, 0xfffff);
    /* wrong order, half of it, something in between */
    rig_write(rig, 0, RELOAD, 0x86, 2);
    rig_write(rig, 0, RELOAD, 0x80, 2);
    rig_write(rig, 0, PRELOAD1, 5, 4);
    rig_write(rig, 0, RELOAD, 0x86, 2);
    rig_write(rig, 0, PRELOAD1, 5, 4);
    g_assert_cmphex(rig_read(rig, 0, PRELOAD1, 4), ==, 0xfffff);
    unlock(rig);
    rig_write(rig, 0, PRELOAD1, 0xfff12345, 4);
    g_assert_cmphex(rig_read(rig, 0, PRELOAD1, 4), ==, 0x12345);
    /* one write for each unlocking */
    rig_write(rig, 0, PRELOAD1, 6, 4);
    g_assert_cmphex(rig_read(rig, 0, PRELOAD1, 4), ==, 0x12345);
    unlock(rig);
    rig_write(rig, 0, PRELOAD1 + 1, 0xee, 1);
    g_assert_cmphex(rig_read(rig, 0, PRELOAD1, 4), ==, 0x1ee45);
    g_assert_cmphex(rig_read(rig, 0, PRELOAD1 + 1, 2), ==, 0x1ee);
}

static void test_lock(void)
{
    g_autoptr(PCIRig) rig = rig_new("i6300esb", NULL);

    preload(rig, 1, 1);
    rig_config_write(rig, LOCK, ENABLE | LOCKED, 1);
    rig_config_write(rig, LOCK, 0, 1);
    g_assert_cmphex(rig_config_read(rig, LOCK, 1), ==, ENABLE | LOCKED);
    rig_config_write(rig, LOCK, 0, 4);
    g_assert_cmphex(rig_config_read(rig, LOCK, 1), ==, ENABLE | LOCKED);
    rig_reset(rig);
    g_assert_cmphex(rig_config_read(rig, LOCK, 1), ==, 0);
    rig_config_write(rig, LOCK, ENABLE, 1);
    g_assert_cmphex(rig_config_read(rig, LOCK, 1), ==, ENABLE);
    rig_reset(rig);
}

/* 33 MHz / 2^5: about a microsecond for each count. */
static void test_prescaler(void)
{
    g_autoptr(PCIRig) rig = rig_new("i6300esb", NULL);

    rig_config_write(rig, CONFIG, 0x07, 2);
    preload(rig, 1000, 1000);
    rig_config_write(rig, LOCK, ENABLE, 1);
    rig_advance(1900 * 1000);
    g_assert_cmpuint(fired(), ==, 0);
    rig_advance(100 * 1000);
    g_assert_cmpuint(fired(), ==, 1);
}

static void test_first_stage(void)
{
    g_autoptr(PCIRig) rig = rig_new("i6300esb", NULL);

    preload(rig, 1007, 0xfffff);
    rig_config_write(rig, CONFIG, 0, 2);
    rig_config_write(rig, LOCK, ENABLE, 1);
    rig_advance(SECOND + SECOND / 10);
    g_assert_cmphex(rig_read(rig, 0, GINT, 4), ==, 1);
    rig_write(rig, 0, GINT, 1, 4);
    g_assert_cmphex(rig_read(rig, 0, GINT, 4), ==, 0);
    g_assert_cmpuint(fired(), ==, 0);
}

static void test_free_run(void)
{
    g_autoptr(PCIRig) rig = rig_new("i6300esb", NULL);

    preload(rig, 1007, 1);
    rig_config_write(rig, LOCK, ENABLE | FREE_RUN, 1);
    for (int i = 0; i < 5; i++) {
        rig_advance(SECOND + SECOND / 100);
        g_assert_cmphex(rig_read(rig, 0, GINT, 4), ==, 1);
        rig_write(rig, 0, GINT, 1, 4);
    }
    g_assert_cmpuint(fired(), ==, 0);
}

static void test_zero_preload(void)
{
    g_autoptr(PCIRig) rig = rig_new("i6300esb", NULL);

    preload(rig, 0, 0);
    rig_config_write(rig, LOCK, ENABLE | FREE_RUN, 1);
    /* Time goes on: a stage of no length does not spin. */
    rig_advance(SECOND / 1000);
    rig_reset(rig);
}

static void test_migration(void)
{
    g_autoptr(PCIRig) a = driver_probe(20);
    g_autoptr(PCIRig) b = rig_new("i6300esb", NULL);
    g_autoptr(GBytes) bytes = NULL;

    rig_advance(15 * SECOND);
    bytes = rig_save(a);
    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    rig_reset(a);
    rig_advance(4 * SECOND);
    g_assert_cmpuint(fired(), ==, 0);
    rig_advance(2 * SECOND);
    g_assert_cmpuint(fired(), ==, 1);
    g_assert_cmphex(rig_read(b, 0, RELOAD, 2), ==, 0x200);
    rig_truncate_everywhere(b, bytes);
    rig_corrupt(b, bytes, 300);
    fired();
}

int main(int argc, char **argv)
{
    rig_setup(&argc, &argv);
    qmp_event_set_sink(note_event, NULL);
    g_test_add_func("/i6300esb/identity", test_identity);
    g_test_add_func("/i6300esb/expiry", test_expiry);
    g_test_add_func("/i6300esb/stop", test_stop);
    g_test_add_func("/i6300esb/output-off", test_output_off);
    g_test_add_func("/i6300esb/unlock", test_unlock);
    g_test_add_func("/i6300esb/lock", test_lock);
    g_test_add_func("/i6300esb/prescaler", test_prescaler);
    g_test_add_func("/i6300esb/first-stage", test_first_stage);
    g_test_add_func("/i6300esb/free-run", test_free_run);
    g_test_add_func("/i6300esb/zero-preload", test_zero_preload);
    g_test_add_func("/i6300esb/migration", test_migration);
    return g_test_run();
}
