/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One command from its validation to its reply. A request exists while its
 * operation runs or is VFU_PENDING; it owns the message (and so the memory
 * that the operation was given) and the reply.
 *
 * Whether and what is answered is decided in one place, finish(): nothing for
 * No_reply, whatever went wrong; nothing twice; a bare header for an error.
 */
#include "qemu/osdep.h"
#include "qemu/fault-inject.h"
#include "internal.h"
#include "trace.h"

static __thread VfuRequest *current_request;

VfuRequest *vfu_request_current(void)
{
    return current_request;
}

bool vfu_request_is_read(const VfuRequest *req)
{
    return req->msg.header.command == VFU_REGION_READ;
}

static VfuRequest *request_new(VfuSession *s, VfuMessage *msg)
{
    VfuRequest *req = g_new(VfuRequest, 1);

    req->session = s;
    req->msg = *msg;
    req->info = vfu_command_info(msg->header.command);
    req->parent = NULL;
    req->children = 0;
    req->began = vfu_latency_begin(s->server);
    req->answered = false;
    req->no_reply = msg->header.flags & VFU_NO_REPLY;
    req->heap = NULL;
    req->reply_len = 0;
    req->nr_reply_fds = 0;
    QLIST_INSERT_HEAD(&s->requests, req, link);
    s->in_flight++;
    vfu_session_ref(s);
    return req;
}

static bool is_serial(const VfuRequest *req)
{
    return !req->parent && (req->info->flags & VFU_CMD_SERIAL);
}

static void request_free(VfuRequest *req)
{
    VfuSession *s = req->session;

    if (s) {
        QLIST_REMOVE(req, link);
        s->in_flight--;
        s->serial -= is_serial(req);
        vfu_session_kick(s);
        vfu_session_unref(s);
    }
    vfu_message_release(&req->msg);
    g_free(req->heap);
    g_free(req);
}

void vfu_requests_orphan(VfuSession *s)
{
    VfuRequest *req, *next;

    QLIST_FOREACH_SAFE(req, &s->requests, link, next) {
        QLIST_REMOVE(req, link);
        req->session = NULL;
        s->in_flight--;
        vfu_session_unref(s);
    }
}

/* --- replies --- */

void *vfu_request_reply(VfuRequest *req, size_t len)
{
    uint8_t *start = req->small;

    if (len > VFU_REPLY_INLINE) {
        start = req->heap = fault_inject(FAULT_ALLOC) ? NULL
                            : g_try_malloc0(sizeof(VfuHeader) + len);
        if (!start) {
            return NULL;
        }
    } else {
        memset(start, 0, sizeof(VfuHeader) + len);
    }
    req->reply_len = len;
    return start + sizeof(VfuHeader);
}

static void send_reply(VfuSession *s, const VfuHeader *to, uint8_t *start, size_t len, int err,
                       const int *fds, unsigned nr_fds)
{
    VfuHeader header = {
        .id = to->id, .command = to->command, .size = sizeof(header) + len,
        .flags = VFU_TYPE_REPLY | (err ? VFU_ERROR : 0), .error = -err,
    };
    struct iovec iov = { start, header.size };

    memcpy(start, &header, sizeof(header));
    trace_vfu_out_reply(vfu_session_name(s), to->id, vfu_command_name(to->command), header.size,
                        -err, nr_fds);
    vfu_session_send(s, &iov, 1, fds, nr_fds);
}

void vfu_request_send_reply(VfuRequest *req)
{
    req->answered = true;
    if (req->no_reply || !req->session) {
        return;
    }
    send_reply(req->session, &req->msg.header, req->heap ? req->heap : req->small,
               req->reply_len, 0, req->reply_fds, req->nr_reply_fds);
}

/*
 * Bytes behind the header of an error reply. One client reads as many bytes as
 * a success has, whatever the header says, and would hang (protocol, T-RV1).
 */
static size_t error_len(const VfuSession *s, const VfuMessage *msg)
{
    static const uint8_t fixed[VFU_COMMAND_COUNT] = {
        [VFU_DMA_UNMAP] = sizeof(VfuDmaUnmap), [VFU_DEVICE_GET_INFO] = sizeof(VfuDeviceInfo),
        [VFU_DEVICE_GET_REGION_INFO] = sizeof(VfuRegionInfo),
        [VFU_DEVICE_GET_IRQ_INFO] = sizeof(VfuIrqInfo),
        [VFU_REGION_READ] = sizeof(VfuRegionAccess), [VFU_REGION_WRITE] = sizeof(VfuRegionAccess),
    };
    VfuRegionAccess access;

    if (!s->rv_client || msg->header.command >= VFU_COMMAND_COUNT) {
        return 0;
    }
    if (msg->header.command != VFU_REGION_READ || msg->len < sizeof(access)) {
        return fixed[msg->header.command];
    }
    memcpy(&access, msg->payload, sizeof(access));
    return sizeof(access) + MIN(access.count, s->limits.send_max);
}

static void send_error(VfuSession *s, const VfuMessage *msg, int err)
{
    size_t len = error_len(s, msg);
    g_autofree uint8_t *start = g_malloc(sizeof(VfuHeader) + len);
    size_t echo = MIN(len, MIN(msg->len, sizeof(VfuRegionAccess)));

    memset(start + sizeof(VfuHeader), 0xff, len);
    if (echo) {
        memcpy(start + sizeof(VfuHeader), msg->payload, echo);
    }
    send_reply(s, &msg->header, start, len, err, NULL, 0);
}

