/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci-testdev (QEMU's docs/specs/pci-testdev): counts the writes that reach it,
 * in a memory BAR and in an I/O BAR.
 */
#include "qemu/osdep.h"
#include "qos.h"

enum { TEST = 0, WIDTH = 1, OFFSET = 4, DATA = 8, COUNT = 12, NAME = 16, NR_BARS = 2 };

static bool testdev_probe(QosDevice *d)
{
    return qos_region_size(d, 0) == 4096 && qos_region_size(d, 1) == 256;
}

static void testdev_init(QosDevice *d)
{
    qos_enable(d, true);
}

/* What an event notifier counts may come a little later. */
static bool count_rises(QosDevice *d, unsigned bar, unsigned before)
{
    for (unsigned i = 0; i < 500; i++) {
        if (qos_read(d, bar, COUNT, 4) > before) {
            return true;
        }
        qos_serve(d, 0.002);
    }
    return false;
}

/* Writes as each test of the BAR asks for, and looks at its counter. */
static unsigned run_bar(QosDevice *d, unsigned bar)
{
    for (unsigned test = 0; test < 64; test++) {
        unsigned width, before;
        uint32_t offset, data;

        qos_write(d, bar, TEST, 1, test);
        width = qos_read(d, bar, WIDTH, 1);
        if (!width) {
            return test;
        }
        offset = qos_read(d, bar, OFFSET, 4);
        data = qos_read(d, bar, DATA, 4);
        before = qos_read(d, bar, COUNT, 4);
        qos_write(d, bar, offset, width, data);
        g_assert_true(count_rises(d, bar, before));
        g_assert_cmpuint(qos_read(d, bar, NAME, 1), !=, 0);
    }
    return 64;
}

static void testdev_self_test(QosDevice *d)
{
    for (unsigned bar = 0; bar < NR_BARS; bar++) {
        unsigned tests = run_bar(d, bar);

        g_assert_cmpuint(tests, ==, 3);
    }
}

const QosDriver qos_pci_testdev = {
    .name = "pci-testdev", .options = "", .vendor = 0x1b36, .device = 0x0005,
    .probe = testdev_probe, .init = testdev_init, .self_test = testdev_self_test,
};
