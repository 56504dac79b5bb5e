/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saving the controller: see vmstate.h. What is loaded is judged in vmstate-load.c. */
#include "qemu/osdep.h"
#include "hw/nvme/vmstate.h"
#include "hw/pci/msix.h"
#include "migration/vmstate.h"

/* ---- what there is to save ---- */

static void save_ring(NvmeSavedQueue *q, const NvmeRing *ring)
{
    q->addr = ring->addr;
    q->entries = ring->entries;
    if (ring->pages) {
        q->npages = DIV_ROUND_UP((uint64_t)ring->entries << ring->shift, ring->page_size);
        q->pages = g_memdup2(ring->pages, q->npages * sizeof(uint64_t));
    }
}

static void save_cq(NvmeSavedQueue *q, const NvmeCQueue *cq)
{
    *q = (NvmeSavedQueue) {
        .completion = true, .id = cq->id, .vector = cq->vector, .irq_enabled = cq->irq_enabled,
        .phase = cq->phase, .head = cq->head, .tail = cq->tail, .nposting = cq->nposting,
        .posting = g_memdup2(cq->posting, cq->nposting * sizeof(NvmeCqe)),
    };
    save_ring(q, &cq->ring);
}

static void save_sq(NvmeSavedQueue *q, const NvmeSQueue *sq)
{
    *q = (NvmeSavedQueue) {
        .id = sq->id, .cqid = sq->cq->id, .head = sq->head, .tail = sq->tail,
    };
    save_ring(q, &sq->ring);
}

static void save_queues(NvmeCtrl *n, NvmeSaved *s)
{
    NvmeQueues *q = n->queues;

    s->queues = g_new0(NvmeSavedQueue, q->last_sq + q->last_cq + 2);
    for (unsigned i = 0; i <= q->last_cq; i++) {
        if (q->cq[i]) {
            save_cq(&s->queues[s->nqueues++], q->cq[i]);
        }
    }
    for (unsigned i = 0; i <= q->last_sq; i++) {
        if (q->sq[i]) {
            save_sq(&s->queues[s->nqueues++], q->sq[i]);
        }
    }
}

static void add_command(GArray *commands, uint16_t sqid, const NvmeSqe *entry)
{
    NvmeSavedCommand c = { .sqid = sqid };

    memcpy(c.entry, entry, sizeof(c.entry));
    g_array_append_val(commands, c);
}

/* In the order in which they came: those that were started, those that were fetched. */
static void save_commands(NvmeCtrl *n, NvmeSaved *s)
{
    GArray *commands = g_array_new(false, false, sizeof(NvmeSavedCommand));

    for (unsigned i = 0; i <= n->queues->last_sq; i++) {
        NvmeSQueue *sq = n->queues->sq[i];
        NvmeRequest *req;

        if (!sq) {
            continue;
        }
        QTAILQ_FOREACH(req, &sq->active, link) {
            add_command(commands, i, &req->cmd);
        }
        for (uint32_t k = 0; k < sq->nfetched; k++) {
            add_command(commands, i, &sq->fetched[sq->next_fetched + k]);
        }
    }
    s->ncommands = commands->len;
    s->commands = (NvmeSavedCommand *)g_array_free(commands, false);
}

static void save_completions(NvmeCtrl *n, NvmeSaved *s)
{
    GArray *done = g_array_new(false, false, sizeof(NvmeSavedCompletion));

    for (unsigned i = 0; i <= n->queues->last_cq; i++) {
        NvmeCQueue *cq = n->queues->cq[i];
        NvmeRequest *req;

        if (!cq) {
            continue;
        }
        QTAILQ_FOREACH(req, &cq->waiting, link) {
            NvmeSavedCompletion c = {
                .sqid = req->sq->id, .cid = le16_to_cpu(req->cmd.cid), .status = req->status,
                .dw0 = req->dw0, .dw1 = req->dw1,
            };

            g_array_append_val(done, c);
        }
    }
    s->ncompletions = done->len;
    s->completions = (NvmeSavedCompletion *)g_array_free(done, false);
}

void nvme_saved_free(NvmeCtrl *n)
{
    NvmeSaved *s = g_steal_pointer(&n->saved);

    if (!s) {
        return;
    }
    for (int32_t i = 0; s->queues && i < s->nqueues; i++) {
        g_free(s->queues[i].pages);
        g_free(s->queues[i].posting);
    }
    g_free(s->queues);
    g_free(s->commands);
    g_free(s->completions);
    g_free(s->bad);
    nvme_zones_free(s);
    g_free(s);
}

/* A controller in fatal state has nothing that goes on elsewhere. */
static int pre_save(void *opaque)
{
    NvmeCtrl *n = opaque;

    nvme_saved_free(n);
    n->saved = g_new0(NvmeSaved, 1);
    n->saved->irq_mask = nvme_irq_mask(n);
    n->saved->shadow = nvme_shadow_pages(n, &n->saved->shadow_doorbells,
                                         &n->saved->shadow_events);
    nvme_bad_save(n, n->saved);
    nvme_zones_save(n, n->saved);
    if (n->state == NVME_READY) {
        save_queues(n, n->saved);
        save_commands(n, n->saved);
        save_completions(n, n->saved);
    }
    return 0;
}

static int post_save(void *opaque)
{
    nvme_saved_free(opaque);
    return 0;
}

/* What runs here now must not meet the numbers of a stream. */
static int pre_load(void *opaque)
{
    NvmeCtrl *n = opaque;

    nvme_ctrl_reset(n, NVME_RESET_DEVICE);
    nvme_saved_free(n);
    n->saved = g_new0(NvmeSaved, 1);
    return 0;
}

