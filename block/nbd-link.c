/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection of an NBD node: its file descriptor, its loss, its return. */
#include "qemu/osdep.h"
#include "nbd-int.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include <poll.h>

enum {
    RETRY_FIRST_MS = 50,
    RETRY_MAX_MS = 1000,
    CLOSE_MS = 2000,
};

static void on_readable(void *opaque);
static void on_writable(void *opaque);
static void dial(NbdNode *n);

/* NBD protocol, "Block size constraints": what a server that says nothing is taken to support. */
static uint32_t block_size(struct nbd_handle *nbd, int which, uint32_t fallback)
{
    int64_t size = nbd_lib.get_block_size(nbd, which);

    return size > 0 && size <= UINT32_MAX ? size : fallback;
}

void nbd_features_read(struct nbd_handle *nbd, NbdFeatures *f)
{
    *f = (NbdFeatures) {
        .size = nbd_lib.get_size(nbd),
        .min_block = block_size(nbd, LIBNBD_SIZE_MINIMUM, 1),
        .opt_block = block_size(nbd, LIBNBD_SIZE_PREFERRED, 4096),
        .max_block = block_size(nbd, LIBNBD_SIZE_MAXIMUM, 32 * MiB),
        .read_only = nbd_lib.is_read_only(nbd) > 0,
        .flush = nbd_lib.can_flush(nbd) > 0,
        .fua = nbd_lib.can_fua(nbd) > 0,
        .trim = nbd_lib.can_trim(nbd) > 0,
        .zero = nbd_lib.can_zero(nbd) > 0,
        .status = nbd_lib.can_meta_context(nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) > 0,
    };
}

/* --- the file descriptor --- */

static void set_handlers(NbdNode *n)
{
    unsigned direction = n->nbd ? nbd_lib.aio_get_direction(n->nbd) : 0;

    if (direction == n->direction) {
        return;
    }
    n->direction = direction;
    aio_set_fd_handler(n->ctx, n->fd,
                       direction & LIBNBD_AIO_DIRECTION_READ ? on_readable : NULL,
                       direction & LIBNBD_AIO_DIRECTION_WRITE ? on_writable : NULL, NULL, NULL, n);
}

static bool is_broken(NbdNode *n)
{
    return n->nbd && (n->state == NBD_RETRYING || nbd_lib.aio_is_dead(n->nbd) > 0 ||
                      nbd_lib.aio_is_closed(n->nbd) > 0);
}

static void drop_connection(NbdNode *n)
{
    if (n->direction) {
        aio_set_fd_handler(n->ctx, n->fd, NULL, NULL, NULL, NULL, NULL);
        n->direction = 0;
    }
    g_clear_pointer(&n->nbd, nbd_lib.close);
}

/* Everything that may have come of a call of libnbd. In the loop. */
static void settle(NbdNode *n)
{
    nbd_queue_finish(n);
    if (is_broken(n)) {
        nbd_link_give_up(n);
        drop_connection(n);
        nbd_queue_take_back(n);
        dial(n);
        if (n->overdue) {
            nbd_queue_fail(n);
        }
        return;
    }
    if (n->nbd) {
        nbd_queue_send(n);
        nbd_link_poke(n);
    }
}

static void settle_bh(void *opaque)
{
    settle(opaque);
}

static void on_readable(void *opaque)
{
    NbdNode *n = opaque;

    nbd_lib.aio_notify_read(n->nbd);        /* what went wrong shows in its state */
    settle(n);
}

static void on_writable(void *opaque)
{
    NbdNode *n = opaque;

    nbd_lib.aio_notify_write(n->nbd);
    settle(n);
}

void nbd_link_poke(NbdNode *n)
{
    set_handlers(n);
    if (n->bh && (!QTAILQ_EMPTY(&n->ended) || is_broken(n))) {
        qemu_bh_schedule(n->bh);
    }
}

/* --- loss and return --- */

static void start_patience(NbdNode *n)
{
    n->overdue = !n->reconnect_s;
    if (n->reconnect_s) {
        timer_mod(&n->give_up, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + n->reconnect_s * 1000LL);
    }
}

void nbd_link_give_up(NbdNode *n)
{
    if (n->state == NBD_RETRYING) {
        return;
    }
    if (n->state == NBD_UP) {
        n->attempts = 1;
        start_patience(n);
        warn_report("nbd: node '%s': the server of '%s' has gone: trying to reach it again",
                    n->bs->node_name, n->target->text);
    }
    n->state = NBD_RETRYING;
}

static void give_up_cb(void *opaque)
{
    NbdNode *n = opaque;

    n->overdue = true;
    nbd_queue_fail(n);
}

