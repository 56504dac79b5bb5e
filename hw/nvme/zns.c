/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine of zones: 2.1.1.3; see zns.h. */
#include "qemu/osdep.h"
#include "hw/nvme/zns.h"

NvmeZns *nvme_zns_new(uint32_t nr_zones, uint32_t zone_size, uint32_t capacity,
                      uint32_t extension_size)
{
    NvmeZns *zns = g_new0(NvmeZns, 1);

    zns->nr_zones = nr_zones;
    zns->zone_size = zone_size;
    zns->capacity = capacity;
    zns->extension_size = extension_size;
    zns->zones = g_new0(NvmeZone, nr_zones);
    zns->extensions = g_malloc0((size_t)nr_zones * extension_size);
    QTAILQ_INIT(&zns->implicit);
    for (uint32_t i = 0; i < nr_zones; i++) {
        zns->zones[i].state = NVME_ZONE_EMPTY;
    }
    return zns;
}

void nvme_zns_delete(NvmeZns *zns)
{
    g_free(zns->zones);
    g_free(zns->extensions);
    g_free(zns);
}

bool nvme_zone_is_open(uint8_t state)
{
    return state == NVME_ZONE_IMPLICITLY_OPEN || state == NVME_ZONE_EXPLICITLY_OPEN;
}

bool nvme_zone_is_active(uint8_t state)
{
    return nvme_zone_is_open(state) || state == NVME_ZONE_CLOSED;
}

void nvme_zone_set_state(NvmeZns *zns, NvmeZone *zone, uint8_t state)
{
    if (state == zone->state) {
        return;
    }
    if (zone->state == NVME_ZONE_IMPLICITLY_OPEN) {
        QTAILQ_REMOVE(&zns->implicit, zone, link);
    }
    zns->nr_open += nvme_zone_is_open(state) - nvme_zone_is_open(zone->state);
    zns->nr_active += nvme_zone_is_active(state) - nvme_zone_is_active(zone->state);
    zone->state = state;
    if (state == NVME_ZONE_IMPLICITLY_OPEN) {
        QTAILQ_INSERT_TAIL(&zns->implicit, zone, link);
    }
}

/* ---- transitions ---- */

/* What becomes of a zone in a state; 0: the action is none for it. */
static const uint8_t transitions[NVME_ZONE_ACTIONS][16] = {
    [NVME_ZONE_WRITE] = {
        [NVME_ZONE_EMPTY] = NVME_ZONE_IMPLICITLY_OPEN,
        [NVME_ZONE_IMPLICITLY_OPEN] = NVME_ZONE_IMPLICITLY_OPEN,
        [NVME_ZONE_EXPLICITLY_OPEN] = NVME_ZONE_EXPLICITLY_OPEN,
        [NVME_ZONE_CLOSED] = NVME_ZONE_IMPLICITLY_OPEN,
    },
    [NVME_ZONE_CLOSE] = {
        [NVME_ZONE_IMPLICITLY_OPEN] = NVME_ZONE_CLOSED,
        [NVME_ZONE_EXPLICITLY_OPEN] = NVME_ZONE_CLOSED,
        [NVME_ZONE_CLOSED] = NVME_ZONE_CLOSED,
    },
    [NVME_ZONE_FINISH] = {
        [NVME_ZONE_EMPTY] = NVME_ZONE_FULL,
        [NVME_ZONE_IMPLICITLY_OPEN] = NVME_ZONE_FULL,
        [NVME_ZONE_EXPLICITLY_OPEN] = NVME_ZONE_FULL,
        [NVME_ZONE_CLOSED] = NVME_ZONE_FULL,
        [NVME_ZONE_FULL] = NVME_ZONE_FULL,
    },
    [NVME_ZONE_OPEN] = {
        [NVME_ZONE_EMPTY] = NVME_ZONE_EXPLICITLY_OPEN,
        [NVME_ZONE_IMPLICITLY_OPEN] = NVME_ZONE_EXPLICITLY_OPEN,
        [NVME_ZONE_EXPLICITLY_OPEN] = NVME_ZONE_EXPLICITLY_OPEN,
        [NVME_ZONE_CLOSED] = NVME_ZONE_EXPLICITLY_OPEN,
    },
    [NVME_ZONE_RESET] = {
        [NVME_ZONE_EMPTY] = NVME_ZONE_EMPTY,
        [NVME_ZONE_IMPLICITLY_OPEN] = NVME_ZONE_EMPTY,
        [NVME_ZONE_EXPLICITLY_OPEN] = NVME_ZONE_EMPTY,
        [NVME_ZONE_CLOSED] = NVME_ZONE_EMPTY,
        [NVME_ZONE_FULL] = NVME_ZONE_EMPTY,
    },
    [NVME_ZONE_GO_OFFLINE] = {
        [NVME_ZONE_READ_ONLY] = NVME_ZONE_OFFLINE,
        [NVME_ZONE_OFFLINE] = NVME_ZONE_OFFLINE,
    },
    [NVME_ZONE_SET_EXTENSION] = {
        [NVME_ZONE_EMPTY] = NVME_ZONE_CLOSED,
    },
};

