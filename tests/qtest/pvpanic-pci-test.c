/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pvpanic-pci: what a guest says becomes a QMP event, if the operator lets it. */
#include "device-case.h"

enum { PANICKED = 1, CRASH_LOADED = 2, SHUT_DOWN = 4 };

static void assert_event(QTestState *qts, const char *name)
{
    g_autoptr(JsonObject) event = qtest_qmp_eventwait_ref(qts, name);
    JsonObject *data = json_object_get_object_member(event, "data");

    g_assert_cmpstr(json_object_get_string_member(data, "domain"), ==, "d0");
}

static void assert_silence(QTestState *qts)
{
    static const char *const names[] = {
        "GUEST_PANICKED", "GUEST_CRASHLOADED", "GUEST_PVSHUTDOWN",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_null(qtest_qmp_event_pending(qts, names[i]));
    }
}

static void test_panic(QosDevice *d, QTestState *qts)
{
    qos_write(d, 0, 0, 1, PANICKED);
    assert_event(qts, "GUEST_PANICKED");
}

static void test_crash_loaded(QosDevice *d, QTestState *qts)
{
    qos_write(d, 0, 0, 1, CRASH_LOADED);
    assert_event(qts, "GUEST_CRASHLOADED");
}

/* Of several bits the first one counts. */
static void test_first_bit(QosDevice *d, QTestState *qts)
{
    qos_write(d, 0, 0, 1, CRASH_LOADED | PANICKED);
    assert_event(qts, "GUEST_PANICKED");
    g_assert_null(qtest_qmp_event_pending(qts, "GUEST_CRASHLOADED"));
}

static void test_not_offered(QosDevice *d, QTestState *qts)
{
    g_assert_cmphex(qos_read(d, 0, 0, 1), ==, CRASH_LOADED);
    qos_write(d, 0, 0, 1, PANICKED);
    assert_silence(qts);
    qos_write(d, 0, 0, 1, CRASH_LOADED | PANICKED);
    assert_event(qts, "GUEST_CRASHLOADED");
}

static void test_shut_down(QosDevice *d, QTestState *qts)
{
    g_assert_cmphex(qos_read(d, 0, 0, 1), ==, SHUT_DOWN);
    qos_write(d, 0, 0, 1, SHUT_DOWN);
    assert_event(qts, "GUEST_PVSHUTDOWN");
}

static void test_default(QosDevice *d, QTestState *qts)
{
    g_assert_cmphex(qos_read(d, 0, 0, 1), ==, PANICKED | CRASH_LOADED);
    qos_write(d, 0, 0, 1, SHUT_DOWN);
    qos_write(d, 0, 1, 1, PANICKED);
    qos_write(d, 0, 0, 1, 0);
    assert_silence(qts);
}

/* Only where the device is, and only while it is enabled. */
static void test_elsewhere(QosDevice *d, QTestState *qts)
{
    uint64_t bar = qos_bar_address(d, 0);

    qtest_writeb(qts, bar + 16, PANICKED);
    qos_enable(d, false);
    qtest_writeb(qts, bar, PANICKED);
    assert_silence(qts);
}

int main(int argc, char **argv)
{
    static const DeviceCase cases[] = {
        { "panic", test_panic },
        { "crash-loaded", test_crash_loaded },
        { "first-bit", test_first_bit },
        { "not-offered", test_not_offered, ",events=2" },
        { "shut-down", test_shut_down, ",events=4" },
        { "default", test_default },
        { "elsewhere", test_elsewhere },
        { NULL }
    };

    return device_cases_run(argc, argv, &qos_pvpanic_pci, cases);
}
