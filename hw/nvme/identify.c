/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identify: base 5.17. A table from CNS to what fills the page; what is not in it
 * (NVM sets, endurance groups, domains, virtualization, UUID list, granularity)
 * is not claimed anywhere, and gets the answer of a reserved value.
 */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

static NvmeHandler *const structures[256] = {
    [0x00] = nvme_identify_ns,
    [0x01] = nvme_identify_ctrl,
    [0x02] = nvme_identify_ns_list,
    [0x03] = nvme_identify_descriptors,
    [0x05] = nvme_identify_ns_csi,
    [0x06] = nvme_identify_ctrl_csi,
    [0x07] = nvme_identify_ns_list_csi,
    [0x08] = nvme_identify_ns_independent,
    [0x09] = nvme_identify_ns_of_format,
    [0x0a] = nvme_identify_ns_csi_of_format,
    [0x10] = nvme_identify_ns_list_allocated,
    [0x11] = nvme_identify_ns_allocated,
    [0x12] = nvme_identify_ctrls_of_ns,
    [0x13] = nvme_identify_ctrls,
    [0x1a] = nvme_identify_ns_list_csi_allocated,
    [0x1b] = nvme_identify_ns_csi_allocated,
    [0x1c] = nvme_identify_command_sets,
};

uint16_t nvme_admin_identify(NvmeRequest *req)
{
    NvmeHandler *handler = structures[le32_to_cpu(req->cmd.cdw10) & 0xff];

    return handler ? handler(req) : NVME_INVALID_FIELD | NVME_DNR;
}
