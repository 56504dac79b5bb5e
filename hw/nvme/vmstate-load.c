/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A controller out of a stream that may come from anybody: each number is checked
 * against what a host could have made here, then the queues are built as if it
 * had. Nothing is started before the loop runs.
 */
#include "qemu/osdep.h"
#include "hw/nvme/vmstate.h"

/* ---- queues ---- */

static bool sane_ring(NvmeCtrl *n, const NvmeSavedQueue *q)
{
    uint64_t bytes = (uint64_t)q->entries << (q->completion ? NVME_CQE_SHIFT : NVME_SQE_SHIFT);

    if (q->entries < 2 || q->entries > NVME_MAX_QUEUE_ENTRIES || q->head >= q->entries
        || q->tail >= q->entries || q->addr & (n->page_size - 1)) {
        return false;
    }
    if (q->npages && q->npages != DIV_ROUND_UP(bytes, n->page_size)) {
        return false;
    }
    for (uint32_t i = 0; i < q->npages; i++) {
        if (q->pages[i] & (n->page_size - 1)) {
            return false;
        }
    }
    return true;
}

static NvmeRing take_ring(NvmeCtrl *n, NvmeSavedQueue *q)
{
    return (NvmeRing) {
        .addr = q->addr, .entries = q->entries, .page_size = n->page_size,
        .shift = q->completion ? NVME_CQE_SHIFT : NVME_SQE_SHIFT,
        .pages = q->npages ? g_steal_pointer(&q->pages) : NULL,
    };
}

static bool restore_posting(NvmeCQueue *cq, const NvmeSavedQueue *q)
{
    uint32_t room = cq->ring.entries - 1 - nvme_ring_distance(&cq->ring, cq->head, cq->tail);

    if (q->nposting < 0 || q->nposting > NVME_MESSAGE_ENTRIES || (uint32_t)q->nposting > room) {
        return false;
    }
    if (q->nposting) {
        cq->posting = g_new(NvmeCqe, NVME_MESSAGE_ENTRIES);
        memcpy(cq->posting, q->posting, q->nposting * sizeof(NvmeCqe));
        cq->nposting = q->nposting;
    }
    return true;
}

static bool restore_cq(NvmeCtrl *n, NvmeSavedQueue *q)
{
    NvmeRing ring;
    NvmeCQueue *cq;

    if (nvme_cq(n, q->id) || q->vector >= n->params.msix_qsize) {
        return false;
    }
    ring = take_ring(n, q);
    cq = nvme_cq_new(n, q->id, q->vector, q->irq_enabled, &ring);
    cq->head = q->head;
    cq->tail = q->tail;
    cq->phase = q->phase;
    nvme_cq_doorbell_restore(cq);
    return restore_posting(cq, q);
}

static bool restore_sq(NvmeCtrl *n, NvmeSavedQueue *q)
{
    NvmeRing ring;
    NvmeSQueue *sq;

    if (nvme_sq(n, q->id) || q->cqid > n->params.max_ioqpairs || !nvme_cq(n, q->cqid)
        || !q->id != !q->cqid) {
        return false;
    }
    ring = take_ring(n, q);
    sq = nvme_sq_new(n, q->id, nvme_cq(n, q->cqid), &ring);
    sq->head = q->head;
    sq->tail = q->tail;
    nvme_sq_doorbell_restore(sq);
    return true;
}

static bool restore_queues(NvmeCtrl *n, NvmeSaved *s)
{
    for (int32_t i = 0; i < s->nqueues; i++) {
        NvmeSavedQueue *q = &s->queues[i];

        if (q->id > n->params.max_ioqpairs || !sane_ring(n, q)
            || !(q->completion ? restore_cq(n, q) : restore_sq(n, q))) {
            return false;
        }
    }
    return nvme_sq(n, 0);
}

/* ---- commands ---- */

/* They lie where fetched entries do, before those that the host's memory has. */
static bool restore_commands(NvmeCtrl *n, NvmeSaved *s)
{
    for (int32_t i = 0; i < s->ncommands; i++) {
        NvmeSQueue *sq = nvme_sq(n, s->commands[i].sqid);

        if (!sq || sq->nfetched == sq->limit + NVME_MESSAGE_ENTRIES) {
            return false;
        }
        if (!sq->fetched) {
            sq->fetched = g_new(NvmeSqe, sq->limit + NVME_MESSAGE_ENTRIES);
        }
        memcpy(&sq->fetched[sq->nfetched++], s->commands[i].entry, sizeof(NvmeSqe));
    }
    return true;
}

static bool restore_completions(NvmeCtrl *n, NvmeSaved *s)
{
    for (int32_t i = 0; i < s->ncompletions; i++) {
        const NvmeSavedCompletion *c = &s->completions[i];
        NvmeSQueue *sq = nvme_sq(n, c->sqid);
        NvmeRequest *req = sq ? nvme_request_get(sq) : NULL;

        if (!req) {
            return false;
        }
        req->cmd.cid = cpu_to_le16(c->cid);
        req->status = c->status & 0x7fff;
        req->dw0 = c->dw0;
        req->dw1 = c->dw1;
        QTAILQ_INSERT_TAIL(&sq->cq->waiting, req, link);
    }
    return true;
}

/* ---- the whole ---- */

static bool restore_ready(NvmeCtrl *n, NvmeSaved *s)
{
    n->state = NVME_READY;
    return restore_queues(n, s) && restore_commands(n, s) && restore_completions(n, s)
           && (!s->shadow || nvme_shadow_restore(n, s->shadow_doorbells, s->shadow_events));
}

static bool restore_state(NvmeCtrl *n, NvmeSaved *s)
{
    const uint32_t known = NVME_CSTS_RDY | NVME_CSTS_CFS | 3u << NVME_CSTS_SHST_SHIFT
                           | NVME_CSTS_NSSRO;
    struct NvmeRegs *r = n->regs;
    const char *bad;

    if (r->csts & ~known || r->cc & ~NVME_CC_WRITABLE || r->aqa & ~0x0fff0fffu
        || (r->asq | r->acq) & 0xfff) {
        return false;
    }
    bad = nvme_bad_configuration(n);
    if (r->csts & NVME_CSTS_CFS) {
        n->state = NVME_FATAL;
        return true;
    }
    if (!(r->csts & NVME_CSTS_RDY)) {
        return !(r->cc & NVME_CC_EN);
    }
    return !bad && r->cc & NVME_CC_EN && restore_ready(n, s);
}

static void go_on(NvmeCtrl *n)
{
    struct NvmeRegs *r = n->regs;
    NvmeQueues *q = n->queues;

    for (unsigned i = 0; i <= q->last_cq; i++) {
        if (q->cq[i]) {
            nvme_irq_restore(q->cq[i]);
            nvme_cq_repost(q->cq[i]);
        }
    }
    nvme_poll_update(n);
    nvme_queues_kick(n);
    nvme_work_soon(n);
    if ((r->csts >> NVME_CSTS_SHST_SHIFT & 3) == NVME_SHST_OCCURRING) {
        nvme_shutdown(n, r->cc >> NVME_CC_SHN_SHIFT & 3);
    }
}

int nvme_restore(NvmeCtrl *n)
{
    if (!nvme_bad_restore(n, n->saved) || !nvme_zones_restore(n, n->saved) ||
        !restore_state(n, n->saved)) {
        return -EINVAL;
    }
    go_on(n);
    nvme_irq_set_mask(n, n->saved->irq_mask);
    return 0;
}
