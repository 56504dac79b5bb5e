/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespace Management: base 5.23. There are as many media as the user has given
 * nvme-ns devices. Deleting a namespace leaves its medium unallocated, and a new one
 * gets the smallest unallocated medium that holds it, zeroed.
 */
#include "qemu/osdep.h"
#include "hw/nvme/format.h"

enum { SELECT_CREATE, SELECT_DELETE };

/* What of the host's Identify Namespace structure counts: NVM command set 4.1.6. */
typedef struct NvmeNsWish {
    uint64_t nsze, ncap;
    unsigned lbaf;
    bool extended, shared;
    uint8_t dps;
} NvmeNsWish;

static NvmeNsWish parse(const uint8_t *page)
{
    return (NvmeNsWish) {
        .nsze = ldq_le_p(page), .ncap = ldq_le_p(page + 8),
        .lbaf = (page[26] & 0xf) | (page[26] >> 5 & 3) << 4,
        .extended = page[26] >> 4 & 1, .dps = page[29] & 0xf, .shared = page[30] & 1,
    };
}

/* ---- create ---- */

static bool is_free(const NvmeNamespace *ns)
{
    return !ns->nsid && !ns->busy && ns->writable && ns->csi == NVME_CSI_NVM &&
           ns->dev != NULL;
}

static NvmeNamespace *best_medium(NvmeSubsystem *subsys, const NvmeNsWish *wish)
{
    NvmeNamespace *best = NULL;

    for (guint i = 0; i < subsys->media->len; i++) {
        NvmeNamespace *ns = g_ptr_array_index(subsys->media, i);

        if (is_free(ns) && nvme_format_check(ns, wish->lbaf, wish->dps) == NVME_SUCCESS &&
            nvme_ns_blocks(ns, wish->lbaf) >= wish->nsze && (!best || ns->medium < best->medium)) {
            best = ns;
        }
    }
    return best;
}

static uint16_t check_wish(const NvmeSubsystem *subsys, const NvmeNsWish *wish)
{
    if (!wish->nsze || wish->ncap > wish->nsze || (wish->shared && subsys->private)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (wish->ncap != wish->nsze) {
        return NVME_THIN_PROVISIONING_UNSUPPORTED | NVME_DNR;
    }
    if (wish->lbaf >= nvme_ns_formats(NULL) || !nvme_protection_fits(NULL, wish->lbaf, wish->dps)) {
        return NVME_INVALID_FORMAT | NVME_DNR;
    }
    return NVME_SUCCESS;
}

/* The medium is zeroes now: it becomes a namespace, attached to nobody. */
static uint16_t created(NvmeRequest *req, uint16_t status)
{
    NvmeNamespace *ns = req->ns;

    if (status != NVME_SUCCESS) {
        return status;
    }
    if (!nvme_ns_allocate(ns, ns->subsys, 0, NULL)) {
        return NVME_NSID_UNAVAILABLE | NVME_DNR;
    }
    req->dw0 = ns->nsid;
    return NVME_SUCCESS;
}

static uint16_t create_received(NvmeRequest *req, const void *buf, size_t length)
{
    NvmeSubsystem *subsys = req->ctrl->subsys;
    NvmeNsWish wish = parse(buf);
    uint16_t status = check_wish(subsys, &wish);
    NvmeNamespace *ns;
    NvmeFormat *format;

    if (status != NVME_SUCCESS) {
        return status;
    }
    ns = best_medium(subsys, &wish);
    if (!ns) {
        return NVME_NS_INSUFFICIENT_CAPACITY | NVME_DNR;
    }
    ns->shared = wish.shared;
    format = nvme_format_new(wish.lbaf, wish.extended, wish.dps, created);
    format->created = wish.nsze << nvme_ns_format(ns, wish.lbaf).lbads;
    nvme_format_add(format, ns);
    return nvme_format_run(req, format);
}

/* ---- delete ---- */

static uint16_t delete_all(NvmeSubsystem *subsys)
{
    NvmeNamespace **all = subsys->namespaces;

    for (NvmeNamespace *ns = nvme_next_ns(all, 0); ns; ns = nvme_next_ns(all, ns->nsid)) {
        if (ns->busy) {
            return ns->busy;
        }
    }
    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        if (all[nsid]) {
            nvme_ns_release(all[nsid]);
        }
    }
    return NVME_SUCCESS;
}

static uint16_t delete_ns(NvmeRequest *req)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    uint16_t status;
    NvmeNamespace *ns;

    if (nsid == NVME_NSID_BROADCAST) {
        return delete_all(req->ctrl->subsys);
    }
    ns = nvme_find_allocated(req->ctrl, nsid, &status);
    if (!ns || ns->busy) {
        return ns ? ns->busy : status;
    }
    nvme_ns_release(ns);
    return NVME_SUCCESS;
}

uint16_t nvme_admin_ns_management(NvmeRequest *req)
{
    unsigned select = le32_to_cpu(req->cmd.cdw10) & 0xf;

    if (select == SELECT_DELETE) {
        return delete_ns(req);
    }
    if (select != SELECT_CREATE) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    /* Zones have their sizes from the command line. */
    if (le32_to_cpu(req->cmd.cdw11) >> 24 != NVME_CSI_NVM) {
        return NVME_IOCS_NOT_SUPPORTED | NVME_DNR;
    }
    return nvme_receive(req, NVME_IDENTIFY_SIZE, create_received);
}
