/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edu: what needs exact time, or an observer between two register accesses. */
#include "device-case.h"

enum {
    ID = 0x00, LIVENESS = 0x04, FACTORIAL = 0x08, STATUS = 0x20, IRQ_STATUS = 0x24, RAISE = 0x60,
    ACK = 0x64, SRC = 0x80, DST = 0x88, COUNT = 0x90, COMMAND = 0x98,
    START = 1, TO_MEMORY = 2, WANT_IRQ = 4, COMPUTING = 1, FACTORIAL_IRQ = 0x80,
    CAUSE_FACTORIAL = 1, CAUSE_DMA = 0x100, WINDOW = 0x40000, WINDOW_SIZE = 4096,
    DELAY_NS = 100 * 1000 * 1000,
};

static void start(QosDevice *d, uint64_t src, uint64_t dst, uint64_t len, uint64_t command)
{
    qos_write(d, 0, SRC, 8, src);
    qos_write(d, 0, DST, 8, dst);
    qos_write(d, 0, COUNT, 8, len);
    qos_write(d, 0, COMMAND, 8, command | START);
}

static bool busy(QosDevice *d)
{
    return qos_read(d, 0, COMMAND, 8) & START;
}

/* Not a nanosecond earlier: neither bytes nor the interrupt. */
static void test_dma_is_exact(QosDevice *d, QTestState *qts)
{
    qtest_clock_step(qts, 7000000);
    qtest_memset(qts, 0x1000, 0x5a, 64);
    start(d, 0x1000, WINDOW, 64, 0);
    qtest_clock_step(qts, DELAY_NS);
    g_assert_false(busy(d));
    start(d, WINDOW, 0x2000, 64, TO_MEMORY | WANT_IRQ);
    g_assert_cmpint(qtest_clock_step(qts, DELAY_NS - 1), ==, 7000000 + 2LL * DELAY_NS - 1);
    g_assert_true(busy(d));
    g_assert_cmphex(qtest_readb(qts, 0x2000), ==, 0);
    g_assert_false(qtest_get_irq(qts, 0));
    qtest_clock_step(qts, 1);
    g_assert_false(busy(d));
    g_assert_cmphex(qtest_readb(qts, 0x2000), ==, 0x5a);
    g_assert_cmphex(qtest_readb(qts, 0x203f), ==, 0x5a);
    g_assert_cmphex(qtest_readb(qts, 0x2040), ==, 0);
    g_assert_true(qtest_get_irq(qts, 0));
    g_assert_cmphex(qos_read(d, 0, IRQ_STATUS, 4), ==, CAUSE_DMA);
    qos_write(d, 0, ACK, 4, CAUSE_DMA);
    g_assert_false(qtest_get_irq(qts, 0));
}

/* The clock stops where the timer is, wherever it was asked to go. */
static void test_next_timer(QosDevice *d, QTestState *qts)
{
    start(d, 0x1000, WINDOW, 8, 0);
    g_assert_cmpint(qtest_clock_step_next(qts), ==, DELAY_NS);
    g_assert_false(busy(d));
    g_assert_cmpint(qtest_clock_step_next(qts), ==, DELAY_NS);
}

/* While it is under way the registers keep what was asked for. */
static void test_dma_registers_are_held(QosDevice *d, QTestState *qts)
{
    static const unsigned regs[] = { SRC, DST, COUNT, COMMAND };
    uint64_t before[4];

    start(d, 0x1000, WINDOW, 8, 0);
    for (unsigned i = 0; i < 4; i++) {
        before[i] = qos_read(d, 0, regs[i], 8);
        qos_write(d, 0, regs[i], 8, 0x777);
        g_assert_cmphex(qos_read(d, 0, regs[i], 8), ==, before[i]);
    }
    qtest_clock_step_next(qts);
    qos_write(d, 0, SRC, 8, 0x777);
    g_assert_cmphex(qos_read(d, 0, SRC, 8), ==, 0x777);
}

/* A transfer that leaves the window is cut, one that misses it moves nothing. */
static void test_dma_window(QosDevice *d, QTestState *qts)
{
    qtest_memset(qts, 0x1000, 0x11, WINDOW_SIZE);
    start(d, 0x1000, WINDOW, WINDOW_SIZE, 0);
    qtest_clock_step_next(qts);
    start(d, WINDOW + WINDOW_SIZE - 8, 0x4000, 64, TO_MEMORY);
    qtest_clock_step_next(qts);
    g_assert_false(busy(d));
    g_assert_cmphex(qtest_readq(qts, 0x4000), ==, 0x1111111111111111);
    g_assert_cmphex(qtest_readq(qts, 0x4008), ==, 0);
    start(d, WINDOW - 1, 0x5000, 64, TO_MEMORY);
    qtest_clock_step_next(qts);
    start(d, WINDOW + WINDOW_SIZE, 0x5000, 64, TO_MEMORY);
    qtest_clock_step_next(qts);
    start(d, WINDOW, 0x5000, 0, TO_MEMORY);
    qtest_clock_step_next(qts);
    g_assert_cmphex(qtest_readq(qts, 0x5000), ==, 0);
    g_assert_false(busy(d));
}

