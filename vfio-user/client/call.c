/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a command travels: it gets an id, is sent, and its reply is told apart
 * from replies to other commands and from the server's own commands.
 *
 * Everything that arrives passes take_in(). Commands of the server are answered
 * at once. A reply belongs to the oldest pending command with its id and
 * number (one existing client uses id 0 for all, so an id alone says nothing).
 * A reply that a vfu_client_call() waits for is copied out of the receive
 * buffer; any other one is kept in `ready` for vfu_client_poll().
 */
#include "qemu/osdep.h"
#include "internal.h"

/* The call that is being waited for; lives on the caller's stack. */
typedef struct Waiter {
    VfuCall *call;
    size_t request_size;
    bool done;
    int result;
} Waiter;

uint16_t vfu_client_new_id(VfuClient *c)
{
    static int process_id;

    switch (c->persona->ids) {
    case VFU_ID_ALWAYS_0:
        return 0;
    case VFU_ID_PER_PROCESS:
        return g_atomic_int_add(&process_id, 1);
    case VFU_ID_PER_CLIENT:
        break;
    }
    return c->next_id++;
}

/* --- messages that outlive the receive buffer --- */

static VfuClientMessage *message_from_view(FrameView *view)
{
    VfuClientMessage *msg = g_new0(VfuClientMessage, 1);

    msg->header = view->header;
    msg->size = view->size;
    msg->payload = g_memdup2(view->payload, view->size);
    msg->nr_fds = view->nr_fds;
    memcpy(msg->fds, view->fds, view->nr_fds * sizeof(int));
    view->nr_fds = 0;
    return msg;
}

void vfu_client_message_free(VfuClientMessage *msg)
{
    if (msg) {
        frame_close_fds(msg->fds, msg->nr_fds);
        g_free(msg->payload);
        g_free(msg);
    }
}

static int header_error(const VfuHeader *h)
{
    if (!(h->flags & VFU_ERROR)) {
        return 0;
    }
    /* An errno outside the kernel's range would turn into success or noise. */
    return h->error && h->error < 4096 ? -(int)h->error : -EREMOTEIO;
}

int vfu_client_message_error(const VfuClientMessage *msg)
{
    return header_error(&msg->header);
}

/* --- taking in --- */

static bool find_pending(VfuClient *c, const VfuHeader *h, Pending *found)
{
    for (unsigned i = 0; i < c->pending->len; i++) {
        Pending *p = &g_array_index(c->pending, Pending, i);
        if (p->id == h->id && p->command == h->command) {
            *found = *p;
            g_array_remove_index(c->pending, i);
            return true;
        }
    }
    return false;
}

static int check_reply(VfuClient *c, Waiter *w, const FrameView *v, int error)
{
    VfuCall *call = w->call;
    const char *name = vfu_command_name(call->command);

    if (c->persona->exact_replies && call->expect != VFU_ANY_SIZE &&
        v->size != call->expect) {
        return vfu_client_fail(c, -EPROTO, "%s: the reply has %zu bytes of payload where this "
                               "client reads exactly %zu: it would hang or lose step",
                               name, v->size, call->expect);
    }
    if (!error && v->size < call->min) {
        return vfu_client_fail(c, -EPROTO, "%s: the reply has %zu bytes of payload, "
                               "%zu are needed", name, v->size, call->min);
    }
    if (c->persona->reply_fits_request && v->header.size > w->request_size) {
        return vfu_client_fail(c, -EPROTO, "%s: the reply is longer (%u) than this client's "
                               "buffer (%zu)", name, v->header.size, w->request_size);
    }
    if (c->persona->no_stray_fds && v->nr_fds && !call->takes_fds) {
        return vfu_client_fail(c, -EPROTO, "%s: a descriptor came with the reply", name);
    }
    return 0;
}

static void finish_call(VfuClient *c, Waiter *w, FrameView *v)
{
    VfuCall *call = w->call;
    int error = header_error(&v->header);
    int broken = check_reply(c, w, v, error);

    w->done = true;
    w->result = broken ? broken : error;
    call->got = v->size;
    if (w->result == 0) {
        if (call->room) {
            memcpy(call->reply, v->payload, MIN(call->room, v->size));
        }
        if (call->takes_fds) {
            call->nr_reply_fds = v->nr_fds;
            memcpy(call->reply_fds, v->fds, v->nr_fds * sizeof(int));
            v->nr_fds = 0;
        }
    }
}

