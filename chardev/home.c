/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moving a Chardev between contexts.
 *
 * Its descriptors leave one loop and enter the other with both contexts
 * entered, so no callback runs in between. Two domains are never entered at
 * once: the way from one to another leads over the main context.
 */
#include "qemu/osdep.h"
#include "internal.h"

ChardevVisit chardev_visit_begin(Chardev *chr)
{
    ChardevVisit visit = { NULL };
    AioContext *home = chr ? qatomic_read(&chr->ctx) : NULL;

    if (home && (aio_context_entered(home) || aio_context_entered(aio_context_main()))) {
        aio_context_enter(home);
        aio_context_ref(home);
        object_ref(chr);
        visit = (ChardevVisit) { chr, home };
    }
    return visit;
}

void chardev_visit_end(ChardevVisit *visit)
{
    if (visit->chr) {
        object_unref(visit->chr);
        aio_context_leave(visit->ctx);
        aio_context_unref(visit->ctx);
        visit->chr = NULL;
    }
}

/* One of the two is the main context, which is entered. */
static void step(Chardev *chr, AioContext *to)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);
    AioContext *from = chr->ctx;
    AioContext *domain = from == aio_context_main() ? to : from;

    AIO_CONTEXT_GUARD(domain);
    if (cc->chr_detach) {
        cc->chr_detach(chr);
    }
    aio_context_ref(to);
    qatomic_set(&chr->ctx, to);
    if (cc->chr_attach) {
        cc->chr_attach(chr);
    }
    aio_context_unref(from);
}

static void move_now(Chardev *chr, AioContext *ctx)
{
    AioContext *hub = aio_context_main();

    if (chr->ctx != ctx && chr->ctx != hub) {
        step(chr, hub);
    }
    if (chr->ctx != ctx) {
        step(chr, ctx);
    }
}

typedef struct Removal {
    Chardev *chr;
    AioContext *ctx;
} Removal;

/* In the main context. What was wanted then may not be what is right now. */
static void move_later(void *opaque)
{
    g_autofree Removal *removal = opaque;
    Chardev *chr = removal->chr;
    AioContext *wanted = qatomic_read(&chr->listen_ctx) ?: aio_context_main();

    if (wanted == removal->ctx && chr->ctx != wanted) {
        move_now(chr, wanted);
        AIO_CONTEXT_GUARD(wanted);
        chardev_sync_state(chr);
    }
    aio_context_unref(removal->ctx);
    object_unref(chr);
}

void chardev_move(Chardev *chr, AioContext *ctx)
{
    if (aio_context_entered(aio_context_main())) {
        move_now(chr, ctx);
    } else if (qatomic_read(&chr->ctx) != ctx) {
        Removal *removal = g_new(Removal, 1);

        object_ref(chr);
        aio_context_ref(ctx);
        *removal = (Removal) { chr, ctx };
        aio_bh_schedule_oneshot(aio_context_main(), move_later, removal);
    }
}
