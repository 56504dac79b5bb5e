/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of zones, each state with each action: zoned namespace command set
 * 2.1.1.3. States, actions and codes are written here as the specification has them.
 */
#include "qemu/osdep.h"
#include "hw/nvme/zns.h"

enum { ZONES = 8, SIZE = 16, CAPACITY = 12, EXTENSION = 64, NONE = 0 };
enum {
    EMPTY = 0x1, IMPLICIT = 0x2, EXPLICIT = 0x3, CLOSED = 0x4, READ_ONLY = 0xd, FULL = 0xe,
    OFFLINE = 0xf,
};
enum {
    OK = 0, BOUNDARY = 0x1b8, IS_FULL = 0x1b9, IS_READ_ONLY = 0x1ba, IS_OFFLINE = 0x1bb,
    INVALID_WRITE = 0x1bc, TOO_MANY_ACTIVE = 0x1bd, TOO_MANY_OPEN = 0x1be,
    INVALID_TRANSITION = 0x1bf, DNR = 0x4000,
};

static const uint8_t states[] = { EMPTY, IMPLICIT, EXPLICIT, CLOSED, READ_ONLY, FULL, OFFLINE };

static NvmeZns *zones(void)
{
    return nvme_zns_new(ZONES, SIZE, CAPACITY, EXTENSION);
}

/* A zone in that state, by what a host does where it can. */
static NvmeZone *make(NvmeZns *zns, unsigned index, uint8_t state)
{
    NvmeZone *zone = &zns->zones[index];

    nvme_zone_set_state(zns, zone, state);
    if (state != EMPTY) {
        zone->wp = zone->settled = zone->good = 4;
        zone->extended = true;
    }
    return zone;
}

static unsigned count(const NvmeZns *zns, bool (*is)(uint8_t))
{
    unsigned n = 0;

    for (unsigned i = 0; i < ZONES; i++) {
        n += is(zns->zones[i].state);
    }
    return n;
}

static void check_counters(const NvmeZns *zns)
{
    const NvmeZone *zone;
    unsigned implicit = 0;

    g_assert_cmpuint(zns->nr_open, ==, count(zns, nvme_zone_is_open));
    g_assert_cmpuint(zns->nr_active, ==, count(zns, nvme_zone_is_active));
    QTAILQ_FOREACH(zone, &zns->implicit, link) {
        g_assert_cmpuint(zone->state, ==, IMPLICIT);
        implicit++;
    }
    for (unsigned i = 0; i < ZONES; i++) {
        implicit -= zns->zones[i].state == IMPLICIT;
    }
    g_assert_cmpuint(implicit, ==, 0);
}

/* What becomes of each state, in the order of `states`; NONE: no such transition. */
static const struct {
    uint8_t action;
    uint8_t to[7];
} actions[] = {
    { 0x01, { NONE, CLOSED, CLOSED, CLOSED, NONE, NONE, NONE } },
    { 0x02, { FULL, FULL, FULL, FULL, NONE, FULL, NONE } },
    { 0x03, { EXPLICIT, EXPLICIT, EXPLICIT, EXPLICIT, NONE, NONE, NONE } },
    { 0x04, { EMPTY, EMPTY, EMPTY, EMPTY, NONE, EMPTY, NONE } },
    { 0x05, { NONE, NONE, NONE, NONE, OFFLINE, NONE, OFFLINE } },
    { 0x10, { CLOSED, NONE, NONE, NONE, NONE, NONE, NONE } },
};

static void check_action(uint8_t action, uint8_t from, uint8_t to)
{
    NvmeZns *zns = zones();
    NvmeZone *zone = make(zns, 2, from);
    uint32_t wp = zone->wp;

    g_assert_cmphex(nvme_zone_act(zns, zone, action, true), ==,
                    to ? OK : INVALID_TRANSITION | DNR);
    g_assert_cmphex(zone->state, ==, to ?: from);
    g_assert_cmpuint(zone->wp, ==, to == EMPTY ? 0 : wp);
    g_assert_cmpint(zone->extended, ==, to == EMPTY ? false : from != EMPTY);
    check_counters(zns);
    nvme_zns_delete(zns);
}

static void test_actions(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(actions); i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(states); k++) {
            check_action(actions[i].action, states[k], actions[i].to[k]);
        }
    }
}

