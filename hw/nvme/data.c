/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data of a command: first its segments are found (prp.c, sgl.c), then they are pinned in
 * place, or copied through a buffer of ours when only messages reach them or a private
 * copy is asked for. A transfer is a chain of steps; each runs on when DMA ends,
 * which for mapped memory is inside the call.
 *
 * Buffers come out of a budget of the controller; who finds it used up waits
 * for others to end, in order.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "hw/nvme/core.h"

#define NVME_BOUNCE_BUDGET (64ull << 20)

struct NvmeTransfers {
    uint64_t charged;
    QTAILQ_HEAD(, NvmeXfer) waiting;
    QEMUBH *bh;
};

static NvmeXfer *xfer_of(NvmeRequest *req, const NvmeData *data)
{
    NvmeRequestCore *core = nvme_request_core(req);

    return data == &req->data ? &core->data : &core->meta;
}

/* ---- steps ---- */

static uint16_t run(NvmeXfer *x)
{
    uint16_t status = NVME_SUCCESS;

    x->running = true;
    while (x->step && status == NVME_SUCCESS) {
        status = x->step(x);
    }
    x->running = false;
    return status;
}

static void resume(NvmeXfer *x)
{
    uint16_t status = run(x);

    if (status != NVME_PENDING) {
        x->next(x->req, status);
    }
}

/* ---- DMA ---- */

static void slot_done(void *opaque, MemTxResult result)
{
    NvmeXferSlot *slot = opaque;
    NvmeXfer *x = slot->xfer;

    slot->busy = false;
    slot->request = NULL;
    x->slots_busy--;
    x->failed |= result != MEMTX_OK;
    if (!x->running) {
        resume(x);
    }
}

static NvmeXferSlot *free_slot(NvmeXfer *x)
{
    for (unsigned i = 0; i < NVME_XFER_WINDOW; i++) {
        if (!x->slots[i].busy) {
            return &x->slots[i];
        }
    }
    return NULL;
}

static void start_dma(NvmeXfer *x, uint64_t addr, void *buf, uint64_t len, DMADirection dir)
{
    NvmeXferSlot *slot = free_slot(x);
    DMARequest *request;

    slot->xfer = x;
    slot->busy = true;
    x->slots_busy++;
    request = nvme_dma_rw(x->req->ctrl, addr, buf, len, dir, slot_done, slot);
    if (request) {
        slot->request = request;
    }
}

static uint16_t dma_status(const NvmeXfer *x)
{
    return x->slots_busy ? NVME_PENDING : x->failed ? NVME_DATA_TRANSFER_ERROR : NVME_SUCCESS;
}

uint16_t nvme_xfer_read_list(NvmeXfer *x, uint64_t addr, uint32_t len)
{
    x->walk.list = g_realloc(x->walk.list, len);
    x->walk.len = len;
    start_dma(x, addr, x->walk.list, len, DMA_DIRECTION_TO_DEVICE);
    return dma_status(x);
}

/* What of the current segment comes next; its last bytes are the segment's end. */
static uint64_t next_piece(NvmeXfer *x)
{
    return MIN(x->segs[x->seg].len - x->seg_offset, x->limit - x->moved);
}

static void piece_started(NvmeXfer *x, uint64_t len)
{
    x->moved += len;
    x->seg_offset += len;
    if (x->seg_offset == x->segs[x->seg].len) {
        x->seg++;
        x->seg_offset = 0;
    }
}

static uint16_t move(NvmeXfer *x)
{
    while (x->moved < x->limit && !x->failed && x->slots_busy < NVME_XFER_WINDOW) {
        const NvmeSegment *seg = &x->segs[x->seg];
        uint64_t len = next_piece(x);

        if (!seg->bucket) {
            start_dma(x, seg->addr + x->seg_offset, x->bounce + x->moved, len,
                      x->outward ? DMA_DIRECTION_FROM_DEVICE : DMA_DIRECTION_TO_DEVICE);
        }
        piece_started(x, len);
    }
    if (x->slots_busy) {
        return NVME_PENDING;
    }
    if (x->failed || x->moved == x->limit) {
        x->step = NULL;
    }
    return dma_status(x);
}

