/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA_READ and DMA_WRITE that we send (protocol, section 3.11).
 *
 * A request is waiting (the layout is not known yet), sent, or abandoned: given
 * up by its owner or by the clock, its answer still to come. A reply must
 * belong to one that is sent or abandoned; everything else, a second reply
 * among it, is a broken client and ends the session. Ids are ours alone.
 *
 * Which layout a client speaks cannot be told from VERSION. With AUTO the first
 * request of a session is preceded by a DMA_WRITE of no bytes, which moves
 * nothing: QEMU 10.1 to 11.0 answers it with a bare header, every other client
 * with an address and a count. Requests wait for that answer.
 */
#include "qemu/osdep.h"
#include "internal.h"
#include "trace.h"

struct VfuDmaRequest {
    VfuSession *session;
    uint64_t address;
    size_t count;
    VfuDmaDone *done;           /* NULL: the probe */
    void *opaque;
    int64_t deadline;
    int64_t began;              /* 0: nobody measures */
    bool read, sent, abandoned;
    uint16_t id;
    uint8_t *data;              /* of a write that waits for the layout */
    QTAILQ_ENTRY(VfuDmaRequest) link;
};

static const char *const layout_names[] = {
    [VFU_DMA_LAYOUT_SPEC] = "the specification",
    [VFU_DMA_LAYOUT_QEMU28] = "QEMU 10.1 to 11.0",
    [VFU_DMA_LAYOUT_AUTO] = "(not known)",
};

static void arm_timer(VfuSession *s)
{
    VfuDmaRequest *first = QTAILQ_FIRST(&s->dma.live);

    if (first && s->state == VFU_SESSION_READY) {
        timer_mod_ns(&s->dma.timer, first->deadline);
    } else {
        timer_del(&s->dma.timer);
    }
}

/* Out of the live list; the timer follows the new oldest one. */
static void unlive(VfuDmaRequest *req)
{
    VfuSession *s = req->session;
    bool oldest = QTAILQ_FIRST(&s->dma.live) == req;

    QTAILQ_REMOVE(&s->dma.live, req, link);
    s->dma.outstanding--;
    g_free(g_steal_pointer(&req->data));
    if (oldest) {
        arm_timer(s);
    }
}

static bool is_probe(const VfuDmaRequest *req)
{
    return req->count == 0;
}

static void forget(VfuDmaRequest *req)
{
    VfuDmaState *dma = &req->session->dma;

    if (req->sent) {
        g_hash_table_remove(dma->by_id, GUINT_TO_POINTER(req->id));
    }
    if (dma->answered && !is_probe(req)) {
        dma->answered(dma->answered_opaque, req->read, req->count);
    }
    g_free(req);
}

/* Its answer may still come: keep the id, so that the answer is known. */
static void abandon(VfuDmaRequest *req)
{
    VfuDmaState *dma = &req->session->dma;

    unlive(req);
    if (!req->sent) {
        forget(req);
        return;
    }
    req->abandoned = true;
    QTAILQ_INSERT_TAIL(&dma->abandoned, req, link);
    if (++dma->nr_abandoned > VFU_DMA_ABANDONED_MAX) {
        VfuDmaRequest *oldest = QTAILQ_FIRST(&dma->abandoned);

        QTAILQ_REMOVE(&dma->abandoned, oldest, link);
        dma->nr_abandoned--;
        forget(oldest);
    }
}

static void count_failure(VfuSession *s)
{
    if (s->server) {
        s->server->stats.dma_failures++;
    }
}

/* --- sending --- */

static uint16_t take_id(VfuDmaState *dma)
{
    do {
        dma->next_id++;
    } while (g_hash_table_contains(dma->by_id, GUINT_TO_POINTER(dma->next_id)));
    return dma->next_id;
}

static void send_request(VfuDmaRequest *req, const void *data)
{
    static const uint8_t zeros[8];
    VfuSession *s = req->session;
    VfuDmaLayout layout = s->dma.layout == VFU_DMA_LAYOUT_AUTO ? VFU_DMA_LAYOUT_SPEC
                                                               : s->dma.layout;
    size_t payload = sizeof(VfuDmaAccess) + (req->read ? 0 : req->count);
    VfuHeader header = { .command = req->read ? VFU_DMA_READ : VFU_DMA_WRITE,
                         .size = sizeof(header) + payload };
    uint8_t head[16];
    size_t padding, head_len;
    struct iovec iov[4];

    head_len = vfu_dma_request_head(layout, req->address, req->count, head, &padding);
    req->id = header.id = take_id(&s->dma);
    req->sent = true;
    g_hash_table_insert(s->dma.by_id, GUINT_TO_POINTER(req->id), req);
    iov[0] = (struct iovec) { &header, sizeof(header) };
    iov[1] = (struct iovec) { head, head_len };
    iov[2] = (struct iovec) { (void *)data, req->read ? 0 : req->count };
    iov[3] = (struct iovec) { (void *)zeros, padding };
    trace_vfu_out_dma(vfu_session_name(s), header.id, vfu_command_name(header.command),
                      req->address, req->count);
    vfu_session_send(s, iov, 4, NULL, 0);
}

