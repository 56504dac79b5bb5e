/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dma-engine (docs/specs/dma-engine.rst): exact times, errors, lists, transfers held in flight. */
#include "device-case.h"

enum {
    HOLD = 0x010, INT_STATUS = 0x014, INT_ENABLE = 0x018, BUSY = 0x01c,
    SRC = 0x00, DST = 0x08, LENGTH = 0x10, PATTERN = 0x14, COMMAND = 0x18, STATUS = 0x1c,
    ERROR = 0x20, ERROR_INDEX = 0x24, FAULT_ADDR = 0x28, DELAY = 0x30, BYTES = 0x38,
    START = 1, OP_COPY = 0, OP_TO_BUFFER = 1 << 1, OP_FROM_BUFFER = 2 << 1, OP_FILL = 3 << 1,
    LIST = 1 << 4, WANT_IRQ = 1 << 5, ABORT = 1 << 6, RELEASE = 1 << 7,
    IS_BUSY = 1, IS_DELAYED = 2, IS_HELD = 8, IS_DONE = 32, IS_FAILED = 64,
    E_COMMAND = 1, E_RANGE, E_LIST, E_DESCRIPTOR, E_READ, E_WRITE, E_REVOKED, E_ABORTED,
    RAM = 8 << 20, BUFFER_SIZE = 65536,
};

static unsigned channel(unsigned n, unsigned reg)
{
    return 0x1000 + 0x100 * n + reg;
}

static uint32_t get(QosDevice *d, unsigned n, unsigned reg)
{
    return qos_read(d, 0, channel(n, reg), 4);
}

static uint64_t get64(QosDevice *d, unsigned n, unsigned reg)
{
    return qos_read(d, 0, channel(n, reg), 8);
}

static void start(QosDevice *d, unsigned n, uint64_t src, uint64_t dst, uint32_t len,
                  uint32_t command)
{
    qos_write(d, 0, channel(n, SRC), 8, src);
    qos_write(d, 0, channel(n, DST), 8, dst);
    qos_write(d, 0, channel(n, LENGTH), 4, len);
    qos_write(d, 0, channel(n, COMMAND), 4, command | START);
}

static void test_delay_is_exact(QosDevice *d, QTestState *qts)
{
    qtest_memset(qts, 0x1000, 0x33, 64);
    qos_write(d, 0, channel(0, DELAY), 8, 12345);
    start(d, 0, 0x1000, 0x2000, 64, OP_COPY | WANT_IRQ);
    g_assert_cmphex(get(d, 0, STATUS) & (IS_BUSY | IS_DELAYED), ==, IS_BUSY | IS_DELAYED);
    g_assert_cmpint(qtest_clock_step(qts, 12344), ==, 12344);
    g_assert_cmphex(get(d, 0, STATUS) & IS_DELAYED, ==, IS_DELAYED);
    g_assert_cmphex(qtest_readq(qts, 0x2000), ==, 0);
    g_assert_false(qtest_get_irq(qts, 0));
    qtest_clock_step(qts, 1);
    g_assert_cmphex(get(d, 0, STATUS), ==, IS_DONE | (get(d, 0, STATUS) & ~0x7fu));
    g_assert_cmphex(qtest_readq(qts, 0x2000), ==, 0x3333333333333333);
    g_assert_true(qtest_get_irq(qts, 0));
    qos_write(d, 0, INT_STATUS, 4, 1);
    g_assert_false(qtest_get_irq(qts, 0));
}

