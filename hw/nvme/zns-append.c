/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zone Append: 3.4.1. The blocks go to the write pointer, wherever it is when their turn
 * comes, and the host is told. What it waits for may be anywhere in the zone, so its
 * lock is of the whole zone; in a plain format several appends have it together.
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

enum { CDW12_PIREMAP = 1u << 25 };

static bool remaps(const NvmeRequest *req)
{
    return req->cmd.cdw12 & cpu_to_le32(CDW12_PIREMAP);
}

/* How far from the start of the zone the first block gets; for reference tags (3.4.1.1). */
static uint64_t distance(const NvmeTask *t)
{
    return remaps(t->req) ? t->hold.slba - nvme_slba(t->req) : 0;
}

static uint16_t step_lock_zone(NvmeTask *t)
{
    return nvme_task_lock(t, nvme_slba(t->req), t->req->ns->zns->zone_size, true, false);
}

static uint16_t step_hold(NvmeTask *t)
{
    NvmeRequest *req = t->req;
    NvmeZone *zone = nvme_zone_of(req->ns->zns, nvme_slba(req));
    uint16_t status = nvme_zns_hold(t, zone, zone->wp, nvme_nlb(req));

    if (status) {
        return status;
    }
    t->chunk.lba = t->hold.slba;
    if (t->chunk.tags.prinfo & NVME_PRACT) {
        nvme_pi_shift(&t->chunk.pi, &t->chunk.tags, distance(t));
    }
    return NVME_SUCCESS;
}

static uint16_t step_direct_write(NvmeTask *t)
{
    NvmeRequest *req = t->req;

    return nvme_task_submit(t, BLOCK_OP_WRITE, nvme_write_flags(req),
                            nvme_data_offset(req->ns, t->hold.slba), req->data.length,
                            req->data.iov, req->data.niov);
}

/* After the host's own tuples have been checked as they came. */
static uint16_t step_remap(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;

    if (c->pi.type && !(c->tags.prinfo & NVME_PRACT) && distance(t)) {
        nvme_pi_shift_tuples(&c->pi, t->buffer->meta, c->n, distance(t));
    }
    return NVME_SUCCESS;
}

static uint16_t step_answer(NvmeTask *t)
{
    NvmeRequest *req = t->req;

    req->dw0 = t->hold.slba;
    req->dw1 = t->hold.slba >> 32;
    nvme_bad_heal(&req->ns->io->bad, t->hold.slba, t->hold.slba + (nvme_nlb(req) - 1));
    nvme_count_io(req->ns, BLOCK_OP_WRITE, (uint64_t)nvme_nlb(req) << req->ns->lbads);
    return NVME_SUCCESS;
}

static NvmeStep *const plain[] = {
    nvme_step_map_in, step_lock_zone, step_hold, step_direct_write, step_answer,
    nvme_step_zone_end, NULL,
};

static NvmeStep *const with_meta[] = {
    nvme_step_map_in, nvme_step_map_meta_in, step_lock_zone, step_hold, nvme_step_buffer,
    nvme_step_loop, nvme_step_from_host, nvme_step_protect, step_remap, nvme_step_write_data,
    nvme_step_write_meta, nvme_step_again,
    step_answer, nvme_step_zone_end, NULL,
};

/* ---- the command ---- */

static uint64_t size_limit(const NvmeCtrl *n)
{
    return n->params.zasl ? (uint64_t)NVME_PAGE_SIZE_MIN << n->params.zasl : n->max_transfer;
}

static uint16_t check(const NvmeRequest *req)
{
    const NvmeNamespace *ns = req->ns;
    uint64_t slba = nvme_slba(req);
    uint32_t nlb = nvme_nlb(req);

    if (slba >= ns->nsze) {
        return NVME_LBA_OUT_OF_RANGE | NVME_DNR;
    }
    if (slba % ns->zns->zone_size || (req->cmd.cdw12 & cpu_to_le32(NVME_CDW12_DTYPE)) ||
        (uint64_t)nlb << ns->lbads > size_limit(req->ctrl)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return NVME_SUCCESS;
}

/* Type 1 ties the tag to where the block gets, type 3 has none that could be remapped. */
static uint16_t check_protection(const NvmeTask *t)
{
    const NvmeChunk *c = &t->chunk;
    NvmeRequest *req = t->req;

    if ((c->pi.type == 1 && !remaps(req)) || (c->pi.type == 3 && remaps(req))) {
        return NVME_INVALID_PROTECTION_INFO | NVME_DNR;
    }
    if (nvme_host_bytes(req->ns, nvme_nlb(req), c->no_meta) > size_limit(req->ctrl)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return nvme_pi_check_tags(&c->pi, &c->tags, nvme_slba(req));
}

uint16_t nvme_zone_append(NvmeRequest *req)
{
    uint16_t status = check(req);
    NvmeTask *t;

    if (status) {
        return status;
    }
    t = nvme_task_new(req, req->ns->ms ? with_meta : plain);
    nvme_chunk_begin(t);
    status = check_protection(t);
    if (status) {
        nvme_task_free(t);
        return status;
    }
    return nvme_task_start(t);
}