static void settle_layout(VfuSession *s, VfuDmaLayout layout)
{
    VfuDmaRequest *req, *next;

    s->dma.layout = layout;
    s->dma.probing = false;
    trace_vfu_dma_layout(vfu_session_name(s), layout_names[layout]);
    QTAILQ_FOREACH_SAFE(req, &s->dma.live, link, next) {
        if (!req->sent) {
            send_request(req, req->data);
            g_free(g_steal_pointer(&req->data));
        }
    }
}

static VfuDmaRequest *request_new(VfuSession *s, bool read, uint64_t address, size_t count,
                                  VfuDmaDone *done, void *opaque)
{
    VfuDmaRequest *req = g_new0(VfuDmaRequest, 1);

    req->session = s;
    req->read = read;
    req->address = address;
    req->count = count;
    req->done = done;
    req->opaque = opaque;
    req->began = vfu_latency_begin(s->server);
    req->deadline = qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + s->server->config.dma_timeout_ns;
    QTAILQ_INSERT_TAIL(&s->dma.live, req, link);
    s->dma.outstanding++;
    if (QTAILQ_FIRST(&s->dma.live) == req) {
        arm_timer(s);
    }
    return req;
}

static bool may_start(VfuSession *s, uint64_t address, size_t count, Error **errp)
{
    if (s->state != VFU_SESSION_READY) {
        error_setg(errp, "the session is over");
        return false;
    }
    if (count == 0 || count > s->peer.max_data_xfer_size || count - 1 > UINT64_MAX - address) {
        error_setg(errp, "%zu bytes do not fit one DMA message (at most %u)", count,
                   s->peer.max_data_xfer_size);
        return false;
    }
    if (s->dma.outstanding >= VFU_DMA_OUTSTANDING_MAX) {
        error_setg(errp, "%u DMA messages wait for the client's answer already",
                   s->dma.outstanding);
        return false;
    }
    return true;
}

static VfuDmaRequest *start(VfuSession *s, bool read, uint64_t address, const void *data,
                            size_t count, VfuDmaDone *done, void *opaque, Error **errp)
{
    VfuDmaRequest *req;

    if (!may_start(s, address, count, errp)) {
        return NULL;
    }
    if (s->dma.layout == VFU_DMA_LAYOUT_AUTO && !s->dma.probing) {
        s->dma.probing = true;
        send_request(request_new(s, false, address, 0, NULL, NULL), NULL);
    }
    req = request_new(s, read, address, count, done, opaque);
    if (s->dma.layout != VFU_DMA_LAYOUT_AUTO) {
        send_request(req, data);
    } else if (!read) {
        req->data = g_memdup2(data, count);
    }
    if (read) {
        s->server->stats.dma_reads++;
    } else {
        s->server->stats.dma_writes++;
    }
    return req;
}

VfuDmaRequest *vfu_session_dma_read(VfuSession *s, uint64_t address, size_t count,
                                    VfuDmaDone *done, void *opaque, Error **errp)
{
    return start(s, true, address, NULL, count, done, opaque, errp);
}

VfuDmaRequest *vfu_session_dma_write(VfuSession *s, uint64_t address, const void *data,
                                     size_t count, VfuDmaDone *done, void *opaque, Error **errp)
{
    return start(s, false, address, data, count, done, opaque, errp);
}

void vfu_dma_request_cancel(VfuDmaRequest *req)
{
    abandon(req);
}

void vfu_session_on_dma_answered(VfuSession *s, VfuDmaAnswered *fn, void *opaque)
{
    s->dma.answered = fn;
    s->dma.answered_opaque = opaque;
}

/* --- answers --- */

/* The oldest QEMU clients, met with the wrong layout, corrupt memory in silence. */
static void notice_layout(VfuSession *s, const VfuDmaRequest *req, const VfuDmaReply *reply)
{
    if (s->dma.layout == VFU_DMA_LAYOUT_SPEC && !req->read && reply->bare && !s->dma.warned) {
        s->dma.warned = true;
        vfu_session_warn(s, "the client answers DMA_WRITE as QEMU 10.1 to 11.0 does, whose DMA "
                         "messages have another layout: set the layout to 'auto' or 'qemu28', "
                         "or give the guest shared memory");
    }
}

