/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Format NVM: base 5.14. All of the medium is zeroed (holes, where it can have them)
 * and then has the new format. What a format has made of a namespace lives as long
 * as the process: at the next start it has the format of its properties again.
 *
 * Zeroing goes piece by piece so that a reset can stop it; a piece that is answered
 * at once is followed by the next, up to a limit after which others get their turn.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"
#include "hw/nvme/format.h"
#include "hw/nvme/zns.h"

enum {
    PIECE = 64 * MiB,
    PIECES_AT_ONCE = 64,
};

enum { ERASE_NONE, ERASE_USER_DATA };

uint16_t nvme_format_check(const NvmeNamespace *ns, unsigned lbaf, uint8_t dps)
{
    if (lbaf >= nvme_ns_formats(ns) || !nvme_protection_fits(ns, lbaf, dps) ||
        !nvme_ns_blocks(ns, lbaf) || (ns->zns && !nvme_zns_blocks(ns, lbaf))) {
        return NVME_INVALID_FORMAT | NVME_DNR;
    }
    return NVME_SUCCESS;
}

NvmeFormat *nvme_format_new(unsigned lbaf, bool extended, uint8_t dps, NvmeFormatted *formatted)
{
    NvmeFormat *format = g_new0(NvmeFormat, 1);

    format->lbaf = lbaf;
    format->extended = extended;
    format->dps = dps;
    format->formatted = formatted;
    format->todo = g_ptr_array_new();
    return format;
}

static void set_idle(NvmeNamespace *ns)
{
    ns->busy = 0;
    ns->format_left = 0;
    ns->formatter = NULL;
}

static void format_free(NvmeFormat *format)
{
    for (guint i = 0; i < format->todo->len; i++) {
        NvmeNamespace *ns = g_ptr_array_index(format->todo, i);

        set_idle(ns);
    }
    g_clear_pointer(&format->bh, qemu_bh_delete);
    g_ptr_array_unref(format->todo);
    g_free(format);
}

static void abort_everywhere(NvmeNamespace *ns)
{
    for (unsigned id = 0; id < NVME_MAX_CONTROLLERS; id++) {
        NvmeCtrl *n = ns->subsys->ctrls[id];

        if (n && nvme_ns_is_attached(n, ns)) {
            nvme_abort_ns(n, ns, NVME_FORMAT_IN_PROGRESS);
        }
    }
}

void nvme_format_add(NvmeFormat *format, NvmeNamespace *ns)
{
    ns->busy = NVME_FORMAT_IN_PROGRESS;
    ns->format_left = 100;
    g_ptr_array_add(format->todo, ns);
    abort_everywhere(ns);
}

static NvmeNamespace *current(const NvmeFormat *format)
{
    guint len = format->todo->len;

    return len ? g_ptr_array_index(format->todo, len - 1) : NULL;
}

/* Others than the one whose host did it: base 5.14. */
static void tell_others(NvmeNamespace *ns, NvmeCtrl *but)
{
    for (unsigned id = 0; id < NVME_MAX_CONTROLLERS; id++) {
        NvmeCtrl *n = ns->subsys->ctrls[id];

        if (n && n != but && nvme_ns_is_attached(n, ns)) {
            nvme_event_ns_changed(n, ns->nsid);
        }
    }
}

static uint16_t finish_one(NvmeRequest *req, NvmeFormat *format)
{
    NvmeNamespace *ns = current(format);

    if (format->created) {
        ns->created = format->created;
    }
    nvme_ns_set_format(ns, format->lbaf, format->extended, format->dps);
    if (!nvme_ns_layout(ns)) {
        return NVME_INVALID_FORMAT | NVME_DNR;
    }
    nvme_ns_io_format(ns);
    set_idle(ns);
    format->done = 0;
    g_ptr_array_set_size(format->todo, format->todo->len - 1);
    tell_others(ns, req->ctrl);
    return NVME_SUCCESS;
}

static uint16_t finish(NvmeRequest *req, NvmeFormat *format, uint16_t status)
{
    NvmeFormatted *formatted = format->formatted;
    bool pending = format->pending;

    req->opaque = NULL;
    req->cancel = NULL;
    format_free(format);
    status = formatted ? formatted(req, status) : status;
    if (pending) {
        nvme_complete(req, status);
    }
    return status;
}

static void zeroed(BlockRequest *blk, int ret);

/* BLOCK_PENDING: zeroed() comes. */
static int zero_piece(NvmeRequest *req, NvmeFormat *format, NvmeNamespace *ns)
{
    uint64_t bytes = MIN(ns->medium - format->done, PIECE);
    int ret;

    req->ns = ns;
    req->blk = (BlockRequest) {
        .op = BLOCK_OP_WRITE_ZEROES, .flags = BDRV_REQ_MAY_UNMAP, .offset = format->done,
        .bytes = bytes, .done = zeroed,
    };
    format->done += bytes;
    ns->format_left = MAX(1, 100 - format->done / (ns->medium / 100 + 1));
    ret = blk_submit(ns->blkconf.blk, &req->blk);
    return ret;
}

