/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts of completion queues (base 3.3.1.3 and 8.5). By MSI-X: one for
 * each queue that got entries in a batch, or as coalescing has it. By the pin: a level,
 * high while an unmasked queue has entries that the host has not consumed.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/timer.h"
#include "hw/nvme/core.h"
#include "hw/pci/msix.h"

enum { PIN_VECTORS = 32, COALESCING_UNIT_NS = 100000 };

/* Of a vector whose queues' interrupts are aggregated. */
typedef struct NvmeVector {
    bool alone;                 /* coalescing disabled: 5.27.1.7 */
    bool armed;
    uint32_t entries;
} NvmeVector;

struct NvmeIrq {
    uint32_t masked;            /* INTMS: of the pin */
    uint32_t waiting[PIN_VECTORS];      /* queues with entries, by vector */
    uint32_t raised;            /* vectors that have some */
    uint8_t threshold, time;
    QTAILQ_HEAD(, NvmeCQueue) due;
    NvmeVector *vectors;        /* msix_qsize of them */
    QEMUTimer *timer;           /* fires what coalescing has held back */
    uint32_t held;              /* vectors that are armed */
};

static bool by_msix(NvmeCtrl *n)
{
    return msix_enabled(PCI_DEVICE(n));
}

/* ---- the pin ---- */

void nvme_irq_update(NvmeCtrl *n)
{
    pci_set_irq(PCI_DEVICE(n), (n->irq->raised & ~n->irq->masked) && !by_msix(n));
}

/* true: it is another one than before. */
static bool set_waiting(NvmeCQueue *cq, bool waiting)
{
    struct NvmeIrq *irq = cq->ctrl->irq;
    unsigned v = MIN(cq->vector, PIN_VECTORS - 1);

    if (cq->irq_level == waiting) {
        return false;
    }
    cq->irq_level = waiting;
    irq->waiting[v] += waiting ? 1 : -1;
    irq->raised = deposit32(irq->raised, v, 1, irq->waiting[v] != 0);
    return true;
}

uint32_t nvme_irq_mask(NvmeCtrl *n)
{
    return n->irq->masked;
}

void nvme_irq_set_mask(NvmeCtrl *n, uint32_t mask)
{
    n->irq->masked = mask;
    nvme_irq_update(n);
}

/* ---- coalescing: base 5.27.1.6 ---- */

static NvmeVector *vector_of(NvmeCQueue *cq)
{
    struct NvmeIrq *irq = cq->ctrl->irq;

    return cq->vector < cq->ctrl->params.msix_qsize ? &irq->vectors[cq->vector] : NULL;
}

static void fire(NvmeCtrl *n, unsigned vector)
{
    NvmeVector *v = &n->irq->vectors[vector];

    v->entries = 0;
    if (v->armed) {
        v->armed = false;
        n->irq->held--;
    }
    msix_notify(PCI_DEVICE(n), vector);
}

static void time_over(void *opaque)
{
    NvmeCtrl *n = opaque;

    for (unsigned v = 0; v < n->params.msix_qsize; v++) {
        if (n->irq->vectors[v].armed) {
            fire(n, v);
        }
    }
}

/* Interrupts of the admin queue are never held back. */
static bool hold_back(NvmeCQueue *cq, NvmeVector *v)
{
    struct NvmeIrq *irq = cq->ctrl->irq;

    if (!irq->time || v->alone || !cq->id || v->entries > irq->threshold) {
        return false;
    }
    if (!v->armed) {
        v->armed = true;
        if (irq->held++ == 0) {
            timer_mod(irq->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL)
                                  + (int64_t)irq->time * COALESCING_UNIT_NS);
        }
    }
    return true;
}

static void raise_vector(NvmeCQueue *cq)
{
    NvmeVector *v = vector_of(cq);

    if (by_msix(cq->ctrl) && v && !hold_back(cq, v)) {
        fire(cq->ctrl, cq->vector);
    }
}

void nvme_irq_set_coalescing(NvmeCtrl *n, uint8_t threshold, uint8_t time)
{
    n->irq->threshold = threshold;
    n->irq->time = time;
    if (!time) {
        time_over(n);
    }
}

void nvme_irq_set_vector(NvmeCtrl *n, uint16_t vector, bool coalescing_disabled)
{
    if (vector < n->params.msix_qsize) {
        n->irq->vectors[vector].alone = coalescing_disabled;
        if (coalescing_disabled && n->irq->vectors[vector].armed) {
            fire(n, vector);
        }
    }
}

/* ---- what queues tell ---- */

void nvme_irq_posted(NvmeCQueue *cq, uint32_t entries)
{
    NvmeVector *v;

    if (!cq->irq_enabled) {
        return;
    }
    v = vector_of(cq);
    if (v) {
        v->entries += entries;
    }
    if (!cq->irq_due) {
        cq->irq_due = true;
        QTAILQ_INSERT_TAIL(&cq->ctrl->irq->due, cq, irq_link);
    }
}

void nvme_irq_flush(NvmeCtrl *n)
{
    struct NvmeIrq *irq = n->irq;
    NvmeCQueue *cq;
    bool changed = false;

    while ((cq = QTAILQ_FIRST(&irq->due))) {
        QTAILQ_REMOVE(&irq->due, cq, irq_link);
        cq->irq_due = false;
        changed |= set_waiting(cq, cq->head != cq->tail);
        raise_vector(cq);
    }
    if (changed) {
        nvme_irq_update(n);
    }
}

bool nvme_irq_is_level(const NvmeCQueue *cq)
{
    return cq->irq_level && !by_msix(cq->ctrl);
}

void nvme_irq_consumed(NvmeCQueue *cq)
{
    if (cq->irq_level && cq->head == cq->tail) {
        set_waiting(cq, false);
        nvme_irq_update(cq->ctrl);
    }
}

/* The pin is as it was; an interrupt that was due when the state was saved still is. */
void nvme_irq_restore(NvmeCQueue *cq)
{
    if (cq->irq_enabled && cq->head != cq->tail) {
        set_waiting(cq, true);
        nvme_irq_posted(cq, nvme_ring_distance(&cq->ring, cq->head, cq->tail));
    }
}

void nvme_irq_forget(NvmeCQueue *cq)
{
    if (cq->irq_due) {
        QTAILQ_REMOVE(&cq->ctrl->irq->due, cq, irq_link);
        cq->irq_due = false;
    }
    set_waiting(cq, false);
    nvme_irq_update(cq->ctrl);
}

/* ---- life ---- */

void nvme_irq_new(NvmeCtrl *n)
{
    n->irq = g_new0(struct NvmeIrq, 1);
    n->irq->vectors = g_new0(NvmeVector, n->params.msix_qsize);
    n->irq->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, time_over, n);
    QTAILQ_INIT(&n->irq->due);
}

void nvme_irq_free(NvmeCtrl *n)
{
    if (n->irq) {
        timer_free(n->irq->timer);
        g_free(n->irq->vectors);
        g_clear_pointer(&n->irq, g_free);
    }
}

/* The queues are gone by now. */
void nvme_irq_reset(NvmeCtrl *n)
{
    struct NvmeIrq *irq = n->irq;

    timer_del(irq->timer);
    memset(irq->vectors, 0, n->params.msix_qsize * sizeof(NvmeVector));
    irq->threshold = irq->time = 0;
    irq->held = 0;
    irq->masked = 0;
    nvme_irq_update(n);
}
