/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error information log: base 5.16.1.2, a ring that is shown newest first. */
#include "qemu/osdep.h"
#include "hw/nvme/health.h"
#include "hw/nvme/core.h"

/* Commands that name blocks in CDW10 and 11. */
static uint64_t lba_of(const NvmeRequest *req)
{
    return req->ns ? le32_to_cpu(req->cmd.cdw10) | (uint64_t)le32_to_cpu(req->cmd.cdw11) << 32
                   : 0;
}

void nvme_log_error(NvmeCtrl *n, const NvmeRequest *req, uint16_t status)
{
    NvmeHealth *h = n->health;
    NvmeErrorEntry *entry = &h->log[h->next];

    h->next = (h->next + 1) % ARRAY_SIZE(h->log);
    *entry = (NvmeErrorEntry) {
        .count = ++h->errors, .sqid = 0xffff, .cid = 0xffff, .status = status & 0x7fff,
    };
    if (req) {
        entry->sqid = req->sq->id;
        entry->cid = le16_to_cpu(req->cmd.cid);
        entry->nsid = le32_to_cpu(req->cmd.nsid);
        entry->lba = lba_of(req);
    }
}

static void put_entry(uint8_t *at, const NvmeErrorEntry *entry)
{
    nvme_put(at, 0, 8, entry->count);
    nvme_put(at, 8, 2, entry->sqid);
    nvme_put(at, 10, 2, entry->cid);
    nvme_put(at, 12, 2, entry->status << 1);
    nvme_put(at, 14, 2, 0xffff);        /* which byte was wrong is not told */
    nvme_put(at, 16, 8, entry->lba);
    nvme_put(at, 24, 4, entry->nsid);
}

uint16_t nvme_log_fill_error(NvmeRequest *req, uint8_t *page)
{
    const NvmeHealth *h = req->ctrl->health;
    unsigned slots = ARRAY_SIZE(h->log);

    for (unsigned i = 0; i < slots; i++) {
        const NvmeErrorEntry *entry = &h->log[(h->next + slots - 1 - i) % slots];

        if (entry->count) {
            put_entry(page + 64 * i, entry);
        }
    }
    return NVME_SUCCESS;
}
