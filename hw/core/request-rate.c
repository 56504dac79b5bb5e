/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often one guest may ask for the same thing.
 *
 * A guest that panics in a loop must neither fill the log nor push the events
 * of other domains out of the queue, so each kind of request has a budget for
 * each domain: a burst, then a few a second (qemu/log.h).
 *
 * Lock order: innermost.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/lockable.h"
#include "qemu/thread.h"
#include "qdev-internal.h"

/* @event is a literal, @ctx is only compared. */
typedef struct RequestBudget {
    const char *event;
    AioContext *ctx;
    LogRateLimit limit;
} RequestBudget;

static struct {
    QemuMutex lock;
    GSList *list;           /* as many as there are domains that ever asked */
} budgets = { .lock = QEMU_MUTEX_INITIALIZER };

/* With the lock held. */
static RequestBudget *budget_of(const char *event, AioContext *ctx)
{
    RequestBudget *b;
    GSList *l;

    for (l = budgets.list; l; l = l->next) {
        b = l->data;
        if (b->ctx == ctx && strcmp(b->event, event) == 0) {
            return b;
        }
    }
    b = g_new0(RequestBudget, 1);
    b->event = event;
    b->ctx = ctx;
    budgets.list = g_slist_prepend(budgets.list, b);
    return b;
}

bool guest_request_allowed(const char *event, AioContext *ctx, uint32_t *dropped)
{
    QEMU_LOCK_GUARD(&budgets.lock);

    return log_ratelimit_allow(&budget_of(event, ctx)->limit, dropped);
}

void guest_request_forget_domain(AioContext *ctx)
{
    GSList **at = &budgets.list;

    QEMU_LOCK_GUARD(&budgets.lock);
    while (*at) {
        RequestBudget *b = (*at)->data;

        if (b->ctx == ctx) {
            *at = g_slist_delete_link(*at, *at);
            g_free(b);
        } else {
            at = &(*at)->next;
        }
    }
}