static void begin_move(NvmeXfer *x, uint64_t length, bool outward)
{
    x->seg = 0;
    x->seg_offset = x->moved = 0;
    x->limit = length;
    x->outward = outward;
    x->step = move;
}

/* ---- segments ---- */

void nvme_xfer_add(NvmeXfer *x, uint64_t addr, uint64_t len, bool bucket)
{
    NvmeSegment *last = x->nsegs ? &x->segs[x->nsegs - 1] : NULL;

    x->walk.left -= len;
    x->has_bucket |= bucket;
    if (last && !bucket && !last->bucket && addr && last->addr + last->len == addr) {
        last->len += len;
        return;
    }
    if (x->nsegs == x->segs_room) {
        NvmeSegment *more = g_new(NvmeSegment, x->segs_room * 2);

        memcpy(more, x->segs, x->nsegs * sizeof(*more));
        if (x->segs != x->inline_segs) {
            g_free(x->segs);
        }
        x->segs = more;
        x->segs_room *= 2;
    }
    x->segs[x->nsegs++] = (NvmeSegment) { addr, len, bucket };
}

/* ---- in place ---- */

static DMAPin *new_pin(NvmeXfer *x)
{
    if (x->npins == x->pins_room) {
        DMAPin *more = g_new(DMAPin, x->pins_room * 2);

        memcpy(more, x->pins, x->npins * sizeof(*more));
        if (x->pins != x->inline_pins) {
            g_free(x->pins);
        }
        x->pins = more;
        x->pins_room *= 2;
    }
    return &x->pins[x->npins];
}

static bool pin_segment(NvmeXfer *x, const NvmeSegment *seg)
{
    DMADirection dir = x->how & NVME_DATA_OUT ? DMA_DIRECTION_FROM_DEVICE
                                              : DMA_DIRECTION_TO_DEVICE;

    for (uint64_t done = 0; done < seg->len;) {
        DMAPin *pin = new_pin(x);

        if (!nvme_dma_pin(x->req->ctrl, seg->addr + done, seg->len - done, dir, pin)) {
            return false;
        }
        x->npins++;
        done += pin->len;
    }
    return true;
}

static bool unpin_all(NvmeXfer *x)
{
    bool whole = true;

    for (uint32_t i = 0; i < x->npins; i++) {
        whole &= nvme_dma_unpin(&x->pins[i]);
    }
    x->npins = 0;
    return whole;
}

static void set_iov(NvmeXfer *x)
{
    NvmeData *data = x->data;

    data->iov = x->npins <= G_N_ELEMENTS(data->first) ? data->first
                                                      : g_new(struct iovec, x->npins);
    data->niov = x->npins;
    for (uint32_t i = 0; i < x->npins; i++) {
        data->iov[i] = (struct iovec) { x->pins[i].host, x->pins[i].len };
    }
}

static bool place_in_host_memory(NvmeXfer *x)
{
    for (uint32_t i = 0; i < x->nsegs; i++) {
        if (!pin_segment(x, &x->segs[i])) {
            unpin_all(x);
            return false;
        }
    }
    set_iov(x);
    return true;
}

/* ---- in a buffer ---- */

/* One that is alone fits always. */
static bool fits(const struct NvmeTransfers *t, const NvmeXfer *x)
{
    return !t->charged || (t->charged < NVME_BOUNCE_BUDGET
                           && x->data->length <= NVME_BOUNCE_BUDGET - t->charged);
}

