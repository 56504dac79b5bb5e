/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_add and device_del: choice of class and bus, errors that name option,
 * value and remedy and leave nothing behind, blockers, the default-bus hook,
 * the DEVICE_DELETED event, help texts.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "block/aio.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qapi/qmp-event.h"
#include "rig.h"

static DeviceState *add(const char *text, Error **errp)
{
    g_autoptr(JsonObject) opts = qapi_json_parse_object(text, strlen(text), &error_abort);

    return qdev_device_add_from_json(opts, errp);
}

static void refuse(const char *text, const char *why)
{
    Error *err = NULL;

    g_assert_null(add(text, &err));
    rig_expect_error(&err, why);
    g_assert_cmpint(rig_alive, ==, 0);
    g_assert_cmpint(rig_root->num_children, ==, 0);
    g_assert_null(object_resolve_path("/machine/peripheral/d0", NULL));
    g_string_truncate(rig_log, 0);
}

static void test_good(void)
{
    DeviceState *dev = add("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\","
                           "\"u8\":\"0x21\",\"bytes\":[1,2]}", &error_abort);

    g_assert_cmpuint(RIG_DEV(dev)->u8, ==, 0x21);
    g_assert_cmpuint(RIG_DEV(dev)->num_bytes, ==, 2);
    g_assert_true(dev->parent_bus == rig_root);
    g_assert_cmpstr(dev->canonical_path, ==, "/machine/peripheral/d0");
    object_unref(dev);
    g_assert_true(qdev_device_del("d0", &error_abort));
    g_assert_cmpint(rig_alive, ==, 0);
    rig_expect("preplug:d0 realize:d0 reset:d0 plug:d0 unplug:d0 unrealize:d0 ");
}

static void test_refused(void)
{
    refuse("{\"id\":\"d0\"}", "Parameter 'driver' is missing");
    refuse("{\"driver\":5,\"id\":\"d0\"}", "'driver', expected: string");
    refuse("{\"driver\":\"nope\",\"id\":\"d0\"}", "'nope' is not a valid device model name");
    refuse("{\"driver\":\"container\",\"id\":\"d0\"}", "not a valid device model name");
    refuse("{\"driver\":\"device\",\"id\":\"d0\"}", "base of other device models");
    refuse("{\"driver\":\"rig-part\",\"id\":\"d0\"}", "part of other devices");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"0\"}", "identifier");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"nobus\"}", "Bus 'nobus' not found");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"main-system-bus\"}",
           "can't go on rig-main-bus bus");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\",\"u8\":300}", "0 to 255");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\",\"zz\":300}",
           "Property 'rig-dev.zz' not found");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\",\"fail-realize\":true}",
           "told to fail");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"unwanted\",\"bus\":\"root\"}", "not on this bus");
}

static void test_hints(void)
{
    Error *err = NULL;

    g_assert_null(add("{\"driver\":\"nope\"}", &err));
    g_assert_nonnull(strstr(error_get_hint(err), "'-device help'"));
    error_free_or_abort(&err);
    g_assert_null(add("{\"driver\":\"rig-dev\",\"bus\":\"root\",\"zz\":1}", &err));
    g_assert_nonnull(strstr(error_get_hint(err), "'-device rig-dev,help'"));
    error_free_or_abort(&err);
    g_string_truncate(rig_log, 0);
}

static void test_duplicate(void)
{
    DeviceState *dev = add("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\"}",
                           &error_abort);
    Error *err = NULL;

    g_assert_null(add("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\"}", &err));
    rig_expect_error(&err, "Duplicate device ID 'd0'");
    g_assert_cmpint(rig_alive, ==, 1);
    object_unref(dev);
    qdev_device_del("d0", &error_abort);
    g_string_truncate(rig_log, 0);
}

/* --- unplug ----------------------------------------------------------- */

