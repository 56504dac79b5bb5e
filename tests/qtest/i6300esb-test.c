/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i6300esb: a watchdog expires at its nanosecond. Times are those of the data
 * sheet (300641, chapter 16): counts of 2^15 or 2^5 clocks of 33 MHz.
 */
#include "device-case.h"
#include "qemu/host-utils.h"

enum {
    PRELOAD1 = 0x00, PRELOAD2 = 0x04, INT_STATUS = 0x08, RELOAD = 0x0c,
    RELOAD_COUNT = 1 << 8, TIMED_OUT = 1 << 9, UNLOCK_1 = 0x80, UNLOCK_2 = 0x86,
    CONFIG = 0x60, PRESCALE_1MHZ = 1 << 2, OUTPUT_OFF = 1 << 5, NO_INTERRUPT = 3,
    LOCK = 0x68, LOCKED = 1, ENABLE = 2, FREE_RUN = 4,
    CLOCK_HZ = 33000000,
};

static int64_t count_ns(uint32_t count, unsigned shift)
{
    return muldiv64((uint64_t)count << shift, 1000000000, CLOCK_HZ);
}

static void unlocked(QosDevice *d, unsigned reg, uint32_t value)
{
    qos_write(d, 0, RELOAD, 2, UNLOCK_1);
    qos_write(d, 0, RELOAD, 2, UNLOCK_2);
    qos_write(d, 0, reg, 4, value);
}

static void preload(QosDevice *d, uint32_t stage1, uint32_t stage2)
{
    unlocked(d, PRELOAD1, stage1);
    unlocked(d, PRELOAD2, stage2);
}

static bool expired(QTestState *qts)
{
    JsonObject *event = qtest_qmp_event_pending(qts, "WATCHDOG");

    if (event) {
        json_object_unref(event);
    }
    return event != NULL;
}

static bool int_status(QosDevice *d)
{
    return qos_read(d, 0, INT_STATUS, 4) & 1;
}

static bool timed_out(QosDevice *d)
{
    return qos_read(d, 0, RELOAD, 4) & TIMED_OUT;
}

/* Both stages, each to the nanosecond. */
static void check_stages(QosDevice *d, QTestState *qts, unsigned shift)
{
    int64_t first = count_ns(1000, shift), second = count_ns(500, shift);

    preload(d, 1000, 500);
    qos_config_write(d, LOCK, 1, ENABLE);
    qtest_clock_step(qts, first - 1);
    g_assert_false(int_status(d));
    qtest_clock_step(qts, 1);
    g_assert_true(int_status(d));
    qtest_clock_step(qts, second - 1);
    g_assert_false(timed_out(d));
    g_assert_false(expired(qts));
    qtest_clock_step(qts, 1);
    g_assert_true(timed_out(d));
    g_assert_true(expired(qts));
    /* it stands until it is reloaded */
    qtest_clock_step(qts, 100 * (first + second));
    g_assert_false(expired(qts));
}

static void test_1khz(QosDevice *d, QTestState *qts)
{
    check_stages(d, qts, 15);
}

static void test_1mhz(QosDevice *d, QTestState *qts)
{
    qos_config_write(d, CONFIG, 2, PRESCALE_1MHZ);
    check_stages(d, qts, 5);
}

/* The longest: 2^20 - 1 counts of both stages, more than half an hour. */
static void test_longest(QosDevice *d, QTestState *qts)
{
    int64_t stage = count_ns(0xfffff, 15);

    qos_config_write(d, LOCK, 1, ENABLE);
    qtest_clock_step(qts, 2 * stage - 1);
    g_assert_false(expired(qts));
    qtest_clock_step(qts, 1);
    g_assert_true(expired(qts));
}

/* A driver that kicks in time is never bitten. */
static void test_kick(QosDevice *d, QTestState *qts)
{
    int64_t stage = count_ns(1000, 15);

    preload(d, 1000, 1000);
    qos_config_write(d, LOCK, 1, ENABLE);
    for (unsigned i = 0; i < 20; i++) {
        qtest_clock_step(qts, 2 * stage - 1);
        g_assert_false(timed_out(d));
        unlocked(d, RELOAD, RELOAD_COUNT);
    }
    g_assert_false(expired(qts));
    qtest_clock_step(qts, 2 * stage);
    g_assert_true(expired(qts));
    /* and the next driver reads why, and clears it */
    g_assert_true(timed_out(d));
    unlocked(d, RELOAD, TIMED_OUT);
    g_assert_false(timed_out(d));
    /* a reload starts it again */
    unlocked(d, RELOAD, RELOAD_COUNT);
    qtest_clock_step(qts, 2 * stage - 1);
    g_assert_false(timed_out(d));
    qtest_clock_step(qts, 1);
    g_assert_true(timed_out(d));
}

