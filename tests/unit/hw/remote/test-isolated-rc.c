/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Isolation domains by name.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "hw/boards.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "isolated-rc.h"

static DeviceState *add(const char *text)
{
    JsonNode *node = json_from_string(text, NULL);
    DeviceState *dev = qdev_device_add_from_json(json_node_get_object(node), &error_abort);

    json_node_unref(node);
    /* The tree holds it. */
    object_unref(OBJECT(dev));
    return dev;
}

static void append(const char *domain, PCIBus *bus, AioContext *ctx, void *opaque)
{
    g_string_append_printf(opaque, "%s ", domain);
    g_assert_true(qbus_get_aio_context(BUS(bus)) == ctx);
}

static void assert_domains(const char *expect)
{
    g_autoptr(GString) names = g_string_new(NULL);

    isolated_rc_foreach(append, names);
    g_assert_cmpstr(names->str, ==, expect);
}

static void assert_missing(const char *domain, const char *why)
{
    AioContext *ctx = NULL;
    Error *err = NULL;

    g_assert_null(isolated_rc_find_bus(domain, &ctx, &err));
    g_assert_null(ctx);
    g_assert_nonnull(strstr(error_get_pretty(err), why));
    error_free(err);
}

static void assert_found(const char *domain, DeviceState *dev)
{
    AioContext *ctx = NULL;
    PCIBus *bus = isolated_rc_find_bus(domain, &ctx, &error_abort);

    g_assert_true(BUS(bus) == qdev_get_parent_bus(dev));
    g_assert_true(ctx == qdev_get_aio_context(dev));
}

/* An automatic root complex goes after its device. */
static void settle(void)
{
    while (aio_poll(aio_context_main(), false)) {
    }
}

static void test_none(void)
{
    assert_domains("");
    assert_missing("vmA", "there is no isolation domain: add a device, or an isolated-rc");
    assert_missing(NULL, "there is no isolation domain: add a device, or an isolated-rc");
}

static void test_names(void)
{
    DeviceState *own, *on_rc, *anon;

    own = add("{\"driver\": \"edu\", \"id\": \"d0\"}");
    add("{\"driver\": \"isolated-rc\", \"id\": \"vmA\"}");
    on_rc = add("{\"driver\": \"edu\", \"id\": \"d1\", \"bus\": \"vmA.0\"}");
    anon = add("{\"driver\": \"edu\"}");
    assert_domains("d0 vmA anonymous ");
    assert_found("d0", own);
    assert_found("vmA", on_rc);
    assert_found("anonymous", anon);
    assert_found(NULL, own);
    /* a device is no domain, where it has none of its own */
    assert_missing("d1", "there is no isolation domain 'd1': use one of d0, vmA, anonymous");
    assert_missing("", "use one of");

    /* domains go with what they were made for */
    qdev_device_del("d0", &error_abort);
    settle();
    assert_missing("d0", "use one of vmA, anonymous");
    assert_found(NULL, on_rc);
    qdev_device_del("d1", &error_abort);
    qdev_device_del("vmA", &error_abort);
    WITH_AIO_CONTEXT_GUARD(qdev_get_aio_context(anon)) {
        object_unparent(OBJECT(anon));
    }
    settle();
    assert_domains("");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_fatal);
    current_machine = MACHINE(object_new("x-remote-machine"));
    machine_run_board_init(current_machine);
    g_test_add_func("/isolated-rc/none", test_none);
    g_test_add_func("/isolated-rc/names", test_names);
    return g_test_run();
}
