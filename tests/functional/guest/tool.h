/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest-tool: what the functional tests do to a PCI device from inside a stock
 * Linux guest, without a driver for it.
 *
 * A device is reached in one of two ways. SYSFS: BARs and config space through
 * /sys/bus/pci, memory from huge pages by physical address. VFIO: through the
 * guest's own vfio-pci behind a vIOMMU, memory by IOVA. Answers are lines
 * "name=value"; the first "FAIL: reason" ends the program with status 1.
 */
#ifndef GUEST_TOOL_H
#define GUEST_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { VIA_SYSFS, VIA_VFIO } Via;

typedef struct Device {
    const char *bdf;
    Via via;
    int config_fd;
    uint64_t config_base;           /* offset of config space in config_fd */
    volatile uint8_t *bar[6];       /* NULL until bar_map() */
    uint64_t bar_size[6];
    int container, group, vfio;     /* VIA_VFIO only, else -1 */
    uint64_t next_iova;
} Device;

typedef struct Buffer {
    uint8_t *host;
    uint64_t dma;                   /* what the device is told */
    size_t size;
} Buffer;

typedef enum {
    IRQ_NONE,                       /* poll */
    IRQ_UIO,                        /* INTx, uio_pci_generic */
    IRQ_INTX, IRQ_MSI, IRQ_MSIX,    /* eventfds of vfio-pci */
    IRQ_MSI_RAW, IRQ_MSIX_RAW,      /* vectors programmed by hand, see irq-raw.c */
} IrqKind;

typedef struct Irq {
    Device *dev;
    IrqKind kind;
    unsigned count;                 /* vectors */
    int fd[32];
    uint64_t seen;                  /* raw: counter at the last look */
} Irq;

__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
uint64_t number(const char *text);
uint64_t now_ns(void);
void write_file(const char *value, const char *format, ...) __attribute__((format(printf, 2, 3)));

void device_open(Device *dev, const char *bdf, Via via);
void device_list(void);
uint64_t config_read(Device *dev, unsigned offset, unsigned width);
void config_write(Device *dev, unsigned offset, unsigned width, uint64_t value);
unsigned config_capability(Device *dev, uint8_t id);        /* 0: none */
void config_enable(Device *dev);                            /* memory, bus master */
void bar_map(Device *dev, unsigned bar);
uint64_t bar_read(Device *dev, unsigned bar, uint64_t offset, unsigned width);
void bar_write(Device *dev, unsigned bar, uint64_t offset, unsigned width, uint64_t value);
/* The slowest bar_read() and bar_write() so far, in ns. */
uint64_t bar_slowest(void);

void vfio_open(Device *dev);
void vfio_bar(Device *dev, unsigned bar);
uint64_t vfio_map(Device *dev, void *host, size_t size);
void vfio_irqs(Irq *irq);
void vfio_unmask_intx(Device *dev);

/* Contiguous, zeroed, below 256 MiB for edu's 28 address bits. */
Buffer buffer_new(Device *dev, size_t size);

IrqKind irq_kind(const char *name);
void irq_open(Irq *irq, Device *dev, IrqKind kind, unsigned count);
/* True when the vector arrived within the time; forgets it. */
bool irq_wait(Irq *irq, unsigned vector, int timeout_ms);
/* INTx: let the next one through. */
void irq_rearm(Irq *irq);
void raw_open(Irq *irq);
bool raw_wait(Irq *irq, int timeout_ms);

int edu_registers(int argc, char **argv);
int edu_interrupt(int argc, char **argv);
int edu_dma(int argc, char **argv);
int engine_check(int argc, char **argv);

#endif
