/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges as firmware meets them: bus numbers, configuration cycles that are
 * passed on, interrupts that are swizzled, the secondary bus reset, and what
 * config space says of each kind.
 */
#include "qemu/osdep.h"
#include "libqtest.h"

enum {
    ID = 0x00, COMMAND = 0x04, HEADER = 0x0e, BAR0 = 0x10, BUS_NUMBERS = 0x18, CAPS = 0x34,
    CONTROL = 0x3e, CONTROL_RESET = 1 << 6, TYPE_BRIDGE = 1, EDU = 0x11e81234,
    CAP_EXPRESS = 0x10, PORT_ROOT = 4, PORT_UP = 5, PORT_DOWN = 6, PORT_PCI = 7,
    BAR = 0xe0000000, LIVENESS = 4, RAISE = 0x60, ACK = 0x64,
};

/* By the ports: as a machine without ECAM would. */
static uint16_t select_reg(QTestState *s, unsigned bus, unsigned slot, unsigned reg)
{
    qtest_outl(s, 0xcf8, 1u << 31 | bus << 16 | slot << 11 | (reg & 0xfc));
    return 0xcfc + (reg & 3);
}

static uint32_t get(QTestState *s, unsigned bus, unsigned slot, unsigned reg)
{
    return qtest_inl(s, select_reg(s, bus, slot, reg));
}

static void set(QTestState *s, unsigned bus, unsigned slot, unsigned reg, uint32_t value)
{
    qtest_outl(s, select_reg(s, bus, slot, reg), value);
}

static uint16_t get16(QTestState *s, unsigned bus, unsigned slot, unsigned reg)
{
    return qtest_inw(s, select_reg(s, bus, slot, reg));
}

static void set16(QTestState *s, unsigned bus, unsigned slot, unsigned reg, uint16_t value)
{
    qtest_outw(s, select_reg(s, bus, slot, reg), value);
}

static unsigned capability(QTestState *s, unsigned bus, unsigned slot, uint8_t id)
{
    unsigned at = get(s, bus, slot, CAPS) & 0xff;

    for (unsigned n = 0; at && n < 48; n++) {
        uint16_t head = get16(s, bus, slot, at);

        if ((head & 0xff) == id) {
            return at;
        }
        at = head >> 8;
    }
    return 0;
}

static void number(QTestState *s, unsigned bus, unsigned slot, unsigned second, unsigned last)
{
    set(s, bus, slot, BUS_NUMBERS, bus | second << 8 | last << 16);
}

static void enable(QTestState *s, unsigned bus, unsigned slot)
{
    set16(s, bus, slot, COMMAND, 7);
}

/* An edu behind one bridge of each kind; the line that its pin arrives at. */
typedef struct Bridge {
    const char *name;
    const char *devices;
    unsigned slot;              /* of the edu, on the last bus */
    unsigned depth;             /* bridges in a row, slot 0 but for the first */
    unsigned first;             /* slot of the first one */
    unsigned line;
} Bridge;

static const Bridge bridges[] = {
    { "pcie-root-port", "-device pcie-root-port,id=p,bus=vm.0,addr=3 -device edu,id=e,bus=p",
      0, 1, 3, 3 },
    { "pci-bridge", "-device pci-bridge,id=p,chassis_nr=1,bus=vm.0,addr=2"
      " -device edu,id=e,bus=p,addr=5", 5, 1, 2, 3 },
    { "switch", "-device pcie-root-port,id=r,bus=vm.0,addr=1"
      " -device x3130-upstream,id=u,bus=r"
      " -device xio3130-downstream,id=p,bus=u,chassis=2,slot=2 -device edu,id=e,bus=p",
      0, 3, 1, 1 },
};

static QTestState *begin(const Bridge *b)
{
    QTestState *s = qtest_initf("-device isolated-rc,id=vm %s", b->devices);

    for (unsigned bus = 0; bus < b->depth; bus++) {
        unsigned slot = bus ? 0 : b->first;

        g_assert_cmphex(get(s, bus, slot, HEADER & ~3) >> 16 & 0x7f, ==, TYPE_BRIDGE);
        number(s, bus, slot, bus + 1, b->depth);
        enable(s, bus, slot);
    }
    return s;
}

static void test_behind(const void *opaque)
{
    const Bridge *b = opaque;
    QTestState *s = begin(b);

    g_assert_cmphex(get(s, b->depth, b->slot, ID), ==, EDU);
    /* nowhere else */
    g_assert_cmphex(get(s, b->depth, b->slot + 1, ID), ==, UINT32_MAX);
    g_assert_cmphex(get(s, b->depth + 1, b->slot, ID), ==, UINT32_MAX);
    set(s, b->depth, b->slot, BAR0, BAR);
    enable(s, b->depth, b->slot);
    qtest_writel(s, BAR + LIVENESS, 0);
    g_assert_cmphex(qtest_readl(s, BAR + LIVENESS), ==, UINT32_MAX);
    /* the same function by memory */
    g_assert_cmphex(qtest_readl(s, 0xb0000000 + (b->depth << 20) + (b->slot << 15)), ==, EDU);
    qtest_quit(s);
}

static void test_renumbered(const void *opaque)
{
    const Bridge *b = opaque;
    QTestState *s = begin(b);

    for (unsigned bus = b->depth; bus-- > 0; ) {
        unsigned slot = bus ? 0 : b->first;

        set(s, bus, slot, BUS_NUMBERS, bus | (bus + 1 == b->depth ? 0x70 : bus + 1) << 8 |
            0x7f << 16);
    }
    g_assert_cmphex(get(s, 0x70, b->slot, ID), ==, EDU);
    g_assert_cmphex(get(s, b->depth, b->slot, ID), ==, UINT32_MAX);
    qtest_quit(s);
}

