/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an answer of the back end is to the host, and to the accounts. */
#include "qemu/osdep.h"
#include "hw/nvme/io.h"

/* A network disk that is away for a while may be back when the host tries again: no DNR. */
static const struct {
    int error;
    uint16_t status;
} known[] = {
    { ENOSPC, NVME_CAPACITY_EXCEEDED },
    { EDQUOT, NVME_CAPACITY_EXCEEDED },
    { EFBIG, NVME_CAPACITY_EXCEEDED },
    { EROFS, NVME_NS_WRITE_PROTECTED | NVME_DNR },
    { EPERM, NVME_NS_WRITE_PROTECTED | NVME_DNR },
    { EACCES, NVME_NS_WRITE_PROTECTED | NVME_DNR },
    { ENOMEDIUM, NVME_NS_NOT_READY },
    { ESHUTDOWN, NVME_NS_NOT_READY },
    { ENOTCONN, NVME_NS_NOT_READY },
    { ECONNRESET, NVME_NS_NOT_READY },
    { ECONNREFUSED, NVME_NS_NOT_READY },
    { ETIMEDOUT, NVME_NS_NOT_READY },
    { ECANCELED, NVME_ABORT_REQUESTED },
    { ENOMEM, NVME_INTERNAL_ERROR },
    { EINVAL, NVME_INTERNAL_ERROR },
    { ENOTSUP, NVME_INTERNAL_ERROR },
};

static const enum BlockAcctType account[BLOCK_OP__MAX] = {
    [BLOCK_OP_READ] = BLOCK_ACCT_READ,
    [BLOCK_OP_WRITE] = BLOCK_ACCT_WRITE,
    [BLOCK_OP_FLUSH] = BLOCK_ACCT_FLUSH,
    [BLOCK_OP_DISCARD] = BLOCK_ACCT_UNMAP,
    [BLOCK_OP_WRITE_ZEROES] = BLOCK_ACCT_WRITE,
};

static BlockAcctStats *stats_of(NvmeRequest *req)
{
    return blk_get_stats(req->ns->blkconf.blk);
}

void nvme_acct_start(NvmeRequest *req)
{
    block_acct_start(stats_of(req), &req->acct, req->blk.bytes, account[req->blk.op]);
}

uint16_t nvme_block_answered(NvmeRequest *req, int ret)
{
    if (likely(ret >= 0)) {
        block_acct_instant(stats_of(req), req->blk.bytes, account[req->blk.op]);
        return NVME_SUCCESS;
    }
    nvme_acct_start(req);
    return nvme_block_failed(req, ret);
}

uint16_t nvme_block_failed(NvmeRequest *req, int ret)
{
    block_acct_failed(stats_of(req), &req->acct);
    nvme_count_media_error(req->ns);
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (known[i].error == -ret) {
            return known[i].status;
        }
    }
    return req->blk.op == BLOCK_OP_READ ? NVME_UNRECOVERED_READ_ERROR : NVME_WRITE_FAULT;
}
