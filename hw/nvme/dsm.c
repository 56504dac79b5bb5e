/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dataset Management: NVM command set 3.2.3. Deallocate is done; what a host says
 * about its plans (the context attributes, IDR, IDW) changes nothing here.
 *
 * The back end decides what becomes a hole. With metadata the blocks have to change
 * together with their tuples, so there they are made zeroes, which may be holes.
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

enum { ATTRIBUTE_DEALLOCATE = 1u << 2 };

typedef struct Range {
    uint32_t attributes;
    uint32_t nlb;
    uint64_t slba;
} QEMU_PACKED Range;
QEMU_BUILD_BUG_ON(sizeof(Range) != 16);

static uint32_t count_of(const NvmeRequest *req)
{
    return (le32_to_cpu(req->cmd.cdw10) & 0xff) + 1;
}

/* In the controller's own copy: read once. */
static const Range *ranges_of(const NvmeTask *t)
{
    return t->req->data.iov->iov_base;
}

static uint16_t step_map_ranges(NvmeTask *t)
{
    return nvme_map_data(t->req, count_of(t->req) * sizeof(Range),
                         NVME_DATA_IN | NVME_DATA_PRIVATE, nvme_task_next);
}

static uint16_t step_check_ranges(NvmeTask *t)
{
    const Range *ranges = ranges_of(t);

    for (uint32_t i = 0; i < count_of(t->req); i++) {
        uint64_t slba = le64_to_cpu(ranges[i].slba);
        uint32_t nlb = le32_to_cpu(ranges[i].nlb);
        uint16_t status = nvme_check_range(t->req->ns, slba, nlb);

        if (status) {
            return status;
        }
    }
    return NVME_SUCCESS;
}

/* Ranges without blocks are passed over; after the last one the task is done. */
static uint16_t step_next_range(NvmeTask *t)
{
    const Range *ranges = ranges_of(t);
    NvmeChunk *c = &t->chunk;

    for (; t->index < count_of(t->req); t->index++) {
        c->lba = le64_to_cpu(ranges[t->index].slba);
        c->n = le32_to_cpu(ranges[t->index].nlb);
        if (c->n) {
            t->index++;
            t->loop = t->step - 1;
            return nvme_check_healable(t->req->ns, c->lba, c->n);
        }
    }
    while (*t->step) {
        t->step++;
    }
    return NVME_SUCCESS;
}

static uint16_t step_lock(NvmeTask *t)
{
    return nvme_task_lock(t, t->chunk.lba, t->chunk.n, true, false);
}

static uint16_t step_discard(NvmeTask *t)
{
    NvmeNamespace *ns = t->req->ns;
    NvmeChunk *c = &t->chunk;
    BlockOp op = ns->ms ? BLOCK_OP_WRITE_ZEROES : BLOCK_OP_DISCARD;

    return nvme_task_submit(t, op, ns->ms ? BDRV_REQ_MAY_UNMAP : 0,
                            nvme_data_offset(ns, c->lba), (int64_t)c->n << ns->lbads, NULL, 0);
}

static uint16_t step_discard_meta(NvmeTask *t)
{
    NvmeNamespace *ns = t->req->ns;
    NvmeChunk *c = &t->chunk;

    if (!ns->ms) {
        return NVME_SUCCESS;
    }
    return nvme_task_submit(t, BLOCK_OP_WRITE_ZEROES, BDRV_REQ_MAY_UNMAP,
                            nvme_meta_offset(ns, c->lba), (int64_t)c->n * ns->ms, NULL, 0);
}

static uint16_t step_range_done(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;

    nvme_bad_heal(&t->req->ns->io->bad, c->lba, c->lba + (c->n - 1));
    nvme_task_unlock(t);
    t->step = t->loop;
    return NVME_SUCCESS;
}

static NvmeStep *const deallocate[] = {
    step_map_ranges, step_check_ranges,
    step_next_range, step_lock, step_discard, step_discard_meta, step_range_done, NULL,
};

uint16_t nvme_dsm(NvmeRequest *req)
{
    if (!(le32_to_cpu(req->cmd.cdw11) & ATTRIBUTE_DEALLOCATE)) {
        return NVME_SUCCESS;
    }
    return nvme_run(req, deallocate);
}
