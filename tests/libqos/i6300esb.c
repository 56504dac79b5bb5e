/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watchdog of Intel's 6300ESB (data sheet 300641, chapter 16): registers
 * behind a lock of two magic writes.
 */
#include "qemu/osdep.h"
#include "qos.h"

enum {
    CONFIG_LOCK = 0x68, LOCK_ENABLE = 1 << 1,
    PRELOAD1 = 0x00, PRELOAD2 = 0x04, RELOAD = 0x0c,
    UNLOCK_1 = 0x80, UNLOCK_2 = 0x86, RELOAD_COUNT = 1 << 8, RELOAD_TIMED_OUT = 1 << 9,
    PRELOAD_MASK = 0xfffff,
};

static void unlocked_write(QosDevice *d, unsigned reg, uint32_t value)
{
    qos_write(d, 0, RELOAD, 2, UNLOCK_1);
    qos_write(d, 0, RELOAD, 2, UNLOCK_2);
    qos_write(d, 0, reg, 4, value);
}

static bool esb_probe(QosDevice *d)
{
    return qos_region_size(d, 0) == 16;
}

static void esb_init(QosDevice *d)
{
    qos_enable(d, true);
}

static void esb_self_test(QosDevice *d)
{
    /* Without the magic writes nothing changes. */
    uint32_t before = qos_read(d, 0, PRELOAD1, 4);

    qos_write(d, 0, PRELOAD1, 4, before ^ 0x1000);
    g_assert_cmphex(qos_read(d, 0, PRELOAD1, 4), ==, before);
    unlocked_write(d, PRELOAD1, 0x12345);
    g_assert_cmphex(qos_read(d, 0, PRELOAD1, 4), ==, 0x12345);
    unlocked_write(d, PRELOAD2, PRELOAD_MASK);
    g_assert_cmphex(qos_read(d, 0, PRELOAD2, 4), ==, PRELOAD_MASK);

    /* Started, kicked, stopped: it does not time out meanwhile. */
    qos_config_write(d, CONFIG_LOCK, 1, LOCK_ENABLE);
    unlocked_write(d, RELOAD, RELOAD_COUNT);
    g_assert_cmphex(qos_read(d, 0, RELOAD, 4) & RELOAD_TIMED_OUT, ==, 0);
    qos_config_write(d, CONFIG_LOCK, 1, 0);
    g_assert_cmphex(qos_config_read(d, CONFIG_LOCK, 1) & LOCK_ENABLE, ==, 0);
}

static void esb_remove(QosDevice *d)
{
    qos_config_write(d, CONFIG_LOCK, 1, 0);
}

const QosDriver qos_i6300esb = {
    .name = "i6300esb", .options = "", .vendor = 0x8086, .device = 0x25ab,
    .probe = esb_probe, .init = esb_init, .self_test = esb_self_test, .remove = esb_remove,
};