static void test_blocker(void)
{
    DeviceState *dev = add("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\"}",
                           &error_abort);
    Error *one = NULL, *two = NULL, *err = NULL;

    error_setg(&one, "a client uses it");
    error_setg(&two, "another reason");
    qdev_add_unplug_blocker(dev, one);
    qdev_add_unplug_blocker(dev, two);
    g_assert_false(qdev_device_del("d0", &err));
    rig_expect_error(&err, "a client uses it");
    qdev_del_unplug_blocker(dev, one);
    g_assert_false(qdev_device_del("d0", &err));
    rig_expect_error(&err, "another reason");
    qdev_del_unplug_blocker(dev, two);
    g_assert_false(qdev_unplug_blocked(dev, NULL));
    object_unref(dev);
    g_assert_true(qdev_device_del("d0", &error_abort));
    g_assert_false(qdev_device_del("d0", &err));
    g_assert_cmpint(error_get_class(err), ==, ERROR_CLASS_DEVICE_NOT_FOUND);
    error_free(one);
    error_free(two);
    error_free(err);
    g_assert_cmpint(rig_alive, ==, 0);
    g_string_truncate(rig_log, 0);
}

static void test_not_hotpluggable(void)
{
    DeviceState *dev = add("{\"driver\":\"rig-fixed\",\"id\":\"d0\",\"bus\":\"root\"}",
                           &error_abort);
    Error *err = NULL;

    g_assert_false(qdev_device_del("d0", &err));
    rig_expect_error(&err, "'rig-fixed' does not support hotplugging");
    object_unparent(OBJECT(dev));
    object_unref(dev);

    qdev_machine_creation_done();
    refuse("{\"driver\":\"rig-fixed\",\"id\":\"d0\",\"bus\":\"root\"}",
           "does not support hotplugging");
    qbus_set_hotplug_handler(rig_root, NULL);
    refuse("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\"}",
           "Bus 'root' does not support hotplugging");
    qbus_set_bus_hotplug_handler(rig_root);
    qdev_hot_added = false;
}

/* --- events ----------------------------------------------------------- */

static void sink(JsonObject *event, void *opaque)
{
    g_autofree char *data =
        qapi_json_print_object(json_object_get_object_member(event, "data"));

    g_string_append_printf(opaque, "%s %s\n",
                           json_object_get_string_member(event, "event"), data);
}

static void test_event(void)
{
    g_autoptr(GString) events = g_string_new(NULL);
    DeviceState *dev;

    qmp_event_set_sink(sink, events);
    qmp_event_dispatch();
    g_string_truncate(events, 0);
    dev = add("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\"}", &error_abort);
    qdev_device_del("d0", &error_abort);
    qmp_event_dispatch();
    /* somebody still holds it: not deleted yet */
    g_assert_cmpstr(events->str, ==, "");
    object_unref(dev);
    qmp_event_dispatch();
    g_assert_cmpstr(events->str, ==, "DEVICE_DELETED {\"device\":\"d0\","
                    "\"path\":\"/machine/peripheral/d0\"}\n");
    qmp_event_set_sink(NULL, NULL);
    g_string_truncate(rig_log, 0);
}

/* --- the hook --------------------------------------------------------- */

static BusState *hook_bus;
static int hook_done;

static BusState *default_bus(DeviceClass *dc, const char *id, Error **errp)
{
    if (g_strcmp0(id, "nobus") == 0) {
        error_setg(errp, "no bus today");
        return NULL;
    }
    g_assert_null(hook_bus);
    hook_bus = qbus_new(TYPE_RIG_BUS, NULL, "made");
    object_property_add_child(machine_get_container("unattached"), "made",
                              OBJECT(hook_bus));
    object_unref(hook_bus);
    return hook_bus;
}

static void default_bus_done(BusState *bus)
{
    g_assert_true(bus == hook_bus);
    object_unparent(OBJECT(bus));
    hook_bus = NULL;
    hook_done++;
}

