/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interrupt table: bindings, masks and delivery; see interrupt.h. */
#include "qemu/osdep.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_sink.h"
#include "outbound/interrupt.h"
#include "trace.h"

static bool deliver(InterruptTable *t, unsigned index, unsigned n)
{
    IrqIndex *i = &t->index[index];

    if (n >= i->count || i->vectors[n].fd < 0 || i->vectors[n].masked) {
        return false;
    }
    t->signals++;
    trace_irq_signal(t->dev->name, index, n);
    client_event_signal(&t->events, i->vectors[n].fd);
    return true;
}

static void intx_update(InterruptTable *t)
{
    if (t->intx_level && deliver(t, VFU_IRQ_INTX, 0)) {
        t->index[VFU_IRQ_INTX].vectors[0].masked = true;    /* AUTOMASKED */
    }
}

static void sink_intx(void *opaque, int level)
{
    InterruptTable *t = opaque;

    t->intx_level = level;
    intx_update(t);
}

static bool sink_msi(void *opaque, unsigned vector)
{
    return deliver(opaque, VFU_IRQ_MSI, vector);
}

static bool sink_msix(void *opaque, unsigned vector)
{
    return deliver(opaque, VFU_IRQ_MSIX, vector);
}

static const PCIIRQSink sink = {
    .intx = sink_intx, .msi = sink_msi, .msix = sink_msix,
};

/* --- what there is --- */

static unsigned vector_count(PCIDevice *dev, unsigned index)
{
    switch (index) {
    case VFU_IRQ_INTX: return pci_get_byte(dev->config + PCI_INTERRUPT_PIN) ? 1 : 0;
    case VFU_IRQ_MSI:  return msi_present(dev) ? msi_nr_vectors_allocated(dev) : 0;
    case VFU_IRQ_MSIX: return msix_present(dev) ? dev->msix_entries_nr : 0;
    case VFU_IRQ_ERR:  return pci_is_express(dev) ? 1 : 0;
    default:           return 1;    /* REQ */
    }
}

void interrupt_table_init_aside(InterruptTable *t, AioContext *ctx, PCIDevice *dev)
{
    *t = (InterruptTable) { .ctx = ctx, .dev = dev, .resample_fd = -1 };
    client_event_queue_init(&t->events);
    for (unsigned index = 0; index < VFU_NUM_IRQS; index++) {
        IrqIndex *i = &t->index[index];

        i->count = vector_count(dev, index);
        i->vectors = g_new0(IrqVector, MAX(i->count, 1));
        for (unsigned n = 0; n < MAX(i->count, 1); n++) {
            i->vectors[n].fd = -1;
        }
    }
}

void interrupt_table_init(InterruptTable *t, AioContext *ctx, PCIDevice *dev)
{
    interrupt_table_init_aside(t, ctx, dev);
    t->hooked = true;
    t->unserved_sink = dev->sink;
    t->unserved_opaque = dev->sink_opaque;
    pci_device_set_irq_sink(dev, &sink, t);
    t->intx_level = pci_device_intx_level(dev);
}

void interrupt_table_info(InterruptTable *t, unsigned index, VfuIrq *irq)
{
    irq->count = t->index[index].count;
    irq->flags = VFU_IRQ_F_EVENTFD;
    if (index == VFU_IRQ_INTX) {
        irq->flags |= VFU_IRQ_F_MASKABLE | VFU_IRQ_F_AUTOMASKED;
    }
}

static bool is_pending(const InterruptTable *t, unsigned index, unsigned n)
{
    switch (index) {
    case VFU_IRQ_INTX:
        return t->intx_level;
    case VFU_IRQ_MSI:
        return t->dev->msi_pending >> n & 1;
    case VFU_IRQ_MSIX:
        return msix_is_pending(t->dev, n);
    default:
        return false;
    }
}

void interrupt_table_count(const InterruptTable *t, unsigned index, IrqCounts *counts)
{
    const IrqIndex *i = &t->index[index];

    *counts = (IrqCounts) { .count = i->count };
    for (unsigned n = 0; n < i->count; n++) {
        counts->bound += i->vectors[n].fd >= 0;
        counts->masked += i->vectors[n].masked;
        counts->pending += is_pending(t, index, n);
    }
}

/* --- bindings --- */

static void resample_ready(void *opaque);

static void watch_resample(InterruptTable *t, int fd)
{
    t->resample_fd = fd;
    if (t->hooked && fd >= 0) {
        aio_set_fd_handler(t->ctx, fd, resample_ready, NULL, NULL, NULL, t);
    }
}

static void unwatch_resample(InterruptTable *t)
{
    if (t->resample_fd >= 0) {
        aio_set_fd_handler(t->ctx, t->resample_fd, NULL, NULL, NULL, NULL, NULL);
        close(t->resample_fd);
        t->resample_fd = -1;
    }
}

static void unmask(InterruptTable *t, unsigned index, unsigned n)
{
    t->index[index].vectors[n].masked = false;
    if (index == VFU_IRQ_INTX) {
        intx_update(t);
    }
}

/* One read takes the whole counter (or one, of a semaphore): one unmask for
 * each turn of the loop, however often the client signals. */
static void resample_ready(void *opaque)
{
    InterruptTable *t = opaque;
    int err;

    if (client_event_take(t->resample_fd, &err)) {
        unmask(t, VFU_IRQ_INTX, 0);
    } else if (err) {
        unwatch_resample(t);
    }
}