/* First come, first served: a large one is not overtaken by small ones for ever. */
static uint16_t get_room(NvmeXfer *x)
{
    struct NvmeTransfers *t = x->req->ctrl->transfers;
    uint64_t length = x->data->length;

    if (!x->granted && (!QTAILQ_EMPTY(&t->waiting) || !fits(t, x))) {
        x->waits_for_room = true;
        QTAILQ_INSERT_TAIL(&t->waiting, x, room_link);
        return NVME_PENDING;
    }
    x->bounce = g_try_malloc0(length);
    if (!x->bounce) {
        return NVME_INTERNAL_ERROR;
    }
    x->charged = length;
    t->charged += length;
    x->data->first[0] = (struct iovec) { x->bounce, length };
    x->data->iov = x->data->first;
    x->data->niov = 1;
    x->step = NULL;
    if (x->how & NVME_DATA_IN) {
        begin_move(x, length, false);
    }
    return NVME_SUCCESS;
}

uint16_t nvme_xfer_place(NvmeXfer *x)
{
    if (!(x->how & (NVME_DATA_IN | NVME_DATA_OUT))) {
        x->step = NULL;
        return NVME_SUCCESS;
    }
    if (x->bounce) {
        begin_move(x, x->data->length, true);
        return NVME_SUCCESS;
    }
    if (!(x->how & NVME_DATA_PRIVATE) && !x->has_bucket && place_in_host_memory(x)) {
        x->step = NULL;
        return NVME_SUCCESS;
    }
    x->step = get_room;
    return NVME_SUCCESS;
}

/* Going on, one may end others that wait: look again each time. */
static void room_bh(void *opaque)
{
    NvmeCtrl *n = opaque;
    struct NvmeTransfers *t = n->transfers;
    NvmeXfer *x;

    while ((x = QTAILQ_FIRST(&t->waiting)) && fits(t, x)) {
        QTAILQ_REMOVE(&t->waiting, x, room_link);
        x->waits_for_room = false;
        x->granted = true;
        resume(x);
    }
}

/* ---- begin and end ---- */

static NvmeXfer *begin(NvmeRequest *req, NvmeData *data, uint64_t length, unsigned how,
                       NvmeNext *next)
{
    NvmeXfer *x = xfer_of(req, data);

    if (x->in_use) {
        nvme_xfer_release(x);
    }
    x->req = req;
    x->data = data;
    x->next = next;
    x->how = how;
    x->in_use = true;
    x->failed = x->has_bucket = x->granted = false;
    x->segs = x->inline_segs;
    x->pins = x->inline_pins;
    x->segs_room = x->pins_room = NVME_INLINE_SEGMENTS;
    x->nsegs = 0;
    x->walk.left = length;
    x->walk.seen = 0;
    x->walk.last = false;
    data->iov = data->first;
    data->niov = 0;
    data->length = length;
    return x;
}

static void cancel_dma(NvmeXfer *x)
{
    struct NvmeTransfers *t = x->req->ctrl->transfers;

    for (unsigned i = 0; x->slots_busy && i < NVME_XFER_WINDOW; i++) {
        if (x->slots[i].busy) {
            dma_request_cancel(g_steal_pointer(&x->slots[i].request));
            x->slots[i].busy = false;
            x->slots_busy--;
        }
    }
    if (x->waits_for_room) {
        x->waits_for_room = false;
        QTAILQ_REMOVE(&t->waiting, x, room_link);
        qemu_bh_schedule(t->bh);
    }
}

static void give_back_bounce(NvmeXfer *x)
{
    struct NvmeTransfers *t = x->req->ctrl->transfers;

    g_clear_pointer(&x->bounce, g_free);
    t->charged -= x->charged;
    x->charged = 0;
    if (!QTAILQ_EMPTY(&t->waiting)) {
        qemu_bh_schedule(t->bh);
    }
}

bool nvme_xfer_release(NvmeXfer *x)
{
    bool whole;

    cancel_dma(x);
    whole = unpin_all(x);
    if (x->bounce) {
        give_back_bounce(x);
    }
    if (x->segs != x->inline_segs) {
        g_free(x->segs);
    }
    if (x->pins != x->inline_pins) {
        g_free(x->pins);
    }
    if (x->data->iov != x->data->first) {
        g_free(x->data->iov);
    }
    if (x->walk.list) {
        g_clear_pointer(&x->walk.list, g_free);
    }
    x->data->iov = NULL;
    x->data->niov = 0;
    x->in_use = false;
    return whole;
}

