/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt lines.
 */
#include "qemu/osdep.h"
#include "hw/irq.h"

DECLARE_INSTANCE_CHECKER(struct IRQState, IRQ, TYPE_IRQ)

void qemu_set_irq(qemu_irq irq, int level)
{
    if (irq) {
        irq->handler(irq->opaque, irq->n, level);
    }
}

/* --- in place --------------------------------------------------------- */

static void irq_fill(IRQState *irq, qemu_irq_handler handler, void *opaque, int n)
{
    irq->handler = handler;
    irq->opaque = opaque;
    irq->n = n;
}

void qemu_init_irq(IRQState *irq, qemu_irq_handler handler, void *opaque, int n)
{
    object_initialize(irq, sizeof(*irq), TYPE_IRQ);
    irq_fill(irq, handler, opaque, n);
}

void qemu_init_irqs(IRQState irq[], size_t count, qemu_irq_handler handler, void *opaque)
{
    size_t i;

    for (i = 0; i < count; i++) {
        qemu_init_irq(&irq[i], handler, opaque, i);
    }
}

/* --- allocated -------------------------------------------------------- */

qemu_irq qemu_allocate_irq(qemu_irq_handler handler, void *opaque, int n)
{
    IRQState *irq = IRQ(object_new(TYPE_IRQ));

    irq_fill(irq, handler, opaque, n);
    return irq;
}

qemu_irq *qemu_extend_irqs(qemu_irq *old, int n_old, qemu_irq_handler handler,
                           void *opaque, int n)
{
    qemu_irq *lines;
    int i;

    if (!old) {
        n_old = 0;
    }
    lines = g_renew(qemu_irq, old, n_old + n);
    for (i = n_old; i < n_old + n; i++) {
        lines[i] = qemu_allocate_irq(handler, opaque, i);
    }
    return lines;
}

qemu_irq *qemu_allocate_irqs(qemu_irq_handler handler, void *opaque, int n)
{
    return qemu_extend_irqs(NULL, 0, handler, opaque, n);
}

void qemu_free_irq(qemu_irq irq)
{
    object_unref(irq);
}

void qemu_free_irqs(qemu_irq *s, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        qemu_free_irq(s[i]);
    }
    g_free(s);
}

/* --- derived ---------------------------------------------------------- */

static void invert_handler(void *opaque, int n, int level)
{
    qemu_set_irq(opaque, !level);
}

qemu_irq qemu_irq_invert(qemu_irq irq)
{
    /* where an inverter drives, the line it drives starts high */
    qemu_irq_raise(irq);
    return qemu_allocate_irq(invert_handler, irq, 0);
}

void qemu_irq_intercept_in(qemu_irq *gpio_in, qemu_irq_handler handler, int n)
{
    qemu_irq *old = qemu_allocate_irqs(NULL, NULL, n);
    int i;

    for (i = 0; i < n; i++) {
        irq_fill(old[i], gpio_in[i]->handler, gpio_in[i]->opaque, gpio_in[i]->n);
        irq_fill(gpio_in[i], handler, &old[i], i);
    }
}

bool qemu_irq_is_connected(qemu_irq irq)
{
    return irq;
}

static void register_irq(void)
{
    static const TypeInfo info = {
        .name = TYPE_IRQ,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(IRQState),
    };

    type_register_static(&info);
}

type_init(register_irq)