static void check_write(uint8_t from, uint16_t status, uint8_t to)
{
    NvmeZns *zns = zones();
    NvmeZone *zone = make(zns, 0, from);
    uint32_t wp = zone->wp;

    g_assert_cmphex(nvme_zone_reserve(zns, zone, wp, 2, true), ==, status ? status | DNR : OK);
    g_assert_cmphex(zone->state, ==, to);
    if (!status) {
        g_assert_cmpuint(zone->wp, ==, wp + 2);
        nvme_zone_release(zns, zone, wp + 2, true);
    }
    g_assert_cmpuint(nvme_zone_written(zone), ==, wp + (status ? 0 : 2));
    check_counters(zns);
    nvme_zns_delete(zns);
}

static void test_writes(void)
{
    check_write(EMPTY, OK, IMPLICIT);
    check_write(IMPLICIT, OK, IMPLICIT);
    check_write(EXPLICIT, OK, EXPLICIT);
    check_write(CLOSED, OK, IMPLICIT);
    check_write(READ_ONLY, IS_READ_ONLY, READ_ONLY);
    check_write(FULL, IS_FULL, FULL);
    check_write(OFFLINE, IS_OFFLINE, OFFLINE);
}

static uint16_t reserve(NvmeZns *zns, unsigned zone, uint32_t at, uint32_t nlb)
{
    return nvme_zone_reserve(zns, &zns->zones[zone], at, nlb, false) & ~DNR;
}

static void test_pointer(void)
{
    NvmeZns *zns = zones();
    NvmeZone *zone = &zns->zones[0];

    g_assert_cmphex(reserve(zns, 0, 1, 1), ==, INVALID_WRITE);
    g_assert_cmphex(reserve(zns, 0, 0, CAPACITY + 1), ==, BOUNDARY);
    g_assert_cmphex(reserve(zns, 0, CAPACITY, 1), ==, BOUNDARY);
    g_assert_cmphex(reserve(zns, 0, SIZE - 1, UINT32_MAX), ==, BOUNDARY);
    g_assert_cmphex(zone->state, ==, EMPTY);
    g_assert_cmphex(reserve(zns, 0, 0, 8), ==, OK);
    g_assert_cmphex(reserve(zns, 0, 0, 1), ==, INVALID_WRITE);
    g_assert_cmphex(reserve(zns, 0, 8, 4), ==, OK);
    /* Not full before it is written, but there is no room either. */
    g_assert_cmphex(zone->state, ==, IMPLICIT);
    g_assert_cmphex(reserve(zns, 0, 12, 1), ==, IS_FULL);
    nvme_zone_release(zns, zone, 12, true);
    g_assert_cmphex(zone->state, ==, IMPLICIT);
    nvme_zone_release(zns, zone, 8, true);
    g_assert_cmphex(zone->state, ==, FULL);
    check_counters(zns);
    nvme_zns_delete(zns);
}

/* Three writes; which of them succeed, as bits; where the pointer is in the end. */
static void check_failures(unsigned good, uint32_t wp)
{
    static const uint32_t ends[] = { 2, 4, 6 };

    /* whatever the order in which they end */
    for (unsigned first = 0; first < 3; first++) {
        NvmeZns *zns = zones();
        NvmeZone *zone = &zns->zones[0];

        for (unsigned i = 0; i < 3; i++) {
            g_assert_cmphex(reserve(zns, 0, 2 * i, 2), ==, OK);
        }
        for (unsigned i = 0; i < 3; i++) {
            unsigned k = (first + i) % 3;

            g_assert_cmpuint(zone->wp, ==, 6);
            nvme_zone_release(zns, zone, ends[k], good >> k & 1);
        }
        g_assert_cmpuint(zone->wp, ==, wp);
        g_assert_cmphex(reserve(zns, 0, wp, 2), ==, OK);
        nvme_zns_delete(zns);
    }
}

static void test_failures(void)
{
    static const uint32_t wp[8] = { 0, 2, 4, 4, 6, 6, 6, 6 };

    for (unsigned good = 0; good < 8; good++) {
        check_failures(good, wp[good]);
    }
}

/* A write that failed at the end of the zone: it is not full. */
static void test_last_failed(void)
{
    NvmeZns *zns = zones();
    NvmeZone *zone = &zns->zones[0];

    g_assert_cmphex(reserve(zns, 0, 0, CAPACITY), ==, OK);
    nvme_zone_release(zns, zone, CAPACITY, false);
    g_assert_cmphex(zone->state, ==, IMPLICIT);
    g_assert_cmphex(reserve(zns, 0, 0, CAPACITY), ==, OK);
    nvme_zone_release(zns, zone, CAPACITY, true);
    g_assert_cmphex(zone->state, ==, FULL);
    g_assert_cmpuint(zns->nr_active, ==, 0);
    nvme_zns_delete(zns);
}

