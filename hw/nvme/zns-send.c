/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zone Management Send: 3.4.3. One zone after the other, each with all of its blocks
 * locked: nothing else is under way there when its state changes.
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

enum {
    CDW13_SELECT_ALL = 1u << 8,
    CDW13_RANDOM_WRITE_AREA = 1u << 9,
    ZONES_AT_ONCE = 64,                 /* then others have their turn */
};

#define STATE(state) (1u << NVME_ZONE_##state)

/* Which zones an action is for when it is for all: figures 42 to 46. */
static const struct {
    bool known;
    uint16_t states;                    /* 0: it is for one zone only */
} actions[256] = {
    [NVME_ZONE_CLOSE] = { true, STATE(IMPLICITLY_OPEN) | STATE(EXPLICITLY_OPEN) },
    [NVME_ZONE_FINISH] = {
        true, STATE(IMPLICITLY_OPEN) | STATE(EXPLICITLY_OPEN) | STATE(CLOSED),
    },
    [NVME_ZONE_OPEN] = { true, STATE(CLOSED) },
    [NVME_ZONE_RESET] = {
        true,
        STATE(IMPLICITLY_OPEN) | STATE(EXPLICITLY_OPEN) | STATE(CLOSED) | STATE(FULL),
    },
    [NVME_ZONE_GO_OFFLINE] = { true, STATE(READ_ONLY) },
    [NVME_ZONE_SET_EXTENSION] = { true, 0 },
};

static uint8_t action_of(const NvmeRequest *req)
{
    return le32_to_cpu(req->cmd.cdw13);
}

static bool is_for_all(const NvmeRequest *req)
{
    return le32_to_cpu(req->cmd.cdw13) & CDW13_SELECT_ALL;
}

static NvmeZone *current(const NvmeTask *t)
{
    return &t->req->ns->zns->zones[t->index];
}

static bool is_meant(const NvmeTask *t)
{
    return !is_for_all(t->req) || actions[action_of(t->req)].states >> current(t)->state & 1;
}

static bool may_close(const NvmeTask *t)
{
    return t->req->ctrl->params.auto_transition_zones;
}

/* ---- steps ---- */

/* t->index: the next zone; after the last one the task is done. */
static uint16_t step_next_zone(NvmeTask *t)
{
    const NvmeZns *zns = t->req->ns->zns;
    uint32_t end = is_for_all(t->req) ? zns->nr_zones : nvme_slba(t->req) / zns->zone_size + 1;

    t->loop = t->step - 1;
    while (t->index < end && !is_meant(t)) {
        t->index++;
    }
    if (t->index >= end) {
        while (*t->step) {
            t->step++;
        }
        return NVME_SUCCESS;
    }
    if (++t->done % ZONES_AT_ONCE) {
        return NVME_SUCCESS;
    }
    nvme_task_ready(t);
    return NVME_PENDING;
}

static uint16_t step_lock_zone(NvmeTask *t)
{
    const NvmeZns *zns = t->req->ns->zns;

    t->chunk.lba = nvme_zone_slba(zns, current(t));
    return nvme_task_lock(t, t->chunk.lba, zns->zone_size, true, true);
}

/* chunk.n: blocks that have become nobody's. */
static uint16_t reset(NvmeTask *t)
{
    NvmeNamespace *ns = t->req->ns;
    uint32_t size = ns->zns->zone_size, written = nvme_zone_written(current(t));
    uint64_t slba = t->chunk.lba;
    uint16_t status = nvme_check_healable(ns, slba, size);

    if (!status) {
        status = nvme_zone_act(ns->zns, current(t), NVME_ZONE_RESET, false);
    }
    if (!status) {
        nvme_bad_heal(&ns->io->bad, slba, slba + (size - 1));
        t->chunk.n = written;
    }
    return status;
}

/* While it waited, a zone may have become one that is not meant any more. */
static uint16_t step_act(NvmeTask *t)
{
    uint8_t action = action_of(t->req);

    t->chunk.n = 0;
    if (!is_meant(t)) {
        return NVME_SUCCESS;
    }
    return action == NVME_ZONE_RESET ? reset(t)
                                     : nvme_zone_act(t->req->ns->zns, current(t), action,
                                                     may_close(t));
}

