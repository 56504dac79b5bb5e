/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that have to wait for earlier ones, see session.c. They keep their
 * order within what they wait for: a serial command overtakes no serial one;
 * when the limit of open requests is reached, nothing overtakes anything; and
 * before its client's turn only a question overtakes what waits for it.
 */
#include "qemu/osdep.h"
#include "internal.h"
#include "trace.h"

typedef struct HeldMessage {
    VfuMessage msg;
    int64_t deadline;           /* to wait for the turn */
} HeldMessage;

static bool is_serial(const VfuMessage *msg)
{
    const VfuCommandInfo *info = vfu_command_info(msg->header.command);

    return info && (info->flags & VFU_CMD_SERIAL);
}

static bool is_blocked(const VfuSession *s, const VfuMessage *msg)
{
    return s->in_flight >= VFU_IN_FLIGHT_MAX || (s->serial && is_serial(msg));
}

/* What has the same answer at any time. */
static bool is_question(const VfuMessage *msg)
{
    const VfuCommandInfo *info = vfu_command_info(msg->header.command);

    return info && (info->flags & VFU_CMD_QUESTION);
}

bool vfu_held_wanted(const VfuSession *s, const VfuMessage *msg)
{
    if (s->waiting) {
        return s->held.length && !is_question(msg);
    }
    /* Anything but serial commands waits for the limit alone, so all later ones join it. */
    return is_blocked(s, msg) || s->held.length > s->held_serial ||
           (s->held_serial && is_serial(msg));
}

bool vfu_held_full(const VfuSession *s)
{
    return s->held.length >= (s->waiting ? VFU_HELD_WAITING_MAX : VFU_HELD_MAX) ||
           s->held_fds >= VFU_HELD_FDS_MAX ||
           s->held_bytes >= VFU_HELD_BYTES_MAX;
}

/* sign: 1 when it begins to wait, -1 when its turn has come. */
static void count(VfuSession *s, const VfuMessage *msg, int sign)
{
    s->held_serial += sign * is_serial(msg);
    s->held_fds += sign * (int)msg->kept_fds;
    s->held_bytes += sign * (ssize_t)msg->len;
}

void vfu_held_add(VfuSession *s, VfuMessage *msg)
{
    HeldMessage *held = g_new(HeldMessage, 1);

    vfu_message_detach(msg);
    count(s, msg, 1);
    *held = (HeldMessage) { .msg = *msg };
    g_queue_push_tail(&s->held, held);
    if (s->waiting) {
        held->deadline = qemu_clock_get_ns(QEMU_CLOCK_REALTIME) +
                         s->server->config.turn_timeout_ns;
        vfu_turn_watch(s);
    }
    trace_vfu_held(vfu_session_name(s), msg->header.id, vfu_command_name(msg->header.command),
                   s->held.length);
}

static void take(VfuSession *s, GList *link, VfuMessage *msg)
{
    g_autofree HeldMessage *held = link->data;

    *msg = held->msg;
    count(s, msg, -1);
    g_queue_delete_link(&s->held, link);
}

bool vfu_held_take(VfuSession *s, VfuMessage *msg)
{
    if (s->waiting || s->in_flight >= VFU_IN_FLIGHT_MAX ||
        (s->serial && s->held.length == s->held_serial)) {
        return false;
    }
    for (GList *l = s->held.head; l; l = l->next) {
        if (!is_blocked(s, &((HeldMessage *)l->data)->msg)) {
            take(s, l, msg);
            return true;
        }
    }
    return false;
}

int64_t vfu_held_deadline(const VfuSession *s)
{
    const HeldMessage *oldest = s->held.head ? s->held.head->data : NULL;

    return oldest ? oldest->deadline : -1;
}

bool vfu_held_take_late(VfuSession *s, int64_t now, VfuMessage *msg)
{
    if (!s->held.head || vfu_held_deadline(s) > now) {
        return false;
    }
    take(s, s->held.head, msg);
    return true;
}

void vfu_held_clear(VfuSession *s)
{
    VfuMessage msg;

    while (s->held.head) {
        take(s, s->held.head, &msg);
        vfu_message_release(&msg);
    }
}
