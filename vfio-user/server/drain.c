/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end in order. A client that has got all its answers is let go at the
 * first moment when it waits for nothing: no command of it runs or waits, it
 * has read what it was sent, and nothing that it sent is left to be read. A
 * client that asks one thing after the other has such a moment after each
 * answer. One that never pauses has none: whoever frees the server decides how
 * long to wait for that.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include "internal.h"

static bool under_way(const VfuSession *s)
{
    return s->in_flight || s->held.length || s->tx.queued || vfu_rx_ready(&s->rx) ||
           vfu_rx_partial(&s->rx);
}

static bool input_waits(const VfuSession *s)
{
    struct pollfd pfd = { .fd = s->socket.fd, .events = POLLIN };

    return poll(&pfd, 1, 0) > 0;
}

void vfu_drain_check(VfuSession *s)
{
    if (s->server->draining && !under_way(s) && !input_waits(s)) {
        vfu_session_fail(s, VFU_CLOSE_LOCAL, "the server ends");
    }
}

void vfu_server_drain(VfuServer *server)
{
    vfu_listener_stop(server);
    server->draining = true;
    if (server->next) {         /* its turn does not come any more */
        vfu_session_close(server->next, VFU_CLOSE_LOCAL);
    }
    if (server->session) {
        qemu_bh_schedule(server->session->bh);
    }
}
