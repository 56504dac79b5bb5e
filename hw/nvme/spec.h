/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and layouts of the NVM Express base specification, revision 2.0, the NVM
 * command set specification, revision 1.0, and the zoned namespace command set
 * specification, revision 1.1, that several files need. Each file keeps what only it
 * needs. All members are little endian as they are in memory; the accessors below
 * convert.
 */
#ifndef HW_NVME_SPEC_H
#define HW_NVME_SPEC_H

#include "qemu/bswap.h"
#include "qemu/compiler.h"

/* Submission queue entry: base 3.3.3.1, figure 87. */
typedef struct NvmeSqe {
    uint8_t opcode;
    uint8_t flags;              /* nvme_fuse(), nvme_psdt() */
    uint16_t cid;
    uint32_t nsid;
    uint32_t cdw2, cdw3;
    uint64_t mptr;
    uint64_t dptr[2];           /* PRP1 and PRP2, or one SGL descriptor */
    uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
} QEMU_PACKED NvmeSqe;
QEMU_BUILD_BUG_ON(sizeof(NvmeSqe) != 64);

/* Completion queue entry: base 3.3.3.2, figure 90. */
typedef struct NvmeCqe {
    uint32_t dw0, dw1;
    uint16_t sq_head, sq_id;
    uint16_t cid;
    uint16_t status;            /* bit 0: phase; 15:1 what NVME_... below says */
} QEMU_PACKED NvmeCqe;
QEMU_BUILD_BUG_ON(sizeof(NvmeCqe) != 16);

/* Command dword 0: base 3.3.3.1. Of each the value 3 is reserved. */
enum { NVME_FUSE_NONE = 0, NVME_FUSE_FIRST = 1, NVME_FUSE_SECOND = 2 };
enum { NVME_PSDT_PRP = 0, NVME_PSDT_SGL_MPTR_CONTIGUOUS = 1, NVME_PSDT_SGL_MPTR_SGL = 2 };

static inline unsigned nvme_fuse(const NvmeSqe *cmd)
{
    return cmd->flags & 3;
}

static inline unsigned nvme_psdt(const NvmeSqe *cmd)
{
    return cmd->flags >> 6;
}

#define NVME_NSID_BROADCAST 0xffffffffu

/* Admin commands: base 5, figure 138. */
enum {
    NVME_ADMIN_DELETE_SQ = 0x00,
    NVME_ADMIN_CREATE_SQ = 0x01,
    NVME_ADMIN_GET_LOG_PAGE = 0x02,
    NVME_ADMIN_DELETE_CQ = 0x04,
    NVME_ADMIN_CREATE_CQ = 0x05,
    NVME_ADMIN_IDENTIFY = 0x06,
    NVME_ADMIN_ABORT = 0x08,
    NVME_ADMIN_SET_FEATURES = 0x09,
    NVME_ADMIN_GET_FEATURES = 0x0a,
    NVME_ADMIN_ASYNC_EVENT = 0x0c,
    NVME_ADMIN_NS_MANAGEMENT = 0x0d,
    NVME_ADMIN_FW_COMMIT = 0x10,
    NVME_ADMIN_FW_DOWNLOAD = 0x11,
    NVME_ADMIN_SELF_TEST = 0x14,
    NVME_ADMIN_NS_ATTACHMENT = 0x15,
    NVME_ADMIN_KEEP_ALIVE = 0x18,
    NVME_ADMIN_DIRECTIVE_SEND = 0x19,
    NVME_ADMIN_DIRECTIVE_RECV = 0x1a,
    NVME_ADMIN_DBBUF_CONFIG = 0x7c,
    NVME_ADMIN_FORMAT_NVM = 0x80,
    NVME_ADMIN_SECURITY_SEND = 0x81,
    NVME_ADMIN_SECURITY_RECV = 0x82,
    NVME_ADMIN_SANITIZE = 0x84,
};

