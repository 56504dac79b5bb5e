/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session of one client: theory of operation.
 *
 * One connection carries four things at once: commands of the client, our
 * replies, our DMA requests, the client's replies to those. All must make
 * progress at any time (the client may not answer a DMA request before it got
 * a reply that it waits for), so nothing here ever waits. Received bytes are
 * cut into messages (transport), replies go to dma-request.c, commands become
 * requests (request.c) and are run through a table (commands.c).
 *
 * An operation of the device may suspend its thread in aio_waiter_wait().
 * Another thread then runs the loop, finds the socket readable and dispatches
 * the next message of the same session, here, in a second frame of run(). For
 * this reason run() keeps nothing but its own budget in its frame: the place
 * in the stream is in s->rx, and each message and its buffer belong to its
 * request. After each call into the device the session may be over; frames
 * hold a reference and look at s->state.
 *
 * Some messages wait although they are received: DMA_MAP, DMA_UNMAP and
 * DEVICE_RESET behind an unfinished one of these, and everything that is not a
 * reply while VFU_IN_FLIGHT_MAX requests are open (held.c). Replies never
 * wait: the drain of a DMA_UNMAP, or a suspended operation, may depend on one
 * that lies behind a waiting command. Reading stops altogether while the client does
 * not take our output, or when too many messages wait.
 *
 * A client that comes while another is attached waits for its turn: a stand-in
 * answers what it can, the rest waits in held.c, see turn.c.
 *
 * A session ends once, in its bottom half or in vfu_server_free(), never under
 * the feet of an operation: vfu_session_close() only says why.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include "internal.h"
#include "trace.h"

static void run(VfuSession *s, bool may_fill);

const char *vfu_session_name(const VfuSession *s)
{
    return s->server ? s->server->name : "(closed)";
}

void vfu_session_ref(VfuSession *s)
{
    s->refs++;
}

void vfu_session_unref(VfuSession *s)
{
    if (--s->refs == 0) {
        g_assert(s->state == VFU_SESSION_CLOSED && s->in_flight == 0);
        g_free(s);
    }
}

