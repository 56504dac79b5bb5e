/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dma-engine device (docs/specs/dma-engine.rst): every operation, all
 * channels at once, a vector for each channel, and a transfer that must fail.
 */
#include "tool.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    ENGINE_ID = 0x000, ENGINE_CHANNELS = 0x004, ENGINE_HOLD = 0x010, ENGINE_INT_STATUS = 0x014,
    ENGINE_INT_ENABLE = 0x018, ENGINE_RESET = 0x020,
    CH_SRC = 0x00, CH_DST = 0x08, CH_LENGTH = 0x10, CH_PATTERN = 0x14, CH_COMMAND = 0x18,
    CH_STATUS = 0x1c, CH_ERROR = 0x20, CH_FAULT = 0x28, CH_DELAY = 0x30, CH_BYTES = 0x38,
};
enum { OP_COPY = 0 << 1, OP_IN = 1 << 1, OP_OUT = 2 << 1, OP_FILL = 3 << 1 };
#define START 1u
#define LIST 0x10u
#define IRQ 0x20u
#define RELEASE 0x80u
#define BUSY 1u
#define HELD 8u
#define DONE 0x20u
#define FAILED 0x40u
#define ERROR_WRITE 6u
#define MAGIC 0x31414d44u
#define RESET_MAGIC 0x52535421u
#define NOWHERE 0x7000000000ull

typedef struct Transfer {
    uint64_t src, dst;
    uint32_t length, pattern, op;
    uint64_t delay;
} Transfer;

typedef struct Descriptor {
    uint64_t src, dst;
    uint32_t length, op, pattern, zero;
} Descriptor;

static unsigned at(unsigned channel, unsigned offset)
{
    return 0x1000 + channel * 0x100 + offset;
}

static uint32_t status(Device *dev, unsigned channel)
{
    return bar_read(dev, 0, at(channel, CH_STATUS), 4);
}

static void start(Device *dev, unsigned channel, const Transfer *t)
{
    bar_write(dev, 0, at(channel, CH_SRC), 8, t->src);
    bar_write(dev, 0, at(channel, CH_DST), 8, t->dst);
    bar_write(dev, 0, at(channel, CH_LENGTH), 4, t->length);
    bar_write(dev, 0, at(channel, CH_PATTERN), 4, t->pattern);
    bar_write(dev, 0, at(channel, CH_DELAY), 8, t->delay);
    bar_write(dev, 0, at(channel, CH_COMMAND), 4, START | IRQ | t->op);
}

/* Waits for the end by interrupt if there is one; the status at the end. */
static uint32_t end_of(Irq *irq, unsigned channel)
{
    Device *dev = irq->dev;
    bool per_channel = irq->kind == IRQ_MSIX;
    uint64_t end = now_ns() + 10000000000ull;

    if (irq->kind && !irq_wait(irq, per_channel ? channel : 0, 10000)) {
        fail("channel %u: no interrupt, status 0x%x", channel, status(dev, channel));
    }
    while (status(dev, channel) & BUSY) {
        if (now_ns() > end) {
            fail("channel %u: busy for 10 s, status 0x%x", channel, status(dev, channel));
        }
    }
    bar_write(dev, 0, ENGINE_INT_STATUS, 4, 1u << channel);
    irq_rearm(irq);
    return status(dev, channel);
}

static void must_work(Irq *irq, unsigned channel, const Transfer *t, const char *what)
{
    uint32_t end;

    start(irq->dev, channel, t);
    end = end_of(irq, channel);
    if (!(end & DONE)) {
        fail("%s: status 0x%x error %u at 0x%llx", what, end,
             (unsigned)bar_read(irq->dev, 0, at(channel, CH_ERROR), 4),
             (unsigned long long)bar_read(irq->dev, 0, at(channel, CH_FAULT), 8));
    }
}

static void pattern(uint8_t *data, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++) {
        data[i] = i * 13 + (i >> 8) * 5 + seed;
    }
}

static void same(const uint8_t *a, const uint8_t *b, size_t size, const char *what)
{
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i]) {
            fail("%s: byte %zu is 0x%02x, not 0x%02x", what, i, b[i], a[i]);
        }
    }
}

/* The buffer's halves: what is read, and what is written. */
#define HALF (1u << 20)

