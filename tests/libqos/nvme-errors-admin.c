/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What admin commands refuse: base 5, the "command completion" part of each, and
 * the generic status values of 3.3.3.2.1. Queue 1 exists, pages are 4 KiB. Where
 * queues have to be contiguous (CAP.CQR), those in pieces are refused as such.
 */
#include "qemu/osdep.h"
#include "nvme-errors.h"

#define SIZE(entries) (((entries) - 1) << 16)
#define CQ_ID(id) ((uint32_t)(id) << 16)
#define VECTOR(v) ((uint32_t)(v) << 16 | 2)     /* and IEN */
#define NUMD(bytes) (((bytes) / 4 - 1) << 16)

enum { CONTIGUOUS = 1, NO_SIZE = 0, SAVE = 1u << 31, SELECT_RESERVED = 7 << 8 };

const QNErrorRow qn_admin_errors[] = {
    /* 5.4 */
    { "create-cq/id-0", { QN_CREATE_CQ, .cdw10 = SIZE(16), .cdw11 = CONTIGUOUS },
      QN_IN_PAGE, QN_INVALID_QID },
    { "create-cq/id-too-high", { QN_CREATE_CQ, .cdw10 = SIZE(16) | (QNE_QUEUES + 1),
      .cdw11 = CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_QID },
    { "create-cq/id-ffff", { QN_CREATE_CQ, .cdw10 = SIZE(16) | 0xffff, .cdw11 = CONTIGUOUS },
      QN_IN_PAGE, QN_INVALID_QID },
    { "create-cq/exists", { QN_CREATE_CQ, .cdw10 = SIZE(16) | 1, .cdw11 = CONTIGUOUS },
      QN_IN_PAGE, QN_INVALID_QID },
    { "create-cq/one-entry", { QN_CREATE_CQ, .cdw10 = NO_SIZE | 2, .cdw11 = CONTIGUOUS },
      QN_IN_PAGE, QN_INVALID_SIZE },
    { "create-cq/offset", { QN_CREATE_CQ, .cdw10 = SIZE(16) | 2, .cdw11 = CONTIGUOUS },
      QN_AT_8, QN_PRP_OFFSET },
    { "create-cq/list-offset", { QN_CREATE_CQ, .cdw10 = SIZE(4096) | 2 },
      QN_AT_ODD, QN_PRP_OFFSET, QN_INVALID_FIELD },
    { "create-cq/list-nowhere", { QN_CREATE_CQ, .cdw10 = SIZE(4096) | 2 },
      QN_AT_NOWHERE, QN_TRANSFER_ERROR, QN_INVALID_FIELD },
    { "create-cq/vector-too-high", { QN_CREATE_CQ, .cdw10 = SIZE(16) | 2,
      .cdw11 = VECTOR(QNE_VECTORS) | CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_VECTOR },
    { "create-cq/vector-ffff", { QN_CREATE_CQ, .cdw10 = SIZE(16) | 2,
      .cdw11 = VECTOR(0xffff) | CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_VECTOR },

    /* 5.5 */
    { "create-sq/id-0", { QN_CREATE_SQ, .cdw10 = SIZE(16), .cdw11 = CQ_ID(1) | CONTIGUOUS },
      QN_IN_PAGE, QN_INVALID_QID },
    { "create-sq/id-too-high", { QN_CREATE_SQ, .cdw10 = SIZE(16) | (QNE_QUEUES + 1),
      .cdw11 = CQ_ID(1) | CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_QID },
    { "create-sq/exists", { QN_CREATE_SQ, .cdw10 = SIZE(16) | 1,
      .cdw11 = CQ_ID(1) | CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_QID },
    { "create-sq/one-entry", { QN_CREATE_SQ, .cdw10 = NO_SIZE | 2,
      .cdw11 = CQ_ID(1) | CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_SIZE },
    { "create-sq/admin-cq", { QN_CREATE_SQ, .cdw10 = SIZE(16) | 2, .cdw11 = CONTIGUOUS },
      QN_IN_PAGE, QN_INVALID_QID },
    { "create-sq/cq-too-high", { QN_CREATE_SQ, .cdw10 = SIZE(16) | 2,
      .cdw11 = CQ_ID(0xffff) | CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_QID },
    { "create-sq/cq-missing", { QN_CREATE_SQ, .cdw10 = SIZE(16) | 2,
      .cdw11 = CQ_ID(3) | CONTIGUOUS }, QN_IN_PAGE, QN_INVALID_CQ },
    { "create-sq/offset", { QN_CREATE_SQ, .cdw10 = SIZE(16) | 2,
      .cdw11 = CQ_ID(1) | CONTIGUOUS }, QN_AT_8, QN_PRP_OFFSET },
    { "create-sq/list-offset", { QN_CREATE_SQ, .cdw10 = SIZE(4096) | 2, .cdw11 = CQ_ID(1) },
      QN_AT_ODD, QN_PRP_OFFSET, QN_INVALID_FIELD },
    { "create-sq/list-nowhere", { QN_CREATE_SQ, .cdw10 = SIZE(4096) | 2, .cdw11 = CQ_ID(1) },
      QN_AT_NOWHERE, QN_TRANSFER_ERROR, QN_INVALID_FIELD },

    /* 5.6, 5.7 */
    { "delete-sq/id-0", { QN_DELETE_SQ }, QN_AS_IS, QN_INVALID_QID },
    { "delete-sq/missing", { QN_DELETE_SQ, .cdw10 = 3 }, QN_AS_IS, QN_INVALID_QID },
    { "delete-sq/id-ffff", { QN_DELETE_SQ, .cdw10 = 0xffff }, QN_AS_IS, QN_INVALID_QID },
    { "delete-cq/id-0", { QN_DELETE_CQ }, QN_AS_IS, QN_INVALID_QID },
    { "delete-cq/missing", { QN_DELETE_CQ, .cdw10 = 3 }, QN_AS_IS, QN_INVALID_QID },
    { "delete-cq/id-ffff", { QN_DELETE_CQ, .cdw10 = 0xffff }, QN_AS_IS, QN_INVALID_QID },
    { "delete-cq/in-use", { QN_DELETE_CQ, .cdw10 = 1 }, QN_AS_IS, QN_INVALID_DELETION },

    /* 5.17 */
    { "identify/cns-reserved", { QN_IDENTIFY, .nsid = 1, .cdw10 = 0x7f },
      QN_IN_PAGE, QN_INVALID_FIELD },
    { "identify/namespace-0", { QN_IDENTIFY }, QN_IN_PAGE, QN_INVALID_NS },
    { "identify/namespace-invalid", { QN_IDENTIFY, .nsid = QNE_INVALID },
      QN_IN_PAGE, QN_INVALID_NS },
    { "identify/list-from-broadcast", { QN_IDENTIFY, .nsid = QN_ALL_NS, .cdw10 = 2 },
      QN_IN_PAGE, QN_INVALID_NS },
    { "identify/list-from-fffffffe", { QN_IDENTIFY, .nsid = QN_ALL_NS - 1, .cdw10 = 2 },
      QN_IN_PAGE, QN_INVALID_NS },
    { "identify/descriptors-0", { QN_IDENTIFY, .cdw10 = 3 }, QN_IN_PAGE, QN_INVALID_NS },
    { "identify/command-set-reserved", { QN_IDENTIFY, .nsid = 1, .cdw10 = 5,
      .cdw11 = 0x2fu << 24 }, QN_IN_PAGE, QN_INVALID_FIELD },
    { "identify/nowhere", { QN_IDENTIFY, .cdw10 = 1 }, QN_AT_NOWHERE, QN_TRANSFER_ERROR },
    { "identify/odd", { QN_IDENTIFY, .cdw10 = 1 }, QN_AT_ODD, QN_PRP_OFFSET, QN_ALSO_OK },
    { "identify/sgl", { QN_IDENTIFY, QN_PSDT_SGL, .cdw10 = 1 }, QN_IN_PAGE, QN_INVALID_FIELD },
    { "identify/fused", { QN_IDENTIFY, QN_FUSE_FIRST, .cdw10 = 1 },
      QN_IN_PAGE, QN_INVALID_FIELD },

    /* 5.16 */
    { "get-log/reserved", { QN_GET_LOG, .nsid = QN_ALL_NS, .cdw10 = NUMD(512) | 0x6f },
      QN_IN_PAGE, QN_INVALID_LOG },
    { "get-log/discovery", { QN_GET_LOG, .nsid = QN_ALL_NS, .cdw10 = NUMD(512) | 0x70 },
      QN_IN_PAGE, QN_INVALID_LOG },
    { "get-log/offset-odd", { QN_GET_LOG, .nsid = QN_ALL_NS,
      .cdw10 = NUMD(512) | QN_LOG_SMART, .cdw12 = 2 }, QN_IN_PAGE, QN_INVALID_FIELD },
    { "get-log/offset-behind", { QN_GET_LOG, .nsid = QN_ALL_NS,
      .cdw10 = NUMD(512) | QN_LOG_SMART, .cdw12 = 4096 }, QN_IN_PAGE, QN_INVALID_FIELD },
    { "get-log/offset-huge", { QN_GET_LOG, .nsid = QN_ALL_NS,
      .cdw10 = NUMD(512) | QN_LOG_SMART, .cdw12 = ~3u, .cdw13 = ~0u },
      QN_IN_PAGE, QN_INVALID_FIELD },
    { "get-log/longer-than-mdts", { QN_GET_LOG, .nsid = QN_ALL_NS,
      .cdw10 = 0xffff0000u | QN_LOG_ERRORS, .cdw11 = 0xff }, QN_IN_PAGE, QN_INVALID_FIELD },
    { "get-log/namespace-invalid", { QN_GET_LOG, .nsid = QNE_INVALID,
      .cdw10 = NUMD(512) | QN_LOG_SMART }, QN_IN_PAGE, QN_INVALID_NS, QN_INVALID_FIELD },
    { "get-log/nowhere", { QN_GET_LOG, .nsid = QN_ALL_NS, .cdw10 = NUMD(512) | QN_LOG_SMART },
      QN_AT_NOWHERE, QN_TRANSFER_ERROR },

    /* 5.27 */
    { "set-features/id-0", { QN_SET_FEATURES }, QN_AS_IS, QN_INVALID_FIELD },
    { "set-features/id-reserved", { QN_SET_FEATURES, .cdw10 = 0x6f },
      QN_AS_IS, QN_INVALID_FIELD },
    { "set-features/id-ff", { QN_SET_FEATURES, .cdw10 = 0xff }, QN_AS_IS, QN_INVALID_FIELD },
    { "set-features/save", { QN_SET_FEATURES, .cdw10 = SAVE | QN_F_ARBITRATION },
      QN_AS_IS, QN_NOT_SAVEABLE },
    { "set-features/queues-exist", { QN_SET_FEATURES, .cdw10 = QN_F_QUEUES, .cdw11 = 0x10001 },
      QN_AS_IS, QN_SEQUENCE },
    { "set-features/power-state-31", { QN_SET_FEATURES, .cdw10 = QN_F_POWER, .cdw11 = 31 },
      QN_AS_IS, QN_INVALID_FIELD },
    { "set-features/temperature-select", { QN_SET_FEATURES, .cdw10 = QN_F_TEMPERATURE,
      .cdw11 = 2 << 20 | 300 }, QN_AS_IS, QN_INVALID_FIELD },
    { "set-features/temperature-of-namespace", { QN_SET_FEATURES, .nsid = 1,
      .cdw10 = QN_F_TEMPERATURE, .cdw11 = 300 }, QN_AS_IS, QN_NOT_NS_SPECIFIC },
    { "set-features/recovery-namespace-invalid", { QN_SET_FEATURES, .nsid = QNE_INVALID,
      .cdw10 = QN_F_RECOVERY }, QN_AS_IS, QN_INVALID_NS },
    { "set-features/vector-too-high", { QN_SET_FEATURES, .cdw10 = QN_F_VECTOR,
      .cdw11 = QNE_VECTORS }, QN_AS_IS, QN_INVALID_FIELD },
    { "set-features/timestamp-nowhere", { QN_SET_FEATURES, .cdw10 = QN_F_TIMESTAMP },
      QN_AT_NOWHERE, QN_TRANSFER_ERROR },

    /* 5.15 */
    { "get-features/id-0", { QN_GET_FEATURES }, QN_AS_IS, QN_INVALID_FIELD },
    { "get-features/id-reserved", { QN_GET_FEATURES, .cdw10 = 0x6f },
      QN_AS_IS, QN_INVALID_FIELD },
    { "get-features/select-reserved", { QN_GET_FEATURES,
      .cdw10 = SELECT_RESERVED | QN_F_ARBITRATION }, QN_AS_IS, QN_INVALID_FIELD },
    { "get-features/vector-too-high", { QN_GET_FEATURES, .cdw10 = QN_F_VECTOR,
      .cdw11 = QNE_VECTORS }, QN_AS_IS, QN_INVALID_FIELD },
    { "get-features/recovery-namespace-invalid", { QN_GET_FEATURES, .nsid = QNE_INVALID,
      .cdw10 = QN_F_RECOVERY }, QN_AS_IS, QN_INVALID_NS },
    { "get-features/timestamp-nowhere", { QN_GET_FEATURES, .cdw10 = QN_F_TIMESTAMP },
      QN_AT_NOWHERE, QN_TRANSFER_ERROR },

    /* 5.14 */
    { "format/namespace-0", { QN_FORMAT }, QN_AS_IS, QN_INVALID_NS },
    { "format/namespace-invalid", { QN_FORMAT, .nsid = QNE_INVALID }, QN_AS_IS, QN_INVALID_NS },
    { "format/namespace-inactive", { QN_FORMAT, .nsid = QNE_INACTIVE },
      QN_AS_IS, QN_INVALID_FIELD, QN_INVALID_NS },
    { "format/lba-format-too-high", { QN_FORMAT, .nsid = 1, .cdw10 = 15 },
      QN_AS_IS, QN_INVALID_FORMAT },
    { "format/protection-without-metadata", { QN_FORMAT, .nsid = 1, .cdw10 = 1 << 5 },
      QN_AS_IS, QN_INVALID_FORMAT },
    { "format/protection-reserved", { QN_FORMAT, .nsid = 1, .cdw10 = 7 << 5 },
      QN_AS_IS, QN_INVALID_FIELD, QN_INVALID_FORMAT },
    { "format/erase-reserved", { QN_FORMAT, .nsid = 1, .cdw10 = 7 << 9 },
      QN_AS_IS, QN_INVALID_FIELD },
    { NULL }
};
