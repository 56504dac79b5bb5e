/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doorbells (base 3.1.4): the tail of each submission queue, the head of each
 * completion queue. What does not fit is ignored and reported by an event (base
 * 5.2, figure 147): nothing a host rings moves an index out of its queue, or
 * past the other end.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/log.h"
#include "hw/nvme/core.h"
#include "trace.h"

struct NvmeDoorbells {
    uint32_t *page;             /* that the client may have mapped; NULL: it may not */
};

enum { ERROR_LOG_PAGE = 1 };

static void bad_doorbell(NvmeCtrl *n, uint8_t info, const char *queue, unsigned id, uint32_t value)
{
    trace_nvme_bad_doorbell(n, queue, id, value);
    qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "nvme: bad doorbell of %s queue %u: %u\n", queue,
                              id, value);
    nvme_event(n, NVME_EVENT_ERROR, info, ERROR_LOG_PAGE);
}

/* A full queue has one entry less than its size: the host may not overtake the head. */
void nvme_sq_ring(NvmeSQueue *sq, uint32_t tail)
{
    uint32_t used = nvme_ring_distance(&sq->ring, sq->head, sq->tail);

    if (tail >= sq->ring.entries
        || nvme_ring_distance(&sq->ring, sq->tail, tail) > sq->ring.entries - 1 - used) {
        bad_doorbell(sq->ctrl, NVME_ERROR_INVALID_DOORBELL_VALUE, "submission", sq->id, tail);
        return;
    }
    if (tail != sq->tail) {
        sq->tail = tail;
        nvme_sq_runnable(sq);
    }
}

void nvme_cq_ring(NvmeCQueue *cq, uint32_t head)
{
    if (head >= cq->ring.entries
        || nvme_ring_distance(&cq->ring, cq->head, head)
           > nvme_ring_distance(&cq->ring, cq->head, cq->tail)) {
        bad_doorbell(cq->ctrl, NVME_ERROR_INVALID_DOORBELL_VALUE, "completion", cq->id, head);
        return;
    }
    cq->head = head;
    nvme_irq_consumed(cq);
    nvme_cq_post_soon(cq);
}

/* With shadow doorbells the register only says that there is something to see. */
static void ring(NvmeCtrl *n, unsigned index, uint32_t value)
{
    unsigned id = index / 2;
    bool completion = index & 1;

    trace_nvme_doorbell(n, completion ? "completion" : "submission", id, value);
    if (completion && nvme_cq(n, id)) {
        if (!nvme_shadow_cq(n->queues->cq[id])) {
            nvme_cq_ring(n->queues->cq[id], value);
        }
    } else if (!completion && nvme_sq(n, id)) {
        if (!nvme_shadow_sq(n->queues->sq[id])) {
            nvme_sq_ring(n->queues->sq[id], value);
        }
    } else {
        bad_doorbell(n, NVME_ERROR_INVALID_DOORBELL_REGISTER,
                     completion ? "completion" : "submission", id, value);
    }
}

/* ---- the page that a client may have mapped ---- */

/* true: the word is another one than `*seen`, which it becomes. Read once. */
static bool word_changed(NvmeCtrl *n, unsigned index, uint32_t *seen)
{
    uint32_t value = le32_to_cpu(qatomic_load_acquire(&n->doorbells->page[index]));

    if (value == *seen) {
        return false;
    }
    *seen = value;
    return true;
}

void nvme_sq_look(NvmeSQueue *sq)
{
    NvmeCtrl *n = sq->ctrl;

    if (n->doorbells->page && word_changed(n, sq->id * 2, &sq->doorbell)) {
        ring(n, sq->id * 2, sq->doorbell);
    } else if (n->shadow) {
        nvme_shadow_sq(sq);
    }
}