static int take_reply(VfuClient *c, FrameView *v, Waiter *w)
{
    Pending p;

    if (!find_pending(c, &v->header, &p)) {
        return vfu_client_fail(c, -EPROTO, "unexpected reply: id %u, command %u",
                               v->header.id, v->header.command);
    }
    c->stats.replies++;
    c->stats.errors += !!(v->header.flags & VFU_ERROR);
    if (p.abandoned) {
        c->stats.late_replies++;
    } else if (p.sync && w) {
        finish_call(c, w, v);
    } else {
        g_queue_push_tail(&c->ready, message_from_view(v));
    }
    return 0;
}

/* All complete messages of the buffer, up to the one that is waited for. */
static int take_in(VfuClient *c, Waiter *w)
{
    FrameView v = { .nr_fds = 0 };
    int err = 0;

    while (!(w && w->done) && frame_next(&c->frame, &v, &err)) {
        uint32_t type = v.header.flags & VFU_TYPE_MASK;

        if (type == VFU_TYPE_REPLY) {
            err = take_reply(c, &v, w);
        } else if (type == VFU_TYPE_COMMAND) {
            err = vfu_client_handle_command(c, &v);
        } else {
            err = vfu_client_fail(c, -EPROTO, "message of unknown type %u", type);
        }
        frame_close_fds(v.fds, v.nr_fds);
        if (err) {
            return err;
        }
    }
    return err ? vfu_client_fail(c, err, "message of impossible size") : 0;
}

static int fill(VfuClient *c, int64_t deadline)
{
    int ret = frame_fill(&c->frame, deadline);

    if (ret == -ECONNRESET) {
        return vfu_client_fail(c, ret, "the server closed the connection");
    }
    return ret;
}

/* While a send waits, only whole replies for later are stored: a call's own
 * reply cannot come before the call was sent. */
static int drain_while_sending(void *opaque)
{
    return take_in(opaque, NULL);
}

/* --- sending --- */

static int64_t deadline_of(VfuClient *c, int64_t timeout_ns)
{
    return frame_now() + (timeout_ns < 0 ? c->timeout_ns : timeout_ns);
}

static int send_by(VfuClient *c, const VfuHeader *header, const struct iovec *iov,
                   unsigned iovcnt, const int *fds, unsigned nr_fds, int64_t deadline)
{
    VfuHeader h = *header;
    struct iovec all[6] = { { &h, sizeof(h) } };
    int ret;

    g_assert(iovcnt < G_N_ELEMENTS(all));
    if (!c->alive) {
        return -ECONNRESET;
    }
    h.size = sizeof(h);
    for (unsigned i = 0; i < iovcnt; i++) {
        all[i + 1] = iov[i];
        h.size += iov[i].iov_len;
    }
    c->stats.commands++;
    ret = frame_send(&c->frame, all, iovcnt + 1, fds, nr_fds, deadline,
                     drain_while_sending, c);
    /* A message that was sent in part cannot be taken back. */
    return ret ? vfu_client_fail(c, ret, "sending command %u: %s", h.command,
                                 strerror(-ret)) : 0;
}

int vfu_client_send(VfuClient *c, uint16_t command, uint32_t flags, uint16_t id,
                    const struct iovec *iov, unsigned iovcnt, const int *fds,
                    unsigned nr_fds)
{
    VfuHeader h = { .id = id, .command = command, .flags = flags };

    return send_by(c, &h, iov, iovcnt, fds, nr_fds, deadline_of(c, -1));
}

static int flush_by(VfuClient *c, int64_t deadline)
{
    return frame_flush(&c->frame, deadline, drain_while_sending, c);
}

static int flush(VfuClient *c)
{
    return flush_by(c, deadline_of(c, -1));
}

static void abandon(VfuClient *c, uint16_t id, uint16_t command)
{
    for (unsigned i = 0; i < c->pending->len; i++) {
        Pending *p = &g_array_index(c->pending, Pending, i);
        if (p->sync && p->id == id && p->command == command) {
            p->abandoned = true;
        }
    }
}

/* Then a plain recv() does, which is cheaper than recvmsg(). Stray descriptors
 * are closed either way, unless the persona wants to know of them. */
static bool no_fds_due(VfuClient *c, const VfuCall *call)
{
    return !call->takes_fds && c->pending->len == 1 && !c->persona->no_stray_fds;
}

