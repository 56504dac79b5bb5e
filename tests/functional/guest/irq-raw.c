/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSI and MSI-X without a driver and without VFIO: the vectors are programmed
 * by hand to deliver the kernel's rescheduling IPI. Linux counts it in
 * /proc/interrupts (RES) and has nothing else to do for it; a guest with one
 * processor sends none itself, so the counter counts our device's messages.
 */
#include "tool.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APIC_OF_CPU0 0xfee00000u
#define RESCHEDULE_VECTOR 0xfdu     /* arch/x86/include/asm/irq_vectors.h */

static uint64_t rescheduled(void)
{
    char line[512];
    uint64_t count = 0;
    FILE *f = fopen("/proc/interrupts", "r");

    while (f && fgets(line, sizeof(line), f)) {
        char *at = strstr(line, "RES:");
        if (at) {
            count = strtoull(at + 4, NULL, 10);
        }
    }
    if (f) {
        fclose(f);
    }
    return count;
}

static void program_msi(Device *dev, unsigned cap)
{
    unsigned control = config_read(dev, cap + 2, 2);

    config_write(dev, cap + 4, 4, APIC_OF_CPU0);
    if (control & 0x80) {
        config_write(dev, cap + 8, 4, 0);
    }
    config_write(dev, cap + (control & 0x80 ? 12 : 8), 2, RESCHEDULE_VECTOR);
    config_write(dev, cap + 2, 2, (control & ~0x70u) | 1);
}

static void program_msix(Device *dev, unsigned cap, unsigned count)
{
    unsigned control = config_read(dev, cap + 2, 2);
    uint32_t table = config_read(dev, cap + 4, 4);

    config_write(dev, cap + 2, 2, control | 0xc000);
    for (unsigned i = 0; i < count && i <= (control & 0x7ff); i++) {
        uint64_t entry = (table & ~7u) + i * 16;

        bar_write(dev, table & 7, entry, 4, APIC_OF_CPU0);
        bar_write(dev, table & 7, entry + 4, 4, 0);
        bar_write(dev, table & 7, entry + 8, 4, RESCHEDULE_VECTOR);
        bar_write(dev, table & 7, entry + 12, 4, 0);
    }
    config_write(dev, cap + 2, 2, (control & ~0x4000u) | 0x8000);
}

void raw_open(Irq *irq)
{
    bool msi = irq->kind == IRQ_MSI_RAW;
    unsigned cap = config_capability(irq->dev, msi ? 0x05 : 0x11);

    if (!cap) {
        fail("%s has no %s capability", irq->dev->bdf, msi ? "MSI" : "MSI-X");
    }
    if (msi) {
        program_msi(irq->dev, cap);
    } else {
        program_msix(irq->dev, cap, irq->count);
    }
    irq->seen = rescheduled();
}

bool raw_wait(Irq *irq, int timeout_ms)
{
    uint64_t end = now_ns() + timeout_ms * 1000000ull;

    do {
        if (rescheduled() > irq->seen) {
            irq->seen++;
            return true;
        }
        usleep(2000);
    } while (now_ns() < end);
    return false;
}