/* A server that has become another one would get what was meant for the first. */
static bool check_same(const NbdNode *n, const NbdFeatures *f, Error **errp)
{
    const NbdFeatures *was = &n->features;

    if (f->size != was->size) {
        error_setg(errp, "nbd: '%s' has %" PRId64 " bytes, and had %" PRId64, n->target->text,
                   f->size, was->size);
    } else if (f->min_block > was->min_block || f->max_block < was->max_block ||
               (f->read_only && !n->bs->read_only) || f->flush < was->flush || f->fua < was->fua ||
               f->trim < was->trim || f->zero < was->zero || f->status < was->status) {
        error_setg(errp, "nbd: '%s' can do less than before", n->target->text);
    } else {
        return true;
    }
    return false;
}

void nbd_link_up(NbdNode *n, struct nbd_handle *nbd)
{
    n->nbd = nbd;
    n->fd = nbd_lib.aio_get_fd(nbd);
    n->direction = 0;
    n->state = NBD_REPLAYING;
}

static void dial_later(NbdNode *n)
{
    int64_t ms = MIN((int64_t)RETRY_FIRST_MS << MIN(n->attempts - 1, 16), RETRY_MAX_MS);

    n->attempts++;
    timer_mod(&n->retry, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + ms);
}

static void on_dialed(void *opaque, struct nbd_handle *nbd, Error **err)
{
    NbdNode *n = opaque;
    NbdFeatures features;

    g_clear_pointer(&n->dial, nbd_dial_end);
    if (nbd) {
        nbd_features_read(nbd, &features);
    }
    if (!nbd || !check_same(n, &features, err)) {
        /* Said once for each loss: the same again and again tells nobody more. */
        if (n->attempts == 1) {
            warn_report_err(error_steal(err));
        }
        nbd_lib.close(nbd);
        dial_later(n);
        return;
    }
    nbd_link_up(n, nbd);
    settle(n);
}

static void dial(NbdNode *n)
{
    n->dial = nbd_dial_start(n->target, n->ctx, on_dialed, n);
    if (!n->dial) {
        dial_later(n);
    }
}

static void retry_cb(void *opaque)
{
    dial(opaque);
}

void nbd_link_replayed(NbdNode *n)
{
    n->state = NBD_UP;
    n->overdue = false;
    timer_del(&n->give_up);
    if (n->attempts) {
        n->attempts = 0;
        info_report("nbd: node '%s': '%s' is back", n->bs->node_name, n->target->text);
    }
}

/* --- contexts --- */

void nbd_link_attach(NbdNode *n, AioContext *ctx)
{
    n->ctx = ctx;
    n->bh = aio_bh_new(ctx, settle_bh, n);
    aio_timer_init(ctx, &n->retry, QEMU_CLOCK_REALTIME, SCALE_MS, retry_cb, n);
    aio_timer_init(ctx, &n->give_up, QEMU_CLOCK_REALTIME, SCALE_MS, give_up_cb, n);
    if (n->nbd) {
        set_handlers(n);
        qemu_bh_schedule(n->bh);
    } else {
        start_patience(n);
        dial(n);
    }
}

void nbd_link_detach(NbdNode *n)
{
    if (n->direction) {
        aio_set_fd_handler(n->ctx, n->fd, NULL, NULL, NULL, NULL, NULL);
        n->direction = 0;
    }
    g_clear_pointer(&n->dial, nbd_dial_end);
    g_clear_pointer(&n->bh, qemu_bh_delete);
    timer_deinit(&n->retry);
    timer_deinit(&n->give_up);
    n->ctx = NULL;
}

static bool turn(NbdNode *n, int64_t deadline_us)
{
    int64_t left = deadline_us - g_get_monotonic_time();
    unsigned direction = nbd_lib.aio_get_direction(n->nbd);
    struct pollfd pfd = {
        .fd = n->fd,
        .events = (direction & LIBNBD_AIO_DIRECTION_READ ? POLLIN : 0) |
                  (direction & LIBNBD_AIO_DIRECTION_WRITE ? POLLOUT : 0),
    };

    if (left <= 0 || poll(&pfd, 1, left / 1000 + 1) < 0) {
        return false;
    }
    if (pfd.revents & ~POLLOUT) {
        nbd_lib.aio_notify_read(n->nbd);
    } else if (pfd.revents) {
        nbd_lib.aio_notify_write(n->nbd);
    }
    nbd_queue_finish(n);
    return !is_broken(n);
}

void nbd_link_close(NbdNode *n)
{
    int64_t deadline_us = g_get_monotonic_time() + CLOSE_MS * 1000LL;
    NbdList *const lists[] = { &n->waiting, &n->sent, &n->ended, &n->unflushed, &n->replay };

    /* Whoever opens the export next shall not have a late write of ours in his data. */
    while (n->nbd && n->nr_orphans && turn(n, deadline_us)) {
    }
    if (n->nbd) {
        nbd_lib.aio_disconnect(n->nbd, 0);
        g_clear_pointer(&n->nbd, nbd_lib.close);
    }
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        NbdCommand *cmd;

        while ((cmd = QTAILQ_FIRST(lists[i]))) {
            nbd_command_free(cmd);
        }
    }
}
