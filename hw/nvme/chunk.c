/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See chunk.h. */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

uint64_t nvme_host_bytes(const NvmeNamespace *ns, uint32_t nlb, bool no_meta)
{
    return (uint64_t)nlb * ((1u << ns->lbads) + (ns->extended && !no_meta ? ns->ms : 0));
}

uint64_t nvme_host_meta_bytes(const NvmeNamespace *ns, uint32_t nlb, bool no_meta)
{
    return ns->extended || no_meta ? 0 : (uint64_t)nlb * ns->ms;
}

void nvme_chunk_size(NvmeTask *t)
{
    NvmeNamespace *ns = t->req->ns;
    uint32_t most = MAX(1, NVME_BUFFER_DATA >> ns->lbads);

    if (ns->ms) {
        most = MIN(most, NVME_BUFFER_META / ns->ms);
    }
    t->chunk.n = MIN(most, t->chunk.left);
}

void nvme_chunk_begin(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;

    c->lba = nvme_slba(t->req);
    c->left = nvme_nlb(t->req);
    c->pi = nvme_pi_layout(t->req->ns);
    c->tags = nvme_pi_tags(t->req, &c->pi);
    c->no_meta = nvme_pi_hides_meta(&c->pi, c->tags.prinfo);
    nvme_chunk_size(t);
}

BdrvRequestFlags nvme_write_flags(const NvmeRequest *req)
{
    return le32_to_cpu(req->cmd.cdw12) & NVME_CDW12_FUA ? BDRV_REQ_FUA : 0;
}

/* ---- the host's memory ---- */

static uint16_t map_data(NvmeTask *t, unsigned how)
{
    uint64_t bytes = nvme_host_bytes(t->req->ns, nvme_nlb(t->req), t->chunk.no_meta);

    return nvme_map_data(t->req, bytes, how, nvme_task_next);
}

static uint16_t map_meta(NvmeTask *t, unsigned how)
{
    uint64_t bytes = nvme_host_meta_bytes(t->req->ns, nvme_nlb(t->req), t->chunk.no_meta);

    return bytes ? nvme_map_meta(t->req, bytes, how, nvme_task_next) : NVME_SUCCESS;
}

uint16_t nvme_step_map_in(NvmeTask *t)
{
    return map_data(t, NVME_DATA_IN);
}

uint16_t nvme_step_map_meta_in(NvmeTask *t)
{
    return map_meta(t, NVME_DATA_IN);
}

uint16_t nvme_step_map_out(NvmeTask *t)
{
    return map_data(t, NVME_DATA_OUT);
}

uint16_t nvme_step_map_meta_out(NvmeTask *t)
{
    return map_meta(t, NVME_DATA_OUT);
}

uint16_t nvme_step_data_out(NvmeTask *t)
{
    return nvme_data_to_host(t->req, &t->req->data, t->req->data.length, nvme_task_next);
}

uint16_t nvme_step_meta_out(NvmeTask *t)
{
    NvmeRequest *req = t->req;
    uint64_t bytes = nvme_host_meta_bytes(req->ns, nvme_nlb(req), t->chunk.no_meta);

    return bytes ? nvme_data_to_host(req, &req->meta, bytes, nvme_task_next) : NVME_SUCCESS;
}

/* ---- the loop ---- */

uint16_t nvme_step_loop(NvmeTask *t)
{
    t->loop = t->step;
    t->chunk.data = (NvmeCursor) { t->req->data.iov };
    t->chunk.meta = t->req->ns->extended ? (NvmeCursor) { 0 } : (NvmeCursor) { t->req->meta.iov };
    return NVME_SUCCESS;
}

uint16_t nvme_step_again(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;

    c->lba += c->n;
    c->left -= c->n;
    nvme_chunk_size(t);
    if (c->left) {
        t->step = t->loop;
    }
    return NVME_SUCCESS;
}

/* ---- the medium ---- */

