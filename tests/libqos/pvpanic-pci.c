/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pvpanic-pci (QEMU's docs/specs/pvpanic): one byte, in which a guest says that it panicked. */
#include "qemu/osdep.h"
#include "qos.h"

enum { EVENTS = 0, PANICKED = 1, CRASH_LOADED = 2, OFFERED = PANICKED | CRASH_LOADED };

static bool pvpanic_probe(QosDevice *d)
{
    return qos_region_size(d, 0) == 16;
}

static void pvpanic_init(QosDevice *d)
{
    qos_enable(d, true);
}

static void pvpanic_self_test(QosDevice *d)
{
    g_assert_cmphex(qos_read(d, 0, EVENTS, 1), ==, OFFERED);
    /* What is not offered, and what lies behind, says nothing and stays nothing. */
    qos_write(d, 0, EVENTS, 1, 0xfc);
    qos_write(d, 0, 1, 1, PANICKED);
    g_assert_cmphex(qos_read(d, 0, EVENTS, 4), ==, OFFERED);
    /* A panic does not end the device: the guest may do it again. */
    for (unsigned i = 0; i < 3; i++) {
        qos_write(d, 0, EVENTS, 1, PANICKED);
        qos_write(d, 0, EVENTS, 1, CRASH_LOADED);
        g_assert_cmphex(qos_read(d, 0, EVENTS, 1), ==, OFFERED);
    }
    g_assert_true(qos_alive(d));
}

const QosDriver qos_pvpanic_pci = {
    .name = "pvpanic-pci", .options = "", .vendor = 0x1b36, .device = 0x0011,
    .probe = pvpanic_probe, .init = pvpanic_init, .self_test = pvpanic_self_test,
};
