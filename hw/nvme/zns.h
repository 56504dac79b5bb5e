/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zoned namespaces: NVM Express zoned namespace command set specification, revision
 * 1.1. A namespace whose `zns` is not NULL consists of zones of one size, each
 * written from its start to its capacity and made empty as a whole.
 *
 * Who touches a zone when: a write reserves its blocks at the write pointer when it
 * has its lock, so several of them may be under way in a zone; a command that changes
 * a zone's state locks all of its blocks, strictly (locks.h), and finds none of them
 * under way. Only Copy has a reservation without a lock, between two buffers: when
 * the zone is reset or finished meanwhile, its epoch is another and the rest of the
 * copy fails.
 *
 * What lies behind the write pointer is zeroes to the host, whatever the medium has:
 * reads that may touch it go through a buffer (nvme_zns_mask()).
 *
 * Everything is in memory: zones survive resets of controllers, and are empty when
 * the process starts. Locking as in nvme.h; lock order: none of its own.
 */
#ifndef HW_NVME_ZNS_H
#define HW_NVME_ZNS_H

#include "qapi/error.h"
#include "qemu/queue.h"
#include "hw/nvme/nvme.h"

/* Zone states as descriptors have them: 3.4.2.2.3, figure 37. */
typedef enum NvmeZoneState {
    NVME_ZONE_EMPTY = 0x1,
    NVME_ZONE_IMPLICITLY_OPEN = 0x2,
    NVME_ZONE_EXPLICITLY_OPEN = 0x3,
    NVME_ZONE_CLOSED = 0x4,
    NVME_ZONE_READ_ONLY = 0xd,
    NVME_ZONE_FULL = 0xe,
    NVME_ZONE_OFFLINE = 0xf,
} NvmeZoneState;

/* What is done to zones; the zone send actions with their numbers (3.4.3, figure 40). */
typedef enum NvmeZoneAction {
    NVME_ZONE_WRITE = 0x0,
    NVME_ZONE_CLOSE = 0x1,
    NVME_ZONE_FINISH = 0x2,
    NVME_ZONE_OPEN = 0x3,
    NVME_ZONE_RESET = 0x4,
    NVME_ZONE_GO_OFFLINE = 0x5,
    NVME_ZONE_SET_EXTENSION = 0x10,
    NVME_ZONE_ACTIONS,
} NvmeZoneAction;

enum {
    NVME_MAX_ZONES = 1 << 16,           /* of a namespace: 2.5 MiB, walked in half a ms */
    NVME_ZONE_EXTENSION_UNIT = 64,
    NVME_ZONE_EXTENSION_MAX = 255 * NVME_ZONE_EXTENSION_UNIT,
    NVME_ZONE_EXTENSIONS = 64 << 20,    /* bytes of all of a namespace */
};

/* Positions are in blocks from the start of the zone. */
typedef struct NvmeZone {
    uint32_t wp;                /* what the next write has to begin with */
    uint32_t settled;           /* all below has been written, or failed for good */
    uint32_t good;              /* end of the last write that succeeded */
    uint32_t inflight;          /* reservations */
    uint32_t epoch;             /* another one: reservations of before are void */
    uint8_t state;              /* NvmeZoneState */
    bool extended;              /* its descriptor extension is valid */
    QTAILQ_ENTRY(NvmeZone) link;        /* of the implicitly open ones */
} NvmeZone;

struct NvmeZns {
    uint32_t zone_size, capacity;       /* blocks */
    uint32_t nr_zones;
    uint32_t max_open, max_active;      /* 0: no limit */
    uint32_t nr_open, nr_active;
    uint32_t extension_size;            /* bytes of each zone; 0: there are none */
    NvmeZone *zones;
    uint8_t *extensions;
    QTAILQ_HEAD(, NvmeZone) implicit;   /* the oldest first */
};

/* Blocks of a zone that a write has for itself; of a task, zone NULL: none. */
typedef struct NvmeZoneHold {
    NvmeZone *zone;
    uint64_t slba;
    uint32_t nlb, epoch;
} NvmeZoneHold;

/* ---- zns.c: the state machine, without anything else ---- */

NvmeZns *nvme_zns_new(uint32_t nr_zones, uint32_t zone_size, uint32_t capacity,
                      uint32_t extension_size);
