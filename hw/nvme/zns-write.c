/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Write and the other commands that write may go in a zoned namespace: 2.1.1.4.
 * A write that fails while others behind it succeed leaves a hole below the write
 * pointer: reading it is an error of the medium until the zone is reset.
 */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

static bool may_close(const NvmeRequest *req)
{
    return req->ctrl->params.auto_transition_zones;
}

/* Blocks behind the write pointer are nobody's: nothing is wrong with them. */
static void forget_bad(NvmeNamespace *ns, const NvmeZone *zone)
{
    uint64_t slba = nvme_zone_slba(ns->zns, zone);

    if (unlikely(ns->io->bad.count) && zone->wp < ns->zns->zone_size) {
        nvme_bad_heal(&ns->io->bad, slba + zone->wp, slba + (ns->zns->zone_size - 1));
    }
}

static uint16_t reserve(NvmeRequest *req, NvmeZone *zone, uint32_t at, uint64_t nlb)
{
    NvmeZns *zns = req->ns->zns;

    return nvme_zone_reserve(zns, zone, at, MIN(nlb, UINT32_MAX), may_close(req));
}

static void release(NvmeNamespace *ns, NvmeZone *zone, uint64_t slba, uint32_t nlb, bool good)
{
    uint64_t last = slba + (nlb - 1);

    if (unlikely(!good)) {
        nvme_bad_mark(&ns->io->bad, slba, last);
    }
    nvme_zone_release(ns->zns, zone, last + 1 - nvme_zone_slba(ns->zns, zone), good);
    if (!zone->inflight) {
        forget_bad(ns, zone);
    }
}

uint16_t nvme_zns_begin(NvmeRequest *req)
{
    const NvmeZns *zns = req->ns->zns;
    uint64_t slba = nvme_slba(req);

    return reserve(req, nvme_zone_of(zns, slba), slba % zns->zone_size, nvme_nlb(req));
}

void nvme_zns_end(NvmeRequest *req, bool good)
{
    uint64_t slba = nvme_slba(req);

    release(req->ns, nvme_zone_of(req->ns->zns, slba), slba, nvme_nlb(req), good);
}

uint16_t nvme_zns_hold(NvmeTask *t, NvmeZone *zone, uint32_t at, uint64_t nlb)
{
    uint16_t status = reserve(t->req, zone, at, nlb);

    if (!status) {
        t->hold = (NvmeZoneHold) {
            zone, nvme_zone_slba(t->req->ns->zns, zone) + at, nlb, zone->epoch,
        };
    }
    return status;
}

void nvme_zns_drop(NvmeTask *t, bool good)
{
    NvmeZoneHold hold = t->hold;

    t->hold.zone = NULL;
    if (hold.epoch == hold.zone->epoch) {
        release(t->req->ns, hold.zone, hold.slba, hold.nlb, good);
    }
}

/* ---- steps of commands on the blocks that CDW10 to CDW12 name ---- */

uint16_t nvme_step_zone_begin(NvmeTask *t)
{
    const NvmeZns *zns = t->req->ns->zns;
    uint64_t slba = nvme_slba(t->req);

    return likely(!zns) ? NVME_SUCCESS
                        : nvme_zns_hold(t, nvme_zone_of(zns, slba), slba % zns->zone_size,
                                        nvme_nlb(t->req));
}

uint16_t nvme_step_zone_end(NvmeTask *t)
{
    if (t->hold.zone) {
        nvme_zns_drop(t, true);
    }
    return NVME_SUCCESS;
}

/* Its blocks count as written, but cannot be read. */
uint16_t nvme_zone_write_uncorrectable(NvmeRequest *req)
{
    uint16_t status = nvme_check_range(req->ns, nvme_slba(req), nvme_nlb(req));

    if (!status) {
        status = nvme_zns_begin(req);
    }
    if (!status) {
        status = nvme_write_uncorrectable(req);
        nvme_zns_end(req, !status);
    }
    return status;
}
