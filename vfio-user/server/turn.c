/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose device it is, and who is next.
 *
 * There are places for two connections. `session` is the client, or the first
 * that has agreed on VERSION and will be it; `next` comes after it. One that
 * says nothing never stands before one that has agreed. So it is always
 * `session` whose turn it may be.
 *
 * Before its turn a client's commands go to a stand-in, which has answers for
 * most of what a client does to set itself up. What it has no answer for waits
 * (held.c), with all that comes behind it but questions. When the turn comes it
 * is run, in order; when the turn does not come in time it is refused with
 * EBUSY, while the client can still take an answer.
 */
#include "qemu/osdep.h"
#include "internal.h"
#include "trace.h"

bool vfu_turn_has_place(const VfuServer *server)
{
    return !server->retired &&
           (!server->session || (server->ops->waiting && !server->next));
}

static bool is_free(VfuServer *server, const VfuSession *candidate)
{
    const VfuWaitOps *waiting = server->ops->waiting;

    return server->session == candidate && (!waiting || waiting->ready(server->opaque));
}

static void begin_to_wait(VfuSession *s)
{
    VfuServer *server = s->server;

    s->waiting = true;
    s->opaque = server->ops->waiting->begin(server->opaque, s);
    s->ops = server->ops->waiting->ops;
    server->stats.waits++;
    trace_vfu_wait(server->name, s->peer.pid);
}

void vfu_turn_agreed(VfuSession *s)
{
    VfuServer *server = s->server;

    if (server->next == s && server->session->state == VFU_SESSION_NEW) {
        server->next = server->session;
        server->session = s;
    }
    if (is_free(server, s)) {
        s->attached = true;
        s->ops->attached(s->opaque, s);
    } else {
        begin_to_wait(s);
    }
}

/* Everything is the client's before turn() is called, which may suspend. */
static void take_turn(VfuSession *s)
{
    VfuServer *server = s->server;
    void *stand_in = s->opaque;

    timer_del(&s->turn_timer);
    s->waiting = false;
    s->attached = true;
    s->ops = server->ops;
    s->opaque = server->opaque;
    server->stats.turns++;
    trace_vfu_turn(server->name, s->peer.pid);
    qemu_bh_schedule(s->bh);    /* what was held is run by it */
    server->ops->waiting->turn(server->opaque, s, stand_in);
}

void vfu_server_turn(VfuServer *server)
{
    VfuSession *s = server->session;

    if (s && s->waiting && s->state == VFU_SESSION_READY && is_free(server, s)) {
        take_turn(s);
    }
}

void vfu_server_retire(VfuServer *server, bool retire)
{
    server->retired = retire;
    if (retire && server->next) {
        vfu_session_close(server->next, VFU_CLOSE_LOCAL);
    }
    if (retire && server->session && !server->session->attached) {
        vfu_session_close(server->session, VFU_CLOSE_LOCAL);
    }
}

void vfu_turn_leave(VfuSession *s)
{
    VfuServer *server = s->server;

    if (server->session == s) {
        server->session = server->next;
    }
    server->next = NULL;
}

/* --- commands that wait for the turn --- */

static void arm(VfuSession *s)
{
    int64_t deadline = vfu_held_deadline(s);

    if (deadline >= 0) {
        timer_mod_ns(&s->turn_timer, deadline);
    }
}

void vfu_turn_watch(VfuSession *s)
{
    if (s->held.length == 1) {
        arm(s);
    }
}

static void on_late(void *opaque)
{
    VfuSession *s = opaque;
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    unsigned late = 0;
    VfuMessage msg;

    vfu_session_ref(s);
    while (vfu_session_open(s) && s->waiting && vfu_held_take_late(s, now, &msg)) {
        trace_vfu_turn_late(s->server->name, msg.header.id,
                            vfu_command_name(msg.header.command));
        s->server->stats.turn_timeouts++;
        late++;
        vfu_request_refuse(s, &msg, -EBUSY);
    }
    if (vfu_session_open(s)) {
        vfu_session_warn(s, "client pid %d needs the device, which another client still has: "
                         "%u commands refused", s->peer.pid, late);
        arm(s);
        qemu_bh_schedule(s->bh);        /* there may be room to receive again */
    }
    vfu_session_unref(s);
}

void vfu_turn_init(VfuSession *s)
{
    VfuServer *server = s->server;

    aio_timer_init(s->ctx, &s->turn_timer, QEMU_CLOCK_REALTIME, SCALE_NS, on_late, s);
    if (!server->session) {
        server->session = s;
    } else {
        server->next = s;
    }
}

void vfu_turn_deinit(VfuSession *s)
{
    timer_del(&s->turn_timer);
    timer_deinit(&s->turn_timer);
}

VfuSession *vfu_server_session(VfuServer *server)
{
    return server->session;
}

VfuSession *vfu_server_next_session(VfuServer *server)
{
    return server->next;
}