static void bind_vector(InterruptTable *t, unsigned index, unsigned n, int fd)
{
    IrqVector *v = &t->index[index].vectors[n];

    trace_irq_bind(t->dev->name, index, n, fd);
    if (v->fd >= 0) {
        close(v->fd);
    }
    v->fd = fd;
    v->masked = false;
    if (index == VFU_IRQ_INTX) {
        unwatch_resample(t);
        intx_update(t);
    } else if (index == VFU_IRQ_REQ && t->requested) {
        deliver(t, index, n);
    }
}

bool interrupt_table_request(InterruptTable *t, bool raise)
{
    t->requested = raise;
    return raise && deliver(t, VFU_IRQ_REQ, 0);
}

static void unbind_index(InterruptTable *t, unsigned index)
{
    for (unsigned n = 0; n < t->index[index].count; n++) {
        bind_vector(t, index, n, -1);
    }
}

void interrupt_table_unbind_all(InterruptTable *t)
{
    for (unsigned index = 0; index < VFU_NUM_IRQS; index++) {
        unbind_index(t, index);
    }
    unwatch_resample(t);
}

/* The client before has gone: nothing is bound in t. */
void interrupt_table_adopt(InterruptTable *t, InterruptTable *from)
{
    for (unsigned index = 0; index < VFU_NUM_IRQS; index++) {
        for (unsigned n = 0; n < from->index[index].count; n++) {
            IrqVector *v = &from->index[index].vectors[n];

            g_assert(t->index[index].vectors[n].fd < 0);
            trace_irq_bind(t->dev->name, index, n, v->fd);
            t->index[index].vectors[n] = *v;
            v->fd = -1;
        }
    }
    watch_resample(t, g_steal_fd(&from->resample_fd));
    intx_update(t);
    pci_device_irq_rebind(t->dev);
}

void interrupt_table_destroy(InterruptTable *t)
{
    if (t->hooked) {
        pci_device_set_irq_sink(t->dev, t->unserved_sink, t->unserved_opaque);
    }
    interrupt_table_unbind_all(t);
    for (unsigned index = 0; index < VFU_NUM_IRQS; index++) {
        g_free(t->index[index].vectors);
    }
    client_event_queue_destroy(&t->events);
}

/* --- DEVICE_SET_IRQS: one function for each (data, action) --- */

static int set_eventfd_trigger(InterruptTable *t, const VfuSetIrqs *set, const int *fds,
                               unsigned nr_fds)
{
    for (unsigned n = 0; n < nr_fds; n++) {
        int ret = client_event_check(fds[n]);

        if (ret) {
            return ret;
        }
    }
    for (unsigned n = 0; n < set->count; n++) {
        bind_vector(t, set->index, set->start + n, nr_fds ? fds[n] : -1);
    }
    return 0;
}

static int set_eventfd_unmask(InterruptTable *t, const VfuSetIrqs *set, const int *fds,
                              unsigned nr_fds)
{
    int ret;

    if (set->index != VFU_IRQ_INTX) {
        return -ENOTTY;
    }
    ret = nr_fds ? client_event_check(fds[0]) : 0;
    if (ret) {
        return ret;
    }
    unwatch_resample(t);
    watch_resample(t, nr_fds ? fds[0] : -1);
    return 0;
}

static void act(InterruptTable *t, const VfuSetIrqs *set, unsigned n)
{
    if (set->flags & VFU_SET_ACTION_TRIGGER) {
        deliver(t, set->index, n);
    } else if (set->flags & VFU_SET_ACTION_MASK) {
        t->index[set->index].vectors[n].masked = true;
    } else {
        unmask(t, set->index, n);
    }
}

static void set_plain(InterruptTable *t, const VfuSetIrqs *set)
{
    bool all = set->flags & VFU_SET_DATA_NONE;

    for (unsigned n = 0; n < set->count; n++) {
        if (all || set->bools[n]) {
            act(t, set, set->start + n);
        }
    }
}

static int dispatch(InterruptTable *t, const VfuSetIrqs *set, const int *fds, unsigned nr_fds)
{
    if (!(set->flags & VFU_SET_DATA_EVENTFD)) {
        if (set->count == 0) {
            unbind_index(t, set->index);
        } else {
            set_plain(t, set);
        }
        return 0;
    }
    if (set->flags & VFU_SET_ACTION_TRIGGER) {
        return set_eventfd_trigger(t, set, fds, nr_fds);
    }
    if (set->flags & VFU_SET_ACTION_UNMASK) {
        return set_eventfd_unmask(t, set, fds, nr_fds);
    }
    return -ENOTTY;             /* an eventfd that masks: no kernel has it either */
}

int interrupt_table_set(InterruptTable *t, const VfuSetIrqs *set, const int *fds, unsigned nr_fds)
{
    int ret = dispatch(t, set, fds, nr_fds);

    for (unsigned n = 0; ret && n < nr_fds; n++) {
        close(fds[n]);          /* refused: none was kept */
    }
    if (!ret && t->hooked && (set->index == VFU_IRQ_MSI || set->index == VFU_IRQ_MSIX)) {
        pci_device_irq_rebind(t->dev);
    }
    return ret;
}
