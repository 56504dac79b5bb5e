/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See task.h. */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

static void cancel(NvmeRequest *req);

NvmeTask *nvme_task_new(NvmeRequest *req, NvmeStep *const *steps)
{
    NvmeTask *t = g_new0(NvmeTask, 1);

    t->req = req;
    t->step = steps;
    req->opaque = t;
    req->cancel = cancel;
    return t;
}

void nvme_task_free(NvmeTask *t)
{
    NvmeRequest *req = t->req;

    nvme_task_unwait(t);
    if (t->hold.zone) {
        nvme_zns_drop(t, false);
    }
    nvme_task_drop_buffer(t);
    nvme_task_unlock(t);
    g_free(t);
    req->opaque = NULL;
    req->cancel = NULL;
}

static uint16_t run(NvmeTask *t)
{
    uint16_t status = NVME_SUCCESS;

    while (!status && *t->step) {
        NvmeStep *step = *t->step++;

        status = step(t);
    }
    return status;
}

uint16_t nvme_task_start(NvmeTask *t)
{
    uint16_t status = run(t);

    if (status != NVME_PENDING) {
        nvme_task_free(t);
    }
    return status;
}

static void end(NvmeTask *t, uint16_t status)
{
    NvmeRequest *req = t->req;

    if (t->ended) {
        t->ended(t, status);
        return;
    }
    nvme_task_free(t);
    nvme_complete(req, status);
}

void nvme_task_next(NvmeRequest *req, uint16_t status)
{
    NvmeTask *t = req->opaque;

    if (unlikely(t->doom)) {
        status = t->doom;
    }
    if (!status) {
        status = run(t);
    }
    if (status != NVME_PENDING) {
        end(t, status);
    }
}

static void cancel(NvmeRequest *req)
{
    NvmeTask *t = req->opaque;

    if (t->submitted) {
        block_request_cancel(&req->blk);
    }
    if (t->cancelled) {
        t->cancelled(t);
    }
    nvme_task_free(t);
}

/* ---- waiting ---- */

void nvme_task_wait(NvmeTask *t, NvmeTaskList *list)
{
    g_assert(!t->list);
    t->list = list;
    QTAILQ_INSERT_TAIL(list, t, link);
}

void nvme_task_unwait(NvmeTask *t)
{
    if (t->list) {
        QTAILQ_REMOVE(t->list, t, link);
        t->list = NULL;
    }
}

void nvme_task_defer(NvmeTask *t, void (*wake)(NvmeTask *t))
{
    NvmeNsIo *io = t->req->ns->io;

    t->wake = wake;
    nvme_task_wait(t, &io->ready);
    qemu_bh_schedule(io->bh);
}

void nvme_task_go_on(NvmeTask *t)
{
    nvme_task_next(t->req, NVME_SUCCESS);
}

void nvme_task_ready(NvmeTask *t)
{
    nvme_task_defer(t, nvme_task_go_on);
}

void nvme_lock_granted(NvmeLock *lock)
{
    nvme_task_ready(container_of(lock, NvmeTask, lock));
}

/* Those that get ready meanwhile have their turn in the next one: others are served between. */
static void run_ready(void *opaque)
{
    NvmeNsIo *io = opaque;
    unsigned n = 0;
    NvmeTask *t;

    QTAILQ_FOREACH(t, &io->ready, link) {
        n++;
    }
    for (; n && (t = QTAILQ_FIRST(&io->ready)); n--) {
        nvme_task_unwait(t);
        t->wake(t);
    }
}

/* ---- the back end ---- */

static void submitted_done(BlockRequest *blk, int ret)
{
    NvmeRequest *req = container_of(blk, NvmeRequest, blk);
    NvmeTask *t = req->opaque;

    t->submitted = false;
    nvme_task_next(req, nvme_block_ended(req, ret));
}

uint16_t nvme_task_submit(NvmeTask *t, BlockOp op, BdrvRequestFlags flags, int64_t offset,
                          int64_t bytes, const struct iovec *iov, int niov)
{
    NvmeRequest *req = t->req;
    BlockRequest *blk = &req->blk;
    int ret;

    blk->op = op;
    blk->flags = flags;
    blk->offset = offset;
    blk->bytes = bytes;
    blk->iov = iov;
    blk->niov = niov;
    blk->done = submitted_done;
    ret = blk_submit(req->ns->blkconf.blk, blk);
    if (ret != BLOCK_PENDING) {
        return nvme_block_answered(req, ret);
    }
    nvme_acct_start(req);
    t->submitted = true;
    return NVME_PENDING;
}

/* ---- steps of several commands ---- */

uint16_t nvme_task_lock(NvmeTask *t, uint64_t slba, uint32_t nlb, bool exclusive, bool strict)
{
    NvmeNamespace *ns = t->req->ns;

    /* Zones: what is read is either written, or zeroes. */
    strict |= ns->ms || (ns->zns && !exclusive);
    return nvme_lock(&ns->io->locks, &t->lock, slba, nlb, exclusive, strict) ? NVME_SUCCESS
                                                                             : NVME_PENDING;
}

void nvme_task_unlock(NvmeTask *t)
{
    if (!t->lock.ticket) {
        return;
    }
    nvme_unlock(&t->req->ns->io->locks, &t->lock);
}

uint16_t nvme_step_lock_shared(NvmeTask *t)
{
    return nvme_task_lock(t, nvme_slba(t->req), nvme_nlb(t->req), false, false);
}

uint16_t nvme_step_lock_exclusive(NvmeTask *t)
{
    /* The second half of a fused pair has what the first one has locked. */
    return t->lock.ticket ? NVME_SUCCESS
                          : nvme_task_lock(t, nvme_slba(t->req), nvme_nlb(t->req), true, false);
}

uint16_t nvme_step_readable(NvmeTask *t)
{
    return nvme_check_readable(t->req->ns, nvme_slba(t->req), nvme_nlb(t->req));
}

uint16_t nvme_step_heal(NvmeTask *t)
{
    uint64_t slba = nvme_slba(t->req);

    nvme_bad_heal(&t->req->ns->io->bad, slba, slba + (nvme_nlb(t->req) - 1));
    return NVME_SUCCESS;
}

/* ---- the namespace's part ---- */

void nvme_ns_io_new(NvmeNamespace *ns)
{
    NvmeNsIo *io = g_new0(NvmeNsIo, 1);

    nvme_locks_init(&io->locks);
    io->buffers = nvme_buffers_new(NVME_BUFFERS);
    io->copy_buffers = nvme_buffers_new(NVME_COPY_BUFFERS);
    QTAILQ_INIT(&io->ready);
    io->bh = qemu_bh_new(run_ready, io);
    ns->io = io;
}

void nvme_ns_io_free(NvmeNamespace *ns)
{
    NvmeNsIo *io = g_steal_pointer(&ns->io);

    if (!io) {
        return;
    }
    g_assert(interval_tree_is_empty(&io->locks.tree) && QTAILQ_EMPTY(&io->locks.tracked));
    g_assert(QTAILQ_EMPTY(&io->ready));
    qemu_bh_delete(io->bh);
    nvme_buffers_free(io->buffers);
    nvme_buffers_free(io->copy_buffers);
    nvme_bad_clear(&io->bad);
    g_free(io);
}

void nvme_ns_io_format(NvmeNamespace *ns)
{
    nvme_bad_clear(&ns->io->bad);
    if (ns->zns) {
        nvme_zns_format(ns);
    }
}
