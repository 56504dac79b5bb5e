/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compare: NVM command set 3.2.1. The blocks are read, their tuples checked, and data
 * and metadata compared with the host's; the tuples themselves are not compared.
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

static bool meta_equals(NvmeCursor *c, const NvmePiLayout *pi, uint8_t *meta)
{
    uint8_t scratch[16];
    size_t behind = pi->offset + pi->size;
    bool equal = nvme_cursor_equals(c, meta, pi->offset);

    nvme_cursor_from_host(c, scratch, pi->size);
    return nvme_cursor_equals(c, meta + behind, pi->ms - behind) && equal;
}

static uint16_t step_compare(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;
    NvmeNamespace *ns = t->req->ns;
    size_t block = (size_t)1 << ns->lbads;
    NvmeCursor *meta = ns->extended ? &c->data : &c->meta;
    bool equal = true;

    for (uint32_t i = 0; i < c->n; i++) {
        equal &= nvme_cursor_equals(&c->data, t->buffer->data + i * block, block);
        equal &= meta_equals(meta, &c->pi, t->buffer->meta + (size_t)i * ns->ms);
    }
    return equal ? NVME_SUCCESS : NVME_COMPARE_FAILURE | NVME_DNR;
}

static uint16_t step_count(NvmeTask *t)
{
    nvme_count_io(t->req->ns, BLOCK_OP_READ, (uint64_t)nvme_nlb(t->req) << t->req->ns->lbads);
    return NVME_SUCCESS;
}

static NvmeStep *const compare[] = {
    nvme_step_readable, nvme_step_map_in, nvme_step_map_meta_in, nvme_step_lock_shared,
    nvme_step_buffer,
    nvme_step_loop, nvme_step_read_data, nvme_step_read_meta, nvme_step_check, step_compare,
    nvme_step_again,
    step_count, NULL,
};

/* Inside a fused pair the other half has the lock: fused.c. */
static NvmeStep *const compare_locked[] = {
    nvme_step_readable, nvme_step_map_in, nvme_step_map_meta_in, nvme_step_buffer,
    nvme_step_loop, nvme_step_read_data, nvme_step_read_meta, nvme_step_check, step_compare,
    nvme_step_again,
    step_count, NULL,
};

static uint16_t check(NvmeRequest *req)
{
    NvmeNamespace *ns = req->ns;
    uint32_t nlb = nvme_nlb(req);
    uint16_t status = nvme_check_range(ns, nvme_slba(req), nlb);

    if (!status && nvme_host_bytes(ns, nlb, false) > req->ctrl->max_transfer) {
        status = NVME_INVALID_FIELD | NVME_DNR;
    }
    return status;
}

static NvmeTask *new_task(NvmeRequest *req, NvmeStep *const *steps, uint16_t *status)
{
    NvmeTask *t;

    *status = check(req);
    if (*status) {
        return NULL;
    }
    t = nvme_task_new(req, steps);
    nvme_chunk_begin(t);
    *status = nvme_chunk_check_tags(t);
    if (*status) {
        nvme_task_free(t);
        return NULL;
    }
    return t;
}

uint16_t nvme_compare(NvmeRequest *req)
{
    uint16_t status;
    NvmeTask *t = new_task(req, compare, &status);

    return t ? nvme_task_start(t) : status;
}

NvmeTask *nvme_compare_task(NvmeRequest *req, uint16_t *status)
{
    return new_task(req, compare_locked, status);
}
