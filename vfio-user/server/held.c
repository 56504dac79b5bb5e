/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that have to wait for earlier ones, see session.c. They keep their
 * order within what they wait for: a serial command overtakes no serial one;
 * when the limit of open requests is reached, nothing overtakes anything.
 */
#include "qemu/osdep.h"
#include "internal.h"
#include "trace.h"

static bool is_serial(const VfuMessage *msg)
{
    const VfuCommandInfo *info = vfu_command_info(msg->header.command);

    return info && (info->flags & VFU_CMD_SERIAL);
}

static bool is_blocked(const VfuSession *s, const VfuMessage *msg)
{
    return s->in_flight >= VFU_IN_FLIGHT_MAX || (s->serial && is_serial(msg));
}

bool vfu_held_wanted(const VfuSession *s, const VfuMessage *msg)
{
    /* Anything but serial commands waits for the limit alone, so all later ones join it. */
    bool others_wait = s->held.length > s->held_serial;

    return is_blocked(s, msg) || others_wait || (s->held_serial && is_serial(msg));
}

bool vfu_held_full(const VfuSession *s)
{
    return s->held.length >= VFU_HELD_MAX || s->held_fds >= VFU_HELD_FDS_MAX ||
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
    vfu_message_detach(msg);
    count(s, msg, 1);
    g_queue_push_tail(&s->held, g_memdup2(msg, sizeof(*msg)));
    trace_vfu_held(vfu_session_name(s), msg->header.id, vfu_command_name(msg->header.command),
                   s->held.length);
}

bool vfu_held_take(VfuSession *s, VfuMessage *msg)
{
    if (s->in_flight >= VFU_IN_FLIGHT_MAX || (s->serial && s->held.length == s->held_serial)) {
        return false;
    }
    for (GList *l = s->held.head; l; l = l->next) {
        if (!is_blocked(s, l->data)) {
            *msg = *(VfuMessage *)l->data;
            count(s, msg, -1);
            g_free(l->data);
            g_queue_delete_link(&s->held, l);
            return true;
        }
    }
    return false;
}

void vfu_held_clear(VfuSession *s)
{
    VfuMessage *msg;

    while ((msg = g_queue_pop_head(&s->held))) {
        vfu_message_release(msg);
        g_free(msg);
    }
    s->held_serial = s->held_fds = 0;
    s->held_bytes = 0;
}