/* A kick without the two magic writes, or with something between, is none. */
static void test_locked_registers(QosDevice *d, QTestState *qts)
{
    preload(d, 10, 10);
    qos_config_write(d, LOCK, 1, ENABLE);
    qtest_clock_step(qts, count_ns(10, 15));
    qos_write(d, 0, RELOAD, 4, RELOAD_COUNT);
    qos_write(d, 0, RELOAD, 2, UNLOCK_2);
    qos_write(d, 0, RELOAD, 4, RELOAD_COUNT);
    qos_write(d, 0, RELOAD, 2, UNLOCK_1);
    qos_write(d, 0, RELOAD, 4, RELOAD_COUNT);
    qos_write(d, 0, RELOAD, 2, UNLOCK_2);
    qos_write(d, 0, RELOAD, 4, RELOAD_COUNT);
    qtest_clock_step(qts, count_ns(10, 15));
    g_assert_true(timed_out(d));
}

static void test_stop(QosDevice *d, QTestState *qts)
{
    preload(d, 10, 10);
    qos_config_write(d, LOCK, 1, ENABLE);
    qtest_clock_step(qts, 2 * count_ns(10, 15) - 1);
    qos_config_write(d, LOCK, 1, 0);
    qtest_clock_step(qts, 1000 * count_ns(10, 15));
    g_assert_false(timed_out(d));
    g_assert_false(expired(qts));
}

/* Once locked, it cannot be stopped. */
static void test_lock(QosDevice *d, QTestState *qts)
{
    preload(d, 10, 10);
    qos_config_write(d, LOCK, 1, ENABLE | LOCKED);
    qos_config_write(d, LOCK, 1, 0);
    g_assert_cmphex(qos_config_read(d, LOCK, 1), ==, ENABLE | LOCKED);
    qtest_clock_step(qts, 2 * count_ns(10, 15));
    g_assert_true(expired(qts));
}

/* Only the first stage, over and over. */
static void test_free_run(QosDevice *d, QTestState *qts)
{
    int64_t stage = count_ns(10, 15);

    preload(d, 10, 10);
    qos_config_write(d, LOCK, 1, ENABLE | FREE_RUN);
    for (unsigned i = 0; i < 50; i++) {
        qtest_clock_step(qts, stage - 1);
        g_assert_false(int_status(d));
        qtest_clock_step(qts, 1);
        g_assert_true(int_status(d));
        qos_write(d, 0, INT_STATUS, 4, 1);
    }
    g_assert_false(timed_out(d));
    g_assert_false(expired(qts));
}

static void test_output_off(QosDevice *d, QTestState *qts)
{
    qos_config_write(d, CONFIG, 2, OUTPUT_OFF | NO_INTERRUPT);
    preload(d, 10, 10);
    qos_config_write(d, LOCK, 1, ENABLE);
    qtest_clock_step(qts, 2 * count_ns(10, 15));
    g_assert_false(int_status(d));
    g_assert_true(timed_out(d));
    g_assert_false(expired(qts));
}

/* The event names the action and the domain. */
static void test_event(QosDevice *d, QTestState *qts)
{
    g_autoptr(JsonObject) event = NULL;
    JsonObject *data;

    preload(d, 1, 1);
    qos_config_write(d, LOCK, 1, ENABLE);
    qtest_clock_step(qts, 2 * count_ns(1, 15));
    event = qtest_qmp_eventwait_ref(qts, "WATCHDOG");
    data = json_object_get_object_member(event, "data");
    g_assert_cmpstr(json_object_get_string_member(data, "action"), ==, "reset");
    g_assert_cmpstr(json_object_get_string_member(data, "domain"), ==, "d0");
}

/* A reset stops it, and the next driver still reads that it had timed out. */
static void test_reset(QosDevice *d, QTestState *qts)
{
    preload(d, 10, 10);
    qos_config_write(d, LOCK, 1, ENABLE | LOCKED);
    qtest_clock_step(qts, 2 * count_ns(10, 15));
    g_assert_true(expired(qts));
    unlocked(d, RELOAD, RELOAD_COUNT);
    qos_reset(d);
    d->driver->init(d);
    g_assert_true(timed_out(d));
    g_assert_cmphex(qos_config_read(d, LOCK, 1), ==, 0);
    g_assert_cmphex(qos_read(d, 0, PRELOAD1, 4), ==, 0xfffff);
    unlocked(d, RELOAD, TIMED_OUT);
    qtest_clock_step(qts, 1000 * count_ns(10, 15));
    g_assert_false(timed_out(d));
}

int main(int argc, char **argv)
{
    static const DeviceCase cases[] = {
        { "1khz", test_1khz },
        { "1mhz", test_1mhz },
        { "longest", test_longest },
        { "kick", test_kick },
        { "locked-registers", test_locked_registers },
        { "stop", test_stop },
        { "lock", test_lock },
        { "free-run", test_free_run },
        { "output-off", test_output_off },
        { "event", test_event },
        { "reset", test_reset },
        { NULL }
    };

    return device_cases_run(argc, argv, &qos_i6300esb, cases);
}
