/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fd handlers: a table of slots, registered in epoll by (slot number,
 * generation). Whatever changes in a slot gets a new generation, so an event
 * that epoll returned for its former content finds nobody. All under the
 * context's lock.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/fault-inject.h"
#include "qemu/main-loop.h"
#include "aio-context.h"
#include <sys/epoll.h>

/* The eventfd's events carry this instead of a slot: they only end the sleep. */
#define KICK_DATA UINT64_MAX

static uint64_t event_data(AioContext *ctx, const AioHandler *h)
{
    return (uint64_t)h->generation << 32 | (uint32_t)(h - ctx->handlers);
}

/* NULL when the slot has changed since. */
static AioHandler *handler_of_event(AioContext *ctx, uint64_t data)
{
    uint32_t index = (uint32_t)data;
    AioHandler *h = index < ctx->nr_handlers ? &ctx->handlers[index] : NULL;

    return h && h->fd >= 0 && h->generation == data >> 32 ? h : NULL;
}

bool aio_handlers_init(AioContext *ctx, Error **errp)
{
    /* Edge-triggered: each write to the eventfd is one wake-up, and nobody has to read it. */
    struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.u64 = KICK_DATA };
    int err;

    errno = EMFILE;
    ctx->epoll_fd = fault_inject(FAULT_EPOLL) ? -1 : epoll_create1(EPOLL_CLOEXEC);
    if (ctx->epoll_fd < 0) {
        error_setg_errno(errp, errno, "cannot create an event loop: epoll_create1");
        return false;
    }
    err = event_notifier_init(&ctx->kick, false);
    if (!err && epoll_ctl(ctx->epoll_fd, EPOLL_CTL_ADD, ctx->kick.rfd, &ev) < 0) {
        err = -errno;
    }
    if (err) {
        error_setg_errno(errp, -err, "cannot create an event loop: eventfd");
        event_notifier_cleanup(&ctx->kick);
        close(ctx->epoll_fd);
        return false;
    }
    return true;
}

void aio_handlers_destroy(AioContext *ctx)
{
    event_notifier_cleanup(&ctx->kick);
    close(ctx->epoll_fd);
    g_free(ctx->handlers);
    g_free(ctx->pollers);
}

/* ---- dispatch ---- */

/* Hang-up and error go to whoever is there to find out by reading or writing. */
static bool dispatch_one(AioContext *ctx, const struct epoll_event *event)
{
    const uint32_t trouble = EPOLLERR | EPOLLHUP;
    uint64_t turn = ctx->turns;
    AioHandler *h = handler_of_event(ctx, event->data.u64);
    bool progress = false;

    if (h && h->io_read && (event->events & (EPOLLIN | EPOLLRDHUP | trouble))) {
        ctx->window.fds_active |= h->io_poll != NULL;
        aio_call(ctx, h->io_read, h->opaque);
        progress = true;
        /* The table may have moved, the slot may have changed, other callbacks may have run. */
        h = ctx->turns == turn ? handler_of_event(ctx, event->data.u64) : NULL;
    }
    if (h && h->io_write && (event->events & (EPOLLOUT | trouble))) {
        aio_call(ctx, h->io_write, h->opaque);
        progress = true;
    }
    return progress;
}

bool aio_dispatch_events(AioContext *ctx, const struct epoll_event *events, int count)
{
    uint64_t turn = ctx->turns;
    bool progress = false;

    for (int i = 0; i < count && ctx->turns == turn; i++) {
        if (events[i].data.u64 != KICK_DATA) {
            progress |= dispatch_one(ctx, &events[i]);
        }
    }
    return progress;
}

