/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deferred freeing in the current context: see qemu/rcu.h for why that is enough here. */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"

static void run_rcu_callback(void *opaque)
{
    struct rcu_head *head = opaque;

    head->func(head);
}

void call_rcu1(struct rcu_head *head, RCUCBFunc *func)
{
    head->func = func;
    aio_bh_schedule_oneshot(qemu_get_current_aio_context(), run_rcu_callback, head);
}

/* rcu_head is the first member (g_free_rcu() checks that), so this is the object. */
void rcu_free_with_g_free(struct rcu_head *head)
{
    g_free(head);
}

static void note_done(void *opaque)
{
    *(bool *)opaque = true;
}

void drain_call_rcu(void)
{
    AioContext *ctx = qemu_get_current_aio_context();
    bool done = false;
    AIO_CONTEXT_GUARD(ctx);

    aio_bh_schedule_oneshot(ctx, note_done, &done);
    AIO_WAIT_WHILE(ctx, !done);
}
