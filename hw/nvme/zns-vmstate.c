/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones on their way to another process: those that are not empty. A write that is
 * under way begins again there (vmstate.h), so its reservation is not one any more.
 */
#include "qemu/osdep.h"
#include "hw/nvme/vmstate.h"
#include "hw/nvme/zns.h"

static NvmeNamespace *next_zoned(NvmeCtrl *n, uint32_t after)
{
    for (uint32_t nsid = after + 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        if (n->namespaces[nsid] && n->namespaces[nsid]->zns) {
            return n->namespaces[nsid];
        }
    }
    return NULL;
}

/* ---- out ---- */

static NvmeSavedZone save_one(const NvmeNamespace *ns, const NvmeZone *zone)
{
    const NvmeZns *zns = ns->zns;
    NvmeSavedZone saved = {
        .nsid = ns->nsid, .index = zone - zns->zones, .state = zone->state,
        .wp = nvme_zone_written(zone),
    };

    if (saved.wp == zns->capacity && nvme_zone_is_active(zone->state)) {
        saved.state = NVME_ZONE_FULL;
    }
    if (zone->extended) {
        saved.nextension = zns->extension_size;
        saved.extension = g_memdup2(nvme_zone_extension(zns, zone), zns->extension_size);
    }
    return saved;
}

static NvmeSavedZoned geometry(const NvmeNamespace *ns)
{
    const NvmeZns *zns = ns->zns;

    return (NvmeSavedZoned) {
        ns->nsid, zns->nr_zones, zns->zone_size, zns->capacity, zns->extension_size,
    };
}

static void save_zones(const NvmeNamespace *ns, GArray *zones)
{
    for (uint32_t i = 0; i < ns->zns->nr_zones; i++) {
        if (ns->zns->zones[i].state != NVME_ZONE_EMPTY) {
            NvmeSavedZone saved = save_one(ns, &ns->zns->zones[i]);

            g_array_append_val(zones, saved);
        }
    }
}

void nvme_zones_save(NvmeCtrl *n, NvmeSaved *s)
{
    GArray *zoned = g_array_new(false, false, sizeof(NvmeSavedZoned));
    GArray *zones = g_array_new(false, false, sizeof(NvmeSavedZone));

    for (NvmeNamespace *ns = next_zoned(n, 0); ns; ns = next_zoned(n, ns->nsid)) {
        NvmeSavedZoned saved = geometry(ns);

        g_array_append_val(zoned, saved);
        save_zones(ns, zones);
    }
    s->nzoned = zoned->len;
    s->zoned = (NvmeSavedZoned *)g_array_free(zoned, false);
    s->nzones = zones->len;
    s->zones = (NvmeSavedZone *)g_array_free(zones, false);
}

void nvme_zones_free(NvmeSaved *s)
{
    for (int32_t i = 0; s->zones && i < s->nzones; i++) {
        g_free(s->zones[i].extension);
    }
    g_clear_pointer(&s->zones, g_free);
    g_clear_pointer(&s->zoned, g_free);
}

/* ---- in ---- */

static bool is_state(uint8_t state)
{
    return nvme_zone_is_active(state) || state == NVME_ZONE_READ_ONLY ||
           state == NVME_ZONE_FULL || state == NVME_ZONE_OFFLINE;
}

static bool is_sane(const NvmeZns *zns, const NvmeSavedZone *saved)
{
    uint32_t most = zns->capacity - nvme_zone_is_active(saved->state);

    return saved->index < zns->nr_zones && is_state(saved->state) && saved->wp <= most &&
           (!saved->nextension || saved->nextension == zns->extension_size) &&
           zns->zones[saved->index].state == NVME_ZONE_EMPTY;
}

