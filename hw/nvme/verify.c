/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verify: NVM command set 3.2.5. Reads and checks, and the host gets none of it. */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

static NvmeStep *const verify[] = {
    nvme_step_readable, nvme_step_lock_shared, nvme_step_buffer,
    nvme_step_loop, nvme_step_read_data, nvme_step_read_meta, nvme_step_check, nvme_step_again,
    NULL,
};

/* VSL (4.1.5.4) is in powers of two of the smallest page; 0: no limit. */
static bool is_too_long(const NvmeRequest *req)
{
    uint8_t vsl = req->ctrl->params.vsl;
    uint64_t bytes = (uint64_t)nvme_nlb(req) << req->ns->lbads;

    return vsl && bytes > (uint64_t)NVME_PAGE_SIZE_MIN << MIN(vsl, 32);
}

uint16_t nvme_verify(NvmeRequest *req)
{
    NvmeTask *t;
    uint16_t status = nvme_check_range(req->ns, nvme_slba(req), nvme_nlb(req));

    if (status) {
        return status;
    }
    if (is_too_long(req)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    t = nvme_task_new(req, verify);
    nvme_chunk_begin(t);
    status = nvme_chunk_check_tags(t);
    if (status) {
        nvme_task_free(t);
        return status;
    }
    return nvme_task_start(t);
}
