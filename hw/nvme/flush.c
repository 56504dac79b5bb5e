/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flush: base 7.1. Of one namespace, or with NSID FFFFFFFFh of each that is attached
 * to the controller, one after the other. Without a volatile write cache every write
 * was on the medium before it ended, and there is nothing that would wait here.
 */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

static uint16_t step_flush(NvmeTask *t)
{
    return nvme_task_submit(t, BLOCK_OP_FLUSH, 0, 0, 0, NULL, 0);
}

static NvmeStep *const one[] = { step_flush, NULL };

static NvmeNamespace *next_namespace(NvmeTask *t)
{
    NvmeCtrl *n = t->req->ctrl;

    while (t->index < NVME_MAX_NAMESPACES) {
        NvmeNamespace *ns = n->namespaces[++t->index];

        if (ns) {
            return ns;
        }
    }
    return NULL;
}

static uint16_t step_flush_next(NvmeTask *t)
{
    NvmeNamespace *ns = next_namespace(t);

    if (!ns) {
        return NVME_SUCCESS;
    }
    if (ns->busy) {
        return ns->busy;
    }
    t->req->ns = ns;
    t->step--;
    return step_flush(t);
}

static NvmeStep *const all[] = { step_flush_next, NULL };

uint16_t nvme_flush(NvmeRequest *req)
{
    return nvme_run(req, req->cmd.nsid == cpu_to_le32(NVME_NSID_BROADCAST) ? all : one);
}
