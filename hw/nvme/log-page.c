/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Get Log Page: base 5.16. A page is made as a whole, and the host gets the piece
 * of it that it asked for. The UUID index means nothing: no log page is a vendor's.
 */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

enum {
    SCOPE_CTRL = 1,
    SCOPE_NS = 2,                       /* of a namespace too */
};

typedef struct NvmeLogPage {
    uint16_t (*fill)(NvmeRequest *req, uint8_t *page);
    uint16_t bytes;
    uint8_t scope;
} NvmeLogPage;

static const NvmeLogPage pages[256] = {
    [NVME_LOG_SUPPORTED] = { nvme_log_fill_supported, 1024, SCOPE_CTRL },
    [NVME_LOG_ERROR] = { nvme_log_fill_error, (NVME_ELPE + 1) * 64, SCOPE_CTRL },
    [NVME_LOG_SMART] = { nvme_log_fill_smart, 512, SCOPE_CTRL | SCOPE_NS },
    [NVME_LOG_FIRMWARE] = { nvme_log_fill_firmware, 512, SCOPE_CTRL },
    [NVME_LOG_CHANGED_NS] = { nvme_log_fill_changed_ns, 4096, SCOPE_CTRL },
    [NVME_LOG_EFFECTS] = { nvme_log_fill_effects, 4096, SCOPE_CTRL },
    [NVME_LOG_FEATURE_EFFECTS] = { nvme_log_fill_feature_effects, 1024, SCOPE_CTRL },
    [NVME_LOG_MI_EFFECTS] = { nvme_log_fill_mi_effects, 1024, SCOPE_CTRL },
};

/* 5.16.1.1: a dword for each identifier; bit 0: supported. */
uint16_t nvme_log_fill_supported(NvmeRequest *req, uint8_t *page)
{
    for (unsigned lid = 0; lid < ARRAY_SIZE(pages); lid++) {
        nvme_put(page, 4 * lid, 4, pages[lid].fill != NULL);
    }
    return NVME_SUCCESS;
}

static uint16_t check_scope(NvmeRequest *req, const NvmeLogPage *log)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    uint16_t status;

    if (nsid == 0 || nsid == NVME_NSID_BROADCAST) {
        return NVME_SUCCESS;
    }
    if (!(log->scope & SCOPE_NS)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    req->ns = nvme_find_ns(req->ctrl, nsid, &status);
    return req->ns ? NVME_SUCCESS : status;
}

/* Number of dwords minus one, in two fields. */
static uint64_t wanted_bytes(const NvmeSqe *cmd)
{
    uint64_t low = le32_to_cpu(cmd->cdw10) >> 16, high = le32_to_cpu(cmd->cdw11) & 0xffff;

    return ((high << 16 | low) + 1) * 4;
}

static bool retain(const NvmeSqe *cmd)
{
    return extract32(le32_to_cpu(cmd->cdw10), 15, 1);
}

static uint64_t offset_of(const NvmeSqe *cmd)
{
    return le32_to_cpu(cmd->cdw12) | (uint64_t)le32_to_cpu(cmd->cdw13) << 32;
}

static uint16_t check(NvmeRequest *req, const NvmeLogPage *log)
{
    uint64_t offset = offset_of(&req->cmd);

    if (!log->fill) {
        return NVME_INVALID_LOG_PAGE | NVME_DNR;
    }
    if (wanted_bytes(&req->cmd) > req->ctrl->max_transfer) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    /* Offsets by entry (bit 23 of CDW14) are not claimed by any page. */
    if (offset % 4 || offset > log->bytes || extract32(le32_to_cpu(req->cmd.cdw14), 23, 1)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return check_scope(req, log);
}

/*
 * RAE: an event is over when a read of its page has succeeded. A page that goes by message
 * counts when it is sent: what happens before it has come is not in it, and not seen.
 */
static uint16_t send(NvmeRequest *req, const uint8_t *data, uint64_t bytes)
{
    uint16_t status = nvme_send(req, data, bytes);

    if ((status == NVME_SUCCESS || status == NVME_PENDING) && !retain(&req->cmd)) {
        nvme_events_seen(req->ctrl, le32_to_cpu(req->cmd.cdw10));
    }
    return status;
}

uint16_t nvme_admin_get_log_page(NvmeRequest *req)
{
    const NvmeLogPage *log = &pages[le32_to_cpu(req->cmd.cdw10) & 0xff];
    uint64_t offset = offset_of(&req->cmd);
    uint16_t status = check(req, log);
    g_autofree uint8_t *page = NULL;

    if (status != NVME_SUCCESS) {
        return status;
    }
    page = g_malloc0(log->bytes);
    status = log->fill(req, page);
    if (status != NVME_SUCCESS) {
        return status;
    }
    return send(req, page + offset, MIN(wanted_bytes(&req->cmd), log->bytes - offset));
}