bool aio_poll_handlers_once(AioContext *ctx)
{
    uint64_t turn = ctx->turns;
    bool progress = false;

    for (unsigned i = 0; i < ctx->nr_handlers && ctx->turns == turn; i++) {
        AioHandler *h = &ctx->handlers[i];
        uint64_t data = event_data(ctx, h);

        if (h->fd < 0 || !h->io_poll || !h->io_poll(h->opaque)) {
            continue;
        }
        h = ctx->turns == turn ? handler_of_event(ctx, data) : NULL;
        if (h) {
            aio_call(ctx, h->io_poll_ready ? h->io_poll_ready : h->io_read, h->opaque);
            progress = true;
        }
    }
    return progress;
}

/* ---- registration ---- */

static AioHandler *find_handler(AioContext *ctx, int fd)
{
    for (unsigned i = 0; i < ctx->nr_handlers; i++) {
        if (ctx->handlers[i].fd == fd) {
            return &ctx->handlers[i];
        }
    }
    return NULL;
}

static AioHandler *free_slot(AioContext *ctx)
{
    AioHandler *h = find_handler(ctx, -1);

    if (!h) {
        unsigned old = ctx->nr_handlers;

        ctx->nr_handlers = old ? old * 2 : 4;
        ctx->handlers = g_renew(AioHandler, ctx->handlers, ctx->nr_handlers);
        memset(ctx->handlers + old, 0, (ctx->nr_handlers - old) * sizeof(*h));
        for (unsigned i = old; i < ctx->nr_handlers; i++) {
            ctx->handlers[i].fd = -1;
        }
        h = &ctx->handlers[old];
    }
    return h;
}

static void remove_handler(AioContext *ctx, AioHandler *h)
{
    /* Fails when the owner closed the fd first, against the rule: the kernel forgot it then. */
    epoll_ctl(ctx->epoll_fd, EPOLL_CTL_DEL, h->fd, NULL);
    ctx->nr_pollable -= h->io_poll != NULL;
    *h = (AioHandler) { .fd = -1, .generation = h->generation + 1 };
}

static void tell_kernel(AioContext *ctx, AioHandler *h, bool known)
{
    struct epoll_event ev = { .events = h->epoll_events, .data.u64 = event_data(ctx, h) };
    int ret = epoll_ctl(ctx->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, h->fd, &ev);

    if (ret < 0 && known && errno == ENOENT) {
        /* Closed and opened again under the same number without telling us. */
        ret = epoll_ctl(ctx->epoll_fd, EPOLL_CTL_ADD, h->fd, &ev);
    }
    if (ret < 0) {
        error_report("event loop '%s': cannot watch file descriptor %d: %s", ctx->name, h->fd,
                     strerror(errno));
    }
}

void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read, IOHandler *io_write,
                        AioPollFn *io_poll, IOHandler *io_poll_ready, void *opaque)
{
    AioHandler *h;
    bool known;
    AIO_CONTEXT_GUARD(ctx);

    h = find_handler(ctx, fd);
    known = h != NULL;
    if (fd < 0 || (!io_read && !io_write && !io_poll)) {
        if (fd >= 0 && known) {
            remove_handler(ctx, h);
        }
        return;
    }
    if (!known) {
        h = free_slot(ctx);
    }
    ctx->nr_pollable += (io_poll != NULL) - (h->io_poll != NULL);
    *h = (AioHandler) {
        .fd = fd,
        .generation = h->generation + 1,
        .epoll_events = (io_read ? EPOLLIN : 0) | (io_write ? EPOLLOUT : 0),
        .io_read = io_read,
        .io_write = io_write,
        .io_poll = io_poll_ready || io_read ? io_poll : NULL,
        .io_poll_ready = io_poll_ready,
        .opaque = opaque,
    };
    tell_kernel(ctx, h, known);
}

/* The casts change the argument's name, not what it is: opaque is the notifier. */
void aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
                            EventNotifierHandler *io_read, AioPollFn *io_poll,
                            EventNotifierHandler *io_poll_ready)
{
    aio_set_fd_handler(ctx, event_notifier_get_fd(notifier), (IOHandler *)(void (*)(void))io_read,
                       NULL, io_poll, (IOHandler *)(void (*)(void))io_poll_ready, notifier);
}
