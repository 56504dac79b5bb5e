/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same checks on every device that has a driver here and on both buses, each
 * with a process of its own.
 */
#include "qemu/osdep.h"
#include "nvme.h"
#include "qos.h"

#define SRC 0x100000u
#define DST 0x200000u
#define SIZE (256 * 1024)
#define GUARD 64                /* bytes around a copy that must stay */

const QosDriver *const qos_drivers[] = {
    &qos_edu, &qos_dma_engine, &qos_pci_testdev, &qos_i6300esb, &qos_pvpanic_pci,
    &qos_nvme, NULL,
};

static void test_probe(QosDevice *d)
{
    g_assert_cmphex(qos_config_read(d, 0, 2), ==, d->driver->vendor);
    g_assert_cmphex(qos_config_read(d, 2, 2), ==, d->driver->device);
    qos_enable(d, true);
    g_assert_true(d->driver->probe(d));
}

/* A BAR register full of ones reads back as the size of its region. */
static void test_bar_sizes(QosDevice *d)
{
    for (unsigned i = 0; i < 6; i++) {
        uint64_t size = qos_region_size(d, i), sized;
        uint32_t low, old = qos_config_read(d, 0x10 + 4 * i, 4);

        qos_config_write(d, 0x10 + 4 * i, 4, UINT32_MAX);
        low = qos_config_read(d, 0x10 + 4 * i, 4);
        sized = (uint32_t)(-(low & (low & 1 ? ~3u : ~15u)));
        if (size) {
            g_assert_cmphex(sized, ==, size);
        }
        qos_config_write(d, 0x10 + 4 * i, 4, old);
        i += size && (low & 7) == 4;    /* the upper half of a 64-bit BAR */
    }
}

static void test_self(QosDevice *d)
{
    d->driver->init(d);
    d->driver->self_test(d);
}

/* --- DMA --- */

static void pattern(uint8_t *data, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++) {
        data[i] = (i * 31 + seed) ^ (i >> 8);
    }
}

static void assert_all(QosDevice *d, uint64_t iova, size_t size, uint8_t value)
{
    g_autofree uint8_t *data = g_malloc(size);

    qos_mem_read(d, iova, data, size);
    for (size_t i = 0; i < size; i++) {
        g_assert_cmphex(data[i], ==, value);
    }
}

/* A length of about n bytes that the device can copy. */
static uint32_t unit(QosDevice *d, uint32_t n)
{
    return ROUND_UP(n, MAX(d->driver->copy_unit, 1));
}

static void copy_once(QosDevice *d, unsigned at, uint32_t len)
{
    g_autofree uint8_t *src = g_malloc(SIZE);
    g_autofree uint8_t *copy = g_malloc(len);

    pattern(src, SIZE, at + len);
    qos_mem_write(d, SRC, src, SIZE);
    qos_mem_set(d, DST, 0xee, SIZE);
    g_assert_true(d->driver->dma_copy(d, SRC + at, DST + at + GUARD, len));
    qos_mem_read(d, DST + at + GUARD, copy, len);
    g_assert_cmpmem(copy, len, src + at, len);
    assert_all(d, DST, at + GUARD, 0xee);
    assert_all(d, DST + at + GUARD + len, GUARD, 0xee);
}

static void check_copy(QosDevice *d, QosLend how)
{
    static const uint32_t lengths[] = { 1, 3, 8, 255, 4096, 65536, 128 * 1024 };

    d->driver->init(d);
    qos_lend(d, SRC, SIZE, how);
    qos_lend(d, DST, SIZE, how);
    for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
        if (lengths[i] <= d->driver->max_copy) {
            copy_once(d, ROUND_DOWN(i * 13, MAX(d->driver->copy_align, 1)),
                      unit(d, lengths[i]));
        }
    }
}

static void test_copy_shared(QosDevice *d)
{
    check_copy(d, QOS_SHARED);
}

static void test_copy_messages(QosDevice *d)
{
    check_copy(d, QOS_MESSAGES);
}

/* To nowhere, from nowhere, and without the bus master bit. */
static void test_default_deny(QosDevice *d)
{
    d->driver->init(d);
    qos_lend(d, DST, SIZE, QOS_SHARED);
    qos_mem_set(d, DST, 0xee, SIZE);
    d->driver->dma_copy(d, DST, 0x900000, unit(d, 64));
    assert_all(d, DST, SIZE, 0xee);
    qos_bus_master(d, false);
    d->driver->dma_copy(d, DST, DST + 4096, unit(d, 64));
    assert_all(d, DST, SIZE, 0xee);
    g_assert_true(qos_alive(d));
    /* and it can work again */
    d->driver->init(d);
    qos_mem_set(d, DST, 0x11, 64);
    g_assert_true(d->driver->dma_copy(d, DST, DST + 4096, unit(d, 64)));
    assert_all(d, DST + 4096, 64, 0x11);
}

/* After the answer to DMA_UNMAP not one byte changes. */
static void check_unmap_under_way(QosDevice *d, QosLend how)
{
    d->driver->init(d);
    qos_lend(d, DST, SIZE, how);
    d->driver->dma_start(d, DST, 4096);
    qos_take_back(d, DST, SIZE);
    qos_mem_set(d, DST, 0xee, SIZE);
    qos_serve(d, 0.3);
    assert_all(d, DST, SIZE, 0xee);
    g_assert_true(qos_alive(d));
}

static void test_unmap_shared(QosDevice *d)
{
    check_unmap_under_way(d, QOS_SHARED);
}

