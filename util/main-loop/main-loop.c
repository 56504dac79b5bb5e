/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main context, and the view without a context argument. The main context
 * is made when first asked for and lives as long as the process.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "aio-context.h"

static AioContext *main_context;
static QemuThread main_thread;
static bool main_thread_known;

static void make_main_context(void)
{
    static gsize made;

    if (g_once_init_enter(&made)) {
        main_context = aio_context_new_named("main", &error_fatal);
        main_context->is_main = true;
        g_once_init_leave(&made, 1);
    }
}

AioContext *aio_context_main(void)
{
    make_main_context();
    return main_context;
}

int qemu_init_main_loop(Error **errp)
{
    AioContext *ctx = aio_context_main();

    g_assert(!main_thread_known);
    qemu_thread_get_self(&main_thread);
    main_thread_known = true;
    aio_context_enter(ctx);
    return 0;
}

bool qemu_in_main_thread(void)
{
    return main_thread_known && qemu_thread_is_self(&main_thread);
}

void main_loop_wait(int nonblocking)
{
    aio_poll(aio_context_main(), !nonblocking);
}

void qemu_notify_event(void)
{
    aio_kick(aio_context_main());
}

AioContext *qemu_get_aio_context(void)
{
    return qemu_get_current_aio_context();
}

AioContext *iohandler_get_aio_context(void)
{
    return qemu_get_current_aio_context();
}

void qemu_set_fd_handler(int fd, IOHandler *fd_read, IOHandler *fd_write, void *opaque)
{
    aio_set_fd_handler(qemu_get_current_aio_context(), fd, fd_read, fd_write, NULL, NULL, opaque);
}

void event_notifier_set_handler(EventNotifier *e, EventNotifierHandler *handler)
{
    aio_set_event_notifier(qemu_get_current_aio_context(), e, handler, NULL, NULL);
}