/* NVME_PENDING: it goes on later. Otherwise all is over, and it has the answer. */
static uint16_t go_on(NvmeRequest *req, NvmeFormat *format)
{
    uint16_t status = NVME_SUCCESS;
    NvmeNamespace *ns;

    for (unsigned i = 0; (ns = current(format)) && status == NVME_SUCCESS; i++) {
        int ret = 0;

        if (i == PIECES_AT_ONCE) {
            qemu_bh_schedule(format->bh);
            return NVME_PENDING;
        }
        if (format->done < ns->medium) {
            ret = zero_piece(req, format, ns);
            if (ret == BLOCK_PENDING) {
                return NVME_PENDING;
            }
        } else {
            status = finish_one(req, format);
        }
        status = ret < 0 ? NVME_WRITE_FAULT : status;
    }
    return finish(req, format, status);
}

static void format_bh(void *opaque)
{
    NvmeRequest *req = opaque;

    go_on(req, req->opaque);
}

static void zeroed(BlockRequest *blk, int ret)
{
    NvmeRequest *req = container_of(blk, NvmeRequest, blk);

    if (ret < 0) {
        finish(req, req->opaque, NVME_WRITE_FAULT);
    } else {
        go_on(req, req->opaque);
    }
}

static void format_cancel(NvmeRequest *req)
{
    block_request_cancel(&req->blk);
    format_free(g_steal_pointer(&req->opaque));
}

uint16_t nvme_format_run(NvmeRequest *req, NvmeFormat *format)
{
    uint16_t status;

    req->opaque = format;
    req->cancel = format_cancel;
    format->bh = qemu_bh_new_guarded(format_bh, req, &DEVICE(req->ctrl)->mem_reentrancy_guard);
    for (guint i = 0; i < format->todo->len; i++) {
        ((NvmeNamespace *)g_ptr_array_index(format->todo, i))->formatter = req;
    }
    status = go_on(req, format);
    if (status == NVME_PENDING) {
        format->pending = true;
    }
    return status;
}

void nvme_format_stop(NvmeNamespace *ns)
{
    NvmeRequest *req = ns->formatter;

    if (req) {
        format_cancel(req);
        req->cancel = NULL;
        nvme_complete(req, NVME_INVALID_NSID | NVME_DNR);
    }
}

/* ---- the command ---- */

static uint16_t check_one(const NvmeNamespace *ns, uint32_t cdw10)
{
    unsigned lbaf = extract32(cdw10, 0, 4) | extract32(cdw10, 12, 2) << 4;
    unsigned erase = extract32(cdw10, 9, 3);

    if (erase > ERASE_USER_DATA) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (ns->busy) {
        return ns->busy;
    }
    if (ns->write_protected) {
        return NVME_NS_WRITE_PROTECTED | NVME_DNR;
    }
    return nvme_format_check(ns, lbaf, extract32(cdw10, 5, 4));
}

/* Nothing is begun unless all can be. */
static uint16_t check_all(NvmeCtrl *n, uint32_t cdw10)
{
    uint16_t status = NVME_SUCCESS;
    NvmeNamespace *ns = nvme_next_ns(n->namespaces, 0);

    if (!ns) {
        return NVME_INVALID_NSID | NVME_DNR;
    }
    for (; ns && status == NVME_SUCCESS; ns = nvme_next_ns(n->namespaces, ns->nsid)) {
        status = check_one(ns, cdw10);
    }
    return status;
}

static NvmeFormat *format_of(uint32_t cdw10)
{
    return nvme_format_new(extract32(cdw10, 0, 4) | extract32(cdw10, 12, 2) << 4,
                           extract32(cdw10, 4, 1), extract32(cdw10, 5, 4), NULL);
}

static uint16_t format_all(NvmeRequest *req, uint32_t cdw10)
{
    NvmeNamespace **all = req->ctrl->namespaces;
    uint16_t status = check_all(req->ctrl, cdw10);
    NvmeFormat *format;

    if (status != NVME_SUCCESS) {
        return status;
    }
    format = format_of(cdw10);
    for (NvmeNamespace *ns = nvme_next_ns(all, 0); ns; ns = nvme_next_ns(all, ns->nsid)) {
        nvme_format_add(format, ns);
    }
    return nvme_format_run(req, format);
}

uint16_t nvme_admin_format(NvmeRequest *req)
{
    uint32_t cdw10 = le32_to_cpu(req->cmd.cdw10), nsid = le32_to_cpu(req->cmd.nsid);
    uint16_t status;
    NvmeNamespace *ns;
    NvmeFormat *format;

    if (nsid == NVME_NSID_BROADCAST) {
        return format_all(req, cdw10);
    }
    ns = nvme_find_allocated(req->ctrl, nsid, &status);
    status = ns ? check_one(ns, cdw10) : status;
    if (status != NVME_SUCCESS) {
        return status;
    }
    format = format_of(cdw10);
    nvme_format_add(format, ns);
    return nvme_format_run(req, format);
}
