/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded output of a monitor; the rules are in the header. */
#include "qemu/osdep.h"
#include "out-queue.h"

#define KEEP_BYTES 4096

void out_queue_init(OutQueue *q)
{
    *q = (OutQueue) { .bytes = g_string_new(NULL) };
}

void out_queue_clear(OutQueue *q)
{
    g_string_free(q->bytes, TRUE);
    q->bytes = NULL;
}

size_t out_queue_pending(const OutQueue *q)
{
    return q->bytes->len - q->sent;
}

void out_queue_put(OutQueue *q, const char *text, size_t len)
{
    g_string_append_len(q->bytes, text, len);
}

bool out_queue_put_event(OutQueue *q, const char *text, size_t len)
{
    if (len > OUT_QUEUE_EVENTS || out_queue_pending(q) > OUT_QUEUE_EVENTS - len) {
        q->lost_events++;
        return false;
    }
    out_queue_put(q, text, len);
    return true;
}

/* Big enough to be worth the copy, or empty: then what a burst grew is freed. */
static void compact(OutQueue *q)
{
    if (!out_queue_pending(q) && q->bytes->allocated_len > KEEP_BYTES) {
        g_string_free(q->bytes, TRUE);
        q->bytes = g_string_new(NULL);
        q->sent = 0;
    } else if (q->sent >= OUT_QUEUE_HIGH || !out_queue_pending(q)) {
        g_string_erase(q->bytes, 0, q->sent);
        q->sent = 0;
    }
}

int out_queue_flush(OutQueue *q, IOChannel *ch)
{
    ssize_t n = 0;

    while (n >= 0 && out_queue_pending(q)) {
        n = io_channel_write(ch, q->bytes->str + q->sent, out_queue_pending(q));
        if (n > 0) {
            q->sent += n;
        }
    }
    compact(q);
    return n < 0 ? n : 0;
}
