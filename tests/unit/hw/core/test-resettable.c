/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three phases of reset over a small tree: order, nesting, joining a parent
 * in reset, and how one-shot functions and phases mix in one class family.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "hw/qdev-core.h"
#include "sysemu/reset.h"

static GString *seen;

static void expect(const char *text)
{
    g_assert_cmpstr(seen->str, ==, text);
    g_string_truncate(seen, 0);
}

static void note(const char *what, Object *obj)
{
    g_string_append_printf(seen, "%s:%s ", what,
                           object_get_canonical_path_component(obj));
}

/* --- devices with phases, in both forms of hold ----------------------- */

static void phase_enter(Object *obj, ResetType type)
{
    g_assert_cmpint(type, ==, RESET_TYPE_COLD);
    note("enter", obj);
}

static void hold_old(Object *obj)
{
    note("hold", obj);
}

static void hold_new(Object *obj, ResetType type)
{
    g_assert_cmpint(type, ==, RESET_TYPE_COLD);
    note("hold", obj);
}

static void phase_exit(Object *obj, ResetType type)
{
    note("exit", obj);
}

static void old_class_init(ObjectClass *oc, void *data)
{
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    rc->phases.enter = phase_enter;
    rc->phases.hold = hold_old;
    rc->phases.exit = phase_exit;
}

static void new_class_init(ObjectClass *oc, const void *data)
{
    old_class_init(oc, NULL);
    RESETTABLE_CLASS(oc)->phases.hold = hold_new;
}

/* --- one-shot functions, and children of classes that have the other form --- */

static void legacy_reset(DeviceState *dev)
{
    note("legacy", OBJECT(dev));
}

static DeviceReset parent_reset;

static void child_reset(DeviceState *dev)
{
    note("child", OBJECT(dev));
    parent_reset(dev);
}

static void legacy_class_init(ObjectClass *oc, void *data)
{
    device_class_set_legacy_reset(DEVICE_CLASS(oc), legacy_reset);
}

/* its parent has phases */
static void wrap_class_init(ObjectClass *oc, void *data)
{
    device_class_set_parent_reset(DEVICE_CLASS(oc), child_reset, &parent_reset);
}

static ResettablePhases chain_parent;

static void chain_hold(Object *obj, ResetType type)
{
    note("chain", obj);
    chain_parent.hold(obj, type);
}

static void chain_class_init(ObjectClass *oc, void *data)
{
    resettable_class_set_parent_phases(RESETTABLE_CLASS(oc), NULL, chain_hold, NULL,
                                       &chain_parent);
}

static const TypeInfo infos[] = {
    { .name = "r-bus", .parent = TYPE_BUS, .instance_size = sizeof(BusState) },
    { .name = "r-old", .parent = TYPE_DEVICE, .class_init = old_class_init },
    { .name = "r-new", .parent = TYPE_DEVICE, .class_init = new_class_init },
    { .name = "r-legacy", .parent = TYPE_DEVICE, .class_init = legacy_class_init },
    { .name = "r-wrap", .parent = "r-old", .class_init = wrap_class_init },
    { .name = "r-chain", .parent = "r-new", .class_init = chain_class_init },
};

static DeviceState *make(const char *type, const char *name, BusState *bus)
{
    DeviceState *dev = qdev_new(type);

    object_property_add_child(object_get_root(), name, OBJECT(dev));
    qdev_realize_and_unref(dev, bus, &error_abort);
    return dev;
}

static void drop(DeviceState *dev)
{
    object_unparent(OBJECT(dev));
    g_string_truncate(seen, 0);
}

/* --- tests ------------------------------------------------------------ */

static void test_tree(void)
{
    DeviceState *top = make("r-old", "top", NULL);
    BusState *bus = qbus_new("r-bus", top, "b");
    DeviceState *kid = make("r-new", "kid", bus);

    expect("enter:top hold:top exit:top enter:kid hold:kid exit:kid ");
    device_cold_reset(top);
    expect("enter:kid enter:top hold:kid hold:top exit:kid exit:top ");
    bus_cold_reset(bus);
    expect("enter:kid hold:kid exit:kid ");
    drop(kid);
    drop(top);
}

