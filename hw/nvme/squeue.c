/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Submission queues (base 3.3.1): entries are copied out, each once, and started.
 * Queues with work take turns, a burst each (base 3.4.4, round robin, the admin queue
 * among them); one that is alone goes on. A turn of
 * the controller is bounded, so that a host that rings for ever leaves the loop to
 * the other devices of its domain.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "hw/nvme/core.h"
#include "trace.h"

/* An entry is a cache line; so many are on their way while one is worked on. */
enum { ENTRIES_AHEAD = 6 };

static bool turn_is_over(const NvmeQueues *q, uint32_t commands)
{
    return unlikely(commands >= q->burst) && !QTAILQ_EMPTY(&q->runnable);
}

/* ---- entries ---- */

static void fetch_done(void *opaque, MemTxResult result)
{
    NvmeSQueue *sq = opaque;
    uint32_t count = sq->fetching;

    sq->fetch = NULL;
    sq->fetching = 0;
    if (result != MEMTX_OK) {
        trace_nvme_queue_lost(sq->ctrl, "submission", sq->id, result);
        nvme_fatal(sq->ctrl);
        return;
    }
    sq->next_fetched = 0;
    sq->nfetched = count;
    sq->head = (sq->head + count) % sq->ring.entries;
    nvme_sq_runnable(sq);
}

static void fetch(NvmeSQueue *sq)
{
    uint32_t count = MIN(nvme_ring_distance(&sq->ring, sq->head, sq->tail),
                         (uint32_t)NVME_MESSAGE_ENTRIES);
    DMARequest *request;
    uint64_t addr;

    if (turn_is_over(sq->ctrl->queues, count)) {
        count = sq->ctrl->queues->burst;
    }
    addr = nvme_ring_at(&sq->ring, sq->head, &count);
    if (!sq->fetched) {
        sq->fetched = g_new(NvmeSqe, NVME_MESSAGE_ENTRIES);
    }
    sq->fetching = count;
    request = nvme_dma_rw(sq->ctrl, addr, sq->fetched, count * sizeof(NvmeSqe),
                          DMA_DIRECTION_TO_DEVICE, fetch_done, sq);
    if (request) {
        sq->fetch = request;
    }
}

/* Where the next entry is; NULL: there is none, or it comes later. */
static const NvmeSqe *next_entry(NvmeSQueue *sq)
{
    if (sq->nfetched) {
        return &sq->fetched[sq->next_fetched];
    }
    if (sq->head == sq->tail || sq->fetching) {
        return NULL;
    }
    if (likely(sq->ring.host)) {
        return (const NvmeSqe *)sq->ring.host + sq->head;
    }
    if (!nvme_dma_reachable(sq->ctrl)) {
        return NULL;
    }
    if (nvme_ring_pin(sq->ctrl, &sq->ring)) {
        return (const NvmeSqe *)sq->ring.host + sq->head;
    }
    fetch(sq);
    return sq->nfetched ? &sq->fetched[sq->next_fetched] : NULL;
}

static void entry_taken(NvmeSQueue *sq)
{
    if (unlikely(sq->nfetched)) {
        sq->next_fetched++;
        sq->nfetched--;
    } else {
        sq->head = nvme_ring_next(&sq->ring, sq->head);
    }
}

static bool has_work(const NvmeSQueue *sq)
{
    return !sq->starved && !sq->fetching
           && (sq->nfetched || (sq->head != sq->tail && nvme_dma_reachable(sq->ctrl)));
}

/*
 * The host's processor has written the entries, and their cache lines come from
 * there: asked for one after the other that would be most of a command's time.
 * Never beyond the tail, where the host may be writing.
 */
static void look_ahead(const NvmeSQueue *sq, uint32_t by)
{
    const NvmeRing *ring = &sq->ring;
    uint32_t index = sq->head + by;

    if (ring->host && nvme_ring_distance(ring, sq->head, sq->tail) > by) {
        index -= index >= ring->entries ? ring->entries : 0;
        __builtin_prefetch((const NvmeSqe *)ring->host + index);
    }
}

/* Of the entry, which stays where it is; NULL: the queue has to wait until some have ended. */
static NvmeRequest *make_request(NvmeSQueue *sq, const NvmeSqe *entry)
{
    NvmeRequest *req = nvme_request_get(sq);

    if (likely(req)) {
        memcpy(&req->cmd, entry, sizeof(req->cmd));
        barrier();
        if (likely(nvme_budget_take(nvme_request_core(req)))) {
            return req;
        }
        nvme_request_put(req);
    }
    sq->starved = true;
    return NULL;
}

