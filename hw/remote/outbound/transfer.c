/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One DMA access of a device, from its address to the client's bytes.
 *
 * An access is cut at region borders and done piece by piece, in order. Pieces
 * in mapped memory or files are done at once. A piece that only messages reach
 * is cut again to what the client takes in one message, with several messages
 * in flight; the next piece starts when the last answer is in. Bytes that were
 * moved before a failure stay moved, as on a bus.
 *
 * A caller that wants the result on return is suspended (aio_waiter_wait), so
 * its domain's loop goes on: the answer may only come after the client has got
 * replies it is waiting for itself. wait_ops tells the server around it.
 *
 * A transfer ends exactly once: finished, failed, or cancelled by its owner, by
 * DMA_UNMAP of a region it is in, by reset or by disconnect.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "outbound/iova-internal.h"
#include "trace.h"

/*
 * Stock QEMU writes an answer once: when its socket has no room for all of it, the
 * rest is lost and the connection with it. The kernel gives a socket 208 KiB by
 * default and counts what it allocates, up to twice the bytes and a bit. So answers
 * to DMA_READ that are on their way never need more than the budget, with room
 * for what the guest's processors send meanwhile. The answer to a message that was
 * cancelled, or given up, is on its way all the same: what it needs is counted until it
 * has come. Transfers that find no room wait for such answers, as long as any come.
 */
enum { READ_MESSAGE_MAX = 32 * 1024, ANSWERS_BUDGET = 128 * 1024, ANSWER_OVERHEAD = 1024 };

typedef struct TransferMessage {
    IOVATransfer *transfer;
    VfuDmaRequest *request;
    uint8_t *buf;
    size_t len;
    QLIST_ENTRY(TransferMessage) next;
} TransferMessage;

struct IOVATransfer {
    IOVASpace *space;
    hwaddr addr;                /* of the next piece */
    uint8_t *buf;
    hwaddr left;                /* bytes not yet in any piece */
    bool is_write;
    IOVARegion *region;         /* of the current message piece, counted */
    hwaddr piece_left;          /* bytes of it without a message yet */
    unsigned in_flight;
    QLIST_HEAD(, TransferMessage) messages;
    MemTxResult result;
    MemoryRegionDMADone *done;
    void *opaque;
    bool *ended;                /* set when the transfer is gone */
    bool stalled;               /* had no room for a message, has none in flight */
    QTAILQ_ENTRY(IOVATransfer) stalled_link;
    QLIST_ENTRY(IOVATransfer) next;
};

static void transfer_run(IOVATransfer *t);

void iova_fault(IOVASpace *space, hwaddr addr, hwaddr len, bool is_write, const char *why)
{
    __atomic_fetch_add(&space->stats.faults, 1, __ATOMIC_RELAXED);
    trace_iova_fault(space->config.name, addr, len, is_write, why);
    qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "%s: DMA %s at 0x%" PRIx64 ": %s\n",
                              space->config.name, is_write ? "write" : "read", addr, why);
}

static void transfer_leave_region(IOVATransfer *t)
{
    IOVARegion *r = g_steal_pointer(&t->region);

    if (r) {
        iova_region_put(t->space, r);
    }
}

static size_t answer_cost(bool is_write, size_t len)
{
    return is_write ? ANSWER_OVERHEAD : 2 * len + ANSWER_OVERHEAD;
}

/* ---- waiting for room ---- */

static void stall(IOVATransfer *t)
{
    IOVASpace *space = t->space;

    if (QTAILQ_EMPTY(&space->stalled)) {
        space->answered = false;
        timer_mod_ns(space->silence, qemu_clock_get_ns(QEMU_CLOCK_REALTIME)
                                     + space->config.op_timeout_ns);
    }
    t->stalled = true;
    QTAILQ_INSERT_TAIL(&space->stalled, t, stalled_link);
}

static void unstall(IOVATransfer *t)
{
    if (t->stalled) {
        t->stalled = false;
        QTAILQ_REMOVE(&t->space->stalled, t, stalled_link);
    }
}

/* VfuDmaAnswered: whoever waits goes on from the loop, not inside of what the caller does. */
static void on_answered(void *opaque, bool read, size_t count)
{
    IOVASpace *space = opaque;

    space->answers_cost -= answer_cost(!read, count);
    space->answered = true;
    if (!QTAILQ_EMPTY(&space->stalled)) {
        qemu_bh_schedule(space->room_bh);
    }
}

void iova_answers_attach(IOVASpace *space)
{
    vfu_session_on_dma_answered(space->session, on_answered, space);
}