/* Whoever has blocks when the zone is reset or finished has them no more. */
static void test_void(void)
{
    NvmeZns *zns = zones();
    NvmeZone *zone = &zns->zones[0];
    uint32_t epoch = zone->epoch;

    g_assert_cmphex(reserve(zns, 0, 0, 4), ==, OK);
    g_assert_cmphex(nvme_zone_act(zns, zone, 0x01, false), ==, OK);
    g_assert_cmpuint(zone->epoch, ==, epoch);
    g_assert_cmphex(nvme_zone_act(zns, zone, 0x02, false), ==, OK);
    g_assert_cmpuint(zone->epoch, !=, epoch);
    g_assert_cmpuint(zone->inflight, ==, 0);
    g_assert_cmpuint(nvme_zone_written(zone), ==, 0);
    epoch = zone->epoch;
    g_assert_cmphex(nvme_zone_act(zns, zone, 0x04, false), ==, OK);
    g_assert_cmpuint(zone->epoch, !=, epoch);
    nvme_zns_delete(zns);
}

/* ---- limits ---- */

static void test_open_limit(void)
{
    NvmeZns *zns = zones();

    zns->max_open = 2;
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[0], 0x03, true), ==, OK);
    g_assert_cmphex(reserve(zns, 1, 0, 1), ==, OK);
    g_assert_cmphex(reserve(zns, 2, 0, 1), ==, TOO_MANY_OPEN);
    g_assert_cmphex(zns->zones[2].state, ==, EMPTY);
    g_assert_cmpuint(zns->zones[2].wp, ==, 0);
    /* an implicitly open one makes room, an explicitly open one does not */
    g_assert_cmphex(nvme_zone_reserve(zns, &zns->zones[2], 0, 1, true), ==, OK);
    g_assert_cmphex(zns->zones[1].state, ==, CLOSED);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[3], 0x03, true), ==, OK);
    g_assert_cmphex(zns->zones[2].state, ==, CLOSED);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[4], 0x03, true), ==, TOO_MANY_OPEN | DNR);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[3], 0x03, true), ==, OK);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[3], 0x01, true), ==, OK);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[4], 0x03, true), ==, OK);
    check_counters(zns);
    nvme_zns_delete(zns);
}

/* The one that has been open for longest. */
static void test_oldest(void)
{
    NvmeZns *zns = zones();

    zns->max_open = 3;
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmphex(reserve(zns, i, 0, 1), ==, OK);
    }
    g_assert_cmphex(nvme_zone_reserve(zns, &zns->zones[3], 0, 1, true), ==, OK);
    g_assert_cmphex(zns->zones[0].state, ==, CLOSED);
    g_assert_cmphex(nvme_zone_reserve(zns, &zns->zones[0], 1, 1, true), ==, OK);
    g_assert_cmphex(zns->zones[1].state, ==, CLOSED);
    check_counters(zns);
    nvme_zns_delete(zns);
}

static void test_active_limit(void)
{
    NvmeZns *zns = zones();

    zns->max_active = 2;
    g_assert_cmphex(reserve(zns, 0, 0, 1), ==, OK);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[0], 0x01, true), ==, OK);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[1], 0x10, true), ==, OK);
    /* closed ones are active: nothing makes room but finish and reset */
    g_assert_cmphex(nvme_zone_reserve(zns, &zns->zones[2], 0, 1, true), ==,
                    TOO_MANY_ACTIVE | DNR);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[2], 0x03, true), ==, TOO_MANY_ACTIVE | DNR);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[2], 0x10, true), ==, TOO_MANY_ACTIVE | DNR);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[2], 0x02, true), ==, OK);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[0], 0x03, true), ==, OK);
    g_assert_cmphex(nvme_zone_act(zns, &zns->zones[0], 0x02, true), ==, OK);
    g_assert_cmphex(reserve(zns, 3, 0, 1), ==, OK);
    check_counters(zns);
    nvme_zns_delete(zns);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme/zns-states/actions", test_actions);
    g_test_add_func("/nvme/zns-states/writes", test_writes);
    g_test_add_func("/nvme/zns-states/pointer", test_pointer);
    g_test_add_func("/nvme/zns-states/failures", test_failures);
    g_test_add_func("/nvme/zns-states/last-failed", test_last_failed);
    g_test_add_func("/nvme/zns-states/void", test_void);
    g_test_add_func("/nvme/zns-states/open-limit", test_open_limit);
    g_test_add_func("/nvme/zns-states/oldest", test_oldest);
    g_test_add_func("/nvme/zns-states/active-limit", test_active_limit);
    return g_test_run();
}