static uint32_t run(NvmeSQueue *sq, uint32_t budget)
{
    uint32_t ran;

    nvme_sq_look(sq);
    for (uint32_t by = 1; by < ENTRIES_AHEAD; by++) {
        look_ahead(sq, by);
    }
    for (ran = 0; ran < budget && sq->ctrl->state == NVME_READY; ran++) {
        const NvmeSqe *entry = turn_is_over(sq->ctrl->queues, ran) ? NULL : next_entry(sq);
        NvmeRequest *req;

        if (!entry) {
            break;
        }
        req = make_request(sq, entry);
        if (!req) {
            break;
        }
        look_ahead(sq, ENTRIES_AHEAD);
        entry_taken(sq);
        nvme_request_start(req);
    }
    return ran;
}

/* ---- turns ---- */

void nvme_sq_runnable(NvmeSQueue *sq)
{
    NvmeQueues *q = sq->ctrl->queues;

    if (!sq->runnable) {
        sq->runnable = true;
        QTAILQ_INSERT_TAIL(&q->runnable, sq, run_link);
    }
    if (!q->working) {
        nvme_work_soon(sq->ctrl);
    }
}

static NvmeSQueue *next_runnable(NvmeQueues *q)
{
    NvmeSQueue *sq = QTAILQ_FIRST(&q->runnable);

    if (sq) {
        QTAILQ_REMOVE(&q->runnable, sq, run_link);
        sq->runnable = false;
    }
    return sq;
}

static void run_queues(NvmeQueues *q)
{
    uint32_t budget = NVME_TURN_COMMANDS;
    NvmeSQueue *sq;

    while (budget && (sq = next_runnable(q))) {
        uint32_t ran = run(sq, budget);

        budget -= MAX(ran, 1u);
        if (has_work(sq)) {
            nvme_sq_runnable(sq);
        }
    }
}

static void post_queues(NvmeQueues *q)
{
    NvmeCQueue *cq;

    while ((cq = QTAILQ_FIRST(&q->to_post))) {
        QTAILQ_REMOVE(&q->to_post, cq, post_link);
        cq->stalled = false;
        nvme_cq_post(cq);
    }
}

void nvme_work(NvmeCtrl *n)
{
    NvmeQueues *q = n->queues;

    if (n->state != NVME_READY) {
        return;
    }
    q->working = true;
    post_queues(q);
    run_queues(q);
    post_queues(q);
    nvme_irq_flush(n);
    q->working = false;
    if (!QTAILQ_EMPTY(&q->runnable) || !QTAILQ_EMPTY(&q->to_post)) {
        nvme_work_soon(n);
    }
}

static void work_bh(void *opaque)
{
    nvme_work(opaque);
}

void nvme_work_soon(NvmeCtrl *n)
{
    qemu_bh_schedule(n->queues->bh);
}

void nvme_queues_kick(NvmeCtrl *n)
{
    NvmeQueues *q = n->queues;

    for (unsigned i = 0; i <= q->last_sq; i++) {
        if (q->sq[i] && has_work(q->sq[i])) {
            nvme_sq_runnable(q->sq[i]);
        }
    }
    for (unsigned i = 0; i <= q->last_cq; i++) {
        if (q->cq[i]) {
            nvme_cq_post_soon(q->cq[i]);
        }
    }
}

/* ---- life ---- */

NvmeSQueue *nvme_sq_new(NvmeCtrl *n, uint16_t id, NvmeCQueue *cq, NvmeRing *ring)
{
    NvmeQueues *q = n->queues;
    NvmeSQueue *sq = g_new0(NvmeSQueue, 1);

    sq->ctrl = n;
    sq->cq = cq;
    sq->id = id;
    sq->ring = *ring;
    *ring = (NvmeRing) { 0 };
    sq->ring.dir = DMA_DIRECTION_TO_DEVICE;
    /* Event requests stay for ever: they may not keep other admin commands out. */
    sq->limit = sq->ring.entries + (id ? 0 : n->params.aerl + 1);
    sq->chunks = g_ptr_array_new_with_free_func(g_free);
    QTAILQ_INIT(&sq->active);
    QTAILQ_INSERT_TAIL(&cq->sqs, sq, cq_link);
    q->sq[id] = sq;
    q->last_sq = MAX(q->last_sq, id);
    q->io_queues += id != 0;
    nvme_ring_pin(n, &sq->ring);
    nvme_sq_doorbell_init(sq);
    trace_nvme_queue_new(n, "submission", id, sq->ring.addr, sq->ring.entries);
    return sq;
}