static void test_hook(void)
{
    DeviceState *dev;
    Error *err = NULL;

    qdev_set_default_bus_hook(default_bus);
    qdev_set_default_bus_release_hook(default_bus_done);
    refuse("{\"driver\":\"rig-dev\",\"id\":\"nobus\"}", "no bus today");
    refuse("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"u8\":300}", "0 to 255");
    g_assert_cmpint(hook_done, ==, 1);

    dev = add("{\"driver\":\"rig-dev\",\"id\":\"d0\"}", &error_abort);
    g_assert_true(dev->parent_bus == hook_bus);
    object_unref(dev);
    /* a bus made for one device lets go of it */
    g_assert_true(qdev_device_del("d0", &error_abort));
    while (hook_done < 2) {
        aio_poll(aio_context_main(), true);
    }
    g_assert_null(hook_bus);
    g_assert_cmpint(rig_alive, ==, 0);

    qdev_set_default_bus_hook(NULL);
    qdev_set_default_bus_release_hook(NULL);
    /* without a hook any bus of the type does */
    dev = add("{\"driver\":\"rig-dev\",\"id\":\"d0\"}", &error_abort);
    g_assert_true(dev->parent_bus == rig_root);
    object_unref(dev);
    qdev_device_del("d0", &error_abort);
    g_assert_null(add("{\"driver\":\"rig-nowhere\"}", &err));
    rig_expect_error(&err, "No 'rig-other-bus' bus found for device 'rig-nowhere'; "
                     "give a device that has one first");
    g_string_truncate(rig_log, 0);
}

/* --- the domain is entered -------------------------------------------- */

static AioContext *domain;
static int seen_in_domain;

static void domain_dev_init(Object *obj)
{
    g_assert_true(aio_context_entered(domain));
    g_assert_true(qemu_get_current_aio_context() == domain);
    seen_in_domain++;
}

static void test_domain(void)
{
    DeviceState *dev;

    domain = aio_context_new_named("dom", &error_abort);
    qbus_set_aio_context(rig_root, domain);
    dev = add("{\"driver\":\"rig-domain\",\"id\":\"d0\",\"bus\":\"root\"}", &error_abort);
    g_assert_cmpint(seen_in_domain, ==, 1);
    g_assert_false(aio_context_entered(domain));
    g_assert_true(qdev_get_aio_context(dev) == domain);
    object_unref(dev);
    qdev_device_del("d0", &error_abort);
    qbus_set_aio_context(rig_root, NULL);
    aio_context_unref(domain);
    g_string_truncate(rig_log, 0);
}

static bool hide(DeviceListener *l, const JsonObject *opts, bool from_json, Error **errp)
{
    return json_object_has_member((JsonObject *)opts, "id");
}

static void test_hidden(void)
{
    DeviceListener l = { .hide_device = hide };
    Error *err = NULL;

    device_listener_register(&l);
    g_assert_null(add("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\"}", &err));
    g_assert_null(err);
    device_listener_unregister(&l);
    g_assert_cmpint(rig_alive, ==, 0);
}

/* Nothing of one domain may point into another. */
static void test_link_across(void)
{
    AioContext *other = aio_context_new_named("other", &error_abort);
    DeviceState *dev, *peer;
    BusState *bus2 = qbus_new(TYPE_RIG_BUS, NULL, "second");
    Error *err = NULL;

    object_property_add_child(machine_get_container("unattached"), "second", OBJECT(bus2));
    object_unref(bus2);
    domain = aio_context_new_named("dom", &error_abort);
    qbus_set_aio_context(rig_root, domain);
    qbus_set_aio_context(bus2, other);
    dev = add("{\"driver\":\"rig-dev\",\"id\":\"d0\",\"bus\":\"root\"}", &error_abort);
    g_assert_null(add("{\"driver\":\"rig-dev\",\"id\":\"d1\",\"bus\":\"second\","
                      "\"peer\":\"d0\"}", &err));
    rig_expect_error(&err, "cannot link to 'd0': it belongs to another isolation domain");
    peer = add("{\"driver\":\"rig-dev\",\"id\":\"d2\",\"bus\":\"root\","
               "\"peer\":\"d0\"}", &error_abort);
    g_assert_true(RIG_DEV(peer)->peer == OBJECT(dev));
    object_unparent(OBJECT(peer));
    object_unref(peer);
    object_unparent(OBJECT(dev));
    object_unref(dev);
    qbus_set_aio_context(rig_root, NULL);
    object_unparent(OBJECT(bus2));
    aio_context_unref(domain);
    aio_context_unref(other);
    g_assert_cmpint(rig_alive, ==, 0);
    g_string_truncate(rig_log, 0);
}

