/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-testdev: each write that fits is counted once, by memory and by port. */
#include "device-case.h"

enum {
    TEST = 0, WIDTH = 1, OFFSET = 4, DATA = 8, COUNT = 12, NAME = 16,
    KINDS = 3, WRITES = 100,
};

static const char *const names[KINDS] = { "no-eventfd", "wildcard-eventfd", "datamatch-eventfd" };

static void begin(QosDevice *d, unsigned bar, unsigned kind)
{
    qos_write(d, bar, TEST, 1, kind);
    g_assert_cmpuint(qos_read(d, bar, WIDTH, 1), ==, 1);
    g_assert_cmpuint(qos_read(d, bar, COUNT, 4), ==, 0);
}

static void test_names(QosDevice *d, QTestState *qts)
{
    for (unsigned bar = 0; bar < 2; bar++) {
        for (unsigned kind = 0; kind < KINDS; kind++) {
            g_autofree char *name = g_strdup_printf("%s:%s", bar ? "portio" : "mmio",
                                                    names[kind]);

            begin(d, bar, kind);
            for (unsigned i = 0; i <= strlen(name); i++) {
                g_assert_cmpint(qos_read(d, bar, NAME + i, 1), ==, name[i]);
            }
        }
    }
}

static void test_exact_counts(QosDevice *d, QTestState *qts)
{
    for (unsigned bar = 0; bar < 2; bar++) {
        for (unsigned kind = 0; kind < KINDS; kind++) {
            uint32_t at, data;

            begin(d, bar, kind);
            at = qos_read(d, bar, OFFSET, 4);
            data = qos_read(d, bar, DATA, 4);
            for (unsigned i = 0; i < WRITES; i++) {
                qos_write(d, bar, at, 1, data);
            }
            g_assert_cmpuint(qos_read(d, bar, COUNT, 4), ==, WRITES);
        }
    }
}

/* Another place does not count; other data does, though no notifier has matched it. */
static void test_what_counts(QosDevice *d, QTestState *qts)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        uint32_t at, data;

        begin(d, 0, kind);
        at = qos_read(d, 0, OFFSET, 4);
        data = qos_read(d, 0, DATA, 4);
        qos_write(d, 0, at, 1, data ^ 1);
        g_assert_cmpuint(qos_read(d, 0, COUNT, 4), ==, 1);
        qos_write(d, 0, at + KINDS, 1, data);
        g_assert_cmpuint(qos_read(d, 0, COUNT, 4), ==, 1);
    }
}

/* A test on one BAR ends that on the other; one that does not exist ends both. */
static void test_one_at_a_time(QosDevice *d, QTestState *qts)
{
    begin(d, 0, 0);
    begin(d, 1, 0);
    g_assert_cmpuint(qos_read(d, 0, WIDTH, 1), ==, 0);
    qos_write(d, 1, TEST, 1, KINDS);
    g_assert_cmpuint(qos_read(d, 1, WIDTH, 1), ==, 0);
    g_assert_cmpuint(qos_read(d, 1, COUNT, 4), ==, 0);
}

static void test_large_bar(QosDevice *d, QTestState *qts)
{
    g_assert_cmphex(qos_region_size(d, 2), ==, 8ull << 30);
    qos_config_write(d, 0x1c, 4, 0x10);
    qos_config_write(d, 0x18, 4, 0);
    qtest_writeq(qts, 0x1000000000, 0x1122334455667788);
    qtest_writeq(qts, 0x11fffffff8, 0x99);
    g_assert_cmphex(qtest_readq(qts, 0x1000000000), ==, 0x1122334455667788);
    g_assert_cmphex(qtest_readq(qts, 0x11fffffff8), ==, 0x99);
    g_assert_cmphex(qtest_readq(qts, 0x1200000000), ==, 0);
    /* what is in it goes with it */
    qos_config_write(d, 0x1c, 4, 0x20);
    g_assert_cmphex(qtest_readq(qts, 0x1000000000), ==, 0);
    g_assert_cmphex(qtest_readq(qts, 0x2000000000), ==, 0x1122334455667788);
}

int main(int argc, char **argv)
{
    static const DeviceCase cases[] = {
        { "names", test_names },
        { "exact-counts", test_exact_counts },
        { "what-counts", test_what_counts },
        { "one-at-a-time", test_one_at_a_time },
        { "large-bar", test_large_bar, ",membar=8G,membar-backed=on" },
        { NULL }
    };

    return device_cases_run(argc, argv, &qos_pci_testdev, cases);
}