static bool restore_one(NvmeCtrl *n, const NvmeSavedZone *saved)
{
    NvmeNamespace *ns = saved->nsid <= NVME_MAX_NAMESPACES ? n->namespaces[saved->nsid] : NULL;
    NvmeZone *zone;

    if (!ns || !ns->zns || !is_sane(ns->zns, saved)) {
        return false;
    }
    zone = &ns->zns->zones[saved->index];
    nvme_zone_set_state(ns->zns, zone, saved->state);
    zone->wp = zone->settled = zone->good = saved->wp;
    if (saved->nextension) {
        memcpy(nvme_zone_extension(ns->zns, zone), saved->extension, saved->nextension);
        zone->extended = true;
    }
    return (!ns->zns->max_open || ns->zns->nr_open <= ns->zns->max_open) &&
           (!ns->zns->max_active || ns->zns->nr_active <= ns->zns->max_active);
}

/* Of others that share a namespace: what they have under way there fails. */
static void empty_all(NvmeCtrl *n)
{
    for (NvmeNamespace *ns = next_zoned(n, 0); ns; ns = next_zoned(n, ns->nsid)) {
        for (uint32_t i = 0; i < ns->zns->nr_zones; i++) {
            NvmeZone *zone = &ns->zns->zones[i];

            nvme_zone_set_state(ns->zns, zone, NVME_ZONE_EMPTY);
            nvme_zone_act(ns->zns, zone, NVME_ZONE_RESET, false);
        }
    }
}

/* Each zoned namespace once, in order, as it is here. */
static bool is_same(NvmeCtrl *n, const NvmeSaved *s)
{
    NvmeNamespace *ns = next_zoned(n, 0);

    for (int32_t i = 0; i < s->nzoned; i++) {
        NvmeSavedZoned here = { 0 };

        if (!ns) {
            return false;
        }
        here = geometry(ns);
        if (memcmp(&s->zoned[i], &here, sizeof(here))) {
            return false;
        }
        ns = next_zoned(n, ns->nsid);
    }
    return !ns;
}

bool nvme_zones_restore(NvmeCtrl *n, const NvmeSaved *s)
{
    empty_all(n);
    if (!is_same(n, s)) {
        return false;
    }
    for (int32_t i = 0; i < s->nzones; i++) {
        if (!restore_one(n, &s->zones[i])) {
            empty_all(n);
            return false;
        }
    }
    return true;
}

/* ---- as a stream has it ---- */

static const VMStateDescription vmstate_zoned = {
    .name = "nvme-zoned",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(nsid, NvmeSavedZoned),
        VMSTATE_UINT32(nr_zones, NvmeSavedZoned),
        VMSTATE_UINT32(zone_size, NvmeSavedZoned),
        VMSTATE_UINT32(capacity, NvmeSavedZoned),
        VMSTATE_UINT32(extension_size, NvmeSavedZoned),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_zone = {
    .name = "nvme-zone",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(nsid, NvmeSavedZone),
        VMSTATE_UINT32(index, NvmeSavedZone),
        VMSTATE_UINT32(wp, NvmeSavedZone),
        VMSTATE_UINT8(state, NvmeSavedZone),
        VMSTATE_UINT32(nextension, NvmeSavedZone),
        VMSTATE_VARRAY_UINT32_ALLOC(extension, NvmeSavedZone, nextension, 1, vmstate_info_uint8,
                                    uint8_t),
        VMSTATE_END_OF_LIST()
    }
};

static bool zones_needed(void *opaque)
{
    const NvmeSaved *s = opaque;

    return s->nzoned;
}

const VMStateDescription nvme_vmstate_zones = {
    .name = "nvme-queues/zones",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = zones_needed,
    .fields = (const VMStateField[]) {
        VMSTATE_INT32(nzoned, NvmeSaved),
        VMSTATE_STRUCT_VARRAY_ALLOC(zoned, NvmeSaved, nzoned, 1, vmstate_zoned, NvmeSavedZoned),
        VMSTATE_INT32(nzones, NvmeSaved),
        VMSTATE_STRUCT_VARRAY_ALLOC(zones, NvmeSaved, nzones, 1, vmstate_zone, NvmeSavedZone),
        VMSTATE_END_OF_LIST()
    }
};
