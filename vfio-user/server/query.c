/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a monitor is told of a server: a copy of its figures, made in one go
 * under the lock, without allocation; and the last thing that went wrong.
 *
 * Nothing here is on the way of a message that succeeds.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include "internal.h"

static void G_GNUC_PRINTF(2, 0) note(VfuServer *server, const char *fmt, va_list ap)
{
    server->error_us = g_get_real_time();
    g_vsnprintf(server->error, sizeof(server->error), fmt, ap);
}

void vfu_server_note_error(VfuServer *server, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    note(server, fmt, ap);
    va_end(ap);
    server->error_explained = true;
}

static void G_GNUC_PRINTF(2, 3) note_plainly(VfuServer *server, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    note(server, fmt, ap);
    va_end(ap);
}

void vfu_server_note_drop(VfuServer *server, const char *detail)
{
    note_plainly(server, "client dropped: %s", detail);
}

void vfu_server_note_refusal(VfuServer *server, unsigned command, int err)
{
    const char *name = strerrorname_np(-err);

    if (!server->error_explained) {
        note_plainly(server, "%s refused: %s", vfu_command_name(command), name ? name : "error");
    }
    server->error_explained = false;
}

void vfu_peer_credentials(int fd, VfuPeer *peer)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0) {
        peer->pid = cred.pid;
        peer->uid = cred.uid;
        peer->gid = cred.gid;
    }
}

static VfuSessionPhase phase_of(const VfuSession *s)
{
    switch (s->state) {
    case VFU_SESSION_NEW:   return VFU_PHASE_NEGOTIATING;
    case VFU_SESSION_READY: return s->waiting ? VFU_PHASE_WAITING : VFU_PHASE_ATTACHED;
    default:                return VFU_PHASE_CLOSING;
    }
}

static void session_query(VfuSession *s, VfuServerInfo *info)
{
    VfuSessionInfo *si = &info->sessions[info->nr_sessions++];

    *si = (VfuSessionInfo) {
        .phase = phase_of(s), .peer = s->peer, .dma_layout = s->dma.layout,
        .in_flight = s->in_flight, .held = s->held.length, .dma_in_flight = s->dma.outstanding,
        .bytes_in = s->rx.position, .bytes_out = s->tx.sent, .queued = s->tx.queued,
        .paused = s->paused,
    };
    if (si->phase == VFU_PHASE_NEGOTIATING) {
        vfu_peer_credentials(s->socket.fd, &si->peer);
    }
    info->bytes_in += si->bytes_in;
    info->bytes_out += si->bytes_out;
}

void vfu_server_query(VfuServer *server, VfuServerInfo *info)
{
    *info = (VfuServerInfo) {
        .path = server->path, .listening = server->listen_fd >= 0, .stats = server->stats,
        .bytes_in = server->bytes_in, .bytes_out = server->bytes_out,
        .error_us = server->error_us,
    };
    g_strlcpy(info->error, server->error, sizeof(info->error));
    if (server->session) {
        session_query(server->session, info);
    }
    if (server->next) {
        session_query(server->next, info);
    }
}
