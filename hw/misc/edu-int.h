/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edu's state, shared by its register file (edu.c) and its DMA (edu-dma.c).
 * Everything under the lock of the device's domain.
 */
#ifndef HW_MISC_EDU_INT_H
#define HW_MISC_EDU_INT_H

#include "hw/pci/pci_device.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_PCI_EDU_DEVICE "edu"
OBJECT_DECLARE_SIMPLE_TYPE(EduState, PCI_EDU_DEVICE)

/* The device's own memory as DMA addresses it; it is not visible in the BAR. */
#define EDU_WINDOW 0x40000
#define EDU_WINDOW_SIZE 4096
#define EDU_DMA_DELAY_MS 100

enum {
    EDU_DMA_START = 1 << 0,      /* reads as "busy" */
    EDU_DMA_TO_RAM = 1 << 1,
    EDU_DMA_WANT_IRQ = 1 << 2,

    EDU_IRQ_FACTORIAL = 0x1,
    EDU_IRQ_DMA = 0x100,

    EDU_STATUS_COMPUTING = 0x01,
    EDU_STATUS_WANT_IRQ = 0x80,
};

struct EduState {
    PCIDevice pdev;
    MemoryRegion mmio;

    uint32_t liveness;
    uint32_t factorial;
    uint32_t status;
    uint32_t irq_status;
    QEMUBH *factorial_bh;

    uint64_t dma_src;
    uint64_t dma_dst;
    uint64_t dma_count;
    uint64_t dma_cmd;
    uint64_t dma_mask;           /* property */
    QEMUTimer dma_timer;
    DMARequest *dma_request;     /* while client memory is being accessed */
    uint8_t window[EDU_WINDOW_SIZE];
};

void edu_raise_irq(EduState *edu, uint32_t cause);

void edu_dma_init(EduState *edu);
void edu_dma_start(EduState *edu, uint64_t cmd);
/* No access to client memory is under way any more. */
void edu_dma_stop(EduState *edu);
/* After a load: START says that a transfer was under way at the source. */
void edu_dma_resume(EduState *edu);

#endif