void nvme_zns_delete(NvmeZns *zns);
static inline NvmeZone *nvme_zone_of(const NvmeZns *zns, uint64_t lba)
{
    return &zns->zones[lba / zns->zone_size];
}
static inline uint64_t nvme_zone_slba(const NvmeZns *zns, const NvmeZone *zone)
{
    return (uint64_t)(zone - zns->zones) * zns->zone_size;
}
static inline uint8_t *nvme_zone_extension(const NvmeZns *zns, const NvmeZone *zone)
{
    return zns->extensions + (size_t)(zone - zns->zones) * zns->extension_size;
}
bool nvme_zone_is_open(uint8_t state);
bool nvme_zone_is_active(uint8_t state);
/* A transition as it is asked for (2.1.1.3.2); may_close: an implicitly open one makes room. */
uint16_t nvme_zone_act(NvmeZns *zns, NvmeZone *zone, NvmeZoneAction action, bool may_close);
/* The state and the counters, nothing else: for those who know what they do. */
void nvme_zone_set_state(NvmeZns *zns, NvmeZone *zone, uint8_t state);
/* Blocks of a zone that a write begins at; then its end. A zone that is written is full. */
uint16_t nvme_zone_reserve(NvmeZns *zns, NvmeZone *zone, uint32_t at, uint32_t nlb,
                           bool may_close);
void nvme_zone_release(NvmeZns *zns, NvmeZone *zone, uint32_t end, bool good);
/* What of the zone has been written; the rest is zeroes. */
static inline uint32_t nvme_zone_written(const NvmeZone *zone)
{
    return MAX(zone->settled, zone->good);
}

/* ---- zns-props.c: what the user asks for; where zones lie ---- */

/* One line that says what to do. Formats and the drive are known. */
bool nvme_zns_check(const NvmeNamespace *ns, Error **errp);
/* Blocks of a zone in that format; 0: zones do not fit. */
uint32_t nvme_zns_blocks(const NvmeNamespace *ns, unsigned lbaf);
/* From nsze: zones, all empty unless they have been there; nsze is all that zones cover. */
bool nvme_zns_layout(NvmeNamespace *ns);
void nvme_zns_format(NvmeNamespace *ns);
void nvme_zns_free(NvmeNamespace *ns);
/* 2.1.1.3.2: after a reset of the subsystem no zone is open. */
void nvme_zns_power_cycle(NvmeNamespace *ns);

/* ---- zns-write.c: where a write may go ---- */

/* For writes without a task, of blocks that the command names; and their end. */
uint16_t nvme_zns_begin(NvmeRequest *req);
void nvme_zns_end(NvmeRequest *req, bool good);
/* For tasks, of any blocks from `at` in a zone: t->hold, which freeing the task gives up. */
uint16_t nvme_zns_hold(NvmeTask *t, NvmeZone *zone, uint32_t at, uint64_t nlb);
void nvme_zns_drop(NvmeTask *t, bool good);

/* Write Uncorrectable: 3.3.8. */
uint16_t nvme_zone_write_uncorrectable(NvmeRequest *req);

/* ---- zns-read.c ---- */

/* 3.3.5 and others that read: zones that can be read, and only one unless OZCS says so. */
uint16_t nvme_zns_check_read(const NvmeNamespace *ns, uint64_t slba, uint32_t nlb);
/* All of it has been written, and nothing there is under way. */
bool nvme_zns_is_settled(const NvmeNamespace *ns, uint64_t slba, uint32_t nlb);
/* What of t->chunk in the task's buffer has not been written becomes zeroes, as the medium
   has them. */
void nvme_zns_mask(NvmeTask *t);

/* ---- zns-append.c, zns-send.c, zns-receive.c ---- */

uint16_t nvme_zone_append(NvmeRequest *req);
uint16_t nvme_zone_send(NvmeRequest *req);
uint16_t nvme_zone_receive(NvmeRequest *req);

/* ---- zns-identify.c: 4.1.5.1 and 4.1.5.2 ---- */

void nvme_zns_fill_ns(const NvmeNamespace *ns, uint8_t *page);
void nvme_zns_fill_ctrl(const NvmeCtrl *n, uint8_t *page);

#endif