/* --- help ------------------------------------------------------------- */

static void test_help(void)
{
    g_autofree char *list = qdev_device_list_help();
    g_autofree char *one = qdev_device_type_help(TYPE_RIG_DEV, &error_abort);
    Error *err = NULL;

    g_assert_nonnull(strstr(list, "Misc devices:\n"));
    g_assert_nonnull(strstr(list, "\nname \"rig-dev\", bus rig-bus, "
                            "desc \"Device for tests\"\n"));
    g_assert_null(strstr(list, "rig-part"));
    g_assert_null(strstr(list, "\"device\""));
    g_assert_true(g_str_has_prefix(one, "rig-dev options:\n"));
    g_assert_nonnull(strstr(one, "\n  u8=<uint8>             - (default: 8)\n"));
    g_assert_nonnull(strstr(one, "\n  ooa=<OnOffAuto>        - on/off/auto (default: \"on\")\n"));
    g_assert_null(strstr(one, "realized"));
    g_assert_null(qdev_device_type_help("nope", &err));
    rig_expect_error(&err, "'nope'");
    g_assert_cmpint(rig_alive, ==, 0);
}

static void fixed_class_init(ObjectClass *oc, void *data)
{
    DEVICE_CLASS(oc)->hotpluggable = false;
}

static void part_class_init(ObjectClass *oc, void *data)
{
    DEVICE_CLASS(oc)->user_creatable = false;
}

static void nowhere_class_init(ObjectClass *oc, void *data)
{
    DEVICE_CLASS(oc)->bus_type = "rig-other-bus";
}

static const TypeInfo infos[] = {
    { .name = "rig-fixed", .parent = TYPE_RIG_DEV, .class_init = fixed_class_init },
    { .name = "rig-part", .parent = TYPE_RIG_DEV, .class_init = part_class_init },
    { .name = "rig-nowhere", .parent = TYPE_RIG_DEV, .class_init = nowhere_class_init },
    { .name = "rig-domain", .parent = TYPE_RIG_DEV, .instance_init = domain_dev_init },
    { .name = "rig-main-bus", .parent = "System" },
};

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    rig_init();
    type_register_static_array(infos, ARRAY_SIZE(infos));
    object_new_with_props("rig-main-bus", machine_get_container("unattached"),
                          "main-system-bus", &error_abort, NULL);
    g_test_add_func("/device-add/good", test_good);
    g_test_add_func("/device-add/refused", test_refused);
    g_test_add_func("/device-add/hints", test_hints);
    g_test_add_func("/device-add/duplicate", test_duplicate);
    g_test_add_func("/device-add/blocker", test_blocker);
    g_test_add_func("/device-add/not-hotpluggable", test_not_hotpluggable);
    g_test_add_func("/device-add/event", test_event);
    g_test_add_func("/device-add/hook", test_hook);
    g_test_add_func("/device-add/help", test_help);
    g_test_add_func("/device-add/hidden", test_hidden);
    g_test_add_func("/device-add/link-across", test_link_across);
    g_test_add_func("/device-add/domain", test_domain);
    ret = g_test_run();
    rig_fini();
    return ret;
}
