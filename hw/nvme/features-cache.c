/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features that decide how writes are kept: volatile write cache (NVM command
 * set 4.1.3.3) and namespace write protection (base 5.27.1.30, 8.12).
 *
 * Both make a promise of what was written before, so both flush before they
 * answer. A flush is a request to the back end: they complete later.
 */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

static void flush_from(NvmeRequest *req, uint32_t after);

static void flushed(BlockRequest *blk, int ret)
{
    NvmeRequest *req = container_of(blk, NvmeRequest, blk);

    if (ret < 0) {
        nvme_complete(req, NVME_WRITE_FAULT);
        return;
    }
    flush_from(req, req->ns->nsid);
}

/* Flushes one namespace; BLOCK_PENDING: flushed() comes. */
static int flush_one(NvmeRequest *req, NvmeNamespace *ns)
{
    req->ns = ns;
    req->blk = (BlockRequest) { .op = BLOCK_OP_FLUSH, .done = flushed };
    return blk_submit(ns->blkconf.blk, &req->blk);
}

/* Flushes what comes after that namespace: all of them, or only the one of the command. */
static uint16_t flush_all(NvmeRequest *req, uint32_t after)
{
    NvmeNamespace *ns;

    while ((ns = nvme_next_ns(req->ctrl->namespaces, after))) {
        int ret = flush_one(req, ns);

        if (ret) {
            return ret == BLOCK_PENDING ? NVME_PENDING : NVME_WRITE_FAULT;
        }
        after = ns->nsid;
    }
    return NVME_SUCCESS;
}

static void flush_from(NvmeRequest *req, uint32_t after)
{
    uint16_t status = flush_all(req, after);

    if (status != NVME_PENDING) {
        nvme_complete(req, status);
    }
}

static bool cache_is_on(NvmeCtrl *n)
{
    NvmeNamespace *ns;

    for (ns = nvme_next_ns(n->namespaces, 0); ns; ns = nvme_next_ns(n->namespaces, ns->nsid)) {
        if (blk_enable_write_cache(ns->blkconf.blk)) {
            return true;
        }
    }
    return false;
}

uint16_t nvme_feature_get_cache(NvmeRequest *req, bool initial)
{
    req->dw0 = initial || cache_is_on(req->ctrl);
    return NVME_SUCCESS;
}

uint16_t nvme_feature_set_cache(NvmeRequest *req, uint32_t cdw11)
{
    NvmeCtrl *n = req->ctrl;
    bool on = cdw11 & 1;
    NvmeNamespace *ns;

    for (ns = nvme_next_ns(n->namespaces, 0); ns; ns = nvme_next_ns(n->namespaces, ns->nsid)) {
        blk_set_enable_write_cache(ns->blkconf.blk, on);
    }
    return on ? NVME_SUCCESS : flush_all(req, 0);
}

/* ---- write protection ---- */

uint16_t nvme_feature_get_protect(NvmeRequest *req, bool initial)
{
    req->dw0 = initial ? !req->ns->writable : req->ns->write_protected;
    return NVME_SUCCESS;
}

static void protect_flushed(BlockRequest *blk, int ret)
{
    NvmeRequest *req = container_of(blk, NvmeRequest, blk);

    nvme_complete(req, ret < 0 ? NVME_WRITE_FAULT : NVME_SUCCESS);
}

/* State 0: not protected, 1: protected; until power cycle and for ever are not claimed. */
uint16_t nvme_feature_set_protect(NvmeRequest *req, uint32_t cdw11)
{
    unsigned state = cdw11 & 7;
    int ret;

    if (le32_to_cpu(req->cmd.nsid) == NVME_NSID_BROADCAST) {
        return NVME_INVALID_NSID | NVME_DNR;
    }
    if (state > 1) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (state == 0 && !req->ns->writable) {
        return NVME_FEATURE_NOT_CHANGEABLE | NVME_DNR;
    }
    req->ns->write_protected = state;
    if (!state) {
        return NVME_SUCCESS;
    }
    req->blk = (BlockRequest) { .op = BLOCK_OP_FLUSH, .done = protect_flushed };
    ret = blk_submit(req->ns->blkconf.blk, &req->blk);
    return ret == BLOCK_PENDING ? NVME_PENDING : ret ? NVME_WRITE_FAULT : NVME_SUCCESS;
}
