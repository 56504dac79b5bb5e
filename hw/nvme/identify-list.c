/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of namespaces and controllers: base 5.17.2.2, 5.17.2.7, 5.17.2.9 to
 * 5.17.2.12, and which command sets may be had together (5.17.2.21).
 */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

enum { ANY_CSI = -1 };

/* Identifiers above NSID, ascending; NSIDs are few, so one page holds them. */
static uint16_t send_ns_list(NvmeRequest *req, NvmeNamespace **array, int csi)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);
    uint32_t after = le32_to_cpu(req->cmd.nsid);
    size_t offset = 0;

    QEMU_BUILD_BUG_ON(NVME_MAX_NAMESPACES * 4 > NVME_IDENTIFY_SIZE);
    if (after >= NVME_NSID_BROADCAST - 1) {
        return NVME_INVALID_NSID | NVME_DNR;
    }
    if (csi != ANY_CSI && !nvme_io_commands(csi)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    for (NvmeNamespace *ns = nvme_next_ns(array, after); ns; ns = nvme_next_ns(array, ns->nsid)) {
        if (csi == ANY_CSI || ns->csi == csi) {
            nvme_put(page, offset, 4, ns->nsid);
            offset += 4;
        }
    }
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}

static int csi_of(const NvmeRequest *req)
{
    return le32_to_cpu(req->cmd.cdw11) >> 24;
}

uint16_t nvme_identify_ns_list(NvmeRequest *req)
{
    return send_ns_list(req, req->ctrl->namespaces, ANY_CSI);
}

uint16_t nvme_identify_ns_list_csi(NvmeRequest *req)
{
    return send_ns_list(req, req->ctrl->namespaces, csi_of(req));
}

uint16_t nvme_identify_ns_list_allocated(NvmeRequest *req)
{
    return send_ns_list(req, req->ctrl->subsys->namespaces, ANY_CSI);
}

uint16_t nvme_identify_ns_list_csi_allocated(NvmeRequest *req)
{
    return send_ns_list(req, req->ctrl->subsys->namespaces, csi_of(req));
}

/* Controllers from CDW10.CNTID on, of the subsystem; ns: only those that have it. */
static uint16_t send_ctrl_list(NvmeRequest *req, NvmeNamespace *ns)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);
    NvmeSubsystem *subsys = req->ctrl->subsys;
    unsigned count = 0;

    for (unsigned id = le32_to_cpu(req->cmd.cdw10) >> 16; id < NVME_MAX_CONTROLLERS; id++) {
        NvmeCtrl *n = subsys->ctrls[id];

        if (n && (!ns || nvme_ns_is_attached(n, ns))) {
            nvme_put(page, 2 + 2 * count++, 2, id);
        }
    }
    nvme_put(page, 0, 2, count);
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}

uint16_t nvme_identify_ctrls_of_ns(NvmeRequest *req)
{
    uint16_t status;
    NvmeNamespace *ns = nvme_find_allocated(req->ctrl, le32_to_cpu(req->cmd.nsid), &status);

    return ns ? send_ctrl_list(req, ns) : status;
}

uint16_t nvme_identify_ctrls(NvmeRequest *req)
{
    return send_ctrl_list(req, NULL);
}

/* One combination: everything there is. CNTID FFFFh and our own mean this controller. */
uint16_t nvme_identify_command_sets(NvmeRequest *req)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);
    uint16_t cntid = le32_to_cpu(req->cmd.cdw10) >> 16;
    uint64_t vector = 0;

    if (cntid != 0xffff &&
        (cntid >= NVME_MAX_CONTROLLERS || !req->ctrl->subsys->ctrls[cntid])) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    for (unsigned csi = 0; csi <= NVME_CSI_ZONED; csi++) {
        vector |= (uint64_t)(nvme_io_commands(csi) != NULL) << csi;
    }
    nvme_put(page, 0, 8, vector);
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}