/* Each channel has its own time; the later start may end first. */
static void test_channels(QosDevice *d, QTestState *qts)
{
    qos_write(d, 0, channel(0, DELAY), 8, 3000);
    qos_write(d, 0, channel(1, DELAY), 8, 1000);
    qos_write(d, 0, channel(0, PATTERN), 4, 0xaaaaaaaa);
    qos_write(d, 0, channel(1, PATTERN), 4, 0xbbbbbbbb);
    start(d, 0, 0, 0x1000, 8, OP_FILL | WANT_IRQ);
    start(d, 1, 0, 0x1000, 8, OP_FILL | WANT_IRQ);
    g_assert_cmphex(qos_read(d, 0, BUSY, 4), ==, 3);
    g_assert_cmpint(qtest_clock_step_next(qts), ==, 1000);
    g_assert_cmphex(qos_read(d, 0, BUSY, 4), ==, 1);
    g_assert_cmphex(qos_read(d, 0, INT_STATUS, 4), ==, 2);
    g_assert_cmphex(qtest_readl(qts, 0x1000), ==, 0xbbbbbbbb);
    g_assert_cmpint(qtest_clock_step_next(qts), ==, 3000);
    g_assert_cmphex(qos_read(d, 0, BUSY, 4), ==, 0);
    g_assert_cmphex(qos_read(d, 0, INT_STATUS, 4), ==, 3);
    g_assert_cmphex(qtest_readl(qts, 0x1000), ==, 0xaaaaaaaa);
    /* one level for both, until the last has been acknowledged */
    qos_write(d, 0, INT_STATUS, 4, 1);
    g_assert_true(qtest_get_irq(qts, 0));
    qos_write(d, 0, INT_ENABLE, 4, 1);
    g_assert_false(qtest_get_irq(qts, 0));
    qos_write(d, 0, INT_ENABLE, 4, 3);
    g_assert_true(qtest_get_irq(qts, 0));
    qos_write(d, 0, INT_STATUS, 4, 2);
    g_assert_false(qtest_get_irq(qts, 0));
}

static void expect_error(QosDevice *d, uint32_t error, uint64_t fault)
{
    g_assert_cmphex(get(d, 0, STATUS) & (IS_BUSY | IS_DONE | IS_FAILED), ==, IS_FAILED);
    g_assert_cmpuint(get(d, 0, ERROR), ==, error);
    if (fault) {
        g_assert_cmphex(get64(d, 0, FAULT_ADDR), ==, fault);
    }
}

static void test_errors(QosDevice *d, QTestState *qts)
{
    start(d, 0, 0, 0, 16, 7 << 1);
    expect_error(d, E_COMMAND, 0);
    start(d, 0, 0, BUFFER_SIZE - 8, 16, OP_TO_BUFFER);
    expect_error(d, E_RANGE, 0);
    start(d, 0, UINT64_MAX - 8, 0x1000, 16, OP_COPY);
    expect_error(d, E_RANGE, 0);
    start(d, 0, 0x1000, 0, 0, LIST);
    expect_error(d, E_LIST, 0);
    start(d, 0, 0x1000, 0, 100000, LIST);
    expect_error(d, E_LIST, 0);
    start(d, 0, RAM, 0x1000, 16, OP_COPY);
    expect_error(d, E_READ, RAM);
    start(d, 0, 0x1000, RAM, 16, OP_COPY);
    expect_error(d, E_WRITE, RAM);
    start(d, 0, RAM + 0x1000, 0, 2, LIST);
    expect_error(d, E_READ, RAM + 0x1000);
    /* what has failed can be done again */
    start(d, 0, 0x1000, 0x2000, 16, OP_COPY);
    g_assert_cmphex(get(d, 0, STATUS) & (IS_BUSY | IS_DONE | IS_FAILED), ==, IS_DONE);
    g_assert_cmpuint(get(d, 0, ERROR), ==, 0);
}

typedef struct Descriptor {
    uint64_t src, dst;
    uint32_t len, op, pattern, zero;
} Descriptor;

