/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands of one controller may take of the process's memory. How many are under way
 * and how scattered their data is the host decides, how long they last the back end: a host
 * with long queues on a disk that hangs would have gigabytes. Beyond the limits commands stay
 * where the host has put them, in its own queues.
 *
 * The cost is known before a command begins, from its entry alone, so nothing that has begun
 * ever waits here. It is what lists, segments, pins and vectors come to at most.
 */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"
#include "hw/nvme/io.h"

#define LISTS_BUDGET (64ull << 20)

enum {
    REQUESTS = NVME_MAX_QUEUE_ENTRIES,
    RANGES_COST = 8192,         /* Dataset Management, Copy: at most 256 ranges */
    DESCRIPTOR = 16,            /* bytes in a list of the host */
    PIECE = DESCRIPTOR + sizeof(NvmeSegment) + sizeof(DMAPin) + sizeof(struct iovec),
    SGL_SEGMENT = 2,            /* base 4.1.2, figure 109 */
    SGL_LAST_SEGMENT = 3,
};

/* ---- requests ---- */

uint32_t nvme_budget_requests(NvmeSQueue *sq, uint32_t wish)
{
    NvmeQueues *q = sq->ctrl->queues;
    uint32_t left = REQUESTS - MIN(q->requests, REQUESTS);

    /* No queue and no event request is ever without any, whatever the others have. */
    return sq->allocated && sq->id ? MIN(wish, left) : wish;
}

/* Few are for administration, and one queue of the largest size is to be had whole. */
void nvme_budget_count(NvmeSQueue *sq, int64_t more)
{
    sq->ctrl->queues->requests += sq->id ? more : 0;
}

/* ---- lists ---- */

/* Blocks are counted at the same place in all commands that have many. */
static uint64_t data_pages(const NvmeRequest *req)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    const NvmeNamespace *ns = nsid <= NVME_MAX_NAMESPACES ? req->ctrl->namespaces[nsid] : NULL;
    uint64_t block = ns ? (1ull << ns->lbads) + ns->ms : 0;

    return MIN(nvme_nlb(req) * block, req->ctrl->max_transfer) / NVME_PAGE_SIZE_MIN;
}

static uint64_t sgl_descriptors(const NvmeRequest *req)
{
    uint64_t low = le64_to_cpu(req->cmd.dptr[1]);
    unsigned type = low >> 60;

    return type == SGL_SEGMENT ? NVME_SGL_DESCRIPTORS
         : type == SGL_LAST_SEGMENT ? MIN((uint32_t)low / DESCRIPTOR, NVME_SGL_DESCRIPTORS) : 0;
}

static uint64_t pieces(const NvmeRequest *req)
{
    unsigned psdt = req->cmd.flags >> 6;

    return data_pages(req) + (psdt != NVME_PSDT_PRP ? sgl_descriptors(req) : 0)
           + (psdt == NVME_PSDT_SGL_MPTR_SGL ? NVME_SGL_DESCRIPTORS : 0);
}

static uint32_t cost(const NvmeRequest *req)
{
    uint64_t count = pieces(req);
    uint8_t opcode = req->cmd.opcode;
    bool ranges = opcode == NVME_IO_DSM || opcode == NVME_IO_COPY;

    return (count > NVME_INLINE_SEGMENTS ? count * PIECE : 0) + (ranges ? RANGES_COST : 0);
}

/* One of each queue at least: no queue waits for the others' commands to end. */
bool nvme_budget_charge(NvmeRequestCore *core)
{
    NvmeSQueue *sq = core->req.sq;
    NvmeQueues *q = sq->ctrl->queues;
    uint32_t bytes = sq->id ? cost(&core->req) : 0;

    if (!bytes) {
        return true;
    }
    if (sq->charged && bytes > LISTS_BUDGET - MIN(q->lists, LISTS_BUDGET)) {
        q->short_of_lists = true;
        return false;
    }
    core->lists = bytes;
    sq->charged++;
    q->lists += bytes;
    return true;
}

static void wake(NvmeQueues *q)
{
    q->short_of_lists = false;
    for (unsigned i = 1; i <= q->last_sq; i++) {
        if (q->sq[i] && q->sq[i]->starved) {
            q->sq[i]->starved = false;
            nvme_sq_runnable(q->sq[i]);
        }
    }
}

/* Not at each end of one: half of it has to be free before queues go on. */
void nvme_budget_discharge(NvmeRequestCore *core)
{
    NvmeQueues *q = core->req.ctrl->queues;

    q->lists -= core->lists;
    core->lists = 0;
    core->req.sq->charged--;
    if (unlikely(q->short_of_lists) && q->lists <= LISTS_BUDGET / 2) {
        wake(q);
    }
}
