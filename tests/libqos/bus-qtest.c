/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus over qtest: a program of our own for each device, no client. We are
 * the firmware, which places the BARs, and the interrupt controller.
 *
 * The controller masks a level when it has taken it, as vfio does. Messages go to
 * the page that keeps them; MSI is unbound by an address that nobody decodes,
 * MSI-X by the vector's mask.
 */
#include "qemu/osdep.h"
#include "bus-qtest.h"

enum {
    ECAM = 0xb0000000, MESSAGES = 0xfee01000, NOWHERE = 0x90000000,
    FIRST_MEMORY = 0xc0000000, FIRST_PORT = 0xc000,
    BARS = 6, BAR0 = 0x10, BAR_IO = 1, BAR_64 = 4, COMMAND = 0x04,
    CAP_MSI = 0x05, CAP_MSIX = 0x11, MSI_64 = 1 << 7, MESSAGE = 0x51,
};

typedef struct Bar {
    uint64_t size, address;     /* size 0: there is none */
    bool io, wide;
} Bar;

struct QosBus {
    QTestState *qts;
    Bar bar[BARS];
    QosIrq irq;
    bool bound, masked;         /* INTx */
};

/* --- accesses --- */

static uint64_t memory_read(QTestState *s, uint64_t addr, unsigned width)
{
    switch (width) {
    case 1: return qtest_readb(s, addr);
    case 2: return qtest_readw(s, addr);
    case 4: return qtest_readl(s, addr);
    default: return qtest_readq(s, addr);
    }
}

static void memory_write(QTestState *s, uint64_t addr, unsigned width, uint64_t value)
{
    switch (width) {
    case 1: qtest_writeb(s, addr, value); break;
    case 2: qtest_writew(s, addr, value); break;
    case 4: qtest_writel(s, addr, value); break;
    default: qtest_writeq(s, addr, value); break;
    }
}

static uint64_t port_read(QTestState *s, uint16_t port, unsigned width)
{
    return width == 1 ? qtest_inb(s, port) : width == 2 ? qtest_inw(s, port) :
           qtest_inl(s, port);
}

static void port_write(QTestState *s, uint16_t port, unsigned width, uint64_t value)
{
    switch (width) {
    case 1: qtest_outb(s, port, value); break;
    case 2: qtest_outw(s, port, value); break;
    default: qtest_outl(s, port, value); break;
    }
}

static uint64_t address_of(QosBus *bus, unsigned region, uint64_t offset)
{
    return offset + (region == QOS_CONFIG ? ECAM : bus->bar[region].address);
}

static bool is_port(QosBus *bus, unsigned region)
{
    g_assert_true(region == QOS_CONFIG || (region < BARS && bus->bar[region].size));
    return region != QOS_CONFIG && bus->bar[region].io;
}

static uint64_t qtest_bus_read(QosDevice *d, unsigned region, uint64_t offset, unsigned width)
{
    uint64_t addr = address_of(d->bus, region, offset);

    return is_port(d->bus, region) ? port_read(d->bus->qts, addr, width)
                                   : memory_read(d->bus->qts, addr, width);
}

static void qtest_bus_write(QosDevice *d, unsigned region, uint64_t offset, unsigned width,
                            uint64_t value)
{
    uint64_t addr = address_of(d->bus, region, offset);

    if (is_port(d->bus, region)) {
        port_write(d->bus->qts, addr, width, value);
    } else {
        memory_write(d->bus->qts, addr, width, value);
    }
}

static uint64_t qtest_bus_region_size(QosDevice *d, unsigned bar)
{
    return bar < BARS ? d->bus->bar[bar].size : 0;
}

/* --- firmware --- */

/* The register full of ones reads back as the size; PCI 3.0, 6.2.5.1. */
static void size_bar(QosDevice *d, unsigned i)
{
    Bar *bar = &d->bus->bar[i];
    unsigned reg = BAR0 + 4 * i;
    uint32_t low, high = UINT32_MAX;

    qos_config_write(d, reg, 4, UINT32_MAX);
    low = qos_config_read(d, reg, 4);
    if (!low) {
        return;
    }
    bar->io = low & BAR_IO;
    bar->wide = !bar->io && (low & 6) == BAR_64;
    if (bar->wide) {
        qos_config_write(d, reg + 4, 4, UINT32_MAX);
        high = qos_config_read(d, reg + 4, 4);
    }
    bar->size = -((uint64_t)high << 32 | (low & (bar->io ? ~3u : ~15u)));
}

static void place_bars(QosDevice *d)
{
    uint64_t memory = FIRST_MEMORY, port = FIRST_PORT;

    for (unsigned i = 0; i < BARS; i++) {
        Bar *bar = &d->bus->bar[i];
        uint64_t *next = bar->io ? &port : &memory;

        if (bar->size) {
            bar->address = *next = ROUND_UP(*next, bar->size);
            *next += bar->size;
            qos_config_write(d, BAR0 + 4 * i, 4, bar->address);
        }
        if (bar->wide) {
            qos_config_write(d, BAR0 + 4 * ++i, 4, bar->address >> 32);
        }
    }
}

static void qtest_bus_start(QosDevice *d)
{
    g_autofree char *device = qos_arguments(d);

    d->bus = g_new0(QosBus, 1);
    /* What a check lends lies below, what it does not lend above. */
    d->bus->qts = qtest_initf("-m 8M %s", device);
    qtest_irq_intercept_in(d->bus->qts, "/machine/peripheral/d0");
    for (unsigned i = 0; i < BARS; i++) {
        size_bar(d, i);
        i += d->bus->bar[i].wide;
    }
    place_bars(d);
}

