/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine, the containers below it, and which domain a device belongs to.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/boards.h"
#include "hw/sysbus.h"
#include "qapi/error.h"
#include "sysemu/sysemu.h"
#include "rig.h"

static void test_domain(void)
{
    AioContext *outer, *inner;
    RigDev *p, *k;
    DeviceState *part = qdev_new("place-part");

    rig_init();
    outer = aio_context_new_named("outer", &error_abort);
    inner = aio_context_new_named("inner", &error_abort);
    p = rig_new("p");
    k = rig_new("k");
    g_assert_true(qdev_get_aio_context(DEVICE(p)) == aio_context_main());
    object_property_set_bool(OBJECT(p), "with-bus", true, &error_abort);
    qdev_realize(DEVICE(p), rig_root, &error_abort);
    qdev_realize(DEVICE(k), BUS(&p->inner), &error_abort);
    g_assert_true(qdev_get_aio_context(DEVICE(k)) == aio_context_main());

    qbus_set_aio_context(rig_root, outer);
    g_assert_true(qdev_get_aio_context(DEVICE(p)) == outer);
    g_assert_true(qdev_get_aio_context(DEVICE(k)) == outer);
    g_assert_true(qbus_get_aio_context(BUS(&p->inner)) == outer);
    qdev_set_aio_context(DEVICE(p), inner);
    g_assert_true(qdev_get_aio_context(DEVICE(k)) == inner);
    g_assert_true(qbus_get_aio_context(rig_root) == outer);

    /* a part of k: on the system bus, but in k's domain */
    object_property_add_child(OBJECT(k), "part", OBJECT(part));
    sysbus_realize_and_unref(SYS_BUS_DEVICE(part), &error_abort);
    g_assert_true(qdev_get_aio_context(part) == inner);

    object_unparent(OBJECT(p));
    object_unref(k);
    object_unref(p);
    qbus_set_aio_context(rig_root, NULL);
    /* nobody else holds them */
    aio_context_unref(inner);
    aio_context_unref(outer);
    rig_fini();
}

/* --- the machine ------------------------------------------------------ */

static bool machine_inited;

static void place_machine_init(MachineState *ms)
{
    g_assert_true(current_machine == ms);
    g_assert_true(object_resolve_path("/machine", NULL) == OBJECT(ms));
    machine_inited = true;
}

static void place_machine(MachineClass *mc)
{
    mc->desc = "Machine for tests";
    mc->alias = "pm";
    mc->init = place_machine_init;
}
DEFINE_MACHINE("place", place_machine)

static void test_machine(void)
{
    MachineClass *mc = find_machine_class("place");
    g_autofree char *help = machine_list_help();
    MachineState *ms;

    g_assert_nonnull(mc);
    g_assert_true(find_machine_class("pm") == mc);
    g_assert_null(find_machine_class("pc"));
    g_assert_cmpstr(mc->name, ==, "place");
    g_assert_nonnull(strstr(help, "place                Machine for tests\n"));
    g_assert_nonnull(strstr(help, "(alias of place)"));
    ms = MACHINE(object_new_with_class(OBJECT_CLASS(mc)));
    machine_run_board_init(ms);
    object_unref(ms);
    g_assert_true(machine_inited);
    g_assert_true(object_get_parent(machine_get_container("peripheral")) == OBJECT(ms));
    object_unparent(OBJECT(ms));
    g_assert_null(current_machine);
}

/* --- notifiers -------------------------------------------------------- */

static int notified;

static void on_notify(Notifier *n, void *data)
{
    notified++;
}

static void test_notifiers(void)
{
    Notifier early = { .notify = on_notify }, late = { .notify = on_notify };

    qemu_add_machine_init_done_notifier(&early);
    g_assert_cmpint(notified, ==, 0);
    qemu_run_machine_init_done_notifiers();
    g_assert_cmpint(notified, ==, 1);
    qemu_add_machine_init_done_notifier(&late);
    g_assert_cmpint(notified, ==, 2);
    qemu_remove_machine_init_done_notifier(&early);
    qemu_remove_machine_init_done_notifier(&late);
    qemu_add_exit_notifier(&early);
    qemu_run_exit_notifiers();
    g_assert_cmpint(notified, ==, 3);
    qemu_remove_exit_notifier(&early);
}

static const TypeInfo part_info = {
    .name = "place-part",
    .parent = TYPE_SYS_BUS_DEVICE,
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* the machine takes /machine before anything else is there */
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/place/machine", test_machine);
    g_test_add_func("/place/domain", test_domain);
    g_test_add_func("/place/notifiers", test_notifiers);
    type_register_static(&part_info);
    return g_test_run();
}
