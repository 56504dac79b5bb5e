/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical region pages: base 4.1.1. Only the first entry may have an offset. A list
 * that has to name more pages than it has entries ends with a pointer to the
 * next one. Each list is copied once.
 */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"

enum { ENTRY = sizeof(uint64_t) };

static uint16_t bad_offset(void)
{
    return NVME_PRP_OFFSET_INVALID | NVME_DNR;
}

static uint64_t pages_left(const NvmeXfer *x)
{
    return DIV_ROUND_UP(x->walk.left, x->req->ctrl->page_size);
}

static NvmeXferStep walk_list;

static uint16_t read_list(NvmeXfer *x, uint64_t addr)
{
    uint32_t page = x->req->ctrl->page_size;
    uint32_t room = (page - (addr & (page - 1))) / ENTRY;

    x->step = walk_list;
    return nvme_xfer_read_list(x, addr, MIN(pages_left(x), room) * ENTRY);
}

static uint16_t walk_list(NvmeXfer *x)
{
    uint32_t page = x->req->ctrl->page_size;
    uint32_t count = x->walk.len / ENTRY;
    bool goes_on = pages_left(x) > count;

    if (x->failed) {
        return NVME_DATA_TRANSFER_ERROR;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t entry = ldq_le_p(x->walk.list + i * ENTRY);

        if (entry & (page - 1)) {
            return bad_offset();
        }
        if (goes_on && i == count - 1) {
            return read_list(x, entry);
        }
        nvme_xfer_add(x, entry, MIN(x->walk.left, page), false);
    }
    x->step = nvme_xfer_place;
    return NVME_SUCCESS;
}

uint16_t nvme_prp_walk(NvmeXfer *x)
{
    uint64_t page = x->req->ctrl->page_size;
    uint64_t prp1 = le64_to_cpu(x->req->cmd.dptr[0]), prp2 = le64_to_cpu(x->req->cmd.dptr[1]);

    if (prp1 & 3) {
        return bad_offset();
    }
    nvme_xfer_add(x, prp1, MIN(x->walk.left, page - (prp1 & (page - 1))), false);
    if (x->walk.left > page) {
        return prp2 & (ENTRY - 1) ? bad_offset() : read_list(x, prp2);
    }
    if (x->walk.left) {
        if (prp2 & (page - 1)) {
            return bad_offset();
        }
        nvme_xfer_add(x, prp2, x->walk.left, false);
    }
    x->step = nvme_xfer_place;
    return NVME_SUCCESS;
}

/* Of a queue in pieces: that PRP1 is a page's address has been checked (queue-admin.c). */
uint16_t nvme_prp_list_walk(NvmeXfer *x)
{
    return read_list(x, le64_to_cpu(x->req->cmd.dptr[0]));
}