void nvme_cq_look(NvmeCQueue *cq)
{
    NvmeCtrl *n = cq->ctrl;

    if (n->doorbells->page && word_changed(n, cq->id * 2 + 1, &cq->doorbell)) {
        ring(n, cq->id * 2 + 1, cq->doorbell);
    } else if (n->shadow) {
        nvme_shadow_cq(cq);
    }
}

static void set_word(NvmeCtrl *n, unsigned index, uint32_t value)
{
    if (n->doorbells->page) {
        qatomic_set(&n->doorbells->page[index], cpu_to_le32(value));
    }
}

void nvme_sq_doorbell_init(NvmeSQueue *sq)
{
    set_word(sq->ctrl, sq->id * 2, 0);
    nvme_shadow_init(sq->ctrl, sq->id * 2);
}

void nvme_cq_doorbell_init(NvmeCQueue *cq)
{
    set_word(cq->ctrl, cq->id * 2 + 1, 0);
    nvme_shadow_init(cq->ctrl, cq->id * 2 + 1);
}

/* ---- the region ---- */

void nvme_sq_doorbell_restore(NvmeSQueue *sq)
{
    sq->doorbell = sq->tail;
    set_word(sq->ctrl, sq->id * 2, sq->tail);
}

void nvme_cq_doorbell_restore(NvmeCQueue *cq)
{
    cq->doorbell = cq->head;
    set_word(cq->ctrl, cq->id * 2 + 1, cq->head);
}

/* A client that writes by message sees the same page as one that stores. */
static void write_word(NvmeCtrl *n, unsigned index, uint32_t value)
{
    NvmeSQueue *sq = nvme_sq(n, index / 2);
    NvmeCQueue *cq = nvme_cq(n, index / 2);

    set_word(n, index, value);
    if (index & 1 && cq) {
        cq->doorbell = value;
    } else if (!(index & 1) && sq) {
        sq->doorbell = value;
    }
}

static uint64_t doorbell_read(void *opaque, hwaddr offset, unsigned size)
{
    return 0;                   /* base 3.1.4: undefined */
}

static void doorbell_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    NvmeCtrl *n = opaque;

    if (size != 4 || offset & 3) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "nvme: doorbell written by %u bytes\n", size);
        return;
    }
    if (n->state == NVME_READY) {
        write_word(n, offset / 4, value);
        ring(n, offset / 4, value);
    }
}

static const MemoryRegionOps doorbell_ops = {
    .read = doorbell_read,
    .write = doorbell_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

bool nvme_doorbells_new(NvmeCtrl *n, Error **errp)
{
    n->doorbells = g_new0(struct NvmeDoorbells, 1);
    if (!n->params.mmap_doorbells) {
        memory_region_init_io(&n->doorbell_region, OBJECT(n), &doorbell_ops, n, "nvme-doorbells",
                              NVME_DOORBELLS_SIZE);
    } else if (memory_region_init_shared_io(&n->doorbell_region, OBJECT(n), &doorbell_ops, n,
                                            "nvme-doorbells", NVME_DOORBELLS_SIZE,
                                            NVME_DOORBELLS, errp)) {
        n->doorbells->page = memory_region_shared_io_ptr(&n->doorbell_region);
    } else {
        return false;
    }
    memory_region_add_subregion(&n->bar0, NVME_DOORBELLS, &n->doorbell_region);
    return true;
}

void nvme_doorbells_moved(void *opaque, void *page)
{
    NvmeCtrl *n = opaque;

    if (n->doorbells) {
        n->doorbells->page = page;
    }
}

void nvme_doorbells_free(NvmeCtrl *n)
{
    g_clear_pointer(&n->doorbells, g_free);
}

void nvme_doorbells_reset(NvmeCtrl *n)
{
    nvme_shadow_off(n);
    if (n->doorbells->page) {
        memset(n->doorbells->page, 0, NVME_DOORBELLS_SIZE);
    }
}

bool nvme_doorbells_are_mapped(NvmeCtrl *n)
{
    return n->doorbells->page;
}
