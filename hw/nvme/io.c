/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of I/O queues: which there are, and what has to be right before one begins. */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"
#include "hw/nvme/io.h"
#include "hw/nvme/regs.h"

/* Effects: base 5.16.1.6, figure 211. */
enum {
    CSUPP = 1u << 0,
    LBCC = 1u << 1,             /* changes blocks */
};

static const NvmeCommand nvm_commands[256] = {
    [NVME_IO_FLUSH] = { "Flush", nvme_flush, CSUPP },
    [NVME_IO_WRITE] = { "Write", nvme_write, CSUPP | LBCC },
    [NVME_IO_READ] = { "Read", nvme_read, CSUPP },
    [NVME_IO_WRITE_UNCORRECTABLE] = {
        "Write Uncorrectable", nvme_write_uncorrectable, CSUPP | LBCC,
    },
    [NVME_IO_COMPARE] = { "Compare", nvme_compare, CSUPP },
    [NVME_IO_WRITE_ZEROES] = { "Write Zeroes", nvme_write_zeroes, CSUPP | LBCC },
    [NVME_IO_DSM] = { "Dataset Management", nvme_dsm, CSUPP | LBCC },
    [NVME_IO_VERIFY] = { "Verify", nvme_verify, CSUPP },
    [NVME_IO_COPY] = { "Copy", nvme_copy, CSUPP | LBCC },
};

/* Zoned namespace command set 3, figure 14. */
static const NvmeCommand zoned_commands[256] = {
    [NVME_IO_FLUSH] = { "Flush", nvme_flush, CSUPP },
    [NVME_IO_WRITE] = { "Write", nvme_write, CSUPP | LBCC },
    [NVME_IO_READ] = { "Read", nvme_read, CSUPP },
    [NVME_IO_WRITE_UNCORRECTABLE] = {
        "Write Uncorrectable", nvme_zone_write_uncorrectable, CSUPP | LBCC,
    },
    [NVME_IO_COMPARE] = { "Compare", nvme_compare, CSUPP },
    [NVME_IO_WRITE_ZEROES] = { "Write Zeroes", nvme_write_zeroes, CSUPP | LBCC },
    [NVME_IO_DSM] = { "Dataset Management", nvme_dsm, CSUPP | LBCC },
    [NVME_IO_VERIFY] = { "Verify", nvme_verify, CSUPP },
    [NVME_IO_COPY] = { "Copy", nvme_copy, CSUPP | LBCC },
    [NVME_IO_ZONE_SEND] = { "Zone Management Send", nvme_zone_send, CSUPP | LBCC },
    [NVME_IO_ZONE_RECEIVE] = { "Zone Management Receive", nvme_zone_receive, CSUPP },
    [NVME_IO_ZONE_APPEND] = { "Zone Append", nvme_zone_append, CSUPP | LBCC },
};

const NvmeCommand *nvme_io_commands(uint8_t csi)
{
    return csi == NVME_CSI_NVM ? nvm_commands : csi == NVME_CSI_ZONED ? zoned_commands : NULL;
}

/* Base 3.1.3.5: unless CC.CSS has enabled it, its set of commands is not there. */
static const NvmeCommand *command_of(const NvmeRequest *req)
{
    static const NvmeCommand none;

    if (likely(!req->ns || !req->ns->zns)) {
        return &nvm_commands[req->cmd.opcode];
    }
    return req->ctrl->css == NVME_CSS_IOCS ? &zoned_commands[req->cmd.opcode] : &none;
}

static uint16_t find_namespace(NvmeRequest *req)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    NvmeCtrl *n = req->ctrl;
    uint16_t status;

    if (likely(nsid <= NVME_MAX_NAMESPACES)) {
        req->ns = n->namespaces[nsid];
    }
    if (unlikely(!req->ns)) {
        req->ns = nvme_find_ns(n, nsid, &status);
    }
    if (unlikely(!req->ns)) {
        return status;
    }
    return req->ns->busy;
}

uint16_t nvme_io_check(NvmeRequest *req)
{
    uint16_t status = find_namespace(req);
    const NvmeCommand *command = command_of(req);

    if (unlikely(!command->handler)) {
        return NVME_INVALID_OPCODE | NVME_DNR;
    }
    if (unlikely(status)) {
        return status;
    }
    if (unlikely(req->ns->write_protected) && (command->effects & LBCC)) {
        return NVME_NS_WRITE_PROTECTED | NVME_DNR;
    }
    return NVME_SUCCESS;
}

static bool is_flush_of_all(const NvmeRequest *req)
{
    return req->cmd.opcode == NVME_IO_FLUSH &&
           req->cmd.nsid == cpu_to_le32(NVME_NSID_BROADCAST);
}

uint16_t nvme_io_single(NvmeRequest *req)
{
    uint16_t status;

    if (unlikely(is_flush_of_all(req))) {
        return nvme_flush(req);
    }
    status = nvme_io_check(req);
    return unlikely(status) ? status : command_of(req)->handler(req);
}

uint16_t nvme_io(NvmeRequest *req)
{
    if (unlikely(nvme_fuse(&req->cmd) || req->ctrl->fused)) {
        return nvme_fused(req);
    }
    return nvme_io_single(req);
}