static void end_live(VfuDmaRequest *req, int err, const void *data, size_t count)
{
    VfuDmaDone *done = req->done;
    void *opaque = req->opaque;
    VfuSession *s = req->session;

    if (unlikely(req->began)) {
        vfu_latency_end(s->server, req->read ? VFU_DMA_READ : VFU_DMA_WRITE, &req->began);
    }
    unlive(req);
    forget(req);
    if (err) {
        count_failure(s);
    }
    if (done) {
        done(opaque, err, data, count);
    }
}

static void answer_probe(VfuSession *s, VfuDmaRequest *probe, bool error, bool bare)
{
    unlive(probe);
    forget(probe);
    settle_layout(s, !error && bare ? VFU_DMA_LAYOUT_QEMU28 : VFU_DMA_LAYOUT_SPEC);
}

static void drop_late(VfuSession *s, VfuDmaRequest *req)
{
    trace_vfu_dma_late(vfu_session_name(s), req->id);
    s->server->stats.late_replies++;
    QTAILQ_REMOVE(&s->dma.abandoned, req, link);
    s->dma.nr_abandoned--;
    forget(req);
}

static void answer_error(VfuSession *s, VfuDmaRequest *req, uint32_t error)
{
    if (is_probe(req)) {
        answer_probe(s, req, true, false);
        return;
    }
    /* An error without a number, or one that is none, is still an error. */
    end_live(req, error && error < 4096 ? -(int)error : -EIO, NULL, 0);
}

static void answer(VfuSession *s, VfuDmaRequest *req, const VfuMessage *msg)
{
    VfuDmaLayout layout = is_probe(req) ? VFU_DMA_LAYOUT_SPEC : s->dma.layout;
    VfuDmaReply reply;

    if (!vfu_dma_reply_parse(layout, req->read, req->address, req->count, msg->payload,
                             msg->len, &reply)) {
        vfu_session_fail(s, VFU_CLOSE_PROTOCOL, "an answer does not fit its DMA request");
        end_live(req, -EPROTO, NULL, 0);
        return;
    }
    if (is_probe(req)) {
        answer_probe(s, req, false, reply.bare);
        return;
    }
    notice_layout(s, req, &reply);
    end_live(req, reply.count < req->count ? -EIO : 0, reply.data, reply.count);
}

void vfu_dma_reply(VfuSession *s, VfuMessage *msg)
{
    VfuDmaRequest *req = g_hash_table_lookup(s->dma.by_id, GUINT_TO_POINTER(msg->header.id));
    unsigned command = msg->header.command;

    if (!req || command != (req->read ? VFU_DMA_READ : VFU_DMA_WRITE)) {
        vfu_session_fail(s, VFU_CLOSE_PROTOCOL, "a reply that nobody waits for");
    } else if (req->abandoned) {
        drop_late(s, req);
    } else if (msg->header.flags & VFU_ERROR) {
        answer_error(s, req, msg->header.error);
    } else {
        answer(s, req, msg);
    }
    vfu_message_release(msg);
}

/* --- giving up --- */

static void on_late(void *opaque)
{
    VfuSession *s = opaque;
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    VfuDmaRequest *req;

    vfu_session_ref(s);
    while (s->state == VFU_SESSION_READY && (req = QTAILQ_FIRST(&s->dma.live)) &&
           req->deadline <= now) {
        VfuDmaDone *done = req->done;
        void *done_opaque = req->opaque;
        bool probe = is_probe(req);

        count_failure(s);
        abandon(req);
        if (probe) {
            settle_layout(s, VFU_DMA_LAYOUT_SPEC);
        } else {
            done(done_opaque, -ETIMEDOUT, NULL, 0);
        }
    }
    arm_timer(s);
    vfu_session_unref(s);
}

void vfu_dma_init(VfuSession *s)
{
    VfuDmaState *dma = &s->dma;

    dma->layout = s->server->config.dma_layout;
    dma->by_id = g_hash_table_new(g_direct_hash, g_direct_equal);
    QTAILQ_INIT(&dma->live);
    QTAILQ_INIT(&dma->abandoned);
    aio_timer_init(s->ctx, &dma->timer, QEMU_CLOCK_REALTIME, SCALE_NS, on_late, s);
}

void vfu_dma_fail_all(VfuSession *s)
{
    VfuDmaRequest *req;

    while ((req = QTAILQ_FIRST(&s->dma.live))) {
        end_live(req, -ECANCELED, NULL, 0);
    }
    while ((req = QTAILQ_FIRST(&s->dma.abandoned))) {
        QTAILQ_REMOVE(&s->dma.abandoned, req, link);
        s->dma.nr_abandoned--;
        forget(req);
    }
}

void vfu_dma_deinit(VfuSession *s)
{
    timer_del(&s->dma.timer);
    timer_deinit(&s->dma.timer);
    g_hash_table_destroy(g_steal_pointer(&s->dma.by_id));
}
