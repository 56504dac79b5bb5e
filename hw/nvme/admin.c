/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The admin command set as a table (base 5), and the life of its parts. */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

enum {
    OK = NVME_EFFECT_SUPPORTED,
    CTRL = OK | NVME_EFFECT_SCOPE_CTRL,
    NS = OK | NVME_EFFECT_SCOPE_NS,
    SUBSYS = OK | NVME_EFFECT_SCOPE_SUBSYS,
};

const NvmeCommand nvme_admin_commands[256] = {
    [NVME_ADMIN_DELETE_SQ] = { "Delete I/O Submission Queue", nvme_admin_delete_sq, CTRL },
    [NVME_ADMIN_CREATE_SQ] = { "Create I/O Submission Queue", nvme_admin_create_sq, CTRL },
    [NVME_ADMIN_GET_LOG_PAGE] = { "Get Log Page", nvme_admin_get_log_page, CTRL },
    [NVME_ADMIN_DELETE_CQ] = { "Delete I/O Completion Queue", nvme_admin_delete_cq, CTRL },
    [NVME_ADMIN_CREATE_CQ] = { "Create I/O Completion Queue", nvme_admin_create_cq, CTRL },
    [NVME_ADMIN_IDENTIFY] = { "Identify", nvme_admin_identify, CTRL },
    [NVME_ADMIN_ABORT] = { "Abort", nvme_admin_abort, CTRL },
    [NVME_ADMIN_SET_FEATURES] = { "Set Features", nvme_admin_set_features, CTRL },
    [NVME_ADMIN_GET_FEATURES] = { "Get Features", nvme_admin_get_features, CTRL },
    [NVME_ADMIN_ASYNC_EVENT] = { "Asynchronous Event Request", nvme_admin_async_event, CTRL },
    [NVME_ADMIN_NS_MANAGEMENT] = { "Namespace Management", nvme_admin_ns_management,
                                   SUBSYS | NVME_EFFECT_NIC },
    [NVME_ADMIN_FW_COMMIT] = { "Firmware Commit", nvme_admin_fw_commit, CTRL },
    [NVME_ADMIN_FW_DOWNLOAD] = { "Firmware Image Download", nvme_admin_fw_download, CTRL },
    [NVME_ADMIN_NS_ATTACHMENT] = { "Namespace Attachment", nvme_admin_ns_attachment,
                                   SUBSYS | NVME_EFFECT_NIC },
    [NVME_ADMIN_KEEP_ALIVE] = { "Keep Alive", nvme_admin_keep_alive, CTRL },
    [NVME_ADMIN_DBBUF_CONFIG] = { "Doorbell Buffer Config", nvme_admin_dbbuf_config, CTRL },
    [NVME_ADMIN_FORMAT_NVM] = { "Format NVM", nvme_admin_format,
                                NS | NVME_EFFECT_LBCC | NVME_EFFECT_NCC | NVME_EFFECT_CSE_NS },
};

uint32_t nvme_admin_effects(NvmeCtrl *n, uint8_t opcode)
{
    if (opcode == NVME_ADMIN_DBBUF_CONFIG && !n->params.dbbuf) {
        return 0;
    }
    return nvme_admin_commands[opcode].effects;
}

void nvme_admin_add_properties(Object *obj)
{
    nvme_health_add_properties(obj);
}

void nvme_admin_new(NvmeCtrl *n)
{
    nvme_firmware_new(n);
    nvme_health_new(n);
    nvme_events_new(n);
    nvme_features_new(n);
}

void nvme_admin_free(NvmeCtrl *n)
{
    nvme_features_free(n);
    nvme_events_free(n);
    nvme_health_free(n);
    nvme_firmware_free(n);
}

void nvme_admin_reset(NvmeCtrl *n)
{
    nvme_firmware_reset(n);
    nvme_events_reset(n);
    nvme_features_reset(n);
    nvme_health_reset(n);
}

void nvme_admin_power_cycle(NvmeCtrl *n, bool clean)
{
    nvme_health_power_cycle(n, clean);
}