void iova_answers_detach(IOVASpace *space, VfuSession *session)
{
    if (session) {
        vfu_session_on_dma_answered(session, NULL, NULL);
    }
    space->answers_cost = 0;
}

static void drop_messages(IOVATransfer *t)
{
    TransferMessage *m, *next;

    QLIST_FOREACH_SAFE(m, &t->messages, next, next) {
        QLIST_REMOVE(m, next);
        vfu_dma_request_cancel(m->request);
        g_free(m);
    }
    t->in_flight = 0;
}

/* Ends the transfer; t is gone afterwards. */
static void transfer_end(IOVATransfer *t, MemTxResult result)
{
    MemoryRegionDMADone *done = t->done;
    void *opaque = t->opaque;

    drop_messages(t);
    unstall(t);
    transfer_leave_region(t);
    QLIST_REMOVE(t, next);
    if (t->ended) {
        *t->ended = true;
    }
    g_free(t);
    if (done) {
        done(opaque, result);
    }
}

static void transfer_fail(IOVATransfer *t, const char *why)
{
    iova_fault(t->space, t->addr, t->left, t->is_write, why);
    transfer_end(t, MEMTX_ERROR);
}

static void message_done(void *opaque, int err, const void *data, size_t count)
{
    TransferMessage *m = opaque;
    IOVATransfer *t = m->transfer;

    QLIST_REMOVE(m, next);
    t->in_flight--;
    if (!err && !t->is_write) {
        memcpy(m->buf, data, MIN(count, m->len));
    }
    err = err ? err : count == m->len ? 0 : -EIO;
    g_free(m);
    if (err) {
        transfer_fail(t, err == -ETIMEDOUT ? "the client does not answer"
                                           : "refused by the client");
    } else {
        transfer_run(t);
    }
}

static bool send_message(IOVATransfer *t, size_t len)
{
    IOVASpace *space = t->space;
    TransferMessage *m = g_new0(TransferMessage, 1);

    *m = (TransferMessage) { .transfer = t, .buf = t->buf, .len = len };
    m->request = t->is_write
        ? vfu_session_dma_write(space->session, t->addr, t->buf, len, message_done, m, NULL)
        : vfu_session_dma_read(space->session, t->addr, len, message_done, m, NULL);
    if (!m->request) {
        g_free(m);
        return false;
    }
    QLIST_INSERT_HEAD(&t->messages, m, next);
    t->in_flight++;
    space->answers_cost += answer_cost(t->is_write, len);
    *(t->is_write ? &space->stats.message_writes : &space->stats.message_reads) += 1;
    space->stats.message_bytes += len;
    return true;
}

static size_t message_length(const IOVATransfer *t)
{
    size_t most = vfu_session_peer(t->space->session)->max_data_xfer_size;

    return MIN(t->piece_left, t->is_write ? most : MIN(most, READ_MESSAGE_MAX));
}

/* One message alone is always within the budget. */
static bool answer_fits(const IOVATransfer *t, size_t len)
{
    return t->space->answers_cost + answer_cost(t->is_write, len) <= ANSWERS_BUDGET;
}

/* False: the transfer has failed and is gone. */
static bool fill_pipeline(IOVATransfer *t)
{
    while (t->piece_left && t->in_flight < t->space->config.pipeline) {
        size_t len = message_length(t);

        if (!answer_fits(t, len) || !send_message(t, len)) {
            if (t->in_flight) {
                break;          /* more when an answer has come */
            }
            if (t->space->answers_cost) {
                stall(t);
                break;
            }
            transfer_fail(t, "the client takes no message");
            return false;
        }
        t->addr += len;
        t->buf += len;
        t->left -= len;
        t->piece_left -= len;
    }
    return true;
}

static bool direct_piece(IOVATransfer *t, IOVARegion *r, hwaddr len)
{
    bool ok = iova_direct_rw(t->space, r, t->addr, t->buf, len, t->is_write);

    iova_region_put(t->space, r);
    if (!ok) {
        transfer_fail(t, "the client's memory is gone");
        return false;
    }
    t->addr += len;
    t->buf += len;
    t->left -= len;
    return true;
}

/* The next piece; false when the transfer has ended. */
static bool start_piece(IOVATransfer *t)
{
    hwaddr avail;
    IOVARegion *r = iova_region_get(t->space, t->addr, t->is_write, &avail);

    if (!r) {
        transfer_end(t, MEMTX_DECODE_ERROR);
        return false;
    }
    if (r->kind != IOVA_MESSAGE) {
        return direct_piece(t, r, MIN(avail, t->left));
    }
    t->region = r;
    t->piece_left = MIN(avail, t->left);
    if (!t->space->session) {
        transfer_fail(t, "the client has left");
        return false;
    }
    return true;
}

