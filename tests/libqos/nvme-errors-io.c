/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands of the NVM command set refuse. Namespace 1: QNE_BLOCKS blocks of
 * 512 bytes without metadata; namespaces 2 to 4 may exist, QNE_INACTIVE could.
 */
#include "qemu/osdep.h"
#include "nvme-errors.h"

#define NLB(blocks) ((blocks) - 1)

/* Base 3.2.1.4: an NSID that is out of range, or none, or of nobody. */
const QNErrorRow qn_block_errors[] = {
    { "namespace-0", { .cdw12 = NLB(1) }, QN_IN_PAGE, QN_INVALID_NS },
    { "namespace-invalid", { .nsid = QNE_INVALID }, QN_IN_PAGE, QN_INVALID_NS },
    { "namespace-fffffffe", { .nsid = QN_ALL_NS - 1 }, QN_IN_PAGE, QN_INVALID_NS },
    { "namespace-broadcast", { .nsid = QN_ALL_NS }, QN_IN_PAGE, QN_INVALID_NS },
    { "namespace-inactive", { .nsid = QNE_INACTIVE }, QN_IN_PAGE, QN_INVALID_FIELD },
    { "start-behind", { .nsid = 1, .cdw10 = QNE_BLOCKS }, QN_IN_PAGE, QN_LBA_RANGE },
    { "end-behind", { .nsid = 1, .cdw10 = QNE_BLOCKS - 1, .cdw12 = NLB(2) },
      QN_IN_PAGE, QN_LBA_RANGE },
    { "start-2^32", { .nsid = 1, .cdw11 = 1 }, QN_IN_PAGE, QN_LBA_RANGE },
    { "start-2^55", { .nsid = 1, .cdw11 = 1 << 23 }, QN_IN_PAGE, QN_LBA_RANGE },
    { "end-wraps", { .nsid = 1, .cdw10 = ~0u, .cdw11 = ~0u, .cdw12 = NLB(2) },
      QN_IN_PAGE, QN_LBA_RANGE },
    { "fused-reserved", { .nsid = 1, .flags = QN_FUSE_RESERVED }, QN_IN_PAGE,
      QN_INVALID_FIELD },
    { NULL }
};

/* Base 4.1.1. */
const QNErrorRow qn_data_errors[] = {
    { "longer-than-mdts", { .nsid = 1, .cdw12 = NLB(QNE_MAX_BLOCKS + 1) }, QN_IN_PAGE,
      QN_INVALID_FIELD },
    { "longest", { .nsid = 1, .cdw12 = 0xffff }, QN_IN_PAGE, QN_INVALID_FIELD, QN_LBA_RANGE },
    { "psdt-reserved", { .nsid = 1, .flags = QN_PSDT_RESERVED }, QN_IN_PAGE,
      QN_INVALID_FIELD },
    { "prp1-nowhere", { .nsid = 1 }, QN_AT_NOWHERE, QN_TRANSFER_ERROR },
    { "prp1-odd", { .nsid = 1 }, QN_AT_ODD, QN_PRP_OFFSET, QN_ALSO_OK },
    { "prp2-offset", { .nsid = 1, .cdw12 = NLB(16) }, QN_SECOND_AT_16, QN_PRP_OFFSET },
    { "prp2-nowhere", { .nsid = 1, .cdw12 = NLB(16) }, QN_SECOND_AT_NOWHERE,
      QN_TRANSFER_ERROR },
    { "list-nowhere", { .nsid = 1, .cdw12 = NLB(32) }, QN_LIST_AT_NOWHERE, QN_TRANSFER_ERROR },
    { "list-offset", { .nsid = 1, .cdw12 = NLB(32) }, QN_LIST_AT_4, QN_PRP_OFFSET },
    { "entry-offset", { .nsid = 1, .cdw12 = NLB(32) }, QN_ENTRY_AT_16, QN_PRP_OFFSET },
    { "entry-nowhere", { .nsid = 1, .cdw12 = NLB(32) }, QN_ENTRY_AT_NOWHERE,
      QN_TRANSFER_ERROR },
    { "chain-nowhere", { .nsid = 1, .cdw12 = NLB(32) }, QN_CHAIN_AT_NOWHERE,
      QN_TRANSFER_ERROR },
    { "chain-offset", { .nsid = 1, .cdw12 = NLB(32) }, QN_CHAIN_AT_8, QN_PRP_OFFSET },
    { NULL }
};

/* What is particular to one command. */
const QNErrorRow qn_io_errors[] = {
    { "flush/namespace-0", { QN_FLUSH }, QN_AS_IS, QN_INVALID_NS },
    { "flush/namespace-invalid", { QN_FLUSH, .nsid = QNE_INVALID }, QN_AS_IS, QN_INVALID_NS },
    { "flush/namespace-inactive", { QN_FLUSH, .nsid = QNE_INACTIVE },
      QN_AS_IS, QN_INVALID_FIELD },

    { "dsm/namespace-0", { QN_DSM, .cdw11 = 4 }, QN_IN_PAGE, QN_INVALID_NS },
    { "dsm/namespace-inactive", { QN_DSM, .nsid = QNE_INACTIVE, .cdw11 = 4 },
      QN_IN_PAGE, QN_INVALID_FIELD },
    { "dsm/nowhere", { QN_DSM, .nsid = 1, .cdw10 = 255, .cdw11 = 4 },
      QN_AT_NOWHERE, QN_TRANSFER_ERROR },
    { "dsm/odd", { QN_DSM, .nsid = 1, .cdw11 = 4 }, QN_AT_ODD, QN_PRP_OFFSET, QN_ALSO_OK },

    { "copy/namespace-0", { QN_COPY }, QN_IN_PAGE, QN_INVALID_NS },
    { "copy/namespace-inactive", { QN_COPY, .nsid = QNE_INACTIVE },
      QN_IN_PAGE, QN_INVALID_FIELD },
    { "copy/too-many-ranges", { QN_COPY, .nsid = 1, .cdw12 = 255 },
      QN_IN_PAGE, QN_SIZE_LIMIT },
    { "copy/format-reserved", { QN_COPY, .nsid = 1, .cdw12 = 0xf << 8 },
      QN_IN_PAGE, QN_INVALID_FIELD },
    { "copy/target-behind", { QN_COPY, .nsid = 1, .cdw10 = QNE_BLOCKS },
      QN_IN_PAGE, QN_LBA_RANGE },
    { "copy/nowhere", { QN_COPY, .nsid = 1 }, QN_AT_NOWHERE, QN_TRANSFER_ERROR },
    { NULL }
};