/* I/O commands: NVM command set 3, figure 19. */
enum {
    NVME_IO_FLUSH = 0x00,
    NVME_IO_WRITE = 0x01,
    NVME_IO_READ = 0x02,
    NVME_IO_WRITE_UNCORRECTABLE = 0x04,
    NVME_IO_COMPARE = 0x05,
    NVME_IO_WRITE_ZEROES = 0x08,
    NVME_IO_DSM = 0x09,
    NVME_IO_VERIFY = 0x0c,
    NVME_IO_COPY = 0x19,
    /* zoned namespace command set 3.4 */
    NVME_IO_ZONE_SEND = 0x79,
    NVME_IO_ZONE_RECEIVE = 0x7a,
    NVME_IO_ZONE_APPEND = 0x7d,
};

/*
 * Effects of a command: commands supported and effects log, base 5.16.1.6. Scope
 * is of the command: a namespace, this controller, all controllers.
 */
enum {
    NVME_EFFECT_SUPPORTED = 1 << 0,
    NVME_EFFECT_LBCC = 1 << 1,          /* contents of logical blocks change */
    NVME_EFFECT_NCC = 1 << 2,           /* capabilities of a namespace change */
    NVME_EFFECT_NIC = 1 << 3,           /* namespaces come or go */
    NVME_EFFECT_CCC = 1 << 4,           /* capabilities of the controller change */
    NVME_EFFECT_CSE_NS = 1 << 16,       /* nothing else under way on the namespace */
    NVME_EFFECT_SCOPE_NS = 1 << 20,
    NVME_EFFECT_SCOPE_CTRL = 1 << 21,
    NVME_EFFECT_SCOPE_SUBSYS = 1 << 25,
};

/* Register VS and Identify Controller: revision 1.4, with parts of 2.0 that say for themselves. */
#define NVME_VERSION 0x00010400u

/*
 * Status field without the phase bit: base 3.3.3.2.1. 7:0 status code, 10:8 its
 * type, 12:11 command retry delay, 13 more, 14 do not retry.
 */
enum {
    NVME_SUCCESS = 0,

    /* generic, figure 93 */
    NVME_INVALID_OPCODE = 0x01,
    NVME_INVALID_FIELD = 0x02,
    NVME_CID_CONFLICT = 0x03,
    NVME_DATA_TRANSFER_ERROR = 0x04,
    NVME_ABORTED_POWER_LOSS = 0x05,
    NVME_INTERNAL_ERROR = 0x06,
    NVME_ABORT_REQUESTED = 0x07,
    NVME_ABORTED_SQ_DELETION = 0x08,
    NVME_ABORTED_FUSED_FAILED = 0x09,
    NVME_ABORTED_FUSED_MISSING = 0x0a,
    NVME_INVALID_NSID = 0x0b,
    NVME_SEQUENCE_ERROR = 0x0c,
    NVME_INVALID_SGL_SEGMENT = 0x0d,
    NVME_INVALID_SGL_COUNT = 0x0e,
    NVME_DATA_SGL_LENGTH_INVALID = 0x0f,
    NVME_META_SGL_LENGTH_INVALID = 0x10,
    NVME_SGL_TYPE_INVALID = 0x11,
    NVME_INVALID_CMB_USE = 0x12,
    NVME_PRP_OFFSET_INVALID = 0x13,
    NVME_ATOMIC_WRITE_UNIT_EXCEEDED = 0x14,
    NVME_OPERATION_DENIED = 0x15,
    NVME_SGL_OFFSET_INVALID = 0x16,
    NVME_HOST_ID_INCONSISTENT = 0x18,
    NVME_KEEP_ALIVE_EXPIRED = 0x19,
    NVME_KEEP_ALIVE_INVALID = 0x1a,
    NVME_SANITIZE_FAILED = 0x1c,
    NVME_SANITIZE_IN_PROGRESS = 0x1d,
    NVME_SGL_GRANULARITY_INVALID = 0x1e,
    NVME_NS_WRITE_PROTECTED = 0x20,
    NVME_INTERRUPTED = 0x21,
    NVME_TRANSIENT_TRANSPORT = 0x22,
    NVME_LBA_OUT_OF_RANGE = 0x80,
    NVME_CAPACITY_EXCEEDED = 0x81,
    NVME_NS_NOT_READY = 0x82,
    NVME_RESERVATION_CONFLICT = 0x83,
    NVME_FORMAT_IN_PROGRESS = 0x84,

