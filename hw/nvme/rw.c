/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read and Write: NVM command set 3.2.4 and 3.2.6.
 *
 * Without metadata, and when nothing special is going on in the namespace, the
 * host's memory goes to the back end as it is, in the request itself. Everything
 * else is a task.
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

/* Nothing but the blocks themselves has to be looked at. */
static bool is_plain(const NvmeNamespace *ns)
{
    const struct NvmeNsIo *io = ns->io;

    return likely(!(ns->ms | io->bad.count | io->locks.strict));
}

static uint16_t check_transfer(const NvmeRequest *req, uint64_t bytes)
{
    return unlikely(bytes > req->ctrl->max_transfer) ? NVME_INVALID_FIELD | NVME_DNR
                                                     : NVME_SUCCESS;
}

static uint16_t check_blocks(NvmeRequest *req)
{
    NvmeNamespace *ns = req->ns;
    uint32_t nlb = nvme_nlb(req);
    uint16_t status = nvme_check_range(ns, nvme_slba(req), nlb);

    return unlikely(status) ? status : check_transfer(req, (uint64_t)nlb << ns->lbads);
}

/* ---- straight ---- */

static bool is_zone_write(const NvmeRequest *req)
{
    return unlikely(req->ns->zns) && req->blk.op == BLOCK_OP_WRITE;
}

/* Done, but for bringing what was read to the host. */
static uint16_t straight_result(NvmeRequest *req, uint16_t status)
{
    if (is_zone_write(req)) {
        nvme_zns_end(req, !status);
    }
    if (unlikely(status)) {
        return status;
    }
    nvme_count_io(req->ns, req->blk.op, req->data.length);
    return req->blk.op == BLOCK_OP_READ
        ? nvme_data_to_host(req, &req->data, req->data.length, nvme_complete) : NVME_SUCCESS;
}

static void straight_done(BlockRequest *blk, int ret)
{
    NvmeRequest *req = container_of(blk, NvmeRequest, blk);
    uint16_t status;

    nvme_untrack(&req->ns->io->locks, req);
    req->cancel = NULL;
    status = straight_result(req, nvme_block_ended(req, ret));
    if (likely(status != NVME_PENDING)) {
        nvme_complete(req, status);
    }
}

static void straight_cancel(NvmeRequest *req)
{
    block_request_cancel(&req->blk);
    if (is_zone_write(req)) {
        nvme_zns_end(req, false);
    }
    nvme_untrack(&req->ns->io->locks, req);
    req->cancel = NULL;
}

static uint16_t straight_submit(NvmeRequest *req, BlockOp op)
{
    NvmeNamespace *ns = req->ns;
    BlockRequest *blk = &req->blk;
    int ret;

    blk->op = op;
    blk->flags = op == BLOCK_OP_WRITE ? nvme_write_flags(req) : 0;
    blk->offset = nvme_data_offset(ns, nvme_slba(req));
    blk->bytes = req->data.length;
    blk->iov = req->data.iov;
    blk->niov = req->data.niov;
    blk->done = straight_done;
    if (is_zone_write(req)) {
        uint16_t status = nvme_zns_begin(req);

        if (status) {
            return status;
        }
    }
    ret = blk_submit(ns->blkconf.blk, blk);
    if (ret == BLOCK_PENDING) {
        nvme_acct_start(req);
        nvme_track(&ns->io->locks, req);
        req->cancel = straight_cancel;
        return NVME_PENDING;
    }
    return straight_result(req, nvme_block_answered(req, ret));
}

/* ---- as tasks ---- */

static uint16_t step_flush_first(NvmeTask *t)
{
    /* Read with FUA (3.2.4.1): what is read has to be on the medium. */
    return nvme_write_flags(t->req) ? nvme_task_submit(t, BLOCK_OP_FLUSH, 0, 0, 0, NULL, 0)
                                    : NVME_SUCCESS;
}

static uint16_t direct(NvmeTask *t, BlockOp op, BdrvRequestFlags flags)
{
    NvmeRequest *req = t->req;

    return nvme_task_submit(t, op, flags, nvme_data_offset(req->ns, nvme_slba(req)),
                            req->data.length, req->data.iov, req->data.niov);
}

static uint16_t step_direct_read(NvmeTask *t)
{
    return direct(t, BLOCK_OP_READ, 0);
}

static uint16_t step_direct_write(NvmeTask *t)
{
    return direct(t, BLOCK_OP_WRITE, nvme_write_flags(t->req));
}

static uint16_t step_count(NvmeTask *t)
{
    nvme_count_io(t->req->ns, t->req->blk.op, (uint64_t)nvme_nlb(t->req) << t->req->ns->lbads);
    return NVME_SUCCESS;
}

static NvmeStep *const plain_read[] = {
    nvme_step_readable, nvme_step_map_out, nvme_step_lock_shared, step_flush_first,
    step_direct_read, step_count, nvme_step_data_out, NULL,
};

static NvmeStep *const plain_write[] = {
    nvme_step_map_in, nvme_step_lock_exclusive, nvme_step_zone_begin, step_direct_write,
    nvme_step_zone_end, nvme_step_heal, step_count, NULL,
};

static NvmeStep *const meta_read[] = {
    nvme_step_readable, nvme_step_map_out, nvme_step_map_meta_out, nvme_step_lock_shared,
    step_flush_first, nvme_step_buffer,
    nvme_step_loop, nvme_step_read_data, nvme_step_read_meta, nvme_step_check, nvme_step_to_host,
    nvme_step_again,
    step_count, nvme_step_data_out, nvme_step_meta_out, NULL,
};