static void check_operations(Irq *irq, Buffer *b)
{
    uint8_t *from = b->host, *to = b->host + HALF;
    const uint32_t size = 150001;
    Descriptor list[3] = {
        { .src = b->dma, .dst = b->dma + HALF + 5, .length = 1000, .op = OP_COPY >> 1 },
        { .src = b->dma + 7, .dst = 0x8000, .length = 999, .op = OP_IN >> 1 },
        { .src = 0x8000, .dst = b->dma + HALF + 5000, .length = 999, .op = OP_OUT >> 1 },
    };

    pattern(from, HALF, 1);
    must_work(irq, 0, &(Transfer) { b->dma, b->dma + HALF, size, 0, OP_COPY, 0 }, "copy");
    same(from, to, size, "copy");
    must_work(irq, 0, &(Transfer) { b->dma + 3, 0, 65536, 0, OP_IN, 0 }, "to the buffer");
    memset(to, 0, HALF);
    must_work(irq, 0, &(Transfer) { 0, b->dma + HALF + 1, 65536, 0, OP_OUT, 0 }, "from the buffer");
    same(from + 3, to + 1, 65536, "through the buffer");
    must_work(irq, 0, &(Transfer) { 0, b->dma + HALF, 4096, 0xdeadbeef, OP_FILL, 0 }, "fill");
    for (unsigned i = 0; i < 1024; i++) {
        if (((uint32_t *)to)[i] != 0xdeadbeef) {
            fail("fill: word %u is 0x%x", i, ((uint32_t *)to)[i]);
        }
    }
    memcpy(from + 512 * 1024, list, sizeof(list));
    must_work(irq, 0, &(Transfer) { b->dma + 512 * 1024, 0, 3, 0, LIST, 0 }, "list");
    same(from, to + 5, 1000, "list");
    same(from + 7, to + 5000, 999, "list through the buffer");
    printf("operations=ok\n");
}

static void check_channels(Irq *irq, Buffer *b, unsigned channels)
{
    uint8_t *from = b->host, *to = b->host + HALF;
    const uint32_t size = 50000;

    pattern(from, HALF, 77);
    memset(to, 0, HALF);
    bar_write(irq->dev, 0, ENGINE_HOLD, 4, (1u << channels) - 1);
    for (unsigned i = 0; i < channels; i++) {
        start(irq->dev, i, &(Transfer) { b->dma + i * size, b->dma + HALF + i * size, size, 0,
                                         OP_COPY, 1000000 });
    }
    for (unsigned i = 0; i < channels; i++) {
        uint64_t end = now_ns() + 10000000000ull;

        while (!(status(irq->dev, i) & HELD)) {
            if (now_ns() > end) {
                fail("channel %u is not held, status 0x%x", i, status(irq->dev, i));
            }
        }
    }
    if (irq->kind && irq_wait(irq, 0, 200)) {
        fail("an interrupt came while all transfers were held");
    }
    for (unsigned i = 0; i < channels; i++) {
        /* Raw vectors are one and the same to the APIC, which merges them. */
        uint32_t still = irq->kind == IRQ_MSIX_RAW ? (1u << channels) - (2u << i) : 0;

        bar_write(irq->dev, 0, ENGINE_HOLD, 4, still);
        if (!(end_of(irq, i) & DONE)) {
            fail("channel %u failed, status 0x%x", i, status(irq->dev, i));
        }
    }
    same(from, to, channels * size, "channels side by side");
    printf("channels=%u\n", channels);
}

static void check_fault(Irq *irq, Buffer *b)
{
    uint32_t end, error;
    uint64_t where;

    start(irq->dev, 1, &(Transfer) { b->dma, NOWHERE, 256, 0, OP_COPY, 0 });
    end = end_of(irq, 1);
    error = bar_read(irq->dev, 0, at(1, CH_ERROR), 4);
    where = bar_read(irq->dev, 0, at(1, CH_FAULT), 8);
    if (!(end & FAILED) || error != ERROR_WRITE || where != NOWHERE) {
        fail("DMA to nowhere: status 0x%x error %u at 0x%llx", end, error,
             (unsigned long long)where);
    }
    must_work(irq, 1, &(Transfer) { b->dma, b->dma + HALF, 256, 0, OP_COPY, 0 }, "after a fault");
    printf("fault=ok\n");
}

int engine_check(int argc, char **argv)
{
    Device dev;
    Irq irq;
    Buffer b;
    IrqKind kind = irq_kind(argv[1]);
    bool vfio = (argc > 2 && !strcmp(argv[2], "vfio")) || (kind >= IRQ_INTX && kind <= IRQ_MSIX);
    unsigned channels;

    device_open(&dev, argv[0], vfio ? VIA_VFIO : VIA_SYSFS);
    if (bar_read(&dev, 0, ENGINE_ID, 4) != MAGIC) {
        fail("no dma-engine: id 0x%x", (unsigned)bar_read(&dev, 0, ENGINE_ID, 4));
    }
    bar_write(&dev, 0, ENGINE_RESET, 4, RESET_MAGIC);
    channels = bar_read(&dev, 0, ENGINE_CHANNELS, 4);
    if (channels < 2 || channels > 16) {
        fail("%u channels", channels);
    }
    irq_open(&irq, &dev, kind, kind == IRQ_MSIX || kind == IRQ_MSIX_RAW ? channels : 1);
    b = buffer_new(&dev, 2 * HALF);
    check_operations(&irq, &b);
    if (kind != IRQ_UIO && kind != IRQ_INTX) {
        check_channels(&irq, &b, channels);
    }
    check_fault(&irq, &b);
    printf("bytes=%llu\nslowest_us=%llu\nengine=ok\n",
           (unsigned long long)bar_read(&dev, 0, at(0, CH_BYTES), 8),
           (unsigned long long)bar_slowest() / 1000);
    return 0;
}
