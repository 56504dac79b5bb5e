/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a client may take: to send VERSION, to send the rest of a message
 * that it has begun, to read what we sent. Nothing is armed while a client is
 * idle or in step, so an idle connection costs no wake-up. Timeouts of DMA
 * requests are with them, in dma-request.c.
 */
#include "qemu/osdep.h"
#include "internal.h"

static void arm(QEMUTimer *timer, int64_t timeout_ns, bool *armed)
{
    *armed = true;
    timer_mod_ns(timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + timeout_ns);
}

static void disarm(QEMUTimer *timer, bool *armed)
{
    if (*armed) {
        *armed = false;
        timer_del(timer);
    }
}

static void on_input_late(void *opaque)
{
    VfuSession *s = opaque;

    s->input_armed = false;
    vfu_session_fail(s, VFU_CLOSE_TIMEOUT, s->state == VFU_SESSION_NEW
                     ? "no VERSION in time" : "the rest of a message did not come in time");
}

/* A reader that is slow but reads goes on: the queue is bounded. */
static void on_output_late(void *opaque)
{
    VfuSession *s = opaque;

    if (s->tx.sent != s->tx_seen) {
        s->tx_seen = s->tx.sent;
        arm(&s->output_timer, s->server->config.write_timeout_ns, &s->output_armed);
    } else {
        s->output_armed = false;
        vfu_session_fail(s, VFU_CLOSE_TIMEOUT, "it does not read what is sent to it");
    }
}

void vfu_timeouts_init(VfuSession *s)
{
    aio_timer_init(s->ctx, &s->input_timer, QEMU_CLOCK_REALTIME, SCALE_NS, on_input_late, s);
    aio_timer_init(s->ctx, &s->output_timer, QEMU_CLOCK_REALTIME, SCALE_NS, on_output_late, s);
    arm(&s->input_timer, s->server->config.message_timeout_ns, &s->input_armed);
}

void vfu_timeouts_deinit(VfuSession *s)
{
    timer_del(&s->input_timer);
    timer_deinit(&s->input_timer);
    timer_del(&s->output_timer);
    timer_deinit(&s->output_timer);
}

static void update_input(VfuSession *s)
{
    bool partial = !s->paused && vfu_rx_partial(&s->rx);

    if (s->state == VFU_SESSION_NEW) {
        return;                 /* the time for VERSION covers its bytes */
    }
    if (!partial) {
        disarm(&s->input_timer, &s->input_armed);
    } else if (!s->input_armed || s->rx.position != s->input_position) {
        s->input_position = s->rx.position;
        arm(&s->input_timer, s->server->config.message_timeout_ns, &s->input_armed);
    }
}

void vfu_timeouts_update(VfuSession *s)
{
    update_input(s);
    if (!s->tx.queued) {
        disarm(&s->output_timer, &s->output_armed);
    } else if (!s->output_armed) {
        s->tx_seen = s->tx.sent;
        arm(&s->output_timer, s->server->config.write_timeout_ns, &s->output_armed);
    }
}
