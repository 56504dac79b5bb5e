/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is the same on every bus. */
#include "qemu/osdep.h"
#include "qos.h"

enum {
    COMMAND = 0x04, COMMAND_MASTER = 4, COMMAND_ALL = 7, COMMAND_NO_INTX = 1 << 10,
    STATUS = 0x06, STATUS_CAPS = 0x10, CAPABILITIES = 0x34,
    CAP_MSI = 0x05, CAP_MSIX = 0x11,
};

/* --- life --- */

char *qos_arguments(QosDevice *d)
{
    const QosDriver *driver = d->driver;

    return driver->arguments ? driver->arguments(d)
                             : g_strdup_printf("-device %s,id=d0%s", driver->name,
                                               driver->options);
}

QosDevice *qos_device_new(const QosBusOps *ops, const QosDriver *driver)
{
    QosDevice *d = g_new0(QosDevice, 1);

    d->ops = ops;
    d->driver = driver;
    ops->start(d);
    return d;
}

void qos_device_free(QosDevice *d)
{
    if (d->driver->remove) {
        d->driver->remove(d);
    }
    d->ops->end(d);
    g_free(d);
}

/* --- accesses --- */

uint64_t qos_read(QosDevice *d, unsigned bar, uint64_t offset, unsigned width)
{
    return d->ops->read(d, bar, offset, width);
}

void qos_write(QosDevice *d, unsigned bar, uint64_t offset, unsigned width, uint64_t value)
{
    d->ops->write(d, bar, offset, width, value);
}

uint32_t qos_config_read(QosDevice *d, unsigned offset, unsigned width)
{
    return qos_read(d, QOS_CONFIG, offset, width);
}

void qos_config_write(QosDevice *d, unsigned offset, unsigned width, uint32_t value)
{
    qos_write(d, QOS_CONFIG, offset, width, value);
}

unsigned qos_find_capability(QosDevice *d, uint8_t id)
{
    unsigned at = qos_config_read(d, CAPABILITIES, 1);

    if (!(qos_config_read(d, STATUS, 2) & STATUS_CAPS)) {
        return 0;
    }
    for (unsigned n = 0; at && n < 48; n++) {
        if (qos_config_read(d, at, 1) == id) {
            return at;
        }
        at = qos_config_read(d, at + 1, 1);
    }
    return 0;
}

bool qos_wait_register(QosDevice *d, unsigned bar, uint64_t offset, unsigned width,
                       uint64_t mask, uint64_t expect, double seconds)
{
    double end = d->ops->now(d) + seconds;

    while ((qos_read(d, bar, offset, width) & mask) != expect) {
        if (d->ops->now(d) > end) {
            return false;
        }
        qos_serve(d, 0.001);
    }
    return true;
}

uint64_t qos_region_size(QosDevice *d, unsigned bar)
{
    return d->ops->region_size(d, bar);
}

static void set_bits(QosDevice *d, unsigned at, uint16_t mask, bool on)
{
    uint32_t value = qos_config_read(d, at, 2) & ~mask;

    qos_config_write(d, at, 2, value | (on ? mask : 0));
}

void qos_enable(QosDevice *d, bool on)
{
    set_bits(d, COMMAND, COMMAND_ALL, on);
}

void qos_bus_master(QosDevice *d, bool on)
{
    set_bits(d, COMMAND, COMMAND_MASTER, on);
}

void qos_reset(QosDevice *d)
{
    d->ops->reset(d);
}

bool qos_alive(QosDevice *d)
{
    return d->ops->alive(d);
}

/* --- memory --- */

void qos_lend(QosDevice *d, uint64_t iova, size_t size, QosLend how)
{
    d->ops->lend(d, iova, size, how);
}

void qos_take_back(QosDevice *d, uint64_t iova, size_t size)
{
    d->ops->take_back(d, iova, size);
}

void qos_mem_read(QosDevice *d, uint64_t iova, void *data, size_t size)
{
    d->ops->mem_read(d, iova, data, size);
}

void qos_mem_write(QosDevice *d, uint64_t iova, const void *data, size_t size)
{
    d->ops->mem_write(d, iova, data, size);
}

void qos_mem_set(QosDevice *d, uint64_t iova, uint8_t value, size_t size)
{
    g_autofree uint8_t *data = g_malloc(size);

    memset(data, value, size);
    qos_mem_write(d, iova, data, size);
}

void qos_serve(QosDevice *d, double seconds)
{
    d->ops->serve(d, seconds);
}

/* --- interrupts --- */

void qos_irq_bind(QosDevice *d, QosIrq irq)
{
    d->ops->irq_bind(d, irq, true);
}

void qos_irq_unbind(QosDevice *d, QosIrq irq)
{
    d->ops->irq_bind(d, irq, false);
}

void qos_irq_enable(QosDevice *d, QosIrq irq)
{
    unsigned msi = qos_find_capability(d, CAP_MSI), msix = qos_find_capability(d, CAP_MSIX);

    qos_irq_bind(d, irq);
    set_bits(d, COMMAND, COMMAND_NO_INTX, irq != QOS_INTX);
    if (msi) {
        set_bits(d, msi + 2, 1, irq == QOS_MSI);
    }
    if (msix) {
        set_bits(d, msix + 2, 1 << 15, irq == QOS_MSIX);
    }
}

void qos_irq_unmask(QosDevice *d)
{
    d->ops->irq_unmask(d);
}

/* -1: of the kind that is enabled. */
static unsigned count_irqs(QosDevice *d, int vector)
{
    return vector < 0 ? d->ops->irq_count(d) : d->ops->vector_count(d, vector);
}

static unsigned wait_irqs(QosDevice *d, int vector, double seconds)
{
    double end = d->ops->now(d) + seconds;
    unsigned count;

    /* The server may need answers to its messages before it can interrupt. */
    while (!(count = count_irqs(d, vector)) && d->ops->now(d) < end) {
        qos_serve(d, 0.001);
    }
    return count;
}

unsigned qos_irq_wait(QosDevice *d, double seconds)
{
    return wait_irqs(d, -1, seconds);
}

void qos_vector_bind(QosDevice *d, unsigned vector, bool on)
{
    g_assert_cmpuint(vector, <, QOS_VECTORS);
    d->ops->vector_bind(d, vector, on);
}

unsigned qos_vector_wait(QosDevice *d, unsigned vector, double seconds)
{
    g_assert_cmpuint(vector, <, QOS_VECTORS);
    return wait_irqs(d, vector, seconds);
}

/* --- more --- */

void *qos_map(QosDevice *d, unsigned bar, uint64_t offset, uint64_t size)
{
    return d->ops->map(d, bar, offset, size);
}

QTestState *qos_qmp(QosDevice *d)
{
    return d->ops->qmp(d);
}

pid_t qos_pid(QosDevice *d)
{
    return d->ops->pid(d);
}
