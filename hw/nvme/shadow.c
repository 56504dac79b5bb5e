/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doorbell buffer config (base 5.8): the host keeps the doorbells' words in a page of its
 * memory, and rings the register only when it passes the value that we left
 * in a second page. The admin queue's doorbells stay registers.
 *
 * A loop that is awake looks by itself (poll.c), so the second page is written only
 * before it sleeps, and only where it does not say already what it should: while
 * commands come the value stays behind, and the host rings once in a round of its queue
 * at most.
 *
 * Both pages have to be mapped: asking by message would cost more than it saves.
 * While the client has taken them away registers are believed instead.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "hw/nvme/core.h"

enum {
    WORDS = NVME_DOORBELLS_SIZE / 4,
    UNKNOWN = -1,               /* no index of a queue */
};

struct NvmeShadow {
    uint64_t doorbell_addr, event_addr;
    DMAPin doorbell_pin, event_pin;
    uint32_t *doorbells;        /* NULL: neither is pinned */
    uint32_t *events;
    uint32_t asked[WORDS];      /* what the second page says, by us, since it was pinned */
};

static void unpin(struct NvmeShadow *s)
{
    if (s->doorbells) {
        s->doorbells = s->events = NULL;
        nvme_dma_unpin(&s->doorbell_pin);
        nvme_dma_unpin(&s->event_pin);
    }
}

static bool pin_page(NvmeCtrl *n, uint64_t addr, DMADirection dir, DMAPin *pin)
{
    if (!nvme_dma_pin(n, addr, n->page_size, dir, pin)) {
        return false;
    }
    if (pin->len < n->page_size) {
        nvme_dma_unpin(pin);
        return false;
    }
    return true;
}

static bool pin(NvmeCtrl *n, struct NvmeShadow *s)
{
    if (s->doorbells) {
        return true;
    }
    if (!nvme_dma_reachable(n)
        || !pin_page(n, s->doorbell_addr, DMA_DIRECTION_TO_DEVICE, &s->doorbell_pin)) {
        return false;
    }
    if (!pin_page(n, s->event_addr, DMA_DIRECTION_FROM_DEVICE, &s->event_pin)) {
        nvme_dma_unpin(&s->doorbell_pin);
        return false;
    }
    s->doorbells = s->doorbell_pin.host;
    s->events = s->event_pin.host;
    for (unsigned i = 0; i < WORDS; i++) {
        s->asked[i] = UNKNOWN;
    }
    return true;
}

static void set_event(struct NvmeShadow *s, unsigned index, uint32_t value)
{
    s->asked[index] = value;
    qatomic_set(&s->events[index], cpu_to_le32(value));
}

static bool in_use(NvmeCtrl *n, uint16_t id)
{
    return n->shadow && id && pin(n, n->shadow);
}

static uint32_t load(NvmeCtrl *n, unsigned index)
{
    return le32_to_cpu(qatomic_load_acquire(&n->shadow->doorbells[index]));
}

/* A bad word stays there until the host writes another one: it is reported once. */
bool nvme_shadow_sq(NvmeSQueue *sq)
{
    uint32_t tail;

    if (!in_use(sq->ctrl, sq->id)) {
        return false;
    }
    tail = load(sq->ctrl, sq->id * 2);
    if (tail != sq->tail && sq->bad_shadow != (uint64_t)tail + 1) {
        nvme_sq_ring(sq, tail);
        sq->bad_shadow = sq->tail == tail ? 0 : (uint64_t)tail + 1;
    }
    return true;
}

bool nvme_shadow_cq(NvmeCQueue *cq)
{
    uint32_t head;

    if (!in_use(cq->ctrl, cq->id)) {
        return false;
    }
    head = load(cq->ctrl, cq->id * 2 + 1);
    if (head != cq->head && cq->bad_shadow != (uint64_t)head + 1) {
        nvme_cq_ring(cq, head);
        cq->bad_shadow = cq->head == head ? 0 : (uint64_t)head + 1;
    }
    return true;
}

/*
 * The host looks at the event word after it has written its own; we look at that one,
 * again, after the event word. Nothing to do when it was asked for this before: then
 * that look has been, and from there on the host rings.
 */
static bool ask_for_doorbell(NvmeCtrl *n, unsigned index, uint32_t value)
{
    if (n->shadow->asked[index] == value) {
        return false;
    }
    set_event(n->shadow, index, value);
    smp_mb();
    return true;
}

void nvme_shadow_sq_wake(NvmeSQueue *sq)
{
    while (in_use(sq->ctrl, sq->id) && ask_for_doorbell(sq->ctrl, sq->id * 2, sq->tail)) {
        nvme_shadow_sq(sq);
    }
}

void nvme_shadow_cq_wake(NvmeCQueue *cq)
{
    while (in_use(cq->ctrl, cq->id) && ask_for_doorbell(cq->ctrl, cq->id * 2 + 1, cq->head)) {
        nvme_shadow_cq(cq);
    }
}

void nvme_shadow_init(NvmeCtrl *n, unsigned index)
{
    if (in_use(n, index / 2)) {
        set_event(n->shadow, index, 0);
    }
}

void nvme_shadow_revoke(NvmeCtrl *n, uint64_t first, uint64_t last)
{
    struct NvmeShadow *s = n->shadow;

    if (s && (nvme_overlap(first, last, s->doorbell_addr, n->page_size)
              || nvme_overlap(first, last, s->event_addr, n->page_size))) {
        unpin(s);
    }
}

void nvme_shadow_off(NvmeCtrl *n)
{
    if (n->shadow) {
        unpin(n->shadow);
        g_clear_pointer(&n->shadow, g_free);
    }
}

static void use(NvmeCtrl *n, struct NvmeShadow *s)
{
    nvme_shadow_off(n);
    n->shadow = s;
    nvme_poll_update(n);
}

static struct NvmeShadow *pages(uint64_t doorbells, uint64_t events)
{
    struct NvmeShadow *s = g_new0(struct NvmeShadow, 1);

    s->doorbell_addr = doorbells;
    s->event_addr = events;
    return s;
}

static uint16_t set_up(NvmeCtrl *n, uint64_t doorbells, uint64_t events)
{
    g_autofree struct NvmeShadow *s = pages(doorbells, events);

    if (!pin(n, s)) {
        return NVME_DATA_TRANSFER_ERROR | NVME_DNR;
    }
    use(n, g_steal_pointer(&s));
    return NVME_SUCCESS;
}

bool nvme_shadow_pages(NvmeCtrl *n, uint64_t *doorbells, uint64_t *events)
{
    if (n->shadow) {
        *doorbells = n->shadow->doorbell_addr;
        *events = n->shadow->event_addr;
    }
    return n->shadow;
}

bool nvme_shadow_restore(NvmeCtrl *n, uint64_t doorbells, uint64_t events)
{
    if ((doorbells | events) & (n->page_size - 1)) {
        return false;
    }
    use(n, pages(doorbells, events));
    return true;
}

uint16_t nvme_admin_dbbuf_config(NvmeRequest *req)
{
    uint64_t prp1 = le64_to_cpu(req->cmd.dptr[0]), prp2 = le64_to_cpu(req->cmd.dptr[1]);

    if (!req->ctrl->params.dbbuf) {
        return NVME_INVALID_OPCODE | NVME_DNR;
    }
    if ((prp1 | prp2) & (req->ctrl->page_size - 1)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return set_up(req->ctrl, prp1, prp2);
}
