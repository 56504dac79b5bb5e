/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edu (QEMU's docs/specs/edu): liveness, factorial, DMA through a buffer of
 * 4 KiB that starts 0.1 s after it was asked for, INTx or MSI.
 */
#include "qemu/osdep.h"
#include "qos.h"

enum {
    EDU_ID = 0x00, EDU_LIVENESS = 0x04, EDU_FACTORIAL = 0x08, EDU_STATUS = 0x20,
    EDU_RAISE = 0x60, EDU_ACK = 0x64, EDU_SRC = 0x80, EDU_DST = 0x88, EDU_COUNT = 0x90,
    EDU_COMMAND = 0x98,
    STATUS_BUSY = 1, COMMAND_START = 1, COMMAND_TO_MEMORY = 2,
    BUFFER = 0x40000, CAUSE = 0x10,
};

static bool edu_probe(QosDevice *d)
{
    return (qos_read(d, 0, EDU_ID, 4) & 0xffff) == 0xed;
}

static void edu_init(QosDevice *d)
{
    qos_enable(d, true);
}

static void edu_self_test(QosDevice *d)
{
    qos_write(d, 0, EDU_LIVENESS, 4, 0x12345678);
    g_assert_cmphex(qos_read(d, 0, EDU_LIVENESS, 4), ==, 0xedcba987);
    qos_write(d, 0, EDU_FACTORIAL, 4, 10);
    g_assert_true(qos_wait_register(d, 0, EDU_STATUS, 4, STATUS_BUSY, 0, 2));
    g_assert_cmpuint(qos_read(d, 0, EDU_FACTORIAL, 4), ==, 3628800);
}

static void edu_start(QosDevice *d, uint64_t src, uint64_t dst, uint32_t len, uint32_t command)
{
    qos_write(d, 0, EDU_SRC, 8, src);
    qos_write(d, 0, EDU_DST, 8, dst);
    qos_write(d, 0, EDU_COUNT, 8, len);
    qos_write(d, 0, EDU_COMMAND, 8, command | COMMAND_START);
}

static bool edu_done(QosDevice *d)
{
    return qos_wait_register(d, 0, EDU_COMMAND, 8, COMMAND_START, 0, 3);
}

/* edu has no error register: a failed DMA shows only in what was not copied. */
static bool edu_dma_copy(QosDevice *d, uint64_t src, uint64_t dst, uint32_t len)
{
    edu_start(d, src, BUFFER, len, 0);
    if (!edu_done(d)) {
        return false;
    }
    edu_start(d, BUFFER, dst, len, COMMAND_TO_MEMORY);
    return edu_done(d);
}

static void edu_dma_start(QosDevice *d, uint64_t dst, uint32_t len)
{
    edu_start(d, BUFFER, dst, len, COMMAND_TO_MEMORY);
}

static void edu_raise_irq(QosDevice *d)
{
    qos_write(d, 0, EDU_RAISE, 4, CAUSE);
}

static void edu_lower_irq(QosDevice *d)
{
    qos_write(d, 0, EDU_ACK, 4, UINT32_MAX);
}

static void edu_remove(QosDevice *d)
{
    edu_lower_irq(d);
    edu_done(d);
}

const QosDriver qos_edu = {
    .name = "edu", .options = "", .vendor = 0x1234, .device = 0x11e8,
    .irqs = { [QOS_INTX] = true, [QOS_MSI] = true }, .max_copy = 4096,
    .probe = edu_probe, .init = edu_init, .self_test = edu_self_test,
    .dma_copy = edu_dma_copy, .dma_start = edu_dma_start,
    .raise_irq = edu_raise_irq, .lower_irq = edu_lower_irq, .remove = edu_remove,
};
