/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zone Management Receive: 3.4.2. The report is written to the host's memory
 * descriptor by descriptor: nothing is kept for it, however many zones there are.
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

enum { REPORT = 0, EXTENDED_REPORT = 1, HEADER = 64, DESCRIPTOR = 64 };
enum { CDW13_PARTIAL = 1u << 16 };

/* Zone type 2: sequential write required. */
enum { ZT_SEQUENTIAL = 2, ZA_EXTENSION_VALID = 1 << 7 };

typedef struct Report {
    uint32_t first;                     /* zone */
    uint32_t room;                      /* descriptors that fit */
    uint32_t size;                      /* bytes of one, with its extension */
    uint16_t states;                    /* that are reported */
    bool partial;
} Report;

/* ZRASF: figure 36. */
static const uint16_t filters[256] = {
    0xffff, 1 << NVME_ZONE_EMPTY, 1 << NVME_ZONE_IMPLICITLY_OPEN, 1 << NVME_ZONE_EXPLICITLY_OPEN,
    1 << NVME_ZONE_CLOSED, 1 << NVME_ZONE_FULL, 1 << NVME_ZONE_READ_ONLY,
    1 << NVME_ZONE_OFFLINE,
};

static uint64_t length_of(const NvmeRequest *req)
{
    return ((uint64_t)le32_to_cpu(req->cmd.cdw12) + 1) * 4;
}

static uint8_t action_of(const NvmeRequest *req)
{
    return le32_to_cpu(req->cmd.cdw13);
}

static Report report_of(const NvmeRequest *req)
{
    const NvmeZns *zns = req->ns->zns;
    uint32_t cdw13 = le32_to_cpu(req->cmd.cdw13);
    uint32_t size = DESCRIPTOR + (action_of(req) == EXTENDED_REPORT ? zns->extension_size : 0);

    return (Report) {
        .first = nvme_slba(req) / zns->zone_size,
        .room = (length_of(req) - HEADER) / size,
        .size = size,
        .states = filters[cdw13 >> 8 & 0xff],
        .partial = cdw13 & CDW13_PARTIAL,
    };
}

static bool is_reported(const Report *r, const NvmeZone *zone)
{
    return r->states >> zone->state & 1;
}

static uint32_t count(const NvmeZns *zns, const Report *r)
{
    uint32_t n = 0;

    for (uint32_t i = r->first; i < zns->nr_zones; i++) {
        if (r->partial && n == r->room) {
            break;
        }
        n += is_reported(r, &zns->zones[i]);
    }
    return n;
}

/* Figure 37. The write pointer of a zone that has none is all ones. */
static void describe(const NvmeZns *zns, const NvmeZone *zone, uint8_t *d)
{
    bool has_wp = zone->state == NVME_ZONE_EMPTY || nvme_zone_is_active(zone->state);
    uint64_t slba = nvme_zone_slba(zns, zone);

    memset(d, 0, DESCRIPTOR);
    d[0] = ZT_SEQUENTIAL;
    d[1] = zone->state << 4;
    d[2] = zone->extended ? ZA_EXTENSION_VALID : 0;
    stq_le_p(d + 8, zns->capacity);
    stq_le_p(d + 16, slba);
    stq_le_p(d + 24, has_wp ? slba + zone->wp : UINT64_MAX);
}

/* An extension that is not valid is zeroes. */
static void put_extension(const NvmeZns *zns, const NvmeZone *zone, NvmeCursor *c)
{
    static uint8_t zeroes[NVME_ZONE_EXTENSION_MAX];

    nvme_cursor_to_host(c, zone->extended ? nvme_zone_extension(zns, zone) : zeroes,
                        zns->extension_size);
}

static uint16_t step_report(NvmeTask *t)
{
    const NvmeZns *zns = t->req->ns->zns;
    Report r = report_of(t->req);
    NvmeCursor c = { t->req->data.iov };
    uint8_t d[DESCRIPTOR] = { 0 };
    uint32_t left = r.room;

    QEMU_BUILD_BUG_ON(HEADER != DESCRIPTOR);
    stq_le_p(d, count(zns, &r));
    nvme_cursor_to_host(&c, d, HEADER);
    for (uint32_t i = r.first; left && i < zns->nr_zones; i++) {
        const NvmeZone *zone = &zns->zones[i];

        if (!is_reported(&r, zone)) {
            continue;
        }
        describe(zns, zone, d);
        nvme_cursor_to_host(&c, d, DESCRIPTOR);
        if (r.size > DESCRIPTOR) {
            put_extension(zns, zone, &c);
        }
        left--;
    }
    return NVME_SUCCESS;
}

/* No more than there could be to tell. */
static uint16_t step_map(NvmeTask *t)
{
    NvmeRequest *req = t->req;
    Report r = report_of(req);
    uint64_t most = HEADER + (uint64_t)(req->ns->zns->nr_zones - r.first) * r.size;

    return nvme_map_data(req, MIN(length_of(req), most), NVME_DATA_OUT, nvme_task_next);
}

static NvmeStep *const report[] = { step_map, step_report, nvme_step_data_out, NULL };

static uint16_t check(const NvmeRequest *req)
{
    uint8_t action = action_of(req);

    if (nvme_slba(req) >= req->ns->nsze) {
        return NVME_LBA_OUT_OF_RANGE | NVME_DNR;
    }
    if (action > EXTENDED_REPORT || length_of(req) < HEADER ||
        length_of(req) > req->ctrl->max_transfer ||
        !filters[le32_to_cpu(req->cmd.cdw13) >> 8 & 0xff] ||
        (action == EXTENDED_REPORT && !req->ns->zns->extension_size)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return NVME_SUCCESS;
}

uint16_t nvme_zone_receive(NvmeRequest *req)
{
    uint16_t status = check(req);

    return status ? status : nvme_run(req, report);
}