static NvmeStep *const meta_write[] = {
    nvme_step_map_in, nvme_step_map_meta_in, nvme_step_lock_exclusive, nvme_step_zone_begin,
    nvme_step_buffer,
    nvme_step_loop, nvme_step_from_host, nvme_step_protect, nvme_step_write_data,
    nvme_step_write_meta, nvme_step_again,
    nvme_step_zone_end, nvme_step_heal, step_count, NULL,
};

/* Those that the host's memory has been mapped for. */
static NvmeStep *const mapped_read[] = {
    nvme_step_lock_shared, step_direct_read, step_count, nvme_step_data_out, NULL,
};
static NvmeStep *const mapped_write[] = {
    nvme_step_lock_exclusive, nvme_step_zone_begin, step_direct_write, nvme_step_zone_end,
    nvme_step_heal, step_count, NULL,
};
/* Zones may have been reset meanwhile. */
static NvmeStep *const mapped_zone_read[] = {
    nvme_step_lock_shared, nvme_step_buffer,
    nvme_step_loop, nvme_step_read_data, nvme_step_check, nvme_step_to_host, nvme_step_again,
    step_count, nvme_step_data_out, NULL,
};

static uint16_t run_mapped(NvmeRequest *req)
{
    NvmeTask *t;

    if (req->cmd.opcode != NVME_IO_READ) {
        return nvme_run(req, mapped_write);
    }
    t = nvme_task_new(req, req->ns->zns ? mapped_zone_read : mapped_read);
    nvme_chunk_begin(t);
    return nvme_task_start(t);
}

/* The memory was not at hand: while it came the namespace may have become another. */
static void mapped(NvmeRequest *req, uint16_t status)
{
    if (!status) {
        status = run_mapped(req);
    }
    if (status != NVME_PENDING) {
        nvme_complete(req, status);
    }
}

/* ---- the commands ---- */

/* MDTS is about what DPTR moves, which are metadata, too, in an extended format. */
static uint16_t check_meta(NvmeTask *t)
{
    NvmeRequest *req = t->req;
    NvmeChunk *c = &t->chunk;
    uint16_t status = check_transfer(req, nvme_host_bytes(req->ns, nvme_nlb(req), c->no_meta));

    return status ? status : nvme_pi_check_tags(&c->pi, &c->tags, c->lba);
}

/* NULL: *status says why not. */
static NvmeTask *new_task(NvmeRequest *req, NvmeStep *const *plain, NvmeStep *const *meta,
                          uint16_t *status)
{
    NvmeTask *t = nvme_task_new(req, req->ns->ms ? meta : plain);

    nvme_chunk_begin(t);
    *status = check_meta(t);
    if (*status) {
        nvme_task_free(t);
        return NULL;
    }
    return t;
}

static uint16_t start_task(NvmeRequest *req, NvmeStep *const *plain, NvmeStep *const *meta)
{
    uint16_t status;
    NvmeTask *t = new_task(req, plain, meta, &status);

    return t ? nvme_task_start(t) : status;
}

static uint16_t straight(NvmeRequest *req, BlockOp op, unsigned how)
{
    uint64_t bytes = (uint64_t)nvme_nlb(req) << req->ns->lbads;
    uint16_t status = nvme_map_data(req, bytes, how, mapped);

    return unlikely(status) ? status : straight_submit(req, op);
}

/* What has not been written is not what the medium has there. */
static uint16_t zone_read(NvmeRequest *req)
{
    NvmeNamespace *ns = req->ns;
    uint64_t slba = nvme_slba(req);
    uint32_t nlb = nvme_nlb(req);
    uint16_t status = nvme_zns_check_read(ns, slba, nlb);

    if (status) {
        return status;
    }
    if (is_plain(ns) && !nvme_write_flags(req) && nvme_zns_is_settled(ns, slba, nlb)) {
        return straight(req, BLOCK_OP_READ, NVME_DATA_OUT);
    }
    return start_task(req, meta_read, meta_read);
}

uint16_t nvme_read(NvmeRequest *req)
{
    NvmeNamespace *ns = req->ns;
    uint16_t status = check_blocks(req);

    if (unlikely(status)) {
        return status;
    }
    if (unlikely(ns->zns)) {
        return zone_read(req);
    }
    if (!is_plain(ns) || unlikely(nvme_write_flags(req))) {
        return start_task(req, plain_read, meta_read);
    }
    return straight(req, BLOCK_OP_READ, NVME_DATA_OUT);
}

static uint16_t check_write(NvmeRequest *req)
{
    NvmeNamespace *ns = req->ns;
    uint16_t status = check_blocks(req);

    if (unlikely(status)) {
        return status;
    }
    if (unlikely(req->cmd.cdw12 & cpu_to_le32(NVME_CDW12_DTYPE))) {
        return NVME_INVALID_FIELD | NVME_DNR;       /* no directives: base 8.7 */
    }
    return nvme_check_healable(ns, nvme_slba(req), nvme_nlb(req));
}

uint16_t nvme_write(NvmeRequest *req)
{
    uint16_t status = check_write(req);

    if (unlikely(status)) {
        return status;
    }
    if (!is_plain(req->ns)) {
        return start_task(req, plain_write, meta_write);
    }
    return straight(req, BLOCK_OP_WRITE, NVME_DATA_IN);
}

NvmeTask *nvme_write_task(NvmeRequest *req, uint16_t *status)
{
    *status = check_write(req);
    return *status ? NULL : new_task(req, plain_write, meta_write, status);
}
