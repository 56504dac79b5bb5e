/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion queues (base 3.3.1.2). An entry is stored at once when the queue is
 * mapped and has room, its second half, with the phase, last: a host that polls
 * sees a whole entry or none. Else it waits, with its request, for the host to make room or
 * for the message before it.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "hw/nvme/core.h"
#include "trace.h"

typedef struct Halves {
    uint64_t half[2];
} Halves;

static Halves entry_of(const NvmeRequest *req, bool phase)
{
    uint64_t status = (uint64_t)(req->status << 1 | phase) << 48;

    return (Halves) { {
        cpu_to_le64(req->dw0 | (uint64_t)req->dw1 << 32),
        cpu_to_le64(status | (uint64_t)le16_to_cpu(req->cmd.cid) << 32
                    | (uint64_t)req->sq->id << 16 | req->sq->head),
    } };
}

static void advance(NvmeCQueue *cq, uint32_t count)
{
    cq->tail += count;
    if (cq->tail == cq->ring.entries) {
        cq->tail = 0;
        cq->phase = !cq->phase;
    }
}

static void store(NvmeCQueue *cq, NvmeRequest *req)
{
    uint64_t *slot = (uint64_t *)(cq->ring.host + ((size_t)cq->tail << NVME_CQE_SHIFT));
    Halves entry = entry_of(req, cq->phase);

    qatomic_set(&slot[0], entry.half[0]);
    qatomic_store_release(&slot[1], entry.half[1]);
    advance(cq, 1);
    nvme_request_put(req);
}

static bool has_room(NvmeCQueue *cq)
{
    if (likely(!nvme_cq_full(cq))) {
        return true;
    }
    nvme_cq_look(cq);
    return !nvme_cq_full(cq);
}

static void to_post(NvmeCQueue *cq)
{
    NvmeQueues *q = cq->ctrl->queues;

    if (!cq->stalled) {
        cq->stalled = true;
        QTAILQ_INSERT_TAIL(&q->to_post, cq, post_link);
    }
    if (!q->working) {
        nvme_work_soon(cq->ctrl);
    }
}

void nvme_cq_post_soon(NvmeCQueue *cq)
{
    if (!cq->nposting && !QTAILQ_EMPTY(&cq->waiting)) {
        to_post(cq);
    }
}

void nvme_cq_repost(NvmeCQueue *cq)
{
    cq->repost = cq->nposting;
    if (cq->repost || !QTAILQ_EMPTY(&cq->waiting)) {
        to_post(cq);
    }
}

/*
 * While commands are being run their entries are stored together, some at a time:
 * a host that sees them one by one rings for each, and both processors would do
 * little else than exchange the queues' cache lines.
 */
static bool gathers(NvmeCQueue *cq)
{
    if (!cq->ctrl->queues->working || ++cq->gathered == NVME_GATHER) {
        cq->gathered = 0;
        return false;
    }
    return true;
}

void nvme_cq_complete(NvmeCQueue *cq, NvmeRequest *req)
{
    bool gather = gathers(cq);

    if (likely(cq->ring.host && QTAILQ_EMPTY(&cq->waiting) && !cq->nposting && !gather
               && has_room(cq))) {
        store(cq, req);
        nvme_irq_posted(cq, 1);
        return;
    }
    QTAILQ_INSERT_TAIL(&cq->waiting, req, link);
    if (gather || !cq->ring.host) {
        nvme_cq_post_soon(cq);
    } else {
        nvme_cq_post(cq);
    }
}

/* ---- what waited ---- */

static void post_done(void *opaque, MemTxResult result)
{
    NvmeCQueue *cq = opaque;
    uint32_t count = cq->nposting;

    cq->post = NULL;
    cq->nposting = 0;
    if (result != MEMTX_OK) {
        trace_nvme_queue_lost(cq->ctrl, "completion", cq->id, result);
        nvme_fatal(cq->ctrl);
        return;
    }
    advance(cq, count);
    nvme_irq_posted(cq, count);
    nvme_cq_post_soon(cq);
    if (!cq->ctrl->queues->working) {
        nvme_work_soon(cq->ctrl);
    }
}

static NvmeRequest *take_waiting(NvmeCQueue *cq)
{
    NvmeRequest *req = QTAILQ_FIRST(&cq->waiting);

    QTAILQ_REMOVE(&cq->waiting, req, link);
    return req;
}

