/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA that completes by callback. The transfer is walked range by range: RAM
 * and devices answer at once, client memory (a DMA region) may answer later.
 *
 * Each step looks at the view that is current then, so that turning bus
 * mastering off stops what has not been started. A request belongs to its
 * domain: started, completed and cancelled under the domain's lock.
 */
#include "qemu/osdep.h"
#include "qemu/range.h"
#include "sysemu/dma.h"
#include "internal.h"

struct DMARequest {
    AddressSpace *as;
    hwaddr addr;
    uint8_t *buf;
    hwaddr len; /* left, the running step included */
    bool is_write;
    MemTxAttrs attrs;
    MemTxResult result;
    MemoryRegionDMADone *done;
    void *opaque;

    /* the step under way */
    FlatView *view; /* keeps mr */
    MemoryRegion *mr;
    void *handle;
    hwaddr run;
    MemTxResult step_result;
    bool starting;  /* inside rw_async: its done() only leaves a note */
    bool completed;
};

static bool request_run(DMARequest *req);

static void step_over(DMARequest *req, MemTxResult res)
{
    if (res != MEMTX_OK && !req->is_write) {
        memset(req->buf, 0, req->run);
    }
    req->result |= res;
    req->addr += req->run;
    req->buf += req->run;
    req->len -= req->run;
    req->handle = NULL;
    g_clear_pointer(&req->view, flatview_unref);
}

static void request_done(DMARequest *req)
{
    MemoryRegionDMADone *done = req->done;
    void *opaque = req->opaque;
    MemTxResult result = req->result;

    g_free(req);
    done(opaque, result);
}

static void step_done(void *opaque, MemTxResult res)
{
    DMARequest *req = opaque;

    address_space_add_fault(req->as, res);
    req->step_result = res;
    req->completed = true;
    if (req->starting) {
        return;
    }
    step_over(req, res);
    if (request_run(req)) {
        request_done(req);
    }
}

/* true: the step is over. */
static bool step_region(DMARequest *req, const FlatRange *r)
{
    req->mr = r->mr;
    req->starting = true;
    req->completed = false;
    req->handle = r->mr->dma_ops->rw_async(r->mr->opaque, r->offset + (req->addr - r->first),
                                           req->buf, req->run, req->is_write, req->attrs,
                                           step_done, req);
    req->starting = false;
    return req->completed;
}

static bool step(DMARequest *req)
{
    const FlatRange *r;
    MemTxResult res;

    req->view = address_space_get_view(req->as);
    r = flatview_find(req->view, req->addr, req->len, &req->run);
    if (r && r->mr->kind == MR_DMA && r->mr->dma_ops->rw_async && !(req->is_write && r->readonly)) {
        if (!step_region(req, r)) {
            return false;
        }
        step_over(req, req->step_result);
        return true;
    }
    res = flatview_rw(req->as, req->view, req->addr, req->attrs, req->buf, req->run,
                      req->is_write);
    step_over(req, res);
    return true;
}

/* true: all is done. */
static bool request_run(DMARequest *req)
{
    while (req->len) {
        if (!step(req)) {
            return false;
        }
    }
    return true;
}

/*
 * The usual case without a request: all of it in client memory that is there.
 * false: *moved bytes are, the rest has to go the long way.
 */
static bool rw_direct(AddressSpace *as, hwaddr addr, void *buf, hwaddr len, bool is_write,
                      MemTxAttrs attrs, MemTxResult *res, hwaddr *moved)
{
    ViewHold hold = address_space_hold_view(as);
    hwaddr run;
    const FlatRange *r = flatview_find(hold.view, addr, len, &run);

    *moved = 0;
    *res = MEMTX_OK;
    if (r && run == len && r->mr->kind == MR_DMA && r->mr->dma_ops->direct
        && !(is_write && r->readonly)) {
        *moved = r->mr->dma_ops->direct(r->mr->opaque, r->offset + (addr - r->first), buf, len,
                                        is_write, attrs, res);
    }
    address_space_release_view(as, hold);
    if (*res != MEMTX_OK && !is_write) {
        memset(buf, 0, len);
    }
    return *moved == len || *res != MEMTX_OK;
}

DMARequest *dma_memory_rw_async(AddressSpace *as, dma_addr_t addr, void *buf, dma_addr_t len,
                                DMADirection dir, MemTxAttrs attrs, MemoryRegionDMADone *done,
                                void *opaque)
{
    bool is_write = dir == DMA_DIRECTION_FROM_DEVICE;
    DMARequest *req;
    MemTxResult res;
    hwaddr moved = 0;

    dma_barrier(as, dir);
    if (len && range_fits(addr, len)
        && rw_direct(as, addr, buf, len, is_write, attrs, &res, &moved)) {
        address_space_add_fault(as, res);
        done(opaque, res);
        return NULL;
    }
    req = g_new0(DMARequest, 1);
    *req = (DMARequest) {
        .as = as,
        .addr = addr + moved,
        .buf = (uint8_t *)buf + moved,
        .len = len - moved,
        .is_write = is_write,
        .attrs = attrs,
        .done = done,
        .opaque = opaque,
    };
    if (len && !range_fits(addr, len)) {
        req->run = len;
        step_over(req, MEMTX_DECODE_ERROR);
    }
    if (request_run(req)) {
        request_done(req);
        return NULL;
    }
    return req;
}

void dma_request_cancel(DMARequest *req)
{
    if (req->handle && req->mr->dma_ops->cancel) {
        req->mr->dma_ops->cancel(req->mr->opaque, req->handle);
    }
    flatview_unref(req->view);
    g_free(req);
}