static uint16_t chunk_io(NvmeTask *t, BlockOp op, void *buf, int64_t offset, int64_t bytes)
{
    t->iov = (struct iovec) { buf, bytes };
    return nvme_task_submit(t, op, op == BLOCK_OP_WRITE ? nvme_write_flags(t->req) : 0, offset,
                            bytes, &t->iov, 1);
}

static uint16_t data_io(NvmeTask *t, BlockOp op)
{
    NvmeNamespace *ns = t->req->ns;

    return chunk_io(t, op, t->buffer->data, nvme_data_offset(ns, t->chunk.lba),
                    (int64_t)t->chunk.n << ns->lbads);
}

static uint16_t meta_io(NvmeTask *t, BlockOp op)
{
    NvmeNamespace *ns = t->req->ns;

    if (!ns->ms) {
        return NVME_SUCCESS;
    }
    return chunk_io(t, op, t->buffer->meta, nvme_meta_offset(ns, t->chunk.lba),
                    (int64_t)t->chunk.n * ns->ms);
}

uint16_t nvme_step_read_data(NvmeTask *t)
{
    return data_io(t, BLOCK_OP_READ);
}

uint16_t nvme_step_read_meta(NvmeTask *t)
{
    return meta_io(t, BLOCK_OP_READ);
}

uint16_t nvme_step_write_data(NvmeTask *t)
{
    return data_io(t, BLOCK_OP_WRITE);
}

uint16_t nvme_step_write_meta(NvmeTask *t)
{
    if (t->chunk.pi.type) {
        nvme_pi_invert(&t->chunk.pi, t->buffer->meta, t->chunk.n);
    }
    return meta_io(t, BLOCK_OP_WRITE);
}

uint16_t nvme_step_check(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;

    if (unlikely(t->req->ns->zns)) {
        nvme_zns_mask(t);
    }
    if (!c->pi.type) {
        return NVME_SUCCESS;
    }
    nvme_pi_invert(&c->pi, t->buffer->meta, c->n);
    return nvme_pi_check(&c->pi, &c->tags, t->buffer->data, t->buffer->meta, c->n);
}

/* ---- between the two ---- */

typedef void Mover(NvmeCursor *c, uint8_t *buf, size_t length);

static void move(NvmeTask *t, Mover *mover)
{
    NvmeChunk *c = &t->chunk;
    NvmeNamespace *ns = t->req->ns;
    size_t block = (size_t)1 << ns->lbads;

    if (!ns->extended || c->no_meta) {
        mover(&c->data, t->buffer->data, c->n * block);
        if (!c->no_meta) {
            mover(&c->meta, t->buffer->meta, (size_t)c->n * ns->ms);
        }
        return;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        mover(&c->data, t->buffer->data + i * block, block);
        mover(&c->data, t->buffer->meta + (size_t)i * ns->ms, ns->ms);
    }
}

uint16_t nvme_step_to_host(NvmeTask *t)
{
    move(t, nvme_cursor_to_host);
    return NVME_SUCCESS;
}

uint16_t nvme_step_from_host(NvmeTask *t)
{
    move(t, nvme_cursor_from_host);
    return NVME_SUCCESS;
}

uint16_t nvme_step_protect(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;

    if (!c->pi.type) {
        return NVME_SUCCESS;
    }
    if (c->tags.prinfo & NVME_PRACT) {
        nvme_pi_generate(&c->pi, &c->tags, t->buffer->data, t->buffer->meta, c->n);
        return NVME_SUCCESS;
    }
    return nvme_pi_check(&c->pi, &c->tags, t->buffer->data, t->buffer->meta, c->n);
}

uint16_t nvme_chunk_check_tags(const NvmeTask *t)
{
    const NvmeChunk *c = &t->chunk;

    if (c->pi.type && (c->tags.prinfo & NVME_PRACT)) {
        return NVME_INVALID_PROTECTION_INFO | NVME_DNR;
    }
    return nvme_pi_check_tags(&c->pi, &c->tags, c->lba);
}