bool nvme_xfer_overlaps(const NvmeXfer *x, uint64_t first, uint64_t last)
{
    if (!x->in_use || !x->npins) {
        return false;
    }
    for (uint32_t i = 0; i < x->nsegs; i++) {
        if (nvme_overlap(first, last, x->segs[i].addr, x->segs[i].len)) {
            return true;
        }
    }
    return false;
}

void nvme_data_new(NvmeCtrl *n)
{
    n->transfers = g_new0(struct NvmeTransfers, 1);
    QTAILQ_INIT(&n->transfers->waiting);
    n->transfers->bh = qemu_bh_new_guarded(room_bh, n, &DEVICE(n)->mem_reentrancy_guard);
}

void nvme_data_free(NvmeCtrl *n)
{
    if (n->transfers) {
        qemu_bh_delete(n->transfers->bh);
        g_clear_pointer(&n->transfers, g_free);
    }
}

/* ---- what handlers call ---- */

/* Base 3.3.3.1: PSDT says how the data is described. */
static uint16_t walk_data(NvmeXfer *x)
{
    unsigned psdt = nvme_psdt(&x->req->cmd);

    if (!x->walk.left) {
        x->step = NULL;
        return NVME_SUCCESS;
    }
    if (psdt > NVME_PSDT_SGL_MPTR_SGL || x->walk.left > x->req->ctrl->max_transfer) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    x->step = psdt == NVME_PSDT_PRP ? nvme_prp_walk : nvme_sgl_walk;
    return run(x);
}

uint16_t nvme_map_data(NvmeRequest *req, uint64_t length, unsigned how, NvmeNext *next)
{
    return walk_data(begin(req, &req->data, length, how, next));
}

uint16_t nvme_map_meta(NvmeRequest *req, uint64_t length, unsigned how, NvmeNext *next)
{
    NvmeXfer *x = begin(req, &req->meta, length, how, next);

    if (!length) {
        return NVME_SUCCESS;
    }
    x->step = nvme_meta_walk;
    return run(x);
}

uint16_t nvme_find_pages(NvmeRequest *req, uint64_t length, NvmeNext *next)
{
    NvmeXfer *x = begin(req, &req->data, length, 0, next);

    x->step = nvme_prp_list_walk;
    return run(x);
}

uint16_t nvme_data_to_host(NvmeRequest *req, NvmeData *data, uint64_t length, NvmeNext *next)
{
    NvmeXfer *x = xfer_of(req, data);

    if (!x->bounce) {
        return NVME_SUCCESS;
    }
    x->next = next;
    begin_move(x, MIN(length, data->length), true);
    return run(x);
}

uint16_t nvme_send(NvmeRequest *req, const void *buf, size_t length)
{
    NvmeXfer *x = begin(req, &req->data, length, NVME_DATA_OUT, nvme_complete);

    x->bounce = g_memdup2(buf, length);
    return walk_data(x);
}

static void received(NvmeRequest *req, uint16_t status)
{
    NvmeXfer *x = xfer_of(req, &req->data);

    if (status == NVME_SUCCESS) {
        status = x->receive(req, x->bounce, req->data.length);
    }
    if (status != NVME_PENDING) {
        nvme_complete(req, status);
    }
}

uint16_t nvme_receive(NvmeRequest *req, size_t length, NvmeReceived *fn)
{
    NvmeXfer *x = begin(req, &req->data, length, NVME_DATA_IN | NVME_DATA_PRIVATE, received);
    uint16_t status;

    x->receive = fn;
    status = walk_data(x);
    return status == NVME_SUCCESS ? fn(req, x->bounce, length) : status;
}