/* 20 address lines: the others are not driven. */
static void test_dma_mask(QosDevice *d, QTestState *qts)
{
    qtest_memset(qts, 0x1000, 0x22, 16);
    start(d, 0x1000, WINDOW, 16, 0);
    qtest_clock_step_next(qts);
    start(d, WINDOW, 0x302000, 16, TO_MEMORY);
    qtest_clock_step_next(qts);
    g_assert_cmphex(qtest_readq(qts, 0x302000), ==, 0);
    g_assert_cmphex(qtest_readq(qts, 0x002000), ==, 0x2222222222222222);
}

static void test_factorial(QosDevice *d, QTestState *qts)
{
    static const struct {
        uint32_t n, product;
    } rows[] = {
        { 0, 1 }, { 1, 1 }, { 5, 120 }, { 12, 479001600 },
        { 13, 1932053504 },         /* modulo 2^32 from here on */
        { 33, 0x80000000 }, { 34, 0 }, { UINT32_MAX, 0 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        qos_write(d, 0, FACTORIAL, 4, rows[i].n);
        g_assert_cmphex(qos_read(d, 0, STATUS, 4) & COMPUTING, ==, 0);
        g_assert_cmphex(qos_read(d, 0, FACTORIAL, 4), ==, rows[i].product);
        g_assert_cmphex(qos_read(d, 0, IRQ_STATUS, 4), ==, 0);
    }
    qos_write(d, 0, STATUS, 4, FACTORIAL_IRQ);
    qos_write(d, 0, FACTORIAL, 4, 3);
    g_assert_true(qtest_get_irq(qts, 0));
    g_assert_cmphex(qos_read(d, 0, IRQ_STATUS, 4), ==, CAUSE_FACTORIAL);
    /* a level: it stays until the last cause has gone */
    qos_write(d, 0, RAISE, 4, 0x30);
    qos_write(d, 0, ACK, 4, CAUSE_FACTORIAL | 0x10);
    g_assert_true(qtest_get_irq(qts, 0));
    qos_write(d, 0, ACK, 4, 0x20);
    g_assert_false(qtest_get_irq(qts, 0));
    g_assert_cmpuint(qtest_get_irq_raised(qts, 0), ==, 1);
}

static void test_register_widths(QosDevice *d, QTestState *qts)
{
    uint64_t bar = qos_bar_address(d, 0);

    g_assert_cmphex(qtest_readl(qts, bar + ID), ==, 0x010000ed);
    qtest_writel(qts, bar + LIVENESS, 0x0f0f0f0f);
    g_assert_cmphex(qtest_readl(qts, bar + LIVENESS), ==, 0xf0f0f0f0);
    /* only the DMA registers have 64 bits */
    g_assert_cmphex(qtest_readq(qts, bar + 0x20), ==, UINT64_MAX);
    qtest_writeq(qts, bar + SRC, 0x1122334455667788);
    g_assert_cmphex(qtest_readq(qts, bar + SRC), ==, 0x1122334455667788);
    g_assert_cmphex(qtest_readl(qts, bar + 0x1000), ==, UINT32_MAX);
    g_assert_cmphex(qtest_readl(qts, bar + 0xffffc), ==, UINT32_MAX);
}

static void test_no_decoding_without_the_enable_bit(QosDevice *d, QTestState *qts)
{
    uint64_t bar = qos_bar_address(d, 0);

    qos_enable(d, false);
    g_assert_cmphex(qtest_readl(qts, bar), ==, 0);
    qos_enable(d, true);
    g_assert_cmphex(qtest_readl(qts, bar), ==, 0x010000ed);
}

int main(int argc, char **argv)
{
    static const DeviceCase cases[] = {
        { "dma-is-exact", test_dma_is_exact },
        { "next-timer", test_next_timer },
        { "dma-registers-are-held", test_dma_registers_are_held },
        { "dma-window", test_dma_window },
        { "dma-mask", test_dma_mask, ",dma_mask=0xfffff" },
        { "factorial", test_factorial },
        { "register-widths", test_register_widths },
        { "no-decoding", test_no_decoding_without_the_enable_bit },
        { NULL }
    };

    return device_cases_run(argc, argv, &qos_edu, cases);
}
