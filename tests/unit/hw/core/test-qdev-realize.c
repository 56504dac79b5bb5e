/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Realize and unrealize: the order of the steps, and that a failure at any of
 * them leaves nothing behind.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "rig.h"

static void test_order(void)
{
    RigDev *d = rig_new("d");
    DeviceState *dev = DEVICE(d);

    g_assert_false(qdev_is_realized(dev));
    g_assert_true(qdev_realize(dev, rig_root, &error_abort));
    rig_expect("preplug:d realize:d reset:d plug:d ");
    g_assert_true(qdev_is_realized(dev));
    g_assert_true(qdev_get_parent_bus(dev) == rig_root);
    g_assert_cmpint(rig_root->num_children, ==, 1);
    g_assert_cmpstr(dev->canonical_path, ==, "/machine/peripheral/d");
    object_unparent(OBJECT(dev));
    rig_expect("unrealize:d ");
    g_assert_null(dev->parent_bus);
    g_assert_cmpint(rig_root->num_children, ==, 0);
    g_assert_cmpint(rig_alive, ==, 1);
    object_unref(d);
    g_assert_cmpint(rig_alive, ==, 0);
}

static void test_unattached(void)
{
    DeviceState *dev = qdev_new(TYPE_RIG_DEV);

    qdev_realize_and_unref(dev, rig_root, &error_abort);
    g_assert_true(g_str_has_prefix(dev->canonical_path, "/machine/unattached/device["));
    object_unparent(OBJECT(dev));
    g_assert_cmpint(rig_alive, ==, 0);
    g_string_truncate(rig_log, 0);
}

static void check_nothing_left(DeviceState *dev)
{
    g_assert_false(dev->realized);
    g_assert_null(dev->parent_bus);
    g_assert_null(dev->canonical_path);
    g_assert_cmpint(rig_root->num_children, ==, 0);
    g_assert_null(object_property_find(OBJECT(rig_root), "child[0]"));
    object_unparent(OBJECT(dev));
    object_unref(dev);
    g_assert_cmpint(rig_alive, ==, 0);
}

static void test_fail_model(void)
{
    RigDev *d = rig_new("d");
    Error *err = NULL;

    object_property_set_bool(OBJECT(d), "fail-realize", true, &error_abort);
    g_assert_false(qdev_realize(DEVICE(d), rig_root, &err));
    rig_expect_error(&err, "told to fail");
    rig_expect("preplug:d realize:d ");
    check_nothing_left(DEVICE(d));
}

static void test_fail_pre_plug(void)
{
    RigDev *d = rig_new("unwanted");
    Error *err = NULL;

    g_assert_false(qdev_realize(DEVICE(d), rig_root, &err));
    rig_expect_error(&err, "not on this bus");
    rig_expect("preplug:unwanted ");
    check_nothing_left(DEVICE(d));
}

static void test_fail_plug(void)
{
    RigDev *d = rig_new("d");
    Error *err = NULL;

    RIG_BUS(rig_root)->refuse_plug = true;
    g_assert_false(qdev_realize(DEVICE(d), rig_root, &err));
    RIG_BUS(rig_root)->refuse_plug = false;
    rig_expect_error(&err, "plug refused");
    rig_expect("preplug:d realize:d reset:d plug:d unrealize:d ");
    check_nothing_left(DEVICE(d));
}

static void test_fail_anonymous(void)
{
    DeviceState *dev = qdev_new(TYPE_RIG_DEV);
    Error *err = NULL;

    object_property_set_bool(OBJECT(dev), "fail-realize", true, &error_abort);
    g_assert_false(qdev_realize_and_unref(dev, rig_root, &err));
    rig_expect_error(&err, "told to fail");
    g_assert_cmpint(rig_alive, ==, 0);
    g_string_truncate(rig_log, 0);
}