static void test_list(QosDevice *d, QTestState *qts)
{
    Descriptor list[] = {
        { 0, 0x10000, 4096, GUINT32_TO_LE(3), 0x44332211 },
        { 0x10000, 0, 4096, 1 },
        { 0, 0x20000, 4096, 2 },
        { 0x20000, 0x30001, 4095, 0 },
    };
    g_autofree uint8_t *data = g_malloc(4096);

    qtest_memwrite(qts, 0x1003, list, sizeof(list));
    start(d, 0, 0x1003, 0, G_N_ELEMENTS(list), LIST);
    g_assert_cmphex(get(d, 0, STATUS) & (IS_BUSY | IS_DONE), ==, IS_DONE);
    qtest_memread(qts, 0x30000, data, 4096);
    g_assert_cmphex(data[0], ==, 0);
    for (unsigned i = 1; i < 4096; i++) {
        g_assert_cmphex(data[i], ==, 0x11 * ((i - 1) % 4 + 1));
    }
    /* the third is wrong: nothing happens, and it says which */
    list[2].zero = 1;
    qtest_memwrite(qts, 0x1003, list, sizeof(list));
    qtest_memset(qts, 0x10000, 0, 4096);
    start(d, 0, 0x1003, 0, G_N_ELEMENTS(list), LIST);
    expect_error(d, E_DESCRIPTOR, 0);
    g_assert_cmpuint(get(d, 0, ERROR_INDEX), ==, 2);
    g_assert_cmphex(qtest_readl(qts, 0x10000), ==, 0);
}

static void test_hold(QosDevice *d, QTestState *qts)
{
    qtest_memset(qts, 0x10000, 0x77, 256);
    qos_write(d, 0, HOLD, 4, 1);
    start(d, 0, 0x10000, 0x20000, 256, OP_COPY);
    g_assert_cmphex(get(d, 0, STATUS) & (IS_BUSY | IS_HELD), ==, IS_BUSY | IS_HELD);
    qtest_clock_step(qts, 1000000000);
    g_assert_cmphex(qtest_readq(qts, 0x20000), ==, 0);
    qos_write(d, 0, channel(0, COMMAND), 4, RELEASE);
    g_assert_cmphex(get(d, 0, STATUS) & (IS_BUSY | IS_DONE), ==, IS_DONE);
    g_assert_cmphex(qtest_readq(qts, 0x20000), ==, 0x7777777777777777);
    g_assert_cmpuint(get64(d, 0, BYTES), ==, 256);

    start(d, 0, 0x10000, 0x30000, 256, OP_COPY | WANT_IRQ);
    g_assert_cmphex(get(d, 0, STATUS) & IS_HELD, ==, IS_HELD);
    qos_write(d, 0, channel(0, COMMAND), 4, ABORT);
    expect_error(d, E_ABORTED, 0);
    g_assert_true(qtest_get_irq(qts, 0));
    g_assert_cmphex(qtest_readq(qts, 0x30000), ==, 0);
}

/* The start takes the registers: they may be written for the next transfer at once. */
static void test_start_latches(QosDevice *d, QTestState *qts)
{
    qtest_memset(qts, 0x1000, 0x10, 16);
    qos_write(d, 0, channel(0, DELAY), 8, 500);
    start(d, 0, 0x1000, 0x2000, 8, OP_COPY);
    qos_write(d, 0, channel(0, SRC), 8, RAM);
    qos_write(d, 0, channel(0, DST), 8, 0x3000);
    qos_write(d, 0, channel(0, DELAY), 8, 100000);
    start(d, 0, 0x1000, 0x3000, 8, OP_COPY);
    g_assert_cmpint(qtest_clock_step_next(qts), ==, 500);
    g_assert_cmphex(get(d, 0, STATUS) & (IS_BUSY | IS_DONE), ==, IS_DONE);
    g_assert_cmphex(qtest_readq(qts, 0x2000), ==, 0x1010101010101010);
    g_assert_cmphex(qtest_readq(qts, 0x3000), ==, 0);
}

int main(int argc, char **argv)
{
    static const DeviceCase cases[] = {
        { "delay-is-exact", test_delay_is_exact },
        { "channels", test_channels },
        { "errors", test_errors },
        { "list", test_list },
        { "hold", test_hold },
        { "start-latches", test_start_latches },
        { NULL }
    };

    return device_cases_run(argc, argv, &qos_dma_engine, cases);
}
