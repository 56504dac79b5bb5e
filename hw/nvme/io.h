/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the I/O commands share. docs/devel/nvme.rst tells how a
 * command goes; the short of it:
 *
 * - A read or write of a plain format goes straight to the medium (rw.c): nothing
 *   is allocated, nothing is locked.
 * - Everything else is a task (task.h): a list of steps.
 *
 * Lock order: none of its own; everything under the domain's lock.
 */
#ifndef HW_NVME_IO_H
#define HW_NVME_IO_H

#include "hw/nvme/locks.h"
#include "hw/nvme/nvme.h"
#include "hw/nvme/uncorrectable.h"
#include "hw/nvme/zns.h"

typedef QTAILQ_HEAD(NvmeTaskList, NvmeTask) NvmeTaskList;
typedef struct NvmeBuffers NvmeBuffers;

typedef struct NvmeNsIo NvmeNsIo;
struct NvmeNsIo {
    NvmeLocks locks;
    IntervalTreeRoot bad;           /* uncorrectable.h */
    NvmeBuffers *buffers, *copy_buffers;        /* buffers.h */
    /* task.c */
    NvmeTaskList ready;             /* go on in the bottom half */
    QEMUBH *bh;
};

/* CDW10 and CDW11, CDW12 of nearly all I/O commands. */
static inline uint64_t nvme_slba(const NvmeRequest *req)
{
    return (uint64_t)le32_to_cpu(req->cmd.cdw11) << 32 | le32_to_cpu(req->cmd.cdw10);
}
static inline uint32_t nvme_nlb(const NvmeRequest *req)
{
    return (le32_to_cpu(req->cmd.cdw12) & 0xffff) + 1;
}
enum {
    NVME_CDW12_DEAC = 1u << 25,
    NVME_CDW12_FUA = 1u << 30,
    NVME_CDW12_DTYPE = 0xfu << 20,
};

static inline uint16_t nvme_check_range(const NvmeNamespace *ns, uint64_t slba, uint32_t nlb)
{
    if (unlikely(slba > ns->nsze || nlb > ns->nsze - slba)) {
        return NVME_LBA_OUT_OF_RANGE | NVME_DNR;
    }
    return NVME_SUCCESS;
}

/* Whether what is marked among these can become readable again: uncorrectable.h. */
static inline uint16_t nvme_check_healable(NvmeNamespace *ns, uint64_t slba, uint64_t nlb)
{
    return likely(nvme_bad_can_heal(&ns->io->bad, slba, slba + (nlb - 1))) ? NVME_SUCCESS
                                                                           : NVME_INTERNAL_ERROR;
}

/* No block of these is marked uncorrectable, nor in zones that are not to be read. */
static inline uint16_t nvme_check_readable(NvmeNamespace *ns, uint64_t slba, uint32_t nlb)
{
    uint16_t status = likely(!ns->zns) ? NVME_SUCCESS : nvme_zns_check_read(ns, slba, nlb);

    if (unlikely(status)) {
        return status;
    }
    return likely(!nvme_bad_any(&ns->io->bad, slba, slba + (nlb - 1)))
           ? NVME_SUCCESS : NVME_UNRECOVERED_READ_ERROR | NVME_DNR;
}

static inline int64_t nvme_data_offset(const NvmeNamespace *ns, uint64_t lba)
{
    return lba << ns->lbads;
}
static inline int64_t nvme_meta_offset(const NvmeNamespace *ns, uint64_t lba)
{
    return ns->moff + lba * ns->ms;
}

/*
 * errors.c: what an answer to req->blk, 0 or -errno, means to the host, and to the
 * accounts. blk_submit() has looked at rerror= and werror=.
 */
uint16_t nvme_block_failed(NvmeRequest *req, int ret);
/* A request that the back end has now; its end. */
void nvme_acct_start(NvmeRequest *req);
static inline uint16_t nvme_block_ended(NvmeRequest *req, int ret)
{
    if (unlikely(ret < 0)) {
        return nvme_block_failed(req, ret);
    }
    block_acct_done(blk_get_stats(req->ns->blkconf.blk), &req->acct);
    return NVME_SUCCESS;
}
/* A request that was answered at once. */
uint16_t nvme_block_answered(NvmeRequest *req, int ret);

NvmeHandler nvme_read, nvme_write, nvme_flush, nvme_compare, nvme_write_zeroes,
            nvme_write_uncorrectable, nvme_dsm, nvme_verify, nvme_copy;
/* io.c: its namespace into req->ns, and whether it may run there. Not for Flush of all. */
uint16_t nvme_io_check(NvmeRequest *req);
/* io.c: a command that is not, or no longer, half of a fused pair. */
uint16_t nvme_io_single(NvmeRequest *req);
/* fused.c: a command with FUSE set, or any while a first half waits in the controller. */
uint16_t nvme_fused(NvmeRequest *req);
/*
 * rw.c and compare.c: what nvme_write() and nvme_compare() do as a task that has not
 * begun, and does not lock again what it has locked. NULL: *status says why not.
 */
NvmeTask *nvme_write_task(NvmeRequest *req, uint16_t *status);
NvmeTask *nvme_compare_task(NvmeRequest *req, uint16_t *status);

#endif
