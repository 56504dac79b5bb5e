/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edu device (docs/specs/edu.rst): registers, interrupts, DMA both ways. */
#include "tool.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    EDU_ID = 0x00, EDU_LIVENESS = 0x04, EDU_FACTORIAL = 0x08, EDU_STATUS = 0x20,
    EDU_IRQ_STATUS = 0x24, EDU_IRQ_RAISE = 0x60, EDU_IRQ_ACK = 0x64,
    EDU_DMA_SRC = 0x80, EDU_DMA_DST = 0x88, EDU_DMA_COUNT = 0x90, EDU_DMA_CMD = 0x98,
};
#define EDU_BUFFER 0x40000
#define EDU_BUFFER_SIZE 4096
#define EDU_DMA_IRQ 0x100
#define COMMAND_TO_RAM 2
#define COMMAND_IRQ 4

static uint32_t reg(Device *dev, unsigned offset)
{
    return bar_read(dev, 0, offset, 4);
}

static void set_reg(Device *dev, unsigned offset, uint32_t value)
{
    bar_write(dev, 0, offset, 4, value);
}

static void wait_factorial(Device *dev)
{
    for (int i = 0; i < 1000; i++) {
        if (!(reg(dev, EDU_STATUS) & 1)) {
            return;
        }
        usleep(1000);
    }
    fail("factorial still computing after 1 s");
}

int edu_registers(int argc, char **argv)
{
    static const struct { uint32_t n, result; } facts[] = {
        { 0, 1 }, { 1, 1 }, { 5, 120 }, { 10, 3628800 }, { 12, 479001600 }, { 13, 1932053504 },
    };
    Device dev;

    device_open(&dev, argv[0], VIA_SYSFS);
    printf("id=0x%08x\n", reg(&dev, EDU_ID));
    for (uint32_t x = 5; x; x <<= 3) {
        set_reg(&dev, EDU_LIVENESS, x);
        if (reg(&dev, EDU_LIVENESS) != ~x) {
            fail("liveness of 0x%x gave 0x%x", x, reg(&dev, EDU_LIVENESS));
        }
    }
    printf("liveness=ok\n");
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        set_reg(&dev, EDU_FACTORIAL, facts[i].n);
        wait_factorial(&dev);
        if (reg(&dev, EDU_FACTORIAL) != facts[i].result) {
            fail("factorial of %u gave %u", facts[i].n, reg(&dev, EDU_FACTORIAL));
        }
    }
    printf("factorial=ok\n");
    return 0;
}

/* A level interrupt that nobody acknowledged must come again. */
static void check_level(Irq *irq)
{
    Device *dev = irq->dev;

    set_reg(dev, EDU_IRQ_RAISE, 0x40);
    if (!irq_wait(irq, 0, 5000)) {
        fail("no interrupt before the level check");
    }
    irq_rearm(irq);
    if (!irq_wait(irq, 0, 5000)) {
        fail("the line is still high, but the interrupt did not come again");
    }
    set_reg(dev, EDU_IRQ_ACK, 0x40);
    irq_rearm(irq);
    if (irq_wait(irq, 0, 300)) {
        fail("an interrupt came after it was acknowledged");
    }
    printf("level=ok\n");
}

int edu_interrupt(int argc, char **argv)
{
    Device dev;
    Irq irq;
    IrqKind kind = irq_kind(argv[1]);
    bool level = kind == IRQ_UIO || kind == IRQ_INTX;
    unsigned rounds = number(argv[2]);

    device_open(&dev, argv[0], kind >= IRQ_INTX && kind <= IRQ_MSIX ? VIA_VFIO : VIA_SYSFS);
    set_reg(&dev, EDU_IRQ_ACK, ~0u);
    irq_open(&irq, &dev, kind, 1);
    if (irq_wait(&irq, 0, 300)) {
        fail("an interrupt came before one was raised");
    }
    for (unsigned i = 1; i <= rounds; i++) {
        uint32_t bits = i & 0xff ? i & 0xff : 1;

        set_reg(&dev, EDU_IRQ_RAISE, bits);
        if (!irq_wait(&irq, 0, 5000)) {
            fail("interrupt %u of %u did not come", i, rounds);
        }
        if (reg(&dev, EDU_IRQ_STATUS) != bits) {
            fail("interrupt status is 0x%x, not 0x%x", reg(&dev, EDU_IRQ_STATUS), bits);
        }
        set_reg(&dev, EDU_IRQ_ACK, bits);
        irq_rearm(&irq);
    }
    if (irq_wait(&irq, 0, 300)) {
        fail("more than %u interrupts came", rounds);
    }
    printf("interrupts=%u\n", rounds);
    if (level) {
        check_level(&irq);
    }
    return 0;
}