static void test_interrupt(const void *opaque)
{
    const Bridge *b = opaque;
    QTestState *s = begin(b);

    set(s, b->depth, b->slot, BAR0, BAR);
    enable(s, b->depth, b->slot);
    qtest_irq_intercept_in(s, "/machine/peripheral/vm");
    qtest_writel(s, BAR + RAISE, 1);
    for (unsigned line = 0; line < 4; line++) {
        g_assert_cmpint(qtest_get_irq(s, line), ==, line == b->line);
    }
    qtest_writel(s, BAR + ACK, 1);
    g_assert_false(qtest_get_irq(s, b->line));
    qtest_quit(s);
}

static void test_secondary_reset(const void *opaque)
{
    const Bridge *b = opaque;
    QTestState *s = begin(b);
    unsigned bus = b->depth - 1, slot = bus ? 0 : b->first;

    set(s, b->depth, b->slot, BAR0, BAR);
    enable(s, b->depth, b->slot);
    qtest_writel(s, BAR + LIVENESS, 1);
    set16(s, bus, slot, CONTROL, CONTROL_RESET);
    set16(s, bus, slot, CONTROL, 0);
    g_assert_cmphex(get(s, b->depth, b->slot, BAR0), ==, 0);
    g_assert_cmphex(get16(s, b->depth, b->slot, COMMAND), ==, 0);
    set(s, b->depth, b->slot, BAR0, BAR);
    enable(s, b->depth, b->slot);
    g_assert_cmphex(qtest_readl(s, BAR + LIVENESS), ==, 0);
    qtest_quit(s);
}

/* --- what config space says --- */

static void assert_port(QTestState *s, unsigned bus, unsigned slot, unsigned type)
{
    unsigned cap = capability(s, bus, slot, CAP_EXPRESS);

    g_assert_cmpuint(cap, !=, 0);
    g_assert_cmphex(get16(s, bus, slot, cap + 2) >> 4 & 0xf, ==, type);
}

static void test_express_ports(void)
{
    QTestState *s = begin(&bridges[2]);

    assert_port(s, 0, 1, PORT_ROOT);
    assert_port(s, 1, 0, PORT_UP);
    assert_port(s, 2, 0, PORT_DOWN);
    qtest_quit(s);
}

static void test_bus_registers(void)
{
    QTestState *s = qtest_init("-device isolated-rc,id=vm"
                               " -device pcie-root-port,id=p,bus=vm.0,addr=3");

    /* windows keep what firmware writes, as far as they are writable */
    set(s, 0, 3, 0x20, 0xe1f0e000);
    g_assert_cmphex(get(s, 0, 3, 0x20), ==, 0xe1f0e000);
    set(s, 0, 3, 0x24, 0xfff1fff1);
    g_assert_cmphex(get(s, 0, 3, 0x24), ==, 0xfff1fff1);
    set(s, 0, 3, 0x28, 0x12345678);
    g_assert_cmphex(get(s, 0, 3, 0x28), ==, 0x12345678);
    /* extended capabilities are there by memory only */
    g_assert_cmphex(qtest_readl(s, 0xb0000000 + (3 << 15) + 0x100) & 0xffff, ==, 1);
    /* ids are not */
    set(s, 0, 3, ID, 0);
    g_assert_cmphex(get(s, 0, 3, ID) & 0xffff, ==, 0x1b36);
    qtest_quit(s);
}

/* Hot plug behind a port, as firmware and QMP see it. */
static void test_hot_plug(void)
{
    QTestState *s = qtest_init("-device isolated-rc,id=vm"
                               " -device pcie-root-port,id=p,bus=vm.0,addr=3");

    number(s, 0, 3, 1, 1);
    g_assert_cmphex(get(s, 1, 0, ID), ==, UINT32_MAX);
    for (unsigned i = 0; i < 5; i++) {
        qtest_qmp_device_add(s, "edu", "e", "\"bus\": \"p\"");
        g_assert_cmphex(get(s, 1, 0, ID), ==, EDU);
        set(s, 1, 0, BAR0, BAR);
        enable(s, 1, 0);
        qtest_writel(s, BAR + LIVENESS, i);
        g_assert_cmphex(qtest_readl(s, BAR + LIVENESS), ==, ~i);
        qtest_qmp_device_del(s, "e");
        g_assert_cmphex(get(s, 1, 0, ID), ==, UINT32_MAX);
        g_assert_cmphex(qtest_readl(s, BAR + LIVENESS), ==, 0);
    }
    qtest_quit(s);
}

static void add(const Bridge *b, const char *name, void (*fn)(const void *))
{
    g_autofree char *path = g_strdup_printf("bridge/%s/%s", b->name, name);

    qtest_add_data_func(path, b, fn);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(bridges); i++) {
        add(&bridges[i], "behind", test_behind);
        add(&bridges[i], "renumbered", test_renumbered);
        add(&bridges[i], "interrupt", test_interrupt);
        add(&bridges[i], "secondary-reset", test_secondary_reset);
    }
    qtest_add_func("bridge/express-ports", test_express_ports);
    qtest_add_func("bridge/bus-registers", test_bus_registers);
    qtest_add_func("bridge/hot-plug", test_hot_plug);
    return g_test_run();
}
