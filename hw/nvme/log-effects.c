/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What commands and features do, from their tables: base 5.16.1.6 and 5.16.1.18. */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

/* Admin commands, then those of the I/O command set that CDW14 names. */
uint16_t nvme_log_fill_effects(NvmeRequest *req, uint8_t *page)
{
    const NvmeCommand *io = nvme_io_commands(le32_to_cpu(req->cmd.cdw14) >> 24);

    if (!io) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        nvme_put(page, 4 * opcode, 4, nvme_admin_effects(req->ctrl, opcode));
        nvme_put(page, 1024 + 4 * opcode, 4, io[opcode].effects);
    }
    return NVME_SUCCESS;
}

/* A feature has the same bits for scope as a command. */
static uint32_t feature_effects(const NvmeFeature *feature)
{
    if (!feature) {
        return 0;
    }
    return NVME_EFFECT_SUPPORTED | (feature->caps & NVME_FEATURE_CAP_NS ?
                                    NVME_EFFECT_SCOPE_NS : NVME_EFFECT_SCOPE_CTRL);
}

uint16_t nvme_log_fill_feature_effects(NvmeRequest *req, uint8_t *page)
{
    for (unsigned fid = 0; fid < 256; fid++) {
        nvme_put(page, 4 * fid, 4, feature_effects(nvme_feature(fid)));
    }
    return NVME_SUCCESS;
}

/* 5.16.1.19: there is no management interface, so none of its commands. */
uint16_t nvme_log_fill_mi_effects(NvmeRequest *req, uint8_t *page)
{
    return NVME_SUCCESS;
}