/* --- DMA --- */

static uint32_t checksum(const uint8_t *data, size_t size)
{
    uint32_t a = 1, b = 0;          /* Adler-32, RFC 1950 */

    for (size_t i = 0; i < size; i++) {
        a = (a + data[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static void transfer(Irq *irq, uint64_t from, uint64_t to, unsigned size, unsigned direction)
{
    Device *dev = irq->dev;
    uint64_t end = now_ns() + 10000000000ull;

    bar_write(dev, 0, EDU_DMA_SRC, 8, from);
    bar_write(dev, 0, EDU_DMA_DST, 8, to);
    bar_write(dev, 0, EDU_DMA_COUNT, 8, size);
    bar_write(dev, 0, EDU_DMA_CMD, 8, 1 | direction | (irq->kind ? COMMAND_IRQ : 0));
    if (irq->kind) {
        if (!irq_wait(irq, 0, 10000)) {
            fail("no interrupt after DMA");
        }
        if (reg(dev, EDU_IRQ_STATUS) != EDU_DMA_IRQ) {
            fail("interrupt status is 0x%x after DMA", reg(dev, EDU_IRQ_STATUS));
        }
        set_reg(dev, EDU_IRQ_ACK, EDU_DMA_IRQ);
        irq_rearm(irq);
    }
    while (bar_read(dev, 0, EDU_DMA_CMD, 8) & 1) {
        if (now_ns() > end) {
            fail("DMA still running after 10 s");
        }
    }
}

static void one_round(Irq *irq, Buffer *b, unsigned size, unsigned round)
{
    uint8_t *out = b->host + 64, *in = b->host + 65536 + 64;

    memset(b->host, 0xa5, 131072);
    for (unsigned i = 0; i < size; i++) {
        out[i] = i * 31 + round * 7 + (i >> 8);
    }
    transfer(irq, b->dma + 64, EDU_BUFFER, size, 0);
    memset(out, 0, size);
    transfer(irq, EDU_BUFFER, b->dma + 65536 + 64, size, COMMAND_TO_RAM);
    for (unsigned i = 0; i < size; i++) {
        if (in[i] != (uint8_t)(i * 31 + round * 7 + (i >> 8))) {
            fail("round %u: byte %u came back as 0x%02x", round, i, in[i]);
        }
    }
    if (in[-1] != 0xa5 || in[size] != 0xa5) {
        fail("round %u: DMA wrote beyond its %u bytes", round, size);
    }
    printf("checksum=%08x\n", checksum(in, size));
}

int edu_dma(int argc, char **argv)
{
    Device dev;
    Irq irq;
    Buffer b;
    IrqKind kind = irq_kind(argv[1]);
    unsigned size = number(argv[2]), rounds = number(argv[3]);
    bool vfio = (argc > 4 && !strcmp(argv[4], "vfio")) || (kind >= IRQ_INTX && kind <= IRQ_MSIX);

    if (size < 1 || size > EDU_BUFFER_SIZE) {
        fail("edu's buffer has %u bytes", EDU_BUFFER_SIZE);
    }
    device_open(&dev, argv[0], vfio ? VIA_VFIO : VIA_SYSFS);
    set_reg(&dev, EDU_IRQ_ACK, ~0u);
    irq_open(&irq, &dev, kind, 1);
    b = buffer_new(&dev, 131072);
    for (unsigned i = 0; i < rounds; i++) {
        one_round(&irq, &b, size, i);
    }
    printf("address=0x%llx\nslowest_us=%llu\ndma=ok\n", (unsigned long long)b.dma,
           (unsigned long long)bar_slowest() / 1000);
    return 0;
}
