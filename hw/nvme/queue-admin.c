/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The admin commands that make and delete I/O queues: base 5.4 to 5.7. */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"
#include "hw/pci/msix.h"

enum {
    QUEUE_CONTIGUOUS = 1,
    QUEUE_IRQ = 2,
};

/* What both create commands have at the same place. */
typedef struct CreateQueue {
    uint16_t id, flags, other;          /* other: vector or completion queue */
    uint32_t entries;
    uint64_t addr;
} CreateQueue;

static CreateQueue parse(const NvmeSqe *cmd)
{
    uint32_t cdw10 = le32_to_cpu(cmd->cdw10), cdw11 = le32_to_cpu(cmd->cdw11);

    return (CreateQueue) {
        .id = cdw10, .entries = (cdw10 >> 16) + 1, .flags = cdw11, .other = cdw11 >> 16,
        .addr = le64_to_cpu(cmd->dptr[0]),
    };
}

/* Queue identifiers go up to what feature 07h says; one may be used once. */
static bool valid_id(NvmeCtrl *n, uint32_t id)
{
    return id && id <= n->params.max_ioqpairs;
}

/* entry_size: as the host has set it in CC before (base 3.1.3.5), log2. */
static uint16_t check(NvmeCtrl *n, const CreateQueue *q, bool in_use, uint32_t entry_size,
                      uint32_t required)
{
    if (!valid_id(n, q->id) || in_use) {
        return NVME_INVALID_QID | NVME_DNR;
    }
    if (q->entries < 2 || entry_size != required) {
        return NVME_INVALID_QUEUE_SIZE | NVME_DNR;
    }
    if (q->addr & (n->page_size - 1)) {
        return NVME_PRP_OFFSET_INVALID | NVME_DNR;
    }
    return NVME_SUCCESS;
}

static uint64_t ring_bytes(const CreateQueue *q, uint8_t shift)
{
    return (uint64_t)q->entries << shift;
}

/* Neighbouring pages have become one segment: base 4.1.1. */
static uint64_t *pages_of(const NvmeXfer *x, uint64_t page_size)
{
    uint64_t *pages = g_new(uint64_t, DIV_ROUND_UP(x->data->length, page_size));
    size_t count = 0;

    for (uint32_t i = 0; i < x->nsegs; i++) {
        for (uint64_t at = 0; at < x->segs[i].len; at += page_size) {
            pages[count++] = x->segs[i].addr + at;
        }
    }
    return pages;
}

static NvmeRing make_ring(NvmeRequest *req, const CreateQueue *q, uint8_t shift)
{
    uint32_t page = req->ctrl->page_size;

    return (NvmeRing) {
        .addr = q->addr, .entries = q->entries, .shift = shift, .page_size = page,
        .pages = q->flags & QUEUE_CONTIGUOUS ? NULL
                                             : pages_of(&nvme_request_core(req)->data, page),
    };
}

/* ---- the two kinds: what is checked, and made when all is known ---- */

static uint16_t check_cq(NvmeRequest *req)
{
    NvmeCtrl *n = req->ctrl;
    CreateQueue q = parse(&req->cmd);
    uint16_t status = check(n, &q, nvme_cq(n, q.id), n->regs->cc >> NVME_CC_IOCQES_SHIFT & 15,
                            NVME_CQE_SHIFT);

    if (!status && (q.other >= n->params.msix_qsize
                    || (q.other && !msix_enabled(PCI_DEVICE(n))))) {
        status = NVME_INVALID_VECTOR | NVME_DNR;
    }
    return status;
}

static uint16_t make_cq(NvmeRequest *req)
{
    CreateQueue q = parse(&req->cmd);
    uint16_t status = check_cq(req);

    if (!status) {
        NvmeRing ring = make_ring(req, &q, NVME_CQE_SHIFT);

        nvme_cq_new(req->ctrl, q.id, q.other, q.flags & QUEUE_IRQ, &ring);
    }
    return status;
}

static uint16_t check_sq(NvmeRequest *req)
{
    NvmeCtrl *n = req->ctrl;
    CreateQueue q = parse(&req->cmd);
    uint16_t status = check(n, &q, nvme_sq(n, q.id), n->regs->cc >> NVME_CC_IOSQES_SHIFT & 15,
                            NVME_SQE_SHIFT);

    if (status) {
        return status;
    }
    if (!valid_id(n, q.other)) {
        return NVME_INVALID_QID | NVME_DNR;
    }
    return nvme_cq(n, q.other) ? NVME_SUCCESS : NVME_INVALID_CQ | NVME_DNR;
}

static uint16_t make_sq(NvmeRequest *req)
{
    CreateQueue q = parse(&req->cmd);
    uint16_t status = check_sq(req);

    if (!status) {
        NvmeRing ring = make_ring(req, &q, NVME_SQE_SHIFT);

        nvme_sq_new(req->ctrl, q.id, nvme_cq(req->ctrl, q.other), &ring);
    }
    return status;
}

static void cq_pages_found(NvmeRequest *req, uint16_t status)
{
    nvme_complete(req, status ? status : make_cq(req));
}

static void sq_pages_found(NvmeRequest *req, uint16_t status)
{
    nvme_complete(req, status ? status : make_sq(req));
}

/* Other commands may have come between the check and the last page of the list. */
static uint16_t find_and_make(NvmeRequest *req, uint8_t shift, NvmeHandler *make, NvmeNext *found)
{
    CreateQueue q = parse(&req->cmd);
    uint16_t status = NVME_SUCCESS;

    if (!(q.flags & QUEUE_CONTIGUOUS)) {
        status = nvme_find_pages(req, ring_bytes(&q, shift), found);
    }
    return status ? status : make(req);
}

uint16_t nvme_admin_create_cq(NvmeRequest *req)
{
    uint16_t status = check_cq(req);

    return status ? status : find_and_make(req, NVME_CQE_SHIFT, make_cq, cq_pages_found);
}

uint16_t nvme_admin_create_sq(NvmeRequest *req)
{
    uint16_t status = check_sq(req);

    return status ? status : find_and_make(req, NVME_SQE_SHIFT, make_sq, sq_pages_found);
}

uint16_t nvme_admin_delete_sq(NvmeRequest *req)
{
    uint16_t id = le32_to_cpu(req->cmd.cdw10);

    if (!id || !nvme_sq(req->ctrl, id)) {
        return NVME_INVALID_QID | NVME_DNR;
    }
    nvme_sq_delete(nvme_sq(req->ctrl, id));
    return NVME_SUCCESS;
}

uint16_t nvme_admin_delete_cq(NvmeRequest *req)
{
    uint16_t id = le32_to_cpu(req->cmd.cdw10);
    NvmeCQueue *cq = nvme_cq(req->ctrl, id);

    if (!id || !cq) {
        return NVME_INVALID_QID | NVME_DNR;
    }
    if (!QTAILQ_EMPTY(&cq->sqs)) {
        return NVME_INVALID_QUEUE_DELETION | NVME_DNR;
    }
    nvme_cq_delete(cq);
    return NVME_SUCCESS;
}
