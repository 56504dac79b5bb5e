/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Abort (base 5.1): what is under way is taken back at once, whatever the back end does. */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"

enum { NOT_ABORTED = 1 };

static NvmeRequest *find(NvmeSQueue *sq, uint16_t cid)
{
    NvmeRequest *req;

    QTAILQ_FOREACH(req, &sq->active, link) {
        if (le16_to_cpu(req->cmd.cid) == cid) {
            return req;
        }
    }
    return NULL;
}

uint16_t nvme_admin_abort(NvmeRequest *req)
{
    uint32_t which = le32_to_cpu(req->cmd.cdw10);
    NvmeSQueue *sq = nvme_sq(req->ctrl, which & 0xffff);
    NvmeRequest *victim;

    if (!sq) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    victim = find(sq, which >> 16);
    if (victim) {
        nvme_request_cancel(victim, NVME_ABORT_REQUESTED);
    } else {
        req->dw0 = NOT_ABORTED;
    }
    return NVME_SUCCESS;
}
