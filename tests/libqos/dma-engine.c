/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dma-engine, docs/specs/dma-engine.rst: channel 0, without lists. */
#include "qemu/osdep.h"
#include "qos.h"

enum {
    REG_ID = 0x000, REG_CHANNELS = 0x004, REG_INT_STATUS = 0x014, REG_RESET = 0x020,
    CH_SRC = 0x1000, CH_DST = 0x1008, CH_LENGTH = 0x1010, CH_PATTERN = 0x1014,
    CH_COMMAND = 0x1018, CH_STATUS = 0x101c, CH_ERROR = 0x1020, CH_DELAY = 0x1030,
    COMMAND_START = 1, COMMAND_IRQ = 1 << 5, COMMAND_ABORT = 1 << 6,
    OP_COPY = 0 << 1, OP_TO_BUFFER = 1 << 1, OP_FILL = 3 << 1,
    STATUS_BUSY = 1, STATUS_DONE = 1 << 5,
    ID = 0x31414d44, RESET_MAGIC = 0x52535421,
    DELAY_NS = 100 * 1000 * 1000,
};

static bool engine_probe(QosDevice *d)
{
    return qos_read(d, 0, REG_ID, 4) == ID;
}

static void engine_init(QosDevice *d)
{
    qos_write(d, 0, REG_RESET, 4, RESET_MAGIC);
    qos_enable(d, true);
}

static void start(QosDevice *d, uint64_t src, uint64_t dst, uint32_t len, uint32_t command)
{
    qos_write(d, 0, CH_SRC, 8, src);
    qos_write(d, 0, CH_DST, 8, dst);
    qos_write(d, 0, CH_LENGTH, 4, len);
    qos_write(d, 0, CH_COMMAND, 4, command | COMMAND_START);
}

static bool done(QosDevice *d)
{
    return qos_wait_register(d, 0, CH_STATUS, 4, STATUS_BUSY, 0, 5) &&
           (qos_read(d, 0, CH_STATUS, 4) & STATUS_DONE);
}

static void engine_self_test(QosDevice *d)
{
    g_assert_cmpuint(qos_read(d, 0, REG_CHANNELS, 4), ==, 2);
    /* An operation that does not exist. */
    start(d, 0, 0, 16, 7 << 1);
    g_assert_false(done(d));
    g_assert_cmpuint(qos_read(d, 0, CH_ERROR, 4), ==, 1);
    /* Nothing to move is moved at once. */
    start(d, 0, 0, 0, OP_COPY);
    g_assert_true(done(d));
    g_assert_cmpuint(qos_read(d, 0, CH_ERROR, 4), ==, 0);
}

static bool engine_dma_copy(QosDevice *d, uint64_t src, uint64_t dst, uint32_t len)
{
    start(d, src, dst, len, OP_COPY);
    return done(d);
}

static void engine_dma_start(QosDevice *d, uint64_t dst, uint32_t len)
{
    qos_write(d, 0, CH_DELAY, 8, DELAY_NS);
    qos_write(d, 0, CH_PATTERN, 4, 0x5a5a5a5a);
    start(d, 0, dst, len, OP_FILL);
    qos_write(d, 0, CH_DELAY, 8, 0);
}

static void engine_raise_irq(QosDevice *d)
{
    start(d, 0, 0, 0, OP_COPY | COMMAND_IRQ);
}

static void engine_lower_irq(QosDevice *d)
{
    qos_write(d, 0, REG_INT_STATUS, 4, UINT32_MAX);
}

static void engine_remove(QosDevice *d)
{
    qos_write(d, 0, CH_COMMAND, 4, COMMAND_ABORT);
    engine_lower_irq(d);
    g_assert_cmpuint(qos_read(d, 0, CH_STATUS, 4) & STATUS_BUSY, ==, 0);
}

const QosDriver qos_dma_engine = {
    .name = "dma-engine", .options = ",channels=2", .vendor = 0x1234, .device = 0x11e9,
    .irqs = { [QOS_INTX] = true, [QOS_MSIX] = true }, .max_copy = 128 * 1024,
    .probe = engine_probe, .init = engine_init, .self_test = engine_self_test,
    .dma_copy = engine_dma_copy, .dma_start = engine_dma_start,
    .raise_irq = engine_raise_irq, .lower_irq = engine_lower_irq, .remove = engine_remove,
};