    /* command specific, figures 94 and 95 */
    NVME_INVALID_CQ = 0x100,
    NVME_INVALID_QID = 0x101,
    NVME_INVALID_QUEUE_SIZE = 0x102,
    NVME_ABORT_LIMIT_EXCEEDED = 0x103,
    NVME_AER_LIMIT_EXCEEDED = 0x105,
    NVME_INVALID_FW_SLOT = 0x106,
    NVME_INVALID_FW_IMAGE = 0x107,
    NVME_INVALID_VECTOR = 0x108,
    NVME_INVALID_LOG_PAGE = 0x109,
    NVME_INVALID_FORMAT = 0x10a,
    NVME_FW_NEEDS_RESET = 0x10b,
    NVME_INVALID_QUEUE_DELETION = 0x10c,
    NVME_FID_NOT_SAVEABLE = 0x10d,
    NVME_FEATURE_NOT_CHANGEABLE = 0x10e,
    NVME_FEATURE_NOT_NS_SPECIFIC = 0x10f,
    NVME_FW_NEEDS_SUBSYS_RESET = 0x110,
    NVME_FW_NEEDS_CTRL_RESET = 0x111,
    NVME_OVERLAPPING_RANGE = 0x114,
    NVME_NS_INSUFFICIENT_CAPACITY = 0x115,
    NVME_NSID_UNAVAILABLE = 0x116,
    NVME_NS_ALREADY_ATTACHED = 0x118,
    NVME_NS_PRIVATE = 0x119,
    NVME_NS_NOT_ATTACHED = 0x11a,
    NVME_THIN_PROVISIONING_UNSUPPORTED = 0x11b,
    NVME_INVALID_CONTROLLER_LIST = 0x11c,
    NVME_INVALID_CONTROLLER_ID = 0x11f,
    NVME_IOCS_NOT_SUPPORTED = 0x129,
    NVME_IOCS_COMBINATION_REJECTED = 0x12b,
    NVME_INVALID_IOCS = 0x12c,
    NVME_CONFLICTING_ATTRIBUTES = 0x180,
    NVME_INVALID_PROTECTION_INFO = 0x181,
    NVME_WRITE_TO_READ_ONLY_RANGE = 0x182,
    NVME_CMD_SIZE_LIMIT_EXCEEDED = 0x183,

    /* zoned namespace command set 3.1.2 */
    NVME_ZONE_BOUNDARY_ERROR = 0x1b8,
    NVME_ZONE_IS_FULL = 0x1b9,
    NVME_ZONE_IS_READ_ONLY = 0x1ba,
    NVME_ZONE_IS_OFFLINE = 0x1bb,
    NVME_ZONE_INVALID_WRITE = 0x1bc,
    NVME_TOO_MANY_ACTIVE_ZONES = 0x1bd,
    NVME_TOO_MANY_OPEN_ZONES = 0x1be,
    NVME_INVALID_ZONE_TRANSITION = 0x1bf,

    /* media and data integrity, figures 96 and 97 */
    NVME_WRITE_FAULT = 0x280,
    NVME_UNRECOVERED_READ_ERROR = 0x281,
    NVME_GUARD_CHECK_ERROR = 0x282,
    NVME_APPTAG_CHECK_ERROR = 0x283,
    NVME_REFTAG_CHECK_ERROR = 0x284,
    NVME_COMPARE_FAILURE = 0x285,
    NVME_ACCESS_DENIED = 0x286,

    NVME_MORE = 0x2000,
    NVME_DNR = 0x4000,

    /* ours, never sent: the command completes later */
    NVME_PENDING = 0xffff,
};

#endif