/* What a host cannot see any more need not be on the medium. */
static uint16_t step_discard(NvmeTask *t)
{
    NvmeNamespace *ns = t->req->ns;
    NvmeChunk *c = &t->chunk;

    return !c->n ? NVME_SUCCESS
                 : nvme_task_submit(t, BLOCK_OP_DISCARD, 0, nvme_data_offset(ns, c->lba),
                                    (int64_t)c->n << ns->lbads, NULL, 0);
}

static uint16_t step_discard_meta(NvmeTask *t)
{
    NvmeNamespace *ns = t->req->ns;
    NvmeChunk *c = &t->chunk;

    return !c->n || !ns->ms ? NVME_SUCCESS
                            : nvme_task_submit(t, BLOCK_OP_DISCARD, 0,
                                               nvme_meta_offset(ns, c->lba),
                                               (int64_t)c->n * ns->ms, NULL, 0);
}

static uint16_t step_zone_done(NvmeTask *t)
{
    nvme_task_unlock(t);
    t->index++;
    t->step = t->loop;
    return NVME_SUCCESS;
}

static NvmeStep *const act[] = {
    step_next_zone, step_lock_zone, step_act, step_discard, step_discard_meta, step_zone_done,
    NULL,
};

/* ---- the extension of a zone's descriptor: 5.3 ---- */

static uint16_t step_map_extension(NvmeTask *t)
{
    return nvme_map_data(t->req, t->req->ns->zns->extension_size,
                         NVME_DATA_IN | NVME_DATA_PRIVATE, nvme_task_next);
}

static uint16_t step_set_extension(NvmeTask *t)
{
    NvmeZns *zns = t->req->ns->zns;
    NvmeZone *zone = current(t);
    uint16_t status = nvme_zone_act(zns, zone, NVME_ZONE_SET_EXTENSION, may_close(t));

    if (!status) {
        memcpy(nvme_zone_extension(zns, zone), t->req->data.iov->iov_base, zns->extension_size);
        zone->extended = true;
    }
    return status;
}

static NvmeStep *const set_extension[] = {
    step_map_extension, step_lock_zone, step_set_extension, NULL,
};

/* ---- the command ---- */

/* All zones are opened, or none: figure 44. */
static bool all_can_open(const NvmeZns *zns)
{
    uint32_t closed = zns->nr_active - zns->nr_open, stay = zns->nr_open;
    NvmeZone *zone;

    QTAILQ_FOREACH(zone, &zns->implicit, link) {
        stay--;
    }
    return !zns->max_open || closed + stay <= zns->max_open;
}

static uint16_t check(const NvmeRequest *req)
{
    const NvmeZns *zns = req->ns->zns;
    uint8_t action = action_of(req);
    uint64_t slba = nvme_slba(req);

    if (!actions[action].known || (req->cmd.cdw13 & cpu_to_le32(CDW13_RANDOM_WRITE_AREA)) ||
        (action == NVME_ZONE_SET_EXTENSION && !zns->extension_size)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (is_for_all(req)) {
        if (action == NVME_ZONE_OPEN && !all_can_open(zns)) {
            return NVME_TOO_MANY_OPEN_ZONES | NVME_DNR;
        }
        return actions[action].states ? NVME_SUCCESS : NVME_INVALID_FIELD | NVME_DNR;
    }
    if (slba >= req->ns->nsze) {
        return NVME_LBA_OUT_OF_RANGE | NVME_DNR;
    }
    return slba % zns->zone_size ? NVME_INVALID_FIELD | NVME_DNR : NVME_SUCCESS;
}

uint16_t nvme_zone_send(NvmeRequest *req)
{
    uint16_t status = check(req);
    NvmeTask *t;

    if (status) {
        return status;
    }
    t = nvme_task_new(req, action_of(req) == NVME_ZONE_SET_EXTENSION ? set_extension : act);
    t->index = is_for_all(req) ? 0 : nvme_slba(req) / req->ns->zns->zone_size;
    return nvme_task_start(t);
}
