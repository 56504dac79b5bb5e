/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block/aio-wait.h: waiting for another context from outside of it. */
#include "qemu/osdep.h"
#include "block/aio-wait.h"
#include "aio-context.h"

void aio_wait_kick(void)
{
    g_autoptr(GPtrArray) all = aio_context_list_snapshot();

    for (guint i = 0; i < all->len; i++) {
        aio_kick(all->pdata[i]);
    }
}

typedef struct WaitBH {
    QEMUBHFunc *cb;
    void *opaque;
    bool done;          /* ctx's lock */
} WaitBH;

static void run_waited_for(void *opaque)
{
    WaitBH *w = opaque;

    w->cb(w->opaque);
    w->done = true;
}

void aio_wait_bh_oneshot(AioContext *ctx, QEMUBHFunc *cb, void *opaque)
{
    WaitBH w = { .cb = cb, .opaque = opaque };
    AIO_CONTEXT_GUARD(ctx);

    aio_bh_schedule_oneshot(ctx, run_waited_for, &w);
    AIO_WAIT_WHILE(ctx, !w.done);
}
