/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write Zeroes: NVM command set 3.2.8. Data and metadata become zeroes; the tuples of
 * protected blocks what PRACT says, zeroes or the right ones for such a block, so they
 * have to be written even where blocks may become holes (DEAC).
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

static BdrvRequestFlags flags_of(const NvmeRequest *req)
{
    bool deallocate = le32_to_cpu(req->cmd.cdw12) & NVME_CDW12_DEAC;

    return nvme_write_flags(req) | (deallocate ? BDRV_REQ_MAY_UNMAP : 0);
}

static uint16_t step_zero_data(NvmeTask *t)
{
    NvmeRequest *req = t->req;

    return nvme_task_submit(t, BLOCK_OP_WRITE_ZEROES, flags_of(req),
                            nvme_data_offset(req->ns, nvme_slba(req)),
                            (int64_t)nvme_nlb(req) << req->ns->lbads, NULL, 0);
}

static uint16_t step_zero_meta(NvmeTask *t)
{
    NvmeRequest *req = t->req;

    return nvme_task_submit(t, BLOCK_OP_WRITE_ZEROES, flags_of(req),
                            nvme_meta_offset(req->ns, nvme_slba(req)),
                            (int64_t)nvme_nlb(req) * req->ns->ms, NULL, 0);
}

static uint16_t step_make_meta(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;

    memset(t->buffer->meta, 0, (size_t)c->n * c->pi.ms);
    if (c->tags.prinfo & NVME_PRACT) {
        memset(t->buffer->data, 0, (size_t)c->n * c->pi.block);
        nvme_pi_generate(&c->pi, &c->tags, t->buffer->data, t->buffer->meta, c->n);
    }
    return NVME_SUCCESS;
}

static NvmeStep *const plain[] = {
    nvme_step_lock_exclusive, nvme_step_zone_begin, step_zero_data, nvme_step_zone_end,
    nvme_step_heal, NULL,
};
static NvmeStep *const with_meta[] = {
    nvme_step_lock_exclusive, nvme_step_zone_begin, step_zero_data, step_zero_meta,
    nvme_step_zone_end, nvme_step_heal, NULL,
};
static NvmeStep *const protected[] = {
    nvme_step_lock_exclusive, nvme_step_zone_begin, nvme_step_buffer, step_zero_data,
    nvme_step_loop, step_make_meta, nvme_step_write_meta, nvme_step_again,
    nvme_step_zone_end, nvme_step_heal, NULL,
};

static NvmeStep *const *steps_of(const NvmeNamespace *ns)
{
    if (!ns->ms) {
        return plain;
    }
    return nvme_pi_layout(ns).type ? protected : with_meta;
}

uint16_t nvme_write_zeroes(NvmeRequest *req)
{
    NvmeNamespace *ns = req->ns;
    uint64_t slba = nvme_slba(req);
    uint16_t status = nvme_check_range(ns, slba, nvme_nlb(req));
    NvmeTask *t;

    if (!status && (req->cmd.cdw12 & cpu_to_le32(NVME_CDW12_DTYPE))) {
        status = NVME_INVALID_FIELD | NVME_DNR;
    }
    if (!status) {
        status = nvme_check_healable(ns, slba, nvme_nlb(req));
    }
    if (status) {
        return status;
    }
    t = nvme_task_new(req, steps_of(ns));
    nvme_chunk_begin(t);
    return nvme_task_start(t);
}
