/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks that exist but cannot be read. */
#include "qemu/osdep.h"
#include "block/block-io.h"
#include "hw/nvme/io.h"

/*
 * With Error Recovery's DULBE (NVM command set 4.1.3.2) a read of a deallocated
 * block is an error. A back end that does not know its holes has none.
 */
static uint16_t check_holes(NvmeNamespace *ns, uint64_t slba, uint32_t nlb)
{
    int64_t offset = nvme_data_offset(ns, slba);
    int64_t bytes = (int64_t)nlb << ns->lbads;

    while (bytes > 0) {
        int64_t n = 0;
        int state = bdrv_block_status(blk_bs(ns->blkconf.blk), offset, bytes, &n, NULL, NULL);

        if (state < 0 || n <= 0) {
            return NVME_SUCCESS;
        }
        if (state & BDRV_BLOCK_ZERO) {
            return NVME_DEALLOCATED_BLOCK | NVME_DNR;
        }
        offset += n;
        bytes -= n;
    }
    return NVME_SUCCESS;
}

uint16_t nvme_check_readable(NvmeNamespace *ns, uint64_t slba, uint32_t nlb)
{
    if (nvme_bad_any(&ns->io->bad, slba, slba + (nlb - 1))) {
        return NVME_UNRECOVERED_READ_ERROR | NVME_DNR;
    }
    return ns->dulbe ? check_holes(ns, slba, nlb) : NVME_SUCCESS;
}
