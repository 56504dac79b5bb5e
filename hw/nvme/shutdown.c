/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shutdown (base 3.6.1): CSTS.SHST says that it is complete when each namespace's
 * back end has flushed. An abrupt one does not wait. A reset ends it.
 */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"
#include "trace.h"

enum { SHN_ABRUPT = 2 };

typedef struct NvmeFlush {
    BlockRequest blk;
    NvmeCtrl *ctrl;
    bool pending;
} NvmeFlush;

struct NvmeShutdown {
    unsigned pending;
    NvmeFlush flush[NVME_MAX_NAMESPACES + 1];
};

static void set_status(NvmeCtrl *n, uint32_t shst)
{
    trace_nvme_shutdown(n, shst);
    n->regs->csts = (n->regs->csts & ~(3u << NVME_CSTS_SHST_SHIFT)) | shst << NVME_CSTS_SHST_SHIFT;
}

static void complete(NvmeCtrl *n)
{
    g_clear_pointer(&n->shutdown, g_free);
    set_status(n, NVME_SHST_COMPLETE);
}

/* What fails here the back end has reported; the host can do nothing about it any more. */
static void flushed(BlockRequest *req, int ret)
{
    NvmeFlush *flush = container_of(req, NvmeFlush, blk);

    flush->pending = false;
    if (--flush->ctrl->shutdown->pending == 0) {
        complete(flush->ctrl);
    }
}

static void flush_namespace(NvmeCtrl *n, NvmeNamespace *ns, NvmeFlush *flush)
{
    flush->ctrl = n;
    flush->blk = (BlockRequest) { .op = BLOCK_OP_FLUSH, .done = flushed };
    if (blk_submit(ns->blkconf.blk, &flush->blk) == BLOCK_PENDING) {
        flush->pending = true;
        n->shutdown->pending++;
    }
}

void nvme_shutdown(NvmeCtrl *n, unsigned notification)
{
    nvme_shutdown_cancel(n);
    set_status(n, NVME_SHST_OCCURRING);
    n->shutdown = g_new0(struct NvmeShutdown, 1);
    for (unsigned i = 1; notification != SHN_ABRUPT && i <= NVME_MAX_NAMESPACES; i++) {
        if (n->namespaces[i] && n->namespaces[i]->blkconf.blk) {
            flush_namespace(n, n->namespaces[i], &n->shutdown->flush[i]);
        }
    }
    if (!n->shutdown->pending) {
        complete(n);
    }
}

void nvme_shutdown_cancel(NvmeCtrl *n)
{
    for (unsigned i = 0; n->shutdown && i <= NVME_MAX_NAMESPACES; i++) {
        if (n->shutdown->flush[i].pending) {
            block_request_cancel(&n->shutdown->flush[i].blk);
        }
    }
    g_clear_pointer(&n->shutdown, g_free);
}