static void test_fail_address(void)
{
    RigDev *d = rig_new("d");
    Error *err = NULL;

    qdev_prop_set_uint8(DEVICE(d), "u8", 99);
    g_assert_false(qdev_realize(DEVICE(d), rig_root, &err));
    rig_expect_error(&err, "slot 99");
    rig_expect("");
    check_nothing_left(DEVICE(d));
}

static void test_wrong_bus(void)
{
    RigDev *d = rig_new("d");
    BusState *other = qbus_new("System", NULL, "other");
    Error *err = NULL;

    g_assert_false(qdev_realize(DEVICE(d), other, &err));
    rig_expect_error(&err, "'rig-dev' can't go on System bus");
    g_assert_false(qdev_realize(DEVICE(d), NULL, &err));
    rig_expect_error(&err, "needs a bus of type 'rig-bus'");
    object_unref(other);
    check_nothing_left(DEVICE(d));
}

static void test_full(void)
{
    RigDev *d[5];
    Error *err = NULL;
    int i;

    for (i = 0; i < 5; i++) {
        g_autofree char *id = g_strdup_printf("d%d", i);

        d[i] = rig_new(id);
    }
    for (i = 0; i < 4; i++) {
        qdev_realize(DEVICE(d[i]), rig_root, &error_abort);
    }
    g_assert_false(qdev_realize(DEVICE(d[4]), rig_root, &err));
    rig_expect_error(&err, "Bus 'root' is full");
    for (i = 0; i < 5; i++) {
        object_unparent(OBJECT(d[i]));
        object_unref(d[i]);
    }
    g_assert_cmpint(rig_root->num_children, ==, 0);
    g_assert_cmpint(rig_alive, ==, 0);
    g_string_truncate(rig_log, 0);
}

/* --- a device with a bus and a device on it --------------------------- */

static RigDev *make_parent(void)
{
    RigDev *p = rig_new("p");

    object_property_set_bool(OBJECT(p), "with-bus", true, &error_abort);
    qdev_realize(DEVICE(p), rig_root, &error_abort);
    rig_expect("preplug:p realize:p busrealize busreset reset:p plug:p ");
    return p;
}

static void test_nested(void)
{
    RigDev *p = make_parent();
    RigDev *k = rig_new("k");
    BusState *inner = BUS(&p->inner);

    g_assert_cmpstr(inner->name, ==, "p.0");
    g_assert_true(qdev_get_child_bus(DEVICE(p), "p.0") == inner);
    g_assert_null(qdev_get_child_bus(DEVICE(p), "p.1"));
    qdev_realize(DEVICE(k), inner, &error_abort);
    rig_expect("preplug:k realize:k reset:k plug:k ");
    device_cold_reset(DEVICE(p));
    rig_expect("reset:k busreset reset:p ");
    bus_cold_reset(rig_root);
    rig_expect("reset:k busreset reset:p busreset ");
    object_unparent(OBJECT(p));
    rig_expect("unrealize:k busunrealize unrealize:p ");
    object_unref(k);
    object_unref(p);
    g_assert_cmpint(rig_alive, ==, 0);
}

static int visit(DeviceState *dev, void *opaque)
{
    g_string_append_printf(rig_log, "visit:%s ", dev->id);
    return strcmp(dev->id, "stop") == 0 ? -7 : 0;
}

static void test_walk(void)
{
    RigDev *p = make_parent();
    RigDev *k = rig_new("k");
    RigDev *stop = rig_new("stop");

    qdev_realize(DEVICE(k), BUS(&p->inner), &error_abort);
    g_string_truncate(rig_log, 0);
    g_assert_cmpint(qbus_walk_children(rig_root, visit, NULL, NULL, NULL, NULL), ==, 0);
    rig_expect("visit:p visit:k ");
    g_assert_cmpint(qbus_walk_children(rig_root, NULL, NULL, visit, NULL, NULL), ==, 0);
    rig_expect("visit:k visit:p ");
    qdev_realize(DEVICE(stop), BUS(&p->inner), &error_abort);
    g_string_truncate(rig_log, 0);
    g_assert_cmpint(qdev_walk_children(DEVICE(p), visit, NULL, NULL, NULL, NULL), ==, -7);
    rig_expect("visit:p visit:k visit:stop ");
    object_unparent(OBJECT(p));
    object_unref(stop);
    object_unref(k);
    object_unref(p);
    g_string_truncate(rig_log, 0);
}