static void test_unmap_messages(QosDevice *d)
{
    check_unmap_under_way(d, QOS_MESSAGES);
}

static void test_reset_under_way(QosDevice *d)
{
    d->driver->init(d);
    qos_lend(d, DST, SIZE, QOS_SHARED);
    d->driver->dma_start(d, DST, 4096);
    qos_reset(d);
    qos_mem_set(d, DST, 0xee, SIZE);
    qos_serve(d, 0.3);
    assert_all(d, DST, SIZE, 0xee);
    /* mappings outlive a reset */
    d->driver->init(d);
    qos_mem_set(d, DST, 0x22, 64);
    g_assert_true(d->driver->dma_copy(d, DST, DST + 8192, unit(d, 64)));
    assert_all(d, DST + 8192, 64, 0x22);
}

/* --- interrupts --- */

static void test_intx(QosDevice *d)
{
    d->driver->init(d);
    qos_irq_enable(d, QOS_INTX);
    g_assert_cmpuint(qos_irq_wait(d, 0), ==, 0);
    d->driver->raise_irq(d);
    g_assert_cmpuint(qos_irq_wait(d, 2), ==, 1);
    /* masked by itself: no second one until it is unmasked */
    g_assert_cmpuint(qos_irq_wait(d, 0.05), ==, 0);
    qos_irq_unmask(d);
    g_assert_cmpuint(qos_irq_wait(d, 2), ==, 1);
    d->driver->lower_irq(d);
    qos_irq_unmask(d);
    g_assert_cmpuint(qos_irq_wait(d, 0.05), ==, 0);
    d->driver->raise_irq(d);
    g_assert_cmpuint(qos_irq_wait(d, 2), ==, 1);
    d->driver->lower_irq(d);
}

static void check_message_irq(QosDevice *d, QosIrq irq)
{
    d->driver->init(d);
    qos_irq_enable(d, irq);
    d->driver->raise_irq(d);
    g_assert_cmpuint(qos_irq_wait(d, 2), ==, 1);
    d->driver->lower_irq(d);
    /* unbound: kept as pending, and delivered when somebody listens again */
    qos_irq_unbind(d, irq);
    d->driver->raise_irq(d);
    g_assert_cmpuint(qos_irq_wait(d, 0.05), ==, 0);
    qos_irq_bind(d, irq);
    g_assert_cmpuint(qos_irq_wait(d, 2), ==, 1);
    d->driver->lower_irq(d);
}

static void test_msi(QosDevice *d)
{
    check_message_irq(d, QOS_MSI);
}

static void test_msix(QosDevice *d)
{
    check_message_irq(d, QOS_MSIX);
}

/* --- the table --- */

typedef void Check(QosDevice *d);
/* A check that has no meaning for a device is not a test of it. */
typedef bool Applies(const QosDriver *driver);

static bool has_dma(const QosDriver *driver)
{
    return driver->dma_copy && driver->dma_start;
}

static bool has_intx(const QosDriver *driver)
{
    return driver->irqs[QOS_INTX];
}

static bool has_msi(const QosDriver *driver)
{
    return driver->irqs[QOS_MSI];
}

static bool has_msix(const QosDriver *driver)
{
    return driver->irqs[QOS_MSIX];
}

static const struct {
    const char *name;
    Check *run;
    Applies *applies;
    unsigned needs;             /* of the bus: QOS_CAN_* */
} checks[] = {
    { "probe", test_probe },
    { "bar-sizes", test_bar_sizes },
    { "self-test", test_self },
    { "dma-copy-shared", test_copy_shared, has_dma },
    { "dma-copy-messages", test_copy_messages, has_dma, QOS_CAN_MESSAGES },
    { "dma-default-deny", test_default_deny, has_dma },
    { "dma-unmap-under-way-shared", test_unmap_shared, has_dma, QOS_CAN_TAKE_BACK },
    { "dma-unmap-under-way-messages", test_unmap_messages, has_dma,
      QOS_CAN_TAKE_BACK | QOS_CAN_MESSAGES },
    { "reset-under-way", test_reset_under_way, has_dma, QOS_CAN_RESET },
    { "intx", test_intx, has_intx },
    { "msi", test_msi, has_msi },
    { "msix", test_msix, has_msix },
};

static const QosBusOps *const buses[] = { &qos_bus_vfio_user, &qos_bus_qtest };

typedef struct Case {
    const QosBusOps *bus;
    const QosDriver *driver;
    Check *run;
} Case;

static void run_case(gconstpointer opaque)
{
    const Case *c = opaque;
    QosDevice *d = qos_device_new(c->bus, c->driver);

    c->run(d);
    qos_device_free(d);
}

static void add_case(const QosBusOps *bus, const QosDriver *driver, unsigned k)
{
    g_autofree char *path = g_strdup_printf("/libqos/%s/%s/%s", bus->name, driver->name,
                                            checks[k].name);
    Case *c = g_new(Case, 1);

    *c = (Case) { bus, driver, checks[k].run };
    g_test_add_data_func_full(path, c, run_case, g_free);
}

static void add_driver(const QosBusOps *bus, const QosDriver *driver)
{
    for (unsigned k = 0; k < G_N_ELEMENTS(checks); k++) {
        if ((!checks[k].applies || checks[k].applies(driver)) &&
            (bus->can & checks[k].needs) == checks[k].needs) {
            add_case(bus, driver, k);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned b = 0; b < G_N_ELEMENTS(buses); b++) {
        for (unsigned i = 0; qos_drivers[i]; i++) {
            add_driver(buses[b], qos_drivers[i]);
        }
    }
    return g_test_run();
}