/* Goes on until something is in flight or the transfer has ended. */
static void transfer_run(IOVATransfer *t)
{
    while (t->piece_left || !t->in_flight) {
        if (t->piece_left) {
            if (!fill_pipeline(t) || t->in_flight || t->stalled) {
                return;
            }
        }
        transfer_leave_region(t);
        if (!t->left) {
            transfer_end(t, MEMTX_OK);
            return;
        }
        if (!start_piece(t)) {
            return;
        }
    }
}

/* The first of them again, in the order in which they came, while that makes a difference. */
void iova_transfers_resume(void *opaque)
{
    IOVASpace *space = opaque;
    IOVATransfer *t;

    while ((t = QTAILQ_FIRST(&space->stalled)) && answer_fits(t, message_length(t))) {
        unstall(t);
        transfer_run(t);
        if (QTAILQ_LAST(&space->stalled) == t) {
            return;             /* the session has as many messages as it takes */
        }
    }
}

/* Nothing has been answered for so long: the client will not make room. */
void iova_transfers_give_up(void *opaque)
{
    IOVASpace *space = opaque;
    IOVATransfer *t;
    unsigned count = 0;

    QTAILQ_FOREACH(t, &space->stalled, stalled_link) {
        count++;
    }
    if (space->answered && count) {
        space->answered = false;
        timer_mod_ns(space->silence, qemu_clock_get_ns(QEMU_CLOCK_REALTIME)
                                     + space->config.op_timeout_ns);
        return;
    }
    /* done() may start others, which wait as long. */
    for (; count && (t = QTAILQ_FIRST(&space->stalled)); count--) {
        transfer_fail(t, "the client does not answer");
    }
}

static IOVATransfer *transfer_new(IOVASpace *space, hwaddr addr, void *buf, hwaddr len,
                                  bool is_write, MemoryRegionDMADone *done, void *opaque)
{
    IOVATransfer *t = g_new0(IOVATransfer, 1);

    *t = (IOVATransfer) {
        .space = space, .addr = addr, .buf = buf, .left = len, .is_write = is_write,
        .done = done, .opaque = opaque,
    };
    QLIST_INSERT_HEAD(&space->transfers, t, next);
    return t;
}

/*
 * The part of an access, from its start, that needs no message. Returns the
 * bytes done, or sets *result on a fault. `home`: the context's lock is held,
 * so no region can go away meanwhile.
 */
static hwaddr direct_prefix(IOVASpace *space, hwaddr addr, uint8_t *buf, hwaddr len,
                            bool is_write, bool home, MemTxResult *result)
{
    hwaddr done = 0;

    while (done < len) {
        hwaddr avail, n;
        IOVARegion *r = home ? iova_region_peek(space, addr + done, is_write, &avail)
                             : iova_region_get(space, addr + done, is_write, &avail);
        bool ok = true;

        if (!r) {
            *result = MEMTX_DECODE_ERROR;
            break;
        }
        n = r->kind == IOVA_MESSAGE ? 0 : MIN(avail, len - done);
        ok = !n || iova_direct_rw(space, r, addr + done, buf + done, n, is_write);
        if (!home) {
            iova_region_put(space, r);
        }
        if (!ok) {
            iova_fault(space, addr + done, n, is_write, "the client's memory is gone");
            *result = MEMTX_ERROR;
        }
        if (!ok || !n) {
            break;
        }
        done += n;
    }
    return done;
}

static hwaddr dma_direct(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                         MemTxAttrs attrs, MemTxResult *result)
{
    IOVASpace *space = opaque;

    return direct_prefix(space, addr, buf, len, is_write, aio_context_entered(space->ctx),
                         result);
}

typedef struct SyncTransfer {
    AioWaiter waiter;
    bool finished;
    MemTxResult result;
} SyncTransfer;

static void sync_done(void *opaque, MemTxResult result)
{
    SyncTransfer *sync = opaque;

    sync->finished = true;
    sync->result = result;
    aio_waiter_wake(&sync->waiter);
}

