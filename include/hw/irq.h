/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt lines: a qemu_irq is the receiving end, a handler with an opaque
 * and a line number.  Setting a NULL line does nothing.
 *
 * Lines from qemu_allocate_irq*() belong to the caller (qemu_free_irq*()).
 * Levels are set with the lock of the domain that owns both ends.
 */
#ifndef HW_IRQ_H
#define HW_IRQ_H

#include "qom/object.h"

#define TYPE_IRQ "irq"

typedef struct IRQState IRQState;
typedef struct IRQState *qemu_irq;
typedef void (*qemu_irq_handler)(void *opaque, int n, int level);

/* Public because newer models embed it (qemu_init_irq); members are private. */
struct IRQState {
    Object parent_obj;

    qemu_irq_handler handler;
    void *opaque;
    int n;
};

void qemu_set_irq(qemu_irq irq, int level);

static inline void qemu_irq_raise(qemu_irq irq)
{
    qemu_set_irq(irq, 1);
}

static inline void qemu_irq_lower(qemu_irq irq)
{
    qemu_set_irq(irq, 0);
}

static inline void qemu_irq_pulse(qemu_irq irq)
{
    qemu_set_irq(irq, 1);
    qemu_set_irq(irq, 0);
}

/* In place; the object has one reference, drop it with object_unref(). */
void qemu_init_irq(IRQState *irq, qemu_irq_handler handler, void *opaque, int n);
void qemu_init_irqs(IRQState irq[], size_t count, qemu_irq_handler handler,
                    void *opaque);

qemu_irq qemu_allocate_irq(qemu_irq_handler handler, void *opaque, int n);
/* An array of @n lines numbered from 0. */
qemu_irq *qemu_allocate_irqs(qemu_irq_handler handler, void *opaque, int n);
/* @old has @n_old lines; @n more are appended, numbered on. */
qemu_irq *qemu_extend_irqs(qemu_irq *old, int n_old, qemu_irq_handler handler,
                           void *opaque, int n);
void qemu_free_irqs(qemu_irq *s, int n);
void qemu_free_irq(qemu_irq irq);

/* A line that passes the opposite level on to @irq. */
qemu_irq qemu_irq_invert(qemu_irq irq);
/*
 * For tests: the @n lines call @handler, whose opaque points at the old line in
 * an array that lives on.
 */
void qemu_irq_intercept_in(qemu_irq *gpio_in, qemu_irq_handler handler, int n);
bool qemu_irq_is_connected(qemu_irq irq);

#endif
