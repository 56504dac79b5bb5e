/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a guest's requests: events with the domain's name, and only
 * a host's cause reaches the process.  Also boot indices and NMIs.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "block/aio.h"
#include "hw/nmi.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qapi/qmp-event.h"
#include "sysemu/runstate.h"
#include "sysemu/sysemu.h"
#include "sysemu/watchdog.h"
#include "rig.h"

static AioContext *dom;
static GString *events;
static int shutdowns;

static void sink(JsonObject *event, void *opaque)
{
    JsonNode *data = json_object_get_member(event, "data");
    g_autofree char *text = data ? qapi_json_print(data) : g_strdup("");

    g_string_append_printf(events, "%s%s%s", json_object_get_string_member(event, "event"),
                           data ? " " : "", text);
}

static void expect(const char *text)
{
    qmp_event_dispatch();
    g_assert_cmpstr(events->str, ==, text);
    g_string_truncate(events, 0);
}

static char *namer(AioContext *ctx)
{
    g_assert_true(ctx == dom);
    return g_strdup("vmA");
}

static void on_shutdown(ShutdownCause cause)
{
    g_assert_cmpint(cause, ==, SHUTDOWN_CAUSE_HOST_SIGNAL);
    shutdowns++;
}

static void test_events(void)
{
    Error *err = NULL;

    WITH_AIO_CONTEXT_GUARD(dom) {
        qemu_system_guest_panicked(NULL);
        expect("GUEST_PANICKED {\"action\":\"run\",\"domain\":\"vmA\"}");
        qemu_system_guest_crashloaded(NULL);
        expect("GUEST_CRASHLOADED {\"action\":\"run\",\"domain\":\"vmA\"}");
        qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
        expect("RESET {\"guest\":true,\"reason\":\"guest-reset\",\"domain\":\"vmA\"}");
        qemu_system_wakeup_request(QEMU_WAKEUP_REASON_OTHER, &err);
        g_assert_null(err);
        expect("WAKEUP {\"domain\":\"vmA\"}");
    }
    qemu_system_powerdown_request();
    expect("POWERDOWN");
}

static void test_flood(void)
{
    AioContext *noisy = aio_context_new_named("noisy", &error_abort);
    int i;

    qemu_system_set_domain_namer(NULL);
    qmp_event_dispatch();
    g_string_truncate(events, 0);
    WITH_AIO_CONTEXT_GUARD(noisy) {
        for (i = 0; i < 5000; i++) {
            qemu_system_guest_pvshutdown();
        }
    }
    qmp_event_dispatch();
    /* a burst and perhaps one or two more, but not five thousand */
    g_assert_cmpuint(events->len, <, 20 * strlen("GUEST_PVSHUTDOWN"));
    g_assert_cmpuint(events->len, >, 0);
    g_string_truncate(events, 0);
    /* others are heard */
    WITH_AIO_CONTEXT_GUARD(dom) {
        qemu_system_guest_pvshutdown();
        expect("GUEST_PVSHUTDOWN");
    }
    qemu_runstate_forget_domain(noisy);
    qemu_system_set_domain_namer(namer);
    aio_context_unref(noisy);
}

static void test_shutdown(void)
{
    qemu_system_set_shutdown_handler(on_shutdown);
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
    g_assert_cmpint(shutdowns, ==, 0);
    expect("SHUTDOWN {\"guest\":true,\"reason\":\"guest-shutdown\"}");
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_SIGNAL);
    g_assert_cmpint(shutdowns, ==, 1);
    expect("");
    qemu_system_set_shutdown_handler(NULL);
}

static void test_watchdog(void)
{
    g_assert_cmpint(get_watchdog_action(), ==, WATCHDOG_ACTION_RESET);
    WITH_AIO_CONTEXT_GUARD(dom) {
        watchdog_perform_action();
        expect("WATCHDOG {\"action\":\"reset\",\"domain\":\"vmA\"}");
    }
    g_assert_cmpint(select_watchdog_action("explode"), ==, -1);
    g_assert_cmpint(select_watchdog_action("inject-nmi"), ==, 0);
    watchdog_perform_action();
    expect("WATCHDOG {\"action\":\"inject-nmi\"}");
    qmp_watchdog_set_action(WATCHDOG_ACTION_NONE, &error_abort);
    watchdog_perform_action();
    expect("WATCHDOG {\"action\":\"none\"}");
}

/* --- NMI -------------------------------------------------------------- */

static int nmis;

static void take_nmi(NMIState *n, int cpu_index, Error **errp)
{
    nmis++;
    if (cpu_index) {
        error_setg(errp, "no processor %d", cpu_index);
    }
}

static void nmi_class_init(ObjectClass *oc, void *data)
{
    NMI_CLASS(oc)->nmi_monitor_handler = take_nmi;
}

static void test_nmi(void)
{
    Error *err = NULL;
    Object *obj;

    nmi_monitor_handle(0, &err);
    rig_expect_error(&err, "does not provide NMIs");
    obj = object_new_with_props("rig-nmi", object_get_root(), "nmi", &error_abort, NULL);
    nmi_monitor_handle(0, &error_abort);
    g_assert_cmpint(nmis, ==, 1);
    nmi_monitor_handle(3, &err);
    rig_expect_error(&err, "no processor 3");
    object_unparent(obj);
}

/* --- boot index ------------------------------------------------------- */

static void test_bootindex(void)
{
    RigDev *a = rig_new("a"), *b = rig_new("b");
    int32_t ia, ib;
    Error *err = NULL;

    device_add_bootindex_property(OBJECT(a), &ia, "bootindex", NULL, DEVICE(a));
    device_add_bootindex_property(OBJECT(b), &ib, "bootindex", "/disk@0", DEVICE(b));
    g_assert_cmpint(ia, ==, -1);
    object_property_parse(OBJECT(a), "bootindex", "1", &error_abort);
    g_assert_cmpint(ia, ==, 1);
    g_assert_false(object_property_parse(OBJECT(b), "bootindex", "1", &err));
    rig_expect_error(&err, "bootindex 1 has already been used");
    g_assert_cmpint(ib, ==, -1);
    /* in another domain the number is free */
    WITH_AIO_CONTEXT_GUARD(dom) {
        object_property_parse(OBJECT(b), "bootindex", "1", &error_abort);
    }
    object_unparent(OBJECT(a));
    object_unref(a);
    check_boot_index(1, &error_abort);
    object_unparent(OBJECT(b));
    object_unref(b);
}

static const TypeInfo nmi_info = {
    .name = "rig-nmi",
    .parent = TYPE_CONTAINER,
    .class_init = nmi_class_init,
    .interfaces = (const InterfaceInfo[]) { { TYPE_NMI }, { } },
};

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    rig_init();
    type_register_static(&nmi_info);
    dom = aio_context_new_named("dom", &error_abort);
    events = g_string_new(NULL);
    qmp_event_set_sink(sink, NULL);
    qemu_system_set_domain_namer(namer);
    g_test_add_func("/requests/events", test_events);
    g_test_add_func("/requests/flood", test_flood);
    g_test_add_func("/requests/shutdown", test_shutdown);
    g_test_add_func("/requests/watchdog", test_watchdog);
    g_test_add_func("/requests/nmi", test_nmi);
    g_test_add_func("/requests/bootindex", test_bootindex);
    ret = g_test_run();
    qmp_event_set_sink(NULL, NULL);
    aio_context_unref(dom);
    g_string_free(events, TRUE);
    rig_fini();
    return ret;
}
