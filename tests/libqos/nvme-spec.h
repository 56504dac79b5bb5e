/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVM Express as a host sees it: base specification 2.0 and NVM command set
 * specification 1.0. Written for the tests alone, apart from the controller's
 * own header, so that a wrong number there is found.
 */
#ifndef TESTS_LIBQOS_NVME_SPEC_H
#define TESTS_LIBQOS_NVME_SPEC_H

#include "qemu/osdep.h"

/* Controller registers, base 3.1.3. */
enum {
    QN_CAP = 0x00, QN_VS = 0x08, QN_INTMS = 0x0c, QN_INTMC = 0x10, QN_CC = 0x14, QN_CSTS = 0x1c,
    QN_NSSR = 0x20, QN_AQA = 0x24, QN_ASQ = 0x28, QN_ACQ = 0x30, QN_CMBLOC = 0x38,
    QN_CMBSZ = 0x3c, QN_CMBMSC = 0x50, QN_CMBSTS = 0x58, QN_DOORBELLS = 0x1000,
};
#define QN_NSSR_MAGIC 0x4e564d65u       /* "NVMe" */

enum {
    QN_CC_EN = 1, QN_CC_CSS = 4, QN_CC_MPS = 7, QN_CC_AMS = 11, QN_CC_SHN = 14,
    QN_CC_IOSQES = 16, QN_CC_IOCQES = 20,               /* shifts, from CSS on */
    QN_CSTS_RDY = 1, QN_CSTS_CFS = 2, QN_CSTS_SHST = 3 << 2, QN_CSTS_NSSRO = 1 << 4,
    QN_SHST_NORMAL = 0, QN_SHST_OCCURRING = 1 << 2, QN_SHST_COMPLETE = 2 << 2,
};

typedef struct QNSqe {
    uint8_t opcode, flags;
    uint16_t cid;
    uint32_t nsid, cdw2, cdw3;
    uint64_t mptr, prp1, prp2;
    uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
} QNSqe;
G_STATIC_ASSERT(sizeof(QNSqe) == 64);

typedef struct QNCqe {
    uint32_t dw0, dw1;
    uint16_t sq_head, sq_id, cid, status;
} QNCqe;
G_STATIC_ASSERT(sizeof(QNCqe) == 16);

enum {
    QN_FUSE_FIRST = 1, QN_FUSE_SECOND = 2, QN_FUSE_RESERVED = 3,
    QN_PSDT_SGL = 1 << 6, QN_PSDT_SGL_META = 2 << 6, QN_PSDT_RESERVED = 3 << 6,
};

/* A descriptor of a scatter gather list, base 4.1.2. */
typedef struct QNSgl {
    uint64_t address;
    uint32_t length;
    uint8_t zero[3], type;      /* type 7:4, sub type 3:0 */
} QNSgl;
G_STATIC_ASSERT(sizeof(QNSgl) == 16);

enum {
    QN_SGL_DATA = 0x00, QN_SGL_BUCKET = 0x10, QN_SGL_SEGMENT = 0x20, QN_SGL_LAST = 0x30,
    QN_SGL_KEYED = 0x40, QN_SGL_TRANSPORT = 0x50, QN_SGL_RESERVED = 0x60, QN_SGL_VENDOR = 0xf0,
    QN_SGL_OFFSET = 0x01,       /* sub type */
};

/* Admin commands, base 5. */
enum {
    QN_DELETE_SQ = 0x00, QN_CREATE_SQ = 0x01, QN_GET_LOG = 0x02, QN_DELETE_CQ = 0x04,
    QN_CREATE_CQ = 0x05, QN_IDENTIFY = 0x06, QN_ABORT = 0x08, QN_SET_FEATURES = 0x09,
    QN_GET_FEATURES = 0x0a, QN_ASYNC_EVENT = 0x0c, QN_NS_MANAGEMENT = 0x0d,
    QN_FW_COMMIT = 0x10, QN_FW_DOWNLOAD = 0x11, QN_SELF_TEST = 0x14, QN_NS_ATTACH = 0x15,
    QN_KEEP_ALIVE = 0x18, QN_DIRECTIVE_SEND = 0x19, QN_DIRECTIVE_RECV = 0x1a,
    QN_VIRT_MANAGEMENT = 0x1c, QN_MI_SEND = 0x1d, QN_MI_RECV = 0x1e, QN_DBBUF = 0x7c,
    QN_FORMAT = 0x80, QN_SECURITY_SEND = 0x81, QN_SECURITY_RECV = 0x82, QN_SANITIZE = 0x84,
};

