/* SPDX-License-Identifier: GPL-2.0-or-later */
/* There is a timer only between two attempts: connected means no wake-up. */
#include "qemu/osdep.h"
#include "dialer.h"

struct Dialer {
    IOAddress addr;
    int64_t retry_seconds;
    DialerDone *done;
    void *opaque;
    AioContext *ctx;        /* NULL: at rest */
    QEMUTimer *timer;
    int fd;                 /* on its way; -1: none */
};

Dialer *dialer_new(const IOAddress *addr, int64_t retry_seconds, DialerDone *done, void *opaque)
{
    Dialer *d = g_new(Dialer, 1);

    *d = (Dialer) { .retry_seconds = retry_seconds, .done = done, .opaque = opaque, .fd = -1 };
    io_address_copy(&d->addr, addr);
    return d;
}

void dialer_free(Dialer *d)
{
    if (d) {
        dialer_stop(d);
        io_address_clear(&d->addr);
        g_free(d);
    }
}

static void finish(Dialer *d, int fd)
{
    dialer_stop(d);
    d->done(io_channel_socket_new(fd), d->opaque);
}

static void pause_then_retry(Dialer *d)
{
    timer_mod(d->timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + d->retry_seconds * 1000);
}

static void drop_fd(Dialer *d)
{
    if (d->fd >= 0) {
        aio_set_fd_handler(d->ctx, d->fd, NULL, NULL, NULL, NULL, NULL);
        close(g_steal_fd(&d->fd));
    }
}

static void on_its_way(void *opaque)
{
    Dialer *d = opaque;

    if (io_connect_result(d->fd)) {
        drop_fd(d);
        pause_then_retry(d);
    } else {
        aio_set_fd_handler(d->ctx, d->fd, NULL, NULL, NULL, NULL, NULL);
        finish(d, g_steal_fd(&d->fd));
    }
}

static void attempt(void *opaque)
{
    Dialer *d = opaque;
    bool pending = false;
    int fd = io_connect_begin(&d->addr, &pending, NULL);

    if (fd < 0) {
        pause_then_retry(d);
    } else if (pending) {
        d->fd = fd;
        aio_set_fd_handler(d->ctx, fd, NULL, on_its_way, NULL, NULL, d);
    } else {
        finish(d, fd);
    }
}

void dialer_start(Dialer *d, AioContext *ctx, bool now)
{
    dialer_stop(d);
    d->ctx = ctx;
    d->timer = aio_timer_new(ctx, QEMU_CLOCK_REALTIME, SCALE_MS, attempt, d);
    if (now) {
        timer_mod(d->timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME));
    } else {
        pause_then_retry(d);
    }
}

void dialer_stop(Dialer *d)
{
    if (d->ctx) {
        drop_fd(d);
        timer_free(d->timer);
        d->timer = NULL;
        d->ctx = NULL;
    }
}