static void test_nesting(void)
{
    DeviceState *dev = make("r-new", "dev", NULL);

    g_string_truncate(seen, 0);
    resettable_assert_reset(OBJECT(dev), RESET_TYPE_COLD);
    expect("enter:dev hold:dev ");
    g_assert_true(device_is_in_reset(dev));
    device_cold_reset(dev);
    expect("");
    resettable_release_reset(OBJECT(dev), RESET_TYPE_COLD);
    expect("exit:dev ");
    g_assert_false(device_is_in_reset(dev));
    drop(dev);
}

static void test_join_parent_in_reset(void)
{
    DeviceState *top = make("r-old", "top", NULL);
    BusState *bus = qbus_new("r-bus", top, "b");
    DeviceState *kid;

    g_string_truncate(seen, 0);
    resettable_assert_reset(OBJECT(top), RESET_TYPE_COLD);
    expect("enter:top hold:top ");
    g_assert_true(bus_is_in_reset(bus));
    kid = make("r-old", "kid", bus);
    expect("enter:kid hold:kid ");
    g_assert_true(device_is_in_reset(kid));
    resettable_release_reset(OBJECT(top), RESET_TYPE_COLD);
    expect("exit:kid exit:top ");
    g_assert_false(device_is_in_reset(kid));
    drop(kid);
    drop(top);
}

static void test_forms(void)
{
    DeviceState *legacy = make("r-legacy", "l", NULL);
    DeviceState *wrap = make("r-wrap", "w", NULL);
    DeviceState *chain = make("r-chain", "c", NULL);

    g_string_truncate(seen, 0);
    device_cold_reset(legacy);
    expect("legacy:l ");
    device_cold_reset(wrap);
    expect("enter:w child:w enter:w hold:w exit:w exit:w ");
    device_cold_reset(chain);
    expect("enter:c chain:c hold:c exit:c ");
    drop(legacy);
    drop(wrap);
    drop(chain);
}

/* --- handlers of a domain --------------------------------------------- */

static void count(void *opaque)
{
    ++*(int *)opaque;
}

static int late;

static void unregister_late(void *opaque)
{
    qemu_unregister_reset(count, &late);
}

static void test_handlers(void)
{
    AioContext *dom = aio_context_new_named("dom", &error_abort);
    int here = 0, there = 0, not_snapshot = 0;

    qemu_register_reset(count, &here);
    qemu_register_reset_nosnapshotload(count, &not_snapshot);
    WITH_AIO_CONTEXT_GUARD(dom) {
        qemu_register_reset(count, &there);
    }
    qemu_devices_reset(SHUTDOWN_CAUSE_GUEST_RESET);
    g_assert_cmpint(here, ==, 1);
    g_assert_cmpint(there, ==, 0);
    g_assert_cmpint(not_snapshot, ==, 1);
    qemu_devices_reset(SHUTDOWN_CAUSE_SNAPSHOT_LOAD);
    g_assert_cmpint(here, ==, 2);
    g_assert_cmpint(not_snapshot, ==, 1);
    WITH_AIO_CONTEXT_GUARD(dom) {
        qemu_devices_reset(SHUTDOWN_CAUSE_GUEST_RESET);
        g_assert_cmpint(there, ==, 1);
        qemu_reset_forget_domain(dom);
        qemu_devices_reset(SHUTDOWN_CAUSE_GUEST_RESET);
    }
    g_assert_cmpint(there, ==, 1);
    qemu_unregister_reset(count, &here);
    qemu_unregister_reset(count, &not_snapshot);

    /* one that an earlier one removed does not run */
    qemu_register_reset(unregister_late, NULL);
    qemu_register_reset(count, &late);
    qemu_devices_reset(SHUTDOWN_CAUSE_GUEST_RESET);
    g_assert_cmpint(late, ==, 0);
    qemu_unregister_reset(unregister_late, NULL);
    aio_context_unref(dom);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, ARRAY_SIZE(infos));
    seen = g_string_new(NULL);
    g_test_add_func("/resettable/tree", test_tree);
    g_test_add_func("/resettable/nesting", test_nesting);
    g_test_add_func("/resettable/join", test_join_parent_in_reset);
    g_test_add_func("/resettable/forms", test_forms);
    g_test_add_func("/resettable/handlers", test_handlers);
    return g_test_run();
}