/* Figure 11 and its text: limits of what is open, and of what is active. */
static uint16_t make_room(NvmeZns *zns, uint8_t from, uint8_t to, bool may_close)
{
    NvmeZone *oldest = QTAILQ_FIRST(&zns->implicit);

    if (nvme_zone_is_active(to) && !nvme_zone_is_active(from) && zns->max_active &&
        zns->nr_active >= zns->max_active) {
        return NVME_TOO_MANY_ACTIVE_ZONES | NVME_DNR;
    }
    if (!nvme_zone_is_open(to) || nvme_zone_is_open(from) || !zns->max_open ||
        zns->nr_open < zns->max_open) {
        return NVME_SUCCESS;
    }
    if (!may_close || !oldest) {
        return NVME_TOO_MANY_OPEN_ZONES | NVME_DNR;
    }
    nvme_zone_set_state(zns, oldest, NVME_ZONE_CLOSED);
    return NVME_SUCCESS;
}

/* Whoever holds blocks of it holds none any more. */
static void void_holds(NvmeZone *zone)
{
    zone->epoch++;
    zone->inflight = 0;
    zone->wp = zone->settled = zone->good = nvme_zone_written(zone);
}

uint16_t nvme_zone_act(NvmeZns *zns, NvmeZone *zone, NvmeZoneAction action, bool may_close)
{
    uint8_t to = transitions[action][zone->state];
    uint16_t status;

    if (!to) {
        return NVME_INVALID_ZONE_TRANSITION | NVME_DNR;
    }
    status = make_room(zns, zone->state, to, may_close);
    if (status) {
        return status;
    }
    nvme_zone_set_state(zns, zone, to);
    if (to == NVME_ZONE_EMPTY || to == NVME_ZONE_FULL) {
        void_holds(zone);
    }
    if (to == NVME_ZONE_EMPTY) {
        zone->wp = zone->settled = zone->good = 0;
        zone->extended = false;
    }
    return NVME_SUCCESS;
}

/* ---- the write pointer ---- */

static uint16_t check_state(const NvmeZns *zns, const NvmeZone *zone)
{
    static const uint16_t refused[16] = {
        [NVME_ZONE_FULL] = NVME_ZONE_IS_FULL | NVME_DNR,
        [NVME_ZONE_READ_ONLY] = NVME_ZONE_IS_READ_ONLY | NVME_DNR,
        [NVME_ZONE_OFFLINE] = NVME_ZONE_IS_OFFLINE | NVME_DNR,
    };

    if (refused[zone->state]) {
        return refused[zone->state];
    }
    /* It becomes full when what is under way has ended well. */
    return zone->wp == zns->capacity ? NVME_ZONE_IS_FULL | NVME_DNR : NVME_SUCCESS;
}

uint16_t nvme_zone_reserve(NvmeZns *zns, NvmeZone *zone, uint32_t at, uint32_t nlb,
                           bool may_close)
{
    uint16_t status = check_state(zns, zone);

    if (status) {
        return status;
    }
    if (at > zns->capacity || nlb > zns->capacity - at) {
        return NVME_ZONE_BOUNDARY_ERROR | NVME_DNR;
    }
    if (at != zone->wp) {
        return NVME_ZONE_INVALID_WRITE | NVME_DNR;
    }
    status = nvme_zone_act(zns, zone, NVME_ZONE_WRITE, may_close);
    if (!status) {
        zone->wp += nlb;
        zone->inflight++;
    }
    return status;
}

/*
 * When nothing is under way any more, the write pointer is behind the last block that
 * was written: what has failed at the end may be written again.
 */
void nvme_zone_release(NvmeZns *zns, NvmeZone *zone, uint32_t end, bool good)
{
    if (good) {
        zone->good = MAX(zone->good, end);
    }
    if (--zone->inflight) {
        return;
    }
    zone->wp = zone->settled = zone->good = nvme_zone_written(zone);
    if (zone->wp == zns->capacity && nvme_zone_is_active(zone->state)) {
        nvme_zone_set_state(zns, zone, NVME_ZONE_FULL);
    }
}
