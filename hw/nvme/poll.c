/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doorbells that nobody tells of: words in the page that a client has mapped, shadow
 * doorbells while the loop is awake. The loop looks as long as its window is open. Before
 * it sleeps the hosts of shadow doorbells are asked to ring; of
 * mapped ones it wakes up to look, ever more rarely, for nothing else says that
 * the host goes on. Without either there is no poller to look.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "hw/nvme/core.h"

enum { WATCH_FIRST_NS = 50 * 1000, WATCH_MAX_NS = 10 * 1000 * 1000 };

typedef void LookAtSq(NvmeSQueue *sq);
typedef void LookAtCq(NvmeCQueue *cq);

/* Of completion queues only those whose head matters. What rings is run by ready(). */
static inline bool look_at(NvmeQueues *q, LookAtSq *look_at_sq, LookAtCq *look_at_cq)
{
    q->working = true;          /* so no bottom half is needed */
    for (unsigned i = 0; i <= q->last_sq; i++) {
        if (q->sq[i]) {
            look_at_sq(q->sq[i]);
        }
    }
    for (unsigned i = 0; i <= q->last_cq; i++) {
        NvmeCQueue *cq = q->cq[i];

        if (cq && (cq->irq_level || !QTAILQ_EMPTY(&cq->waiting))) {
            look_at_cq(cq);
        }
    }
    q->working = false;
    return !QTAILQ_EMPTY(&q->runnable) || !QTAILQ_EMPTY(&q->to_post);
}

static bool look(void *opaque)
{
    NvmeCtrl *n = opaque;

    return look_at(n->queues, nvme_sq_look, nvme_cq_look);
}

/* With MSI-X nothing becomes of a head while there is room. */
static void arm_cq(NvmeCQueue *cq)
{
    if (!QTAILQ_EMPTY(&cq->waiting) || nvme_irq_is_level(cq)) {
        nvme_shadow_cq_wake(cq);
    }
}

static bool arm(void *opaque)
{
    NvmeCtrl *n = opaque;

    return n->shadow && look_at(n->queues, nvme_shadow_sq_wake, arm_cq);
}

static void ready(void *opaque)
{
    nvme_work(opaque);
}

static bool add_wakeup(NvmeCtrl *n, Error **errp)
{
    if (!nvme_doorbells_are_mapped(n)) {
        error_setg(errp, "nvme: x-doorbell-wakeup=on is for mmap-doorbells=on");
        return false;
    }
    n->wakeup = shared_wakeup_new(&n->doorbell_region, n->poller, nvme_doorbells_moved, n, errp);
    return n->wakeup;
}

bool nvme_poll_new(NvmeCtrl *n, Error **errp)
{
    n->poller = aio_poller_new(qemu_get_current_aio_context(), look, ready, n);
    aio_poller_set_arm(n->poller, arm);
    nvme_poll_update(n);
    if (n->params.doorbell_wakeup) {
        return add_wakeup(n, errp);
    }
    if (nvme_doorbells_are_mapped(n)) {
        aio_poller_set_watch(n->poller, WATCH_FIRST_NS, WATCH_MAX_NS);
    }
    return true;
}

void nvme_poll_free(NvmeCtrl *n)
{
    g_clear_pointer(&n->wakeup, shared_wakeup_free);
    g_clear_pointer(&n->poller, aio_poller_free);
}

void nvme_poll_update(NvmeCtrl *n)
{
    aio_poller_set_enabled(n->poller, n->state == NVME_READY
                                      && (n->shadow || nvme_doorbells_are_mapped(n)));
}
