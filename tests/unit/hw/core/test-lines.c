/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt lines and the named lines of devices, also through sysbus.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/sysbus.h"
#include "rig.h"

/* The last call of the handler. */
static struct {
    void *opaque;
    int n;
    int level;
    int calls;
} last;

static void handler(void *opaque, int n, int level)
{
    last.opaque = opaque;
    last.n = n;
    last.level = level;
    last.calls++;
}

static void expect(void *opaque, int n, int level)
{
    g_assert_cmpint(last.calls, ==, 1);
    g_assert_true(last.opaque == opaque);
    g_assert_cmpint(last.n, ==, n);
    g_assert_cmpint(last.level, ==, level);
    last.calls = 0;
}

static void test_irq(void)
{
    int tag;
    qemu_irq irq = qemu_allocate_irq(handler, &tag, 5);
    qemu_irq *many = qemu_allocate_irqs(handler, &tag, 2);
    qemu_irq inverted;
    IRQState embedded;

    qemu_set_irq(irq, 3);
    expect(&tag, 5, 3);
    qemu_irq_lower(irq);
    expect(&tag, 5, 0);
    qemu_irq_raise(NULL);
    g_assert_cmpint(last.calls, ==, 0);
    many = qemu_extend_irqs(many, 2, handler, &tag, 1);
    qemu_irq_raise(many[2]);
    expect(&tag, 2, 1);
    qemu_irq_pulse(many[0]);
    g_assert_cmpint(last.calls, ==, 2);
    last.calls = 0;
    inverted = qemu_irq_invert(irq);
    expect(&tag, 5, 1);
    qemu_irq_raise(inverted);
    expect(&tag, 5, 0);
    qemu_init_irq(&embedded, handler, &embedded, 9);
    qemu_irq_raise(&embedded);
    expect(&embedded, 9, 1);
    object_unref(&embedded);
    qemu_free_irq(inverted);
    qemu_free_irqs(many, 3);
    qemu_free_irq(irq);
    qemu_free_irq(NULL);
}

static qemu_irq *old_lines;

static void forward(void *opaque, int n, int level)
{
    old_lines = opaque;
    qemu_set_irq(*old_lines, level + 10);
}

static void test_intercept(void)
{
    qemu_irq line = qemu_allocate_irq(handler, &last, 1);

    qemu_irq_intercept_in(&line, forward, 1);
    qemu_irq_raise(line);
    expect(&last, 1, 11);
    qemu_free_irq(line);
    qemu_free_irqs(old_lines, 1);
}

static void test_gpio(void)
{
    RigDev *a = rig_new("a"), *b = rig_new("b");
    qemu_irq pins[2], named[1];
    qemu_irq icpt, old;

    qdev_init_gpio_in(DEVICE(b), handler, 2);
    qdev_init_gpio_in_named(DEVICE(b), handler, "wake", 1);
    qdev_init_gpio_out(DEVICE(a), pins, 2);
    qdev_init_gpio_out_named(DEVICE(a), named, "out", 1);
    qemu_irq_raise(pins[1]);
    g_assert_cmpint(last.calls, ==, 0);
    qdev_connect_gpio_out(DEVICE(a), 1, qdev_get_gpio_in(DEVICE(b), 0));
    qdev_connect_gpio_out_named(DEVICE(a), "out", 0,
                                qdev_get_gpio_in_named(DEVICE(b), "wake", 0));
    qemu_irq_raise(pins[1]);
    expect(b, 0, 1);
    qemu_irq_raise(named[0]);
    expect(b, 0, 1);
    g_assert_null(pins[0]);
    g_assert_true(qdev_get_gpio_out_connector(DEVICE(a), "out", 0) == named[0]);
    g_assert_true(object_resolve_path("/machine/peripheral/b/wake[0]", NULL) ==
                  OBJECT(named[0]));

    icpt = qemu_allocate_irq(handler, &last, 77);
    old = qdev_intercept_gpio_out(DEVICE(a), icpt, "out", 0);
    qemu_irq_raise(named[0]);
    expect(&last, 77, 1);
    qemu_irq_raise(old);
    expect(b, 0, 1);
    object_unref(old);
    qemu_free_irq(icpt);

    object_unparent(OBJECT(a));
    object_unref(a);
    object_unparent(OBJECT(b));
    object_unref(b);
}

/* --- sysbus ----------------------------------------------------------- */

typedef struct Part {
    SysBusDevice parent_obj;
    qemu_irq irq[2];
} Part;

static void part_init(Object *obj)
{
    Part *p = (Part *)obj;

    sysbus_init_irq(SYS_BUS_DEVICE(obj), &p->irq[0]);
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &p->irq[1]);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), (MemoryRegion *)obj);
    sysbus_init_ioports(SYS_BUS_DEVICE(obj), 0x3f8, 8);
}

static void test_sysbus(void)
{
    Part *p = (Part *)object_new("rig-part");
    SysBusDevice *sbd = SYS_BUS_DEVICE(p);
    qemu_irq irq = qemu_allocate_irq(handler, &last, 4);

    g_assert_true(sysbus_mmio_get_region(sbd, 0) == (MemoryRegion *)p);
    g_assert_null(sysbus_mmio_get_region(sbd, 1));
    g_assert_null(sysbus_mmio_get_region(sbd, -1));
    g_assert_true(sysbus_has_mmio(sbd, 0));
    g_assert_false(sysbus_has_mmio(sbd, 1));
    g_assert_true(sysbus_has_irq(sbd, 1));
    g_assert_false(sysbus_has_irq(sbd, 2));
    g_assert_cmpuint(sbd->pio[7], ==, 0x3ff);
    sysbus_realize(sbd, &error_abort);
    g_assert_true(DEVICE(p)->parent_bus == sysbus_get_default());
    g_assert_false(sysbus_is_irq_connected(sbd, 1));
    sysbus_connect_irq(sbd, 1, irq);
    g_assert_true(sysbus_get_connected_irq(sbd, 1) == irq);
    qemu_irq_raise(p->irq[1]);
    expect(&last, 4, 1);
    qemu_free_irq(irq);
    object_unparent(OBJECT(p));
    object_unref(p);
}

static void test_pass(void)
{
    Part *outer = (Part *)object_new("rig-empty-part");
    Part *inner = (Part *)object_new("rig-part");
    qemu_irq irq = qemu_allocate_irq(handler, &last, 6);

    object_property_add_child(OBJECT(outer), "inner", OBJECT(inner));
    object_unref(inner);
    sysbus_pass_irq(SYS_BUS_DEVICE(outer), SYS_BUS_DEVICE(inner));
    sysbus_connect_irq(SYS_BUS_DEVICE(outer), 0, irq);
    qemu_irq_raise(inner->irq[0]);
    expect(&last, 6, 1);
    qemu_free_irq(irq);
    object_unref(outer);
}

static const TypeInfo infos[] = {
    { .name = "rig-empty-part", .parent = TYPE_SYS_BUS_DEVICE, .instance_size = sizeof(Part) },
    { .name = "rig-part", .parent = "rig-empty-part", .instance_init = part_init },
};

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    rig_init();
    type_register_static_array(infos, ARRAY_SIZE(infos));
    g_test_add_func("/lines/irq", test_irq);
    g_test_add_func("/lines/intercept", test_intercept);
    g_test_add_func("/lines/gpio", test_gpio);
    g_test_add_func("/lines/sysbus", test_sysbus);
    g_test_add_func("/lines/pass", test_pass);
    ret = g_test_run();
    rig_fini();
    return ret;
}
