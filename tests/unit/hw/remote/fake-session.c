/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for vfio-user/server; see fake-session.h. */
#include "fake-session.h"

GPtrArray *fake_messages;
unsigned fake_room = 64;
uint32_t fake_max_xfer = 4096;

static VfuDmaAnswered *on_answered;
static void *on_answered_opaque;
static VfuPeer peer;
static int session;

static void message_free(gpointer p)
{
    FakeMessage *m = p;

    g_free(m->data);
    g_free(m);
}

VfuSession *fake_session_new(void)
{
    fake_messages = g_ptr_array_new_with_free_func(message_free);
    return (VfuSession *)&session;
}

void fake_session_free(void)
{
    g_ptr_array_unref(g_steal_pointer(&fake_messages));
}

unsigned fake_pending(void)
{
    unsigned n = 0;

    for (guint i = 0; i < fake_messages->len; i++) {
        n += !((FakeMessage *)g_ptr_array_index(fake_messages, i))->cancelled;
    }
    return n;
}

const VfuPeer *vfu_session_peer(VfuSession *s)
{
    peer.max_data_xfer_size = fake_max_xfer;
    return &peer;
}

static VfuDmaRequest *add(uint64_t address, const void *data, size_t count, bool is_write,
                          VfuDmaDone *done, void *opaque)
{
    FakeMessage *m;

    if (fake_pending() >= fake_room) {
        return NULL;
    }
    m = g_new0(FakeMessage, 1);
    *m = (FakeMessage) { .address = address, .count = count, .is_write = is_write,
                         .done = done, .opaque = opaque,
                         .data = is_write ? g_memdup2(data, count) : NULL };
    g_ptr_array_add(fake_messages, m);
    return (VfuDmaRequest *)m;
}

VfuDmaRequest *vfu_session_dma_read(VfuSession *s, uint64_t address, size_t count,
                                    VfuDmaDone *done, void *opaque, Error **errp)
{
    return add(address, NULL, count, false, done, opaque);
}

VfuDmaRequest *vfu_session_dma_write(VfuSession *s, uint64_t address, const void *data,
                                     size_t count, VfuDmaDone *done, void *opaque, Error **errp)
{
    return add(address, data, count, true, done, opaque);
}

void vfu_dma_request_cancel(VfuDmaRequest *req)
{
    ((FakeMessage *)req)->cancelled = true;
}

void vfu_session_on_dma_answered(VfuSession *s, VfuDmaAnswered *fn, void *opaque)
{
    on_answered = fn;
    on_answered_opaque = opaque;
}

static void owes_nothing(FakeMessage *m)
{
    m->answered = true;
    if (on_answered) {
        on_answered(on_answered_opaque, !m->is_write, m->count);
    }
}

void fake_answer_late(void)
{
    for (guint i = 0; i < fake_messages->len; i++) {
        FakeMessage *m = g_ptr_array_index(fake_messages, i);

        if (m->cancelled && !m->answered) {
            owes_nothing(m);
            return;
        }
    }
    g_assert_not_reached();
}

size_t fake_answers_due(void)
{
    size_t bytes = 0;

    for (guint i = 0; i < fake_messages->len; i++) {
        FakeMessage *m = g_ptr_array_index(fake_messages, i);

        bytes += m->answered || m->is_write ? 0 : m->count;
    }
    return bytes;
}

void fake_answer(int err, const void *data, size_t count)
{
    for (guint i = 0; i < fake_messages->len; i++) {
        FakeMessage *m = g_ptr_array_index(fake_messages, i);

        if (!m->cancelled) {
            m->cancelled = true;
            if (err != -ETIMEDOUT) {
                owes_nothing(m);
            }
            m->done(m->opaque, err, data, count);
            return;
        }
    }
    g_assert_not_reached();
}