static int post_load(void *opaque, int version_id)
{
    NvmeCtrl *n = opaque;
    int ret = nvme_restore(n);

    nvme_saved_free(n);
    return ret;
}

/* ---- as a stream has it ---- */

static const VMStateDescription vmstate_cqe = {
    .name = "nvme-cqe",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BUFFER_UNSAFE(dw0, NvmeCqe, 1, sizeof(NvmeCqe)),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_queue = {
    .name = "nvme-queue",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(completion, NvmeSavedQueue),
        VMSTATE_UINT16(id, NvmeSavedQueue),
        VMSTATE_UINT16(cqid, NvmeSavedQueue),
        VMSTATE_UINT16(vector, NvmeSavedQueue),
        VMSTATE_BOOL(irq_enabled, NvmeSavedQueue),
        VMSTATE_BOOL(phase, NvmeSavedQueue),
        VMSTATE_UINT64(addr, NvmeSavedQueue),
        VMSTATE_UINT32(entries, NvmeSavedQueue),
        VMSTATE_UINT32(head, NvmeSavedQueue),
        VMSTATE_UINT32(tail, NvmeSavedQueue),
        VMSTATE_UINT32(npages, NvmeSavedQueue),
        VMSTATE_VARRAY_UINT32_ALLOC(pages, NvmeSavedQueue, npages, 1, vmstate_info_uint64,
                                    uint64_t),
        VMSTATE_INT32(nposting, NvmeSavedQueue),
        VMSTATE_STRUCT_VARRAY_ALLOC(posting, NvmeSavedQueue, nposting, 1, vmstate_cqe, NvmeCqe),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_command = {
    .name = "nvme-command",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT16(sqid, NvmeSavedCommand),
        VMSTATE_BUFFER(entry, NvmeSavedCommand),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_completion = {
    .name = "nvme-completion",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT16(sqid, NvmeSavedCompletion),
        VMSTATE_UINT16(cid, NvmeSavedCompletion),
        VMSTATE_UINT16(status, NvmeSavedCompletion),
        VMSTATE_UINT32(dw0, NvmeSavedCompletion),
        VMSTATE_UINT32(dw1, NvmeSavedCompletion),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_bad = {
    .name = "nvme-uncorrectable",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(nsid, NvmeSavedBad),
        VMSTATE_UINT64(first, NvmeSavedBad),
        VMSTATE_UINT64(last, NvmeSavedBad),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_saved = {
    .name = "nvme-queues",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(irq_mask, NvmeSaved),
        VMSTATE_BOOL(shadow, NvmeSaved),
        VMSTATE_UINT64(shadow_doorbells, NvmeSaved),
        VMSTATE_UINT64(shadow_events, NvmeSaved),
        VMSTATE_INT32(nqueues, NvmeSaved),
        VMSTATE_STRUCT_VARRAY_ALLOC(queues, NvmeSaved, nqueues, 1, vmstate_queue, NvmeSavedQueue),
        VMSTATE_INT32(ncommands, NvmeSaved),
        VMSTATE_STRUCT_VARRAY_ALLOC(commands, NvmeSaved, ncommands, 1, vmstate_command,
                                    NvmeSavedCommand),
        VMSTATE_INT32(ncompletions, NvmeSaved),
        VMSTATE_STRUCT_VARRAY_ALLOC(completions, NvmeSaved, ncompletions, 1, vmstate_completion,
                                    NvmeSavedCompletion),
        VMSTATE_INT32(nbad, NvmeSaved),
        VMSTATE_STRUCT_VARRAY_ALLOC(bad, NvmeSaved, nbad, 1, vmstate_bad, NvmeSavedBad),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const []) {
        &nvme_vmstate_zones,
        NULL
    }
};

static const VMStateDescription vmstate_regs = {
    .name = "nvme-regs",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(cc, struct NvmeRegs),
        VMSTATE_UINT32(csts, struct NvmeRegs),
        VMSTATE_UINT32(aqa, struct NvmeRegs),
        VMSTATE_UINT64(asq, struct NvmeRegs),
        VMSTATE_UINT64(acq, struct NvmeRegs),
        VMSTATE_END_OF_LIST()
    }
};

const VMStateDescription nvme_vmstate = {
    .name = "nvme",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = pre_save,
    .post_save = post_save,
    .pre_load = pre_load,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, NvmeCtrl),
        VMSTATE_MSIX(parent_obj, NvmeCtrl),
        VMSTATE_UINT32_EQUAL(params.max_ioqpairs, NvmeCtrl, "property 'max_ioqpairs' differs"),
        VMSTATE_UINT16_EQUAL(params.msix_qsize, NvmeCtrl, "property 'msix_qsize' differs"),
        VMSTATE_UINT32_EQUAL(params.cmb_size_mb, NvmeCtrl, "property 'cmb_size_mb' differs"),
        VMSTATE_UINT8_EQUAL(params.mdts, NvmeCtrl, "property 'mdts' differs"),
        VMSTATE_UINT8_EQUAL(params.aerl, NvmeCtrl, "property 'aerl' differs"),
        VMSTATE_STRUCT_POINTER(regs, NvmeCtrl, vmstate_regs, struct NvmeRegs),
        VMSTATE_STRUCT_POINTER(saved, NvmeCtrl, vmstate_saved, NvmeSaved),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const []) {
        &nvme_vmstate_cmb,
        &nvme_vmstate_namespaces,
        &nvme_vmstate_features,
        &nvme_vmstate_events,
        &nvme_vmstate_health,
        &nvme_vmstate_firmware,
        NULL
    }
};