bool vfu_session_hung_up(const VfuSession *s)
{
    struct pollfd pfd = { .fd = s->socket.fd, .events = POLLRDHUP };

    return s->socket.fd >= 0 && poll(&pfd, 1, 0) > 0 &&
           (pfd.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

/*
 * It has closed its end altogether, not only finished sending: nobody will read
 * an answer. Of a backlog that it left, writes count and reads do not.
 */
static void look_for_deafness(VfuSession *s)
{
    struct pollfd pfd = { .fd = s->socket.fd };

    s->deaf = s->deaf || (poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLHUP));
}

/* --- what the loop is told --- */

static void on_readable(void *opaque)
{
    run(opaque, true);
}

/*
 * The client takes nothing any more. What it sent before it left still counts,
 * so the session goes on, without output, to the end of its input.
 */
static void cannot_write(VfuSession *s, int err)
{
    if (err == -EPIPE || err == -ECONNRESET) {
        s->deaf = true;
        vfu_tx_destroy(&s->tx);
    } else {
        vfu_session_fail(s, VFU_CLOSE_HANGUP, "cannot write");
    }
}

static void on_writable(void *opaque)
{
    VfuSession *s = opaque;
    int ret = vfu_tx_flush(&s->tx, &s->socket);

    if (ret < 0) {
        cannot_write(s, ret);
    }
    run(s, false);
}

/* Looks for input without asking the kernel whether there is any first. */
static bool on_poll(void *opaque)
{
    VfuSession *s = opaque;
    ssize_t n;

    if (!vfu_session_open(s) || s->paused) {
        return false;
    }
    if (vfu_rx_ready(&s->rx) || s->rx_status < 0) {
        return true;
    }
    n = vfu_rx_fill(&s->rx, &s->socket);
    if (n == -EAGAIN) {
        return false;
    }
    s->rx_status = n > 0 ? 0 : n == 0 ? -ECONNRESET : n;
    return true;
}

static void on_poll_ready(void *opaque)
{
    run(opaque, false);
}

static bool should_pause(const VfuSession *s)
{
    return s->tx.queued > s->server->config.output_high_water ||
           vfu_held_full(s);
}

static void update_handlers(VfuSession *s)
{
    bool poll = s->server->config.poll;
    bool write = s->tx.queued > 0;
    bool read;

    if (s->paused != should_pause(s)) {
        s->paused = !s->paused;
        trace_vfu_pause(s->server->name, s->paused, s->tx.queued, s->in_flight);
        if (!s->paused) {
            qemu_bh_schedule(s->bh);
        }
    }
    read = !s->paused;
    if (read != s->handles_read || write != s->handles_write) {
        s->handles_read = read;
        s->handles_write = write;
        aio_set_fd_handler(s->ctx, s->socket.fd, read ? on_readable : NULL,
                           write ? on_writable : NULL, read && poll ? on_poll : NULL,
                           read && poll ? on_poll_ready : NULL, s);
    }
}

static void update(VfuSession *s)
{
    if (vfu_session_open(s)) {
        update_handlers(s);
        vfu_timeouts_update(s);
    }
}

void vfu_session_kick(VfuSession *s)
{
    if (vfu_session_open(s) && !s->waiting && (s->held.length || s->server->draining)) {
        qemu_bh_schedule(s->bh);
    }
}

void vfu_session_send(VfuSession *s, const struct iovec *iov, unsigned iovcnt,
                      const int *fds, unsigned nr_fds)
{
    int ret;

    if (!vfu_session_open(s) || s->deaf) {
        return;
    }
    ret = vfu_tx_send(&s->tx, &s->socket, iov, iovcnt, fds, nr_fds);
    if (ret < 0) {
        cannot_write(s, ret);
    } else if (s->tx.queued && !s->handles_write) {
        update(s);
    }
}

/* --- the way in --- */

static void dispatch(VfuSession *s, VfuMessage *msg)
{
    uint32_t type = msg->header.flags & VFU_TYPE_MASK;

    if (type == VFU_TYPE_REPLY) {
        trace_vfu_in_reply(vfu_session_name(s), msg->header.id,
                           vfu_command_name(msg->header.command), msg->header.size,
                           msg->header.flags, msg->header.error);
        vfu_dma_reply(s, msg);
        return;
    }
    trace_vfu_in(vfu_session_name(s), msg->header.id, vfu_command_name(msg->header.command),
                 msg->header.size, msg->header.flags, msg->nr_fds);
    if (type == VFU_TYPE_COMMAND && vfu_held_wanted(s, msg)) {
        vfu_held_add(s, msg);
    } else {
        vfu_request_run(s, msg);        /* a type that does not exist is refused there */
    }
}

/* Gets more bytes; false when there is nothing to go on with. */
static bool fill(VfuSession *s)
{
    ssize_t n = vfu_rx_fill(&s->rx, &s->socket);

    s->rx_status = n > 0 || n == -EAGAIN ? 0 : n == 0 ? -ECONNRESET : n;
    return n > 0;
}

static void fail_read(VfuSession *s)
{
    bool lost = s->rx_status == -EPROTO;

    vfu_session_fail(s, lost ? VFU_CLOSE_PROTOCOL : VFU_CLOSE_HANGUP,
                     lost ? "file descriptors were lost on the way"
                     : vfu_rx_partial(&s->rx) ? "closed in the middle of a message"
                     : "closed by the client");
}

/* Handles one message. False: nothing to do until more bytes are there. */
static bool step(VfuSession *s)
{
    VfuMessage msg;
    int ret;

    if (vfu_held_take(s, &msg)) {
        vfu_request_run(s, &msg);
        return true;
    }
    if (should_pause(s)) {
        return false;
    }
    ret = vfu_rx_next(&s->rx, &msg);
    if (ret < 0) {
        vfu_session_fail(s, VFU_CLOSE_PROTOCOL, "a message's size makes no sense");
        return false;
    }
    if (ret > 0) {
        dispatch(s, &msg);
    }
    return ret > 0;
}

static void run(VfuSession *s, bool may_fill)
{
    uint64_t enough = s->accessed + VFU_BATCH_BYTES;
    unsigned budget = s->waiting ? VFU_BATCH_WAITING : VFU_BATCH;

    vfu_session_ref(s);
    while (vfu_session_open(s) && budget) {
        if (step(s)) {
            budget = s->accessed < enough ? budget - 1 : 0;
            continue;
        }
        if (!vfu_session_open(s) || should_pause(s)) {
            break;
        }
        if (s->rx_status < 0) {
            fail_read(s);
            break;
        }
        if (!may_fill) {
            break;
        }
        may_fill = false;
        fill(s);
    }
    if (vfu_session_open(s)) {
        if (!budget) {
            look_for_deafness(s);
            qemu_bh_schedule(s->bh);
        }
        vfu_drain_check(s);
        update(s);
    }
    vfu_session_unref(s);
}

/* --- life --- */

static void on_bh(void *opaque)
{
    VfuSession *s = opaque;

    if (s->state == VFU_SESSION_CLOSING) {
        vfu_session_end(s);
    } else {
        run(s, false);
    }
}

VfuSession *vfu_session_new(VfuServer *server, int fd)
{
    VfuSession *s = g_new0(VfuSession, 1);

    s->refs = 1;
    s->server = server;
    s->ctx = server->ctx;
    s->ops = server->ops;
    s->opaque = server->opaque;
    s->socket = (VfuSocket) { .fd = fd, .ops = server->config.socket_ops,
                              .opaque = server->config.socket_opaque };
    s->limits = (VfuLimits) { .receive_max = server->config.max_data_xfer_size,
                              .pgsizes = server->config.pgsizes,
                              .write_multiple = server->config.write_multiple,
                              .features = server->ops->feature != NULL };
    vfu_rx_init(&s->rx, vfu_message_max(server->config.max_data_xfer_size));
    vfu_tx_init(&s->tx);
    QLIST_INIT(&s->requests);
    g_queue_init(&s->held);
    s->bh = aio_bh_new(s->ctx, on_bh, s);
    vfu_timeouts_init(s);
    vfu_turn_init(s);
    vfu_dma_init(s);
    server->stats.connections++;
    trace_vfu_accept(server->name, fd);
    update(s);
    return s;
}

static void drop_for_fault(VfuSession *s, const char *detail)
{
    vfu_server_note_drop(s->server, detail);
    vfu_session_warn(s, "client dropped: %s", detail);
    /* Of the server: a client that waits has a stand-in's. */
    if (s->server->ops->client_fault) {
        s->server->ops->client_fault(s->server->opaque, detail);
    }
}

void vfu_session_fail(VfuSession *s, VfuCloseReason reason, const char *detail)
{
    if (!vfu_session_open(s)) {
        return;
    }
    s->state = VFU_SESSION_CLOSING;
    s->close_reason = reason;
    s->close_detail = detail;
    if (reason == VFU_CLOSE_PROTOCOL) {
        s->server->stats.protocol_errors++;
    }
    if (reason == VFU_CLOSE_PROTOCOL || reason == VFU_CLOSE_TIMEOUT) {
        drop_for_fault(s, detail);
    }
    aio_set_fd_handler(s->ctx, s->socket.fd, NULL, NULL, NULL, NULL, NULL);
    qemu_bh_schedule(s->bh);
}

void vfu_session_close(VfuSession *s, VfuCloseReason reason)
{
    vfu_session_fail(s, reason, "closed by the server");
}

void vfu_session_run_out(VfuSession *s)
{
    uint64_t before;

    if (!s->attached) {
        return;
    }
    vfu_session_ref(s);
    for (unsigned i = 0; vfu_session_open(s) && i < VFU_LAST_BATCHES; i++) {
        before = s->rx.position;
        run(s, true);
        if (s->rx.position == before && !vfu_rx_ready(&s->rx)) {
            break;
        }
    }
    vfu_session_unref(s);
}

static const char *reason_name(VfuCloseReason reason)
{
    static const char *const names[] = {
        [VFU_CLOSE_HANGUP] = "hang-up", [VFU_CLOSE_PROTOCOL] = "protocol error",
        [VFU_CLOSE_TIMEOUT] = "timeout", [VFU_CLOSE_LOCAL] = "closed by us",
    };

    return names[reason];
}

void vfu_session_end(VfuSession *s)
{
    VfuServer *server = s->server;

    if (s->state == VFU_SESSION_CLOSED) {
        return;
    }
    vfu_session_fail(s, VFU_CLOSE_LOCAL, "closed by the server");
    s->state = VFU_SESSION_CLOSED;
    trace_vfu_session_end(server->name, reason_name(s->close_reason), s->close_detail);
    vfu_timeouts_deinit(s);
    vfu_turn_deinit(s);
    qemu_bh_delete(g_steal_pointer(&s->bh));
    vfu_held_clear(s);
    vfu_dma_fail_all(s);
    if (s->attached) {
        s->ops->detached(s->opaque, s, s->close_reason);
    } else if (s->waiting) {
        server->ops->waiting->end(server->opaque, s, s->opaque);
    }
    vfu_requests_orphan(s);
    vfu_dma_deinit(s);
    server->bytes_in += s->rx.position;
    server->bytes_out += s->tx.sent;
    vfu_rx_destroy(&s->rx);
    vfu_tx_destroy(&s->tx);
    close(g_steal_fd(&s->socket.fd));
    vfu_turn_leave(s);
    s->server = NULL;
    vfu_session_unref(s);
    vfu_listener_resume(server);
    vfu_server_turn(server);
}

const VfuPeer *vfu_session_peer(VfuSession *s)
{
    return &s->peer;
}