static void qtest_bus_end(QosDevice *d)
{
    qtest_quit(d->bus->qts);
    g_free(d->bus);
}

static void qtest_bus_reset(QosDevice *d)
{
    qtest_qmp_assert_success(d->bus->qts, "{\"execute\": \"system_reset\"}");
    place_bars(d);
}

static bool qtest_bus_alive(QosDevice *d)
{
    return qos_config_read(d, 0, 2) == d->driver->vendor;
}

/* --- memory and time --- */

static void qtest_bus_lend(QosDevice *d, uint64_t iova, size_t size, QosLend how)
{
    g_assert_cmpint(how, ==, QOS_SHARED);
}

static void qtest_bus_mem_read(QosDevice *d, uint64_t iova, void *data, size_t size)
{
    qtest_bufread(d->bus->qts, iova, data, size);
}

static void qtest_bus_mem_write(QosDevice *d, uint64_t iova, const void *data, size_t size)
{
    qtest_bufwrite(d->bus->qts, iova, data, size);
}

static void qtest_bus_serve(QosDevice *d, double seconds)
{
    qtest_clock_step(d->bus->qts, seconds * 1e9);
}

static double qtest_bus_now(QosDevice *d)
{
    return qtest_clock_step(d->bus->qts, 0) / 1e9;
}

/* --- interrupts --- */

static void bind_msi(QosDevice *d, bool on)
{
    unsigned cap = qos_find_capability(d, CAP_MSI);
    bool wide = qos_config_read(d, cap + 2, 2) & MSI_64;

    qos_config_write(d, cap + (wide ? 12 : 8), 2, MESSAGE);
    if (wide) {
        qos_config_write(d, cap + 8, 4, 0);
    }
    qos_config_write(d, cap + 4, 4, on ? MESSAGES : NOWHERE);
}

/* Each vector has a word of the page to itself. */
static void bind_vector(QosDevice *d, unsigned vector, bool on)
{
    unsigned cap = qos_find_capability(d, CAP_MSIX);
    uint32_t table = qos_config_read(d, cap + 4, 4);
    unsigned bar = table & 7, at = (table & ~7u) + 16 * vector;

    qos_write(d, bar, at, 4, MESSAGES + 4 * vector);
    qos_write(d, bar, at + 4, 4, 0);
    qos_write(d, bar, at + 8, 4, MESSAGE);
    qos_write(d, bar, at + 12, 4, !on);
}

static void qtest_bus_irq_bind(QosDevice *d, QosIrq irq, bool on)
{
    d->bus->irq = irq;
    d->bus->bound = on;
    d->bus->masked = false;
    if (irq == QOS_MSI) {
        bind_msi(d, on);
    } else if (irq == QOS_MSIX) {
        bind_vector(d, 0, on);
    }
}

static void qtest_bus_irq_unmask(QosDevice *d)
{
    d->bus->masked = false;
}

static unsigned take_level(QosBus *bus)
{
    bool taken = bus->bound && !bus->masked && qtest_get_irq(bus->qts, 0);

    bus->masked |= taken;
    return taken;
}

static unsigned take_message(QosDevice *d, unsigned vector)
{
    uint32_t at = MESSAGES + 4 * vector, message = qtest_readl(d->bus->qts, at);

    if (!message) {
        return 0;
    }
    g_assert_cmphex(message, ==, MESSAGE);
    qtest_writel(d->bus->qts, at, 0);
    return 1;
}

static unsigned qtest_bus_irq_count(QosDevice *d)
{
    return d->bus->irq == QOS_INTX ? take_level(d->bus) : take_message(d, 0);
}

/* --- more --- */

static void *qtest_bus_map(QosDevice *d, unsigned bar, uint64_t offset, uint64_t size)
{
    return NULL;
}

static QTestState *qtest_bus_qmp(QosDevice *d)
{
    return d->bus->qts;
}

static pid_t qtest_bus_pid(QosDevice *d)
{
    return qtest_pid(d->bus->qts);
}

/* --- for tests that know which bus it is --- */

QTestState *qos_qtest(QosDevice *d)
{
    g_assert_true(d->ops == &qos_bus_qtest);
    return d->bus->qts;
}

uint64_t qos_bar_address(QosDevice *d, unsigned bar)
{
    g_assert_cmpuint(qtest_bus_region_size(d, bar), !=, 0);
    return d->bus->bar[bar].address;
}

const QosBusOps qos_bus_qtest = {
    .name = "qtest", .can = QOS_CAN_RESET,
    .start = qtest_bus_start, .end = qtest_bus_end,
    .read = qtest_bus_read, .write = qtest_bus_write, .region_size = qtest_bus_region_size,
    .reset = qtest_bus_reset, .alive = qtest_bus_alive, .lend = qtest_bus_lend,
    .mem_read = qtest_bus_mem_read, .mem_write = qtest_bus_mem_write,
    .irq_bind = qtest_bus_irq_bind, .irq_unmask = qtest_bus_irq_unmask,
    .irq_count = qtest_bus_irq_count, .vector_bind = bind_vector, .vector_count = take_message,
    .map = qtest_bus_map, .qmp = qtest_bus_qmp, .pid = qtest_bus_pid,
    .serve = qtest_bus_serve, .now = qtest_bus_now,
};