/* I/O commands, NVM command set 3. */
enum {
    QN_FLUSH = 0x00, QN_WRITE = 0x01, QN_READ = 0x02, QN_WRITE_UNC = 0x04, QN_COMPARE = 0x05,
    QN_WRITE_ZEROES = 0x08, QN_DSM = 0x09, QN_VERIFY = 0x0c, QN_RESERVE_REGISTER = 0x0d,
    QN_RESERVE_REPORT = 0x0e, QN_RESERVE_ACQUIRE = 0x11, QN_RESERVE_RELEASE = 0x15, QN_COPY = 0x19,
};

/* CDW12 and CDW13 of reads and writes */
enum { QN_LR = 1u << 31, QN_FUA = 1 << 30, QN_PRACT = 1 << 29, QN_PRCHK_GUARD = 1 << 28,
       QN_PRCHK_APP = 1 << 27, QN_PRCHK_REF = 1 << 26, QN_DEAC = 1 << 25 };

/* Features, base 5.27.1. */
enum {
    QN_F_ARBITRATION = 0x01, QN_F_POWER = 0x02, QN_F_LBA_RANGE = 0x03, QN_F_TEMPERATURE = 0x04,
    QN_F_RECOVERY = 0x05, QN_F_WRITE_CACHE = 0x06, QN_F_QUEUES = 0x07, QN_F_COALESCING = 0x08,
    QN_F_VECTOR = 0x09, QN_F_ATOMICITY = 0x0a, QN_F_EVENTS = 0x0b, QN_F_TIMESTAMP = 0x0e,
    QN_F_KEEP_ALIVE = 0x0f,
};

/* Status without the phase bit: base 3.3.3.2.1; 0x100 and up: the type in 10:8. */
enum {
    QN_OK = 0, QN_INVALID_OPCODE = 0x01, QN_INVALID_FIELD = 0x02, QN_CID_CONFLICT = 0x03,
    QN_TRANSFER_ERROR = 0x04, QN_INTERNAL_ERROR = 0x06, QN_ABORT_REQUESTED = 0x07,
    QN_SQ_DELETED = 0x08, QN_FUSED_FAILED = 0x09, QN_FUSED_MISSING = 0x0a,
    QN_INVALID_NS = 0x0b, QN_SEQUENCE = 0x0c, QN_SGL_BAD_SEGMENT = 0x0d,
    QN_SGL_BAD_COUNT = 0x0e, QN_SGL_DATA_LENGTH = 0x0f, QN_SGL_META_LENGTH = 0x10,
    QN_SGL_BAD_TYPE = 0x11, QN_INVALID_CMB = 0x12, QN_PRP_OFFSET = 0x13, QN_SGL_BAD_OFFSET = 0x16,
    QN_LBA_RANGE = 0x80, QN_CAPACITY = 0x81,
    QN_INVALID_CQ = 0x100, QN_INVALID_QID = 0x101, QN_INVALID_SIZE = 0x102,
    QN_ABORT_LIMIT = 0x103, QN_AER_LIMIT = 0x105, QN_BAD_SLOT = 0x106, QN_BAD_IMAGE = 0x107,
    QN_INVALID_VECTOR = 0x108, QN_INVALID_LOG = 0x109, QN_INVALID_FORMAT = 0x10a,
    QN_INVALID_DELETION = 0x10c, QN_NOT_SAVEABLE = 0x10d, QN_NOT_CHANGEABLE = 0x10e,
    QN_NOT_NS_SPECIFIC = 0x10f, QN_OVERLAP = 0x114, QN_BAD_LIST = 0x11c,
    QN_CONFLICTING = 0x180, QN_INVALID_PI = 0x181, QN_SIZE_LIMIT = 0x183,
    QN_WRITE_FAULT = 0x280, QN_UNRECOVERED_READ = 0x281, QN_GUARD = 0x282, QN_APP_TAG = 0x283,
    QN_REF_TAG = 0x284, QN_COMPARE_FAILED = 0x285,
    QN_STATUS_MASK = 0x7ff, QN_DNR = 0x4000,
    QN_LATE = 0xffff,           /* ours: nothing came */
};

/* Asynchronous events: dword 0 of the completion, base 5.2.1. */
enum {
    QN_EVENT_ERROR = 0, QN_EVENT_HEALTH = 1, QN_EVENT_NOTICE = 2, QN_EVENT_IO = 6,
    QN_BAD_DOORBELL = 0, QN_BAD_VALUE = 1,              /* information of errors */
    QN_NS_CHANGED = 0,                                  /* of notices */
    QN_LOG_ERRORS = 1, QN_LOG_SMART = 2, QN_LOG_FIRMWARE = 3, QN_LOG_CHANGED_NS = 4,
    QN_LOG_EFFECTS = 5,
};

#define QN_ALL_NS 0xffffffffu

#endif
