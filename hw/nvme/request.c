/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a command. Requests are made in chunks when they are first needed
 * and then stay with their queue: a queue of 65536 entries costs nothing until
 * that many commands are under way.
 *
 * Taking one back is synchronous: the back end, DMA under way and the handler let
 * go of it before nvme_request_cancel() returns.
 */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"

enum { CHUNK_FIRST = 8, CHUNK_MAX = 128 };

static bool grow(NvmeSQueue *sq)
{
    uint32_t count = nvme_budget_requests(sq, MIN(CLAMP(sq->allocated, CHUNK_FIRST, CHUNK_MAX),
                                                  sq->limit - sq->allocated));
    NvmeRequestCore *chunk;

    if (!count) {
        return false;
    }
    chunk = g_new0(NvmeRequestCore, count);
    g_ptr_array_add(sq->chunks, chunk);
    for (uint32_t i = 0; i < count; i++) {
        NvmeRequestCore *core = &chunk[i];

        core->req.ctrl = sq->ctrl;
        core->req.sq = sq;
        core->next_free = sq->free;
        sq->free = core;
    }
    sq->allocated += count;
    nvme_budget_count(sq, count);
    return true;
}

NvmeRequest *nvme_request_get(NvmeSQueue *sq)
{
    NvmeRequestCore *core;

    if (!sq->free && !grow(sq)) {
        return NULL;
    }
    core = sq->free;
    sq->free = core->next_free;
    return &core->req;
}

void nvme_request_put(NvmeRequest *req)
{
    NvmeRequestCore *core = nvme_request_core(req);
    NvmeSQueue *sq = req->sq;

    core->next_free = sq->free;
    sq->free = core;
    if (unlikely(sq->starved)) {
        sq->starved = false;
        nvme_sq_runnable(sq);
    }
}

void nvme_requests_free(NvmeSQueue *sq)
{
    sq->free = NULL;
    nvme_budget_count(sq, -(int64_t)sq->allocated);
    g_clear_pointer(&sq->chunks, g_ptr_array_unref);
}

/* ---- start and end ---- */

static void finish(NvmeRequestCore *core, uint16_t status)
{
    NvmeRequest *req = &core->req;
    bool lost = false;

    if (core->data.in_use) {
        lost = !nvme_xfer_release(&core->data);
    }
    if (core->meta.in_use) {
        lost |= !nvme_xfer_release(&core->meta);
    }
    nvme_budget_give_back(core);
    if (lost && status == NVME_SUCCESS) {
        status = NVME_DATA_TRANSFER_ERROR;
    }
    if (status != NVME_SUCCESS) {
        nvme_log_error(req->ctrl, req, status);
    }
    req->status = status;
    nvme_cq_complete(req->sq->cq, req);
}

/* Not while its entry is run: the interrupt, and whoever waits for room, need a turn. */
static void finish_later(NvmeRequestCore *core, uint16_t status)
{
    NvmeCtrl *n = core->req.ctrl;

    finish(core, status);
    if (!n->queues->working) {
        nvme_work_soon(n);
    }
}

void nvme_complete(NvmeRequest *req, uint16_t status)
{
    NvmeRequestCore *core = nvme_request_core(req);

    g_assert(core->active && status != NVME_PENDING);
    core->active = false;
    QTAILQ_REMOVE(&req->sq->active, req, link);
    finish_later(core, status);
}

/* Base 3.3.3.1: admin commands are never fused, and name their data by PRPs. */
static uint16_t start_admin(NvmeRequest *req)
{
    NvmeHandler *handler = nvme_admin_commands[req->cmd.opcode].handler;

    if (!handler) {
        return NVME_INVALID_OPCODE | NVME_DNR;
    }
    if (req->cmd.flags) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return handler(req);
}

void nvme_request_start(NvmeRequest *req)
{
    NvmeRequestCore *core = nvme_request_core(req);
    uint16_t status;

    req->ns = NULL;
    req->dw0 = req->dw1 = 0;
    req->status = 0;
    req->opaque = NULL;
    req->cancel = NULL;
    status = req->sq->id ? nvme_io(req) : start_admin(req);
    if (status != NVME_PENDING) {
        finish(core, status);
        return;
    }
    core->active = true;
    QTAILQ_INSERT_TAIL(&req->sq->active, req, link);
}

/* ---- taking back ---- */

static void take_back(NvmeRequestCore *core)
{
    NvmeRequest *req = &core->req;

    core->active = false;
    QTAILQ_REMOVE(&req->sq->active, req, link);
    if (req->cancel) {
        req->cancel(req);
    } else {
        block_request_cancel(&req->blk);
    }
    if (core->data.in_use) {
        nvme_xfer_release(&core->data);
    }
    if (core->meta.in_use) {
        nvme_xfer_release(&core->meta);
    }
}

void nvme_request_cancel(NvmeRequest *req, uint16_t status)
{
    NvmeRequestCore *core = nvme_request_core(req);

    take_back(core);
    finish_later(core, status);
}

void nvme_request_drop(NvmeRequest *req)
{
    take_back(nvme_request_core(req));
    nvme_budget_give_back(nvme_request_core(req));
    nvme_request_put(req);
}

/* A handler's cancel() may complete others that hang on its request, the next one too. */
static NvmeRequest *after(NvmeSQueue *sq, NvmeRequest *next)
{
    return !next || nvme_request_core(next)->active ? next : QTAILQ_FIRST(&sq->active);
}

void nvme_requests_cancel(NvmeSQueue *sq, NvmeRequestMatch *match, const void *opaque,
                          uint16_t status)
{
    NvmeRequest *req = QTAILQ_FIRST(&sq->active);

    while (req) {
        NvmeRequest *next = QTAILQ_NEXT(req, link);

        if (match(req, opaque)) {
            nvme_request_cancel(req, status);
            next = after(sq, next);
        }
        req = next;
    }
}

static bool on_namespace(NvmeRequest *req, const void *ns)
{
    return req->ns == ns;
}

void nvme_abort_ns(NvmeCtrl *n, NvmeNamespace *ns, uint16_t status)
{
    for (unsigned i = 0; i <= n->queues->last_sq; i++) {
        if (n->queues->sq[i]) {
            nvme_requests_cancel(n->queues->sq[i], on_namespace, ns, status);
        }
    }
}