/* --- listeners, names, domain ----------------------------------------- */

static void on_realize(DeviceListener *l, DeviceState *dev)
{
    g_string_append_printf(rig_log, "hear+%s ", dev->id);
}

static void on_unrealize(DeviceListener *l, DeviceState *dev)
{
    g_string_append_printf(rig_log, "hear-%s ", dev->id);
}

static void test_listener(void)
{
    DeviceListener l = { .realize = on_realize, .unrealize = on_unrealize };
    RigDev *d = rig_new("d");

    device_listener_register(&l);
    qdev_realize(DEVICE(d), rig_root, &error_abort);
    rig_expect("preplug:d realize:d hear+d reset:d plug:d ");
    object_unparent(OBJECT(d));
    rig_expect("hear-d unrealize:d ");
    device_listener_unregister(&l);
    object_unref(d);
}

static void test_names(void)
{
    RigDev *d = rig_new("d");
    DeviceState *anon = qdev_new(TYPE_RIG_DEV);
    g_autofree char *human = qdev_get_human_name(DEVICE(d));
    g_autofree char *path = NULL;
    DeviceState *dup;
    Error *err = NULL;

    g_assert_cmpstr(human, ==, "d");
    g_assert_true(qdev_find_by_id("d", &error_abort) == DEVICE(d));
    g_assert_true(qdev_find_by_id("/machine/peripheral/d", &error_abort) == DEVICE(d));
    g_assert_null(qdev_find_by_id("e", &err));
    rig_expect_error(&err, "Device 'e' not found");
    g_assert_true(g_str_has_prefix(qdev_set_id(anon, NULL, &error_abort), "device["));
    path = object_get_canonical_path(OBJECT(anon));
    g_assert_true(g_str_has_prefix(path, "/machine/peripheral-anon/"));
    dup = qdev_new(TYPE_RIG_DEV);
    g_assert_null(qdev_set_id(dup, g_strdup("d"), &err));
    rig_expect_error(&err, "Duplicate device ID 'd'");
    object_unref(dup);
    qdev_set_parent_bus(DEVICE(d), rig_root, &error_abort);
    g_free(path);
    path = qdev_get_dev_path(DEVICE(d));
    g_assert_cmpstr(path, ==, "slot-d");
    object_unparent(OBJECT(d));
    object_unref(d);
    object_unparent(OBJECT(anon));
    object_unref(anon);
    g_assert_cmpint(rig_alive, ==, 0);
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    rig_init();
    g_test_add_func("/qdev/order", test_order);
    g_test_add_func("/qdev/unattached", test_unattached);
    g_test_add_func("/qdev/fail-model", test_fail_model);
    g_test_add_func("/qdev/fail-pre-plug", test_fail_pre_plug);
    g_test_add_func("/qdev/fail-plug", test_fail_plug);
    g_test_add_func("/qdev/fail-anonymous", test_fail_anonymous);
    g_test_add_func("/qdev/fail-address", test_fail_address);
    g_test_add_func("/qdev/wrong-bus", test_wrong_bus);
    g_test_add_func("/qdev/full", test_full);
    g_test_add_func("/qdev/nested", test_nested);
    g_test_add_func("/qdev/walk", test_walk);
    g_test_add_func("/qdev/listener", test_listener);
    g_test_add_func("/qdev/names", test_names);
    ret = g_test_run();
    rig_fini();
    return ret;
}
