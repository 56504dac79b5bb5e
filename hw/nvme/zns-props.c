/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a namespace is divided into zones: what the user asks for, and what becomes of it. */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/nvme/admin.h"
#include "hw/nvme/zns.h"

/* ---- zones in a format ---- */

static uint64_t capacity_bytes(const NvmeNsParams *p)
{
    return p->zone_cap_bs ?: p->zone_size_bs;
}

uint32_t nvme_zns_blocks(const NvmeNamespace *ns, unsigned lbaf)
{
    const NvmeNsParams *p = &ns->params;
    uint8_t lbads = nvme_ns_format(ns, lbaf).lbads;
    uint64_t blocks = p->zone_size_bs >> lbads;
    uint64_t zones = blocks ? nvme_ns_blocks(ns, lbaf) / blocks : 0;

    return (p->zone_size_bs | capacity_bytes(p)) & ((1ull << lbads) - 1) || blocks > UINT32_MAX ||
           !zones || zones > NVME_MAX_ZONES ? 0 : blocks;
}

static NvmeZns *new_zns(const NvmeNamespace *ns, uint32_t size)
{
    const NvmeNsParams *p = &ns->params;
    NvmeZns *zns = nvme_zns_new(ns->nsze / size, size, capacity_bytes(p) >> ns->lbads,
                                p->zd_extension_size);

    zns->max_active = p->max_active_zones;
    /* What is open is active. */
    zns->max_open = p->max_open_zones ?: p->max_active_zones;
    return zns;
}

bool nvme_zns_layout(NvmeNamespace *ns)
{
    uint32_t size = nvme_zns_blocks(ns, ns->lbaf);

    if (!size || ns->nsze < size) {
        return false;
    }
    ns->nsze -= ns->nsze % size;
    if (ns->zns && (ns->zns->zone_size != size || ns->zns->nr_zones != ns->nsze / size)) {
        nvme_zns_free(ns);
    }
    if (!ns->zns) {
        ns->zns = new_zns(ns, size);
    }
    return true;
}

void nvme_zns_format(NvmeNamespace *ns)
{
    uint32_t size = ns->zns->zone_size;

    nvme_zns_free(ns);
    ns->zns = new_zns(ns, size);
}

void nvme_zns_free(NvmeNamespace *ns)
{
    if (ns->zns) {
        nvme_zns_delete(g_steal_pointer(&ns->zns));
    }
}

void nvme_zns_power_cycle(NvmeNamespace *ns)
{
    NvmeZns *zns = ns->zns;

    for (uint32_t i = 0; zns->nr_open && i < zns->nr_zones; i++) {
        NvmeZone *zone = &zns->zones[i];

        if (nvme_zone_is_open(zone->state)) {
            nvme_zone_set_state(zns, zone, zone->wp || zone->extended ? NVME_ZONE_CLOSED
                                                                      : NVME_ZONE_EMPTY);
        }
    }
}

/* ---- what the user asks for ---- */

static bool check_sizes(const NvmeNsParams *p, unsigned block, Error **errp)
{
    if (p->zone_size_bs < block || p->zone_size_bs % block) {
        error_setg(errp, "property 'zoned.zone_size' of nvme-ns must be a multiple of "
                   "logical_block_size=%u, not %" PRIu64, block, p->zone_size_bs);
    } else if (p->zone_size_bs / block > UINT32_MAX) {
        error_setg(errp, "property 'zoned.zone_size' of nvme-ns must be less than 2^32 blocks, not "
                   "%" PRIu64 " bytes", p->zone_size_bs);
    } else if (p->zone_cap_bs > p->zone_size_bs || p->zone_cap_bs % block) {
        error_setg(errp, "property 'zoned.zone_capacity' of nvme-ns must be a multiple of "
                   "logical_block_size=%u up to zoned.zone_size=%" PRIu64 ", not %" PRIu64, block,
                   p->zone_size_bs, p->zone_cap_bs);
    } else {
        return true;
    }
    return false;
}

static bool check_count(const NvmeNamespace *ns, uint64_t zones, Error **errp)
{
    uint64_t size = ns->params.zone_size_bs;

    if (!zones) {
        error_setg(errp, "the drive has %" PRIu64 " bytes: not one zone of zoned.zone_size=%" PRIu64
                   " fits; make zones smaller", ns->medium, size);
    } else if (zones > NVME_MAX_ZONES) {
        error_setg(errp, "property 'zoned.zone_size' of nvme-ns makes %" PRIu64 " zones of the "
                   "drive, but at most %u are possible: choose more than %" PRIu64, zones,
                   NVME_MAX_ZONES, size);
    } else {
        return true;
    }
    return false;
}

static bool check_limit(const char *name, uint32_t value, uint64_t zones, Error **errp)
{
    if (value > zones) {
        error_setg(errp, "property '%s' of nvme-ns must be at most %" PRIu64 ", the number of "
                   "zones, or 0 for no limit, not %u", name, zones, value);
        return false;
    }
    return true;
}

static bool check_limits(const NvmeNsParams *p, uint64_t zones, Error **errp)
{
    if (!check_limit("zoned.max_active", p->max_active_zones, zones, errp) ||
        !check_limit("zoned.max_open", p->max_open_zones, zones, errp)) {
        return false;
    }
    if (p->max_active_zones && p->max_open_zones > p->max_active_zones) {
        error_setg(errp, "property 'zoned.max_open' of nvme-ns must be at most "
                   "zoned.max_active=%u, not %u", p->max_active_zones, p->max_open_zones);
        return false;
    }
    return true;
}

static bool check_extension(const NvmeNsParams *p, uint64_t zones, Error **errp)
{
    uint32_t size = p->zd_extension_size;

    if (size % NVME_ZONE_EXTENSION_UNIT || size > NVME_ZONE_EXTENSION_MAX) {
        error_setg(errp, "property 'zoned.descr_ext_size' of nvme-ns must be a multiple of %u up "
                   "to %u, not %u", NVME_ZONE_EXTENSION_UNIT, NVME_ZONE_EXTENSION_MAX, size);
    } else if (size * zones > NVME_ZONE_EXTENSIONS) {
        error_setg(errp, "property 'zoned.descr_ext_size' of nvme-ns must be at most %u for %"
                   PRIu64 " zones, not %u", (unsigned)(NVME_ZONE_EXTENSIONS / zones), zones, size);
    } else if (p->numzrwa || p->zrwas || p->zrwafg) {
        error_setg(errp, "property 'zoned.%s' of nvme-ns: random write areas are not supported, "
                   "leave it at 0", p->numzrwa ? "numzrwa" : p->zrwas ? "zrwas" : "zrwafg");
    } else {
        return true;
    }
    return false;
}

bool nvme_zns_check(const NvmeNamespace *ns, Error **errp)
{
    const NvmeNsParams *p = &ns->params;
    uint64_t zones;

    if (!p->zoned) {
        return true;
    }
    if (!check_sizes(p, 1u << ns->lbads, errp)) {
        return false;
    }
    zones = nvme_ns_blocks(ns, ns->lbaf) / (p->zone_size_bs >> ns->lbads);
    if (!check_count(ns, zones, errp) || !check_limits(p, zones, errp) ||
        !check_extension(p, zones, errp)) {
        return false;
    }
    if (ns->medium % p->zone_size_bs && !ns->ms) {
        warn_report("the last %" PRIu64 " bytes of the drive are less than zoned.zone_size=%" PRIu64
                    " and not used", ns->medium % p->zone_size_bs, p->zone_size_bs);
    }
    return true;
}