/* nvme_cq_full() keeps one entry free. */
static uint32_t room(const NvmeCQueue *cq)
{
    return cq->ring.entries - 1 - nvme_ring_distance(&cq->ring, cq->head, cq->tail);
}

static void send_message(NvmeCQueue *cq)
{
    uint32_t count = cq->nposting;
    uint64_t addr = nvme_ring_at(&cq->ring, cq->tail, &count);
    DMARequest *request = nvme_dma_rw(cq->ctrl, addr, cq->posting,
                                      cq->nposting * sizeof(NvmeCqe),
                                      DMA_DIRECTION_FROM_DEVICE, post_done, cq);

    if (request) {
        cq->post = request;
    }
}

static void post_message(NvmeCQueue *cq)
{
    uint32_t count = MIN(room(cq), (uint32_t)NVME_MESSAGE_ENTRIES);

    nvme_ring_at(&cq->ring, cq->tail, &count);
    if (!cq->posting) {
        cq->posting = g_new(NvmeCqe, NVME_MESSAGE_ENTRIES);
    }
    while (cq->nposting < count && !QTAILQ_EMPTY(&cq->waiting)) {
        NvmeRequest *req = take_waiting(cq);
        Halves entry = entry_of(req, cq->phase);

        memcpy(&cq->posting[cq->nposting++], &entry, sizeof(entry));
        nvme_request_put(req);
    }
    send_message(cq);
}

static void post_mapped(NvmeCQueue *cq)
{
    uint32_t count = 0;

    for (; !QTAILQ_EMPTY(&cq->waiting) && has_room(cq); count++) {
        store(cq, take_waiting(cq));
    }
    nvme_irq_posted(cq, count);
}

void nvme_cq_post(NvmeCQueue *cq)
{
    if (cq->repost && nvme_dma_reachable(cq->ctrl)) {
        cq->repost = false;
        send_message(cq);
        return;
    }
    if (QTAILQ_EMPTY(&cq->waiting) || cq->nposting || !nvme_dma_reachable(cq->ctrl)
        || !has_room(cq)) {
        return;
    }
    if (nvme_ring_pin(cq->ctrl, &cq->ring)) {
        post_mapped(cq);
    } else {
        post_message(cq);
    }
}

/* ---- life ---- */

NvmeCQueue *nvme_cq_new(NvmeCtrl *n, uint16_t id, uint16_t vector, bool irq, NvmeRing *ring)
{
    NvmeQueues *q = n->queues;
    NvmeCQueue *cq = g_new0(NvmeCQueue, 1);

    cq->ctrl = n;
    cq->id = id;
    cq->vector = vector;
    cq->irq_enabled = irq;
    cq->phase = true;
    cq->ring = *ring;
    *ring = (NvmeRing) { 0 };
    cq->ring.dir = DMA_DIRECTION_FROM_DEVICE;
    QTAILQ_INIT(&cq->sqs);
    QTAILQ_INIT(&cq->waiting);
    q->cq[id] = cq;
    q->last_cq = MAX(q->last_cq, id);
    q->io_queues += id != 0;
    nvme_ring_pin(n, &cq->ring);
    nvme_cq_doorbell_init(cq);
    trace_nvme_queue_new(n, "completion", id, cq->ring.addr, cq->ring.entries);
    return cq;
}

void nvme_cq_forget(NvmeCQueue *cq, NvmeSQueue *sq)
{
    NvmeRequest *req, *next;

    QTAILQ_FOREACH_SAFE(req, &cq->waiting, link, next) {
        if (req->sq == sq) {
            QTAILQ_REMOVE(&cq->waiting, req, link);
        }
    }
}

void nvme_cq_delete(NvmeCQueue *cq)
{
    NvmeQueues *q = cq->ctrl->queues;

    g_assert(QTAILQ_EMPTY(&cq->sqs) && QTAILQ_EMPTY(&cq->waiting));
    if (cq->post) {
        dma_request_cancel(g_steal_pointer(&cq->post));
    }
    if (cq->stalled) {
        QTAILQ_REMOVE(&q->to_post, cq, post_link);
    }
    nvme_irq_forget(cq);
    q->cq[cq->id] = NULL;
    q->io_queues -= cq->id != 0;
    while (q->last_cq && !q->cq[q->last_cq]) {
        q->last_cq--;
    }
    nvme_ring_cleanup(&cq->ring);
    g_free(cq->posting);
    g_free(cq);
}