int vfu_client_call(VfuClient *c, VfuCall *call, const struct iovec *iov,
                    unsigned iovcnt)
{
    VfuHeader h = { .command = call->command };
    Pending p = { .command = call->command, .sync = true };
    Waiter w = { .call = call, .request_size = sizeof(VfuHeader) };
    int64_t deadline = deadline_of(c, -1);
    int ret;

    call->used_id = h.id = p.id = call->id ? *call->id : vfu_client_new_id(c);
    for (unsigned i = 0; i < iovcnt; i++) {
        w.request_size += iov[i].iov_len;
    }
    w.request_size = MAX(w.request_size, sizeof(VfuHeader) + call->room);
    g_array_append_val(c->pending, p);
    ret = send_by(c, &h, iov, iovcnt, call->fds, call->nr_fds, deadline);
    ret = ret ? ret : flush_by(c, deadline);
    c->frame.no_fds = no_fds_due(c, call);
    while (ret == 0) {
        ret = take_in(c, &w);
        if (ret || w.done) {
            break;
        }
        ret = fill(c, deadline);
    }
    c->frame.no_fds = false;
    if (ret) {
        abandon(c, p.id, p.command);
        return ret;
    }
    return w.result;
}

int vfu_client_exchange(VfuClient *c, VfuCommand command, const void *out, size_t out_len,
                        void *reply, size_t reply_len)
{
    struct iovec iov = { (void *)out, out_len };
    VfuCall call = {
        .command = command, .reply = reply, .room = reply_len, .min = reply_len,
        .expect = reply_len,
    };

    return vfu_client_call(c, &call, &iov, out_len ? 1 : 0);
}

/* --- pipelining --- */

int vfu_client_submit(VfuClient *c, VfuCommand command, const struct iovec *iov,
                      unsigned iovcnt, const int *fds, unsigned nr_fds, uint16_t *id)
{
    Pending p = { .command = command, .id = vfu_client_new_id(c) };

    g_array_append_val(c->pending, p);
    if (id) {
        *id = p.id;
    }
    return vfu_client_send(c, command, 0, p.id, iov, iovcnt, fds, nr_fds);
}

int vfu_client_submit_read(VfuClient *c, uint32_t region, uint64_t offset,
                           uint32_t count, uint16_t *id)
{
    VfuRegionAccess access = { .offset = offset, .region = region, .count = count };
    struct iovec iov = { &access, sizeof(access) };

    return vfu_client_submit(c, VFU_REGION_READ, &iov, 1, NULL, 0, id);
}

int vfu_client_poll(VfuClient *c, int64_t timeout_ns, VfuClientMessage **reply)
{
    int64_t deadline = deadline_of(c, timeout_ns);
    int ret = c->alive ? flush(c) : -ECONNRESET;

    *reply = g_queue_pop_head(&c->ready);
    while (!*reply && ret == 0) {
        ret = take_in(c, NULL);
        *reply = g_queue_pop_head(&c->ready);
        if (!*reply && ret == 0) {
            ret = fill(c, deadline);
        }
    }
    if (*reply) {
        return 0;
    }
    return ret == -ETIMEDOUT && timeout_ns >= 0 ? -EAGAIN : ret;
}

unsigned vfu_client_outstanding(const VfuClient *c)
{
    unsigned n = g_queue_get_length((GQueue *)&c->ready);

    for (unsigned i = 0; i < c->pending->len; i++) {
        n += !g_array_index(c->pending, Pending, i).abandoned;
    }
    return n;
}

void vfu_client_cork(VfuClient *c)
{
    c->frame.corked = true;
}

int vfu_client_uncork(VfuClient *c)
{
    c->frame.corked = false;
    return flush(c);
}

int vfu_client_serve(VfuClient *c, int64_t timeout_ns)
{
    int64_t deadline = deadline_of(c, timeout_ns);
    int ret = c->alive ? flush(c) : -ECONNRESET;

    while (ret == 0) {
        ret = take_in(c, NULL);
        if (ret == 0) {
            ret = fill(c, deadline);
        }
    }
    return ret == -ETIMEDOUT ? 0 : ret;
}

/* --- raw --- */

int vfu_client_send_raw(VfuClient *c, const void *bytes, size_t size, const int *fds,
                        unsigned nr_fds)
{
    struct iovec iov = { (void *)bytes, size };

    return frame_send(&c->frame, &iov, 1, fds, nr_fds, deadline_of(c, -1), NULL, NULL);
}

int vfu_client_recv_raw(VfuClient *c, int64_t timeout_ns, VfuClientMessage **msg)
{
    int64_t deadline = deadline_of(c, timeout_ns);
    FrameView v;
    int err, ret;

    *msg = NULL;
    while (!frame_next(&c->frame, &v, &err)) {
        ret = err ? vfu_client_fail(c, err, "message of impossible size")
                  : fill(c, deadline);
        if (ret) {
            return ret;
        }
    }
    *msg = message_from_view(&v);
    return 0;
}