/* Context lock held; it is released while waiting. */
static MemTxResult wait_for_messages(IOVASpace *space, hwaddr addr, void *buf, hwaddr len,
                                     bool is_write)
{
    SyncTransfer sync = { .result = MEMTX_ERROR };
    int64_t deadline, now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    IOVATransfer *t;

    deadline = now + space->config.op_timeout_ns;
    if (!space->wait_ops->may_wait(space->wait_opaque, &deadline)) {
        iova_fault(space, addr, len, is_write, "no time is left to ask the client");
        return MEMTX_ERROR;
    }
    aio_waiter_init(&sync.waiter, space->ctx);
    t = transfer_new(space, addr, buf, len, is_write, sync_done, &sync);
    transfer_run(t);
    if (!sync.finished) {
        space->wait_ops->suspended(space->wait_opaque);
        aio_waiter_wait(&sync.waiter, deadline - now);
        space->wait_ops->resumed(space->wait_opaque);
    }
    if (!sync.finished) {       /* timed out: t is still there */
        t->done = NULL;
        transfer_fail(t, "the client does not answer in time");
    }
    aio_waiter_destroy(&sync.waiter);
    return sync.result;
}

static MemTxResult dma_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                          MemTxAttrs attrs)
{
    IOVASpace *space = opaque;
    MemTxResult result = MEMTX_OK;
    hwaddr done = dma_direct(space, addr, buf, len, is_write, attrs, &result);

    if (done == len || result != MEMTX_OK) {
        return result;
    }
    /* Device threads may come without their domain's lock. */
    aio_context_enter(space->ctx);
    result = wait_for_messages(space, addr + done, (uint8_t *)buf + done, len - done, is_write);
    aio_context_leave(space->ctx);
    return result;
}

static void *dma_rw_async(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                          MemTxAttrs attrs, MemoryRegionDMADone *done, void *done_opaque)
{
    IOVASpace *space = opaque;
    MemTxResult result = MEMTX_OK;
    hwaddr direct = dma_direct(space, addr, buf, len, is_write, attrs, &result);
    bool ended = false;
    IOVATransfer *t;

    if (direct == len || result != MEMTX_OK) {
        done(done_opaque, result);
        return NULL;
    }
    t = transfer_new(space, addr + direct, (uint8_t *)buf + direct, len - direct, is_write,
                     done, done_opaque);
    t->ended = &ended;
    transfer_run(t);
    if (ended) {
        return NULL;
    }
    t->ended = NULL;
    return t;
}

static void dma_cancel(void *opaque, void *request)
{
    IOVATransfer *t = request;

    t->done = NULL;
    transfer_end(t, MEMTX_ERROR);
}

void iova_transfers_cancel_region(IOVASpace *space, IOVARegion *region)
{
    IOVATransfer *t;
    bool again;

    do {                        /* done() may start or end other transfers */
        again = false;
        QLIST_FOREACH(t, &space->transfers, next) {
            if (t->region == region) {
                transfer_end(t, MEMTX_ERROR);
                again = true;
                break;
            }
        }
    } while (again);
}

void iova_transfers_cancel_all(IOVASpace *space)
{
    QLIST_HEAD(, IOVATransfer) doomed;
    IOVATransfer *t;

    /* What a done() callback starts meanwhile is not ours to end. */
    QLIST_INIT(&doomed);
    while ((t = QLIST_FIRST(&space->transfers))) {
        QLIST_REMOVE(t, next);
        QLIST_INSERT_HEAD(&doomed, t, next);
    }
    while ((t = QLIST_FIRST(&doomed))) {
        transfer_end(t, MEMTX_ERROR);
    }
}

static void *dma_map(void *opaque, hwaddr addr, hwaddr *plen, bool is_write, MemTxAttrs attrs)
{
    return iova_direct_map(opaque, addr, plen, is_write);
}

static void dma_unmap(void *opaque, void *host, hwaddr len, bool is_write, hwaddr access_len)
{
    iova_direct_unmap(opaque, host);
}

static void add_notifier(void *opaque, MemoryRegionDMANotifier *n)
{
    IOVASpace *space = opaque;

    QLIST_INSERT_HEAD(&space->notifiers, n, next);
}

static void remove_notifier(void *opaque, MemoryRegionDMANotifier *n)
{
    QLIST_REMOVE(n, next);
}

const MemoryRegionDMAOps iova_dma_ops = {
    .direct = dma_direct,
    .rw = dma_rw,
    .rw_async = dma_rw_async,
    .cancel = dma_cancel,
    .map = dma_map,
    .unmap = dma_unmap,
    .pin = iova_pin,
    .unpin = iova_unpin,
    .add_notifier = add_notifier,
    .remove_notifier = remove_notifier,
};
