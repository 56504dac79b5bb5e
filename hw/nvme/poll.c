/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doorbells that nobody tells of: words in the page that a client has mapped, shadow
 * doorbells while the loop is awake. The loop looks as long as its window is open; of
 * mapped ones it wakes up to look, ever more rarely, for nothing else says that
 * the host goes on. Without either there is no poller to look.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "hw/nvme/core.h"

enum { WATCH_FIRST_NS = 50 * 1000, WATCH_MAX_NS = 10 * 1000 * 1000 };

static bool look(void *opaque)
{
    NvmeCtrl *n = opaque;
    NvmeQueues *q = n->queues;

    q->working = true;          /* what rings is run by ready(), not by a bottom half */
    for (unsigned i = 0; i <= q->last_sq; i++) {
        if (q->sq[i]) {
            nvme_sq_look(q->sq[i]);
        }
    }
    for (unsigned i = 0; i <= q->last_cq; i++) {
        NvmeCQueue *cq = q->cq[i];

        if (cq && (cq->irq_level || !QTAILQ_EMPTY(&cq->waiting))) {
            nvme_cq_look(cq);
        }
    }
    q->working = false;
    return !QTAILQ_EMPTY(&q->runnable) || !QTAILQ_EMPTY(&q->to_post);
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
    n->wakeup = shared_wakeup_new(&n->doorbell_region, n->poller, errp);
    return n->wakeup;
}

bool nvme_poll_new(NvmeCtrl *n, Error **errp)
{
    n->poller = aio_poller_new(qemu_get_current_aio_context(), look, ready, n);
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
