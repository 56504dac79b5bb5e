/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of I/O queues: which there are, and what has to be right before one begins. */
#include "qemu/osdep.h"
#include "hw/nvme/io.h"

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

const NvmeCommand *nvme_io_commands(uint8_t csi)
{
    return csi == 0 ? nvm_commands : NULL;
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
    const NvmeCommand *command = &nvm_commands[req->cmd.opcode];
    uint16_t status;

    if (unlikely(!command->handler)) {
        return NVME_INVALID_OPCODE | NVME_DNR;
    }
    status = find_namespace(req);
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
    return unlikely(status) ? status : nvm_commands[req->cmd.opcode].handler(req);
}

uint16_t nvme_io(NvmeRequest *req)
{
    if (unlikely((req->cmd.flags & 3) || req->ctrl->fused)) {
        return nvme_fused(req);
    }
    return nvme_io_single(req);
}
