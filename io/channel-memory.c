/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two channel ends in memory, for tests: a small capacity shows how a user
 * copes with a peer that does not read.
 *
 * Each end owns the bytes on their way to it. Readiness is a bottom half of
 * the end's context which looks again after each callback.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "io/channel-impl.h"

typedef struct MemoryChannel {
    IOChannel parent;
    struct MemoryChannel *peer;     /* NULL: the other end was freed */
    GByteArray *inbox;
    size_t capacity;                /* of inbox */
    QEMUBH *bh;
} MemoryChannel;

static MemoryChannel *memory_channel(IOChannel *ch)
{
    return (MemoryChannel *)ch;
}

static bool memory_readable(const MemoryChannel *m)
{
    return m->parent.readable && (m->inbox->len || !m->peer);
}

static bool memory_writable(const MemoryChannel *m)
{
    return m->parent.writable && (!m->peer || m->peer->inbox->len < m->peer->capacity);
}

static void memory_kick(MemoryChannel *m)
{
    if (m && m->bh && (memory_readable(m) || memory_writable(m))) {
        qemu_bh_schedule(m->bh);
    }
}

static void memory_ready(void *opaque)
{
    MemoryChannel *m = opaque;
    IOChannelReady *fn = memory_writable(m) ? m->parent.writable :
                         memory_readable(m) ? m->parent.readable : NULL;

    if (fn) {
        qemu_bh_schedule(m->bh);
        fn(m->parent.opaque);   /* may free m */
    }
}

static ssize_t memory_read(IOChannel *ch, void *buf, size_t len, IOFdList *fds)
{
    MemoryChannel *m = memory_channel(ch);
    size_t n = MIN(len, m->inbox->len);

    if (!n) {
        return m->peer ? -EAGAIN : 0;
    }
    memcpy(buf, m->inbox->data, n);
    g_byte_array_remove_range(m->inbox, 0, n);
    memory_kick(m->peer);
    return n;
}

static ssize_t memory_write(IOChannel *ch, const void *buf, size_t len,
                            const int *fds, unsigned nfds)
{
    MemoryChannel *peer = memory_channel(ch)->peer;
    size_t n;

    if (nfds) {
        return -ENOTSUP;
    }
    if (!peer) {
        return -EPIPE;
    }
    n = MIN(len, peer->capacity - peer->inbox->len);
    if (!n) {
        return -EAGAIN;
    }
    g_byte_array_append(peer->inbox, buf, n);
    memory_kick(peer);
    return n;
}

static void memory_watch(IOChannel *ch)
{
    MemoryChannel *m = memory_channel(ch);

    if (!m->bh) {
        m->bh = aio_bh_new(ch->ctx, memory_ready, m);
    }
    memory_kick(m);
}

static void memory_unwatch(IOChannel *ch)
{
    MemoryChannel *m = memory_channel(ch);

    if (m->bh) {
        qemu_bh_delete(m->bh);
        m->bh = NULL;
    }
}

static void memory_destroy(IOChannel *ch)
{
    MemoryChannel *m = memory_channel(ch);

    if (m->peer) {
        m->peer->peer = NULL;
        memory_kick(m->peer);
    }
    g_byte_array_unref(m->inbox);
    g_free(m);
}

static const IOChannelOps memory_ops = {
    .read = memory_read,
    .write = memory_write,
    .watch = memory_watch,
    .unwatch = memory_unwatch,
    .destroy = memory_destroy,
};

void io_channel_memory_pair(size_t capacity, IOChannel *end[2])
{
    MemoryChannel *m[2];

    for (int i = 0; i < 2; i++) {
        m[i] = g_new0(MemoryChannel, 1);
        m[i]->parent.ops = &memory_ops;
        m[i]->inbox = g_byte_array_new();
        m[i]->capacity = capacity;
        end[i] = &m[i]->parent;
    }
    m[0]->peer = m[1];
    m[1]->peer = m[0];
}