static void count_error(VfuSession *s, unsigned command, int err)
{
    if (!s->server) {
        return;
    }
    if (command < VFU_COMMAND_COUNT) {
        s->server->stats.errors[command]++;
    }
    vfu_server_note_refusal(s->server, command, err);
}

/* Ends a command that failed, if it is still to be answered. */
static void answer_error(VfuSession *s, const VfuMessage *msg, int err)
{
    count_error(s, msg->header.command, err);
    if (msg->header.flags & VFU_NO_REPLY) {
        trace_vfu_no_reply(vfu_session_name(s), msg->header.id,
                           vfu_command_name(msg->header.command), -err);
    } else {
        send_error(s, msg, err);
    }
    if (s->state == VFU_SESSION_NEW && msg->header.command == VFU_VERSION) {
        vfu_session_fail(s, VFU_CLOSE_PROTOCOL, "no agreement on VERSION");
    }
}

static void measure(VfuRequest *req)
{
    if (unlikely(req->began) && req->session) {
        vfu_latency_end(req->session->server, req->msg.header.command, &req->began);
    }
}

static void finish(VfuRequest *req, int err);

static void finish_child(VfuRequest *req, int err)
{
    VfuRequest *parent = req->parent;

    if (!err && !req->answered && !parent->answered) {
        VfuWriteMulti *reply = (VfuWriteMulti *)(parent->small + sizeof(VfuHeader));

        reply->wr_cnt++;
    }
    request_free(req);
    if (--parent->children == 0) {
        finish(parent, 0);
    }
}

static void finish(VfuRequest *req, int err)
{
    VfuSession *s = req->session;

    g_assert(err <= 0);
    if (req->parent) {
        finish_child(req, err);
        return;
    }
    if (s && !req->answered) {
        if (err) {
            answer_error(s, &req->msg, err);
        } else {
            vfu_request_send_reply(req);
        }
    }
    measure(req);
    request_free(req);
}

/* --- running --- */

/* Nothing was done: the message waits for its client's turn. */
static void put_back(VfuRequest *req)
{
    VfuMessage msg = req->msg;

    g_assert(req->session && req->session->waiting);
    req->session->server->stats.messages[msg.header.command]--;     /* it comes again */
    req->msg = (VfuMessage) { 0 };
    vfu_held_add(req->session, &msg);
    request_free(req);
}

void vfu_request_invoke(VfuRequest *req, VfuHandler *fn)
{
    VfuRequest *previous = current_request;
    int ret;

    current_request = req;
    ret = fn(req);
    current_request = previous;
    if (ret == VFU_NOT_NOW) {
        put_back(req);
    } else if (ret != VFU_PENDING) {    /* else somebody ends it, or has done so */
        finish(req, ret);
    }
}

void vfu_request_refuse(VfuSession *s, VfuMessage *msg, int err)
{
    answer_error(s, msg, err);
    vfu_message_release(msg);
}

void vfu_request_run(VfuSession *s, VfuMessage *msg)
{
    VfuCommandView view = { &msg->header, msg->payload, msg->len, msg->nr_fds };
    unsigned state = s->state == VFU_SESSION_READY ? VFU_IN_READY : VFU_IN_NEW;
    int ret = vfu_validate(&view, state, &s->limits, &s->shape);
    VfuRequest *req;

    if (msg->header.command < VFU_COMMAND_COUNT) {
        s->server->stats.messages[msg->header.command]++;
    }
    /* What nobody wants is closed before the client has its answer. */
    if (ret < 0 || !vfu_command_info(msg->header.command)->fds) {
        vfu_message_close_fds(msg);
    }
    if (ret < 0) {
        vfu_request_refuse(s, msg, ret);
        return;
    }
    req = request_new(s, msg);
    s->serial += is_serial(req);
    vfu_request_invoke(req, vfu_command_handler(msg->header.command));
}

VfuRequest *vfu_request_new_child(VfuRequest *parent)
{
    VfuMessage empty = { .header = parent->msg.header };
    VfuRequest *req = request_new(parent->session, &empty);

    req->parent = parent;
    req->no_reply = true;
    parent->children++;
    return req;
}

/* --- for operations --- */

void vfu_request_complete(VfuRequest *req, int err)
{
    finish(req, err);
}

void vfu_request_complete_unmap(VfuRequest *req, int err, uint64_t unmapped)
{
    VfuDmaUnmap *reply = (VfuDmaUnmap *)(req->small + sizeof(VfuHeader));

    reply->size = unmapped;
    finish(req, err);
}

void vfu_request_answer_early(VfuRequest *req)
{
    VfuRequest *top = req->parent ? req->parent : req;

    if (top->answered ||
        (top->msg.header.command != VFU_REGION_WRITE &&
         top->msg.header.command != VFU_REGION_WRITE_MULTI)) {
        return;
    }
    if (req->parent) {
        /* The other entries are done in any case: say so now. */
        memcpy(top->small + sizeof(VfuHeader), top->msg.payload, sizeof(VfuWriteMulti));
    }
    vfu_request_send_reply(top);
    measure(top);
}
