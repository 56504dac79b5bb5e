/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See peer.h. */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/socket.h>
#include "peer.h"
#include "vfio-user/client/internal.h"

Peer peer_new(const char *persona)
{
    VfuClientOptions o = { .persona = vfu_persona_find(persona), .timeout_ns = 300000000 };
    int sv[2];

    g_assert_nonnull(o.persona);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), ==, 0);
    return (Peer) { .client = vfu_client_from_fd(sv[0], &o), .fd = sv[1] };
}

Peer peer_new_ready(const char *persona)
{
    static const char caps[] =
        "\0\0\0\0{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,"
        "\"max_dma_maps\":65535,\"pgsizes\":4096,\"write_multiple\":true}}";
    Peer p = peer_new(persona);
    PeerMessage m;

    peer_reply(&p, 0, VFU_VERSION, caps, sizeof(caps));
    g_assert_cmpint(vfu_client_negotiate(p.client, NULL), ==, 0);
    peer_recv(&p, &m);
    return p;
}

void peer_free(Peer *p)
{
    vfu_client_free(p->client);
    close(p->fd);
}

uint16_t peer_next_id(Peer *p)
{
    switch (p->client->persona->ids) {
    case VFU_ID_ALWAYS_0:
        return 0;
    case VFU_ID_PER_PROCESS:
        /* The counter can only be looked at by using up a number. */
        return vfu_client_new_id(p->client) + 1;
    default:
        return p->client->next_id;
    }
}

void peer_send(Peer *p, uint16_t id, unsigned command, uint32_t flags, uint32_t error,
               const void *payload, size_t size, const int *fds, unsigned nr_fds)
{
    VfuHeader h = { id, command, sizeof(h) + size, flags, error };
    struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)payload, size } };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(32 * sizeof(int))];
    } control = { 0 };
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = size ? 2 : 1 };

    if (nr_fds) {
        struct cmsghdr *c;

        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nr_fds * sizeof(int));
    }
    g_assert_cmpint(sendmsg(p->fd, &msg, 0), ==, h.size);
}

void peer_reply(Peer *p, unsigned nth, unsigned command, const void *payload, size_t size)
{
    unsigned step = p->client->persona->ids == VFU_ID_ALWAYS_0 ? 0 : nth;

    peer_send(p, peer_next_id(p) + step, command, VFU_TYPE_REPLY, 0, payload, size, NULL, 0);
}

void peer_error(Peer *p, unsigned nth, unsigned command, uint32_t error)
{
    unsigned step = p->client->persona->ids == VFU_ID_ALWAYS_0 ? 0 : nth;

    peer_send(p, peer_next_id(p) + step, command, VFU_TYPE_REPLY | VFU_ERROR, error, NULL, 0,
              NULL, 0);
}

static void read_all(int fd, void *data, size_t size)
{
    for (size_t done = 0; done < size; ) {
        ssize_t n = recv(fd, (char *)data + done, size - done, MSG_DONTWAIT);
        g_assert_cmpint(n, >, 0);
        done += n;
    }
}

void peer_recv(Peer *p, PeerMessage *m)
{
    struct iovec iov = { &m->header, sizeof(m->header) };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(32 * sizeof(int))];
    } control;
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
    };
    struct cmsghdr *c;

    g_assert_cmpint(recvmsg(p->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC), ==,
                    sizeof(m->header));
    c = CMSG_FIRSTHDR(&msg);
    m->nr_fds = c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
    if (c) {
        memcpy(m->fds, CMSG_DATA(c), m->nr_fds * sizeof(int));
    }
    m->size = m->header.size - sizeof(m->header);
    g_assert_cmpuint(m->size, <=, sizeof(m->payload));
    read_all(p->fd, m->payload, m->size);
}

void peer_close_fds(PeerMessage *m)
{
    for (unsigned i = 0; i < m->nr_fds; i++) {
        close(m->fds[i]);
    }
    m->nr_fds = 0;
}

void peer_quiet(Peer *p)
{
    struct pollfd pfd = { .fd = p->fd, .events = POLLIN };

    g_assert_cmpint(poll(&pfd, 1, 0), ==, 0);
}