static void sq_free(NvmeSQueue *sq)
{
    NvmeQueues *q = sq->ctrl->queues;

    if (sq->fetch) {
        dma_request_cancel(g_steal_pointer(&sq->fetch));
    }
    nvme_cq_forget(sq->cq, sq);
    if (sq->runnable) {
        QTAILQ_REMOVE(&q->runnable, sq, run_link);
    }
    QTAILQ_REMOVE(&sq->cq->sqs, sq, cq_link);
    q->sq[sq->id] = NULL;
    q->io_queues -= sq->id != 0;
    while (q->last_sq && !q->sq[q->last_sq]) {
        q->last_sq--;
    }
    nvme_ring_cleanup(&sq->ring);
    nvme_requests_free(sq);
    g_free(sq->fetched);
    g_free(sq);
}

static bool any(NvmeRequest *req, const void *opaque)
{
    return true;
}

void nvme_sq_delete(NvmeSQueue *sq)
{
    nvme_requests_cancel(sq, any, NULL, NVME_ABORTED_SQ_DELETION);
    nvme_cq_post(sq->cq);
    sq_free(sq);
}

void nvme_queues_reset(NvmeCtrl *n)
{
    NvmeQueues *q = n->queues;

    /* All requests first: a fused pair or an event may hang on another queue's. */
    for (unsigned i = 0; i <= q->last_sq; i++) {
        while (q->sq[i] && !QTAILQ_EMPTY(&q->sq[i]->active)) {
            nvme_request_drop(QTAILQ_FIRST(&q->sq[i]->active));
        }
    }
    for (int i = q->last_sq; i >= 0; i--) {
        if (q->sq[i]) {
            sq_free(q->sq[i]);
        }
    }
    for (int i = q->last_cq; i >= 0; i--) {
        if (q->cq[i]) {
            nvme_cq_delete(q->cq[i]);
        }
    }
    qemu_bh_cancel(q->bh);
}

static bool holds(NvmeRequest *req, const void *opaque)
{
    const NvmeRequestCore *core = nvme_request_core(req);
    const uint64_t *range = opaque;

    return nvme_xfer_overlaps(&core->data, range[0], range[1])
           || nvme_xfer_overlaps(&core->meta, range[0], range[1]);
}

void nvme_queues_revoke(NvmeCtrl *n, uint64_t first, uint64_t last)
{
    const uint64_t range[] = { first, last };
    NvmeQueues *q = n->queues;

    nvme_shadow_revoke(n, first, last);
    for (unsigned i = 0; i <= q->last_cq; i++) {
        if (q->cq[i]) {
            nvme_ring_revoke(&q->cq[i]->ring, first, last);
        }
    }
    for (unsigned i = 0; i <= q->last_sq; i++) {
        if (q->sq[i]) {
            nvme_ring_revoke(&q->sq[i]->ring, first, last);
            nvme_requests_cancel(q->sq[i], holds, range, NVME_DATA_TRANSFER_ERROR);
        }
    }
}

void nvme_queues_set_burst(NvmeCtrl *n, unsigned log2_commands)
{
    n->queues->burst = log2_commands == NVME_BURST_NO_LIMIT ? UINT32_MAX : 1u << log2_commands;
}

void nvme_queues_new(NvmeCtrl *n)
{
    n->queues = g_new0(NvmeQueues, 1);
    nvme_queues_set_burst(n, NVME_BURST_NO_LIMIT);
    QTAILQ_INIT(&n->queues->runnable);
    QTAILQ_INIT(&n->queues->to_post);
    n->queues->bh = qemu_bh_new_guarded(work_bh, n, &DEVICE(n)->mem_reentrancy_guard);
}

void nvme_queues_free(NvmeCtrl *n)
{
    if (n->queues) {
        nvme_queues_reset(n);
        qemu_bh_delete(n->queues->bh);
        g_clear_pointer(&n->queues, g_free);
    }
}

bool nvme_has_io_queues(NvmeCtrl *n)
{
    return n->queues->io_queues != 0;
}
