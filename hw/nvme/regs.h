/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Controller properties in BAR 0: base 3.1.3, figure 35. The doorbells follow
 * at NVME_DOORBELLS, with a stride of 4 bytes (CAP.DSTRD 0).
 *
 * Locking: as nvme.h. Lock order: none of its own.
 */
#ifndef HW_NVME_REGS_H
#define HW_NVME_REGS_H

#include "qemu/osdep.h"

enum {
    NVME_REG_CAP = 0x00,
    NVME_REG_VS = 0x08,
    NVME_REG_INTMS = 0x0c,
    NVME_REG_INTMC = 0x10,
    NVME_REG_CC = 0x14,
    NVME_REG_CSTS = 0x1c,
    NVME_REG_NSSR = 0x20,
    NVME_REG_AQA = 0x24,
    NVME_REG_ASQ = 0x28,
    NVME_REG_ACQ = 0x30,
    NVME_REG_CMBLOC = 0x38,
    NVME_REG_CMBSZ = 0x3c,
    NVME_REG_BPINFO = 0x40,
    NVME_REG_CMBMSC = 0x50,
    NVME_REG_CMBSTS = 0x58,
    NVME_REG_CRTO = 0x68,
    NVME_DOORBELLS = 0x1000,
    NVME_DOORBELLS_SIZE = 0x1000,
    NVME_BAR0_SIZE = 0x4000,
};

#define NVME_VERSION 0x00010400u

/* CAP: base 3.1.3.1. */
#define NVME_CAP_MQES (NVME_MAX_QUEUE_ENTRIES - 1)
#define NVME_CAP_TO_SHIFT 24
#define NVME_CAP_NSSRS (1ull << 36)
#define NVME_CAP_CSS_NVM (1ull << 37)
#define NVME_CAP_CSS_IOCS (1ull << 43)
#define NVME_CAP_CSS_NONE (1ull << 44)
#define NVME_CAP_MPSMAX_SHIFT 52
#define NVME_CAP_CMBS (1ull << 57)
#define NVME_CAP_CRWMS (1ull << 59)

enum {
    NVME_TIMEOUT = 15,                  /* units of 500 ms */
    NVME_MPSMAX = 4,                    /* 64 KiB */

    /* CC: base 3.1.3.5 */
    NVME_CC_EN = 1,
    NVME_CC_CSS_SHIFT = 4,
    NVME_CC_MPS_SHIFT = 7,
    NVME_CC_AMS_SHIFT = 11,
    NVME_CC_SHN_SHIFT = 14,
    NVME_CC_IOSQES_SHIFT = 16,
    NVME_CC_IOCQES_SHIFT = 20,
    NVME_CC_WRITABLE = 0x00fffff1,
    NVME_CSS_NVM = 0,
    NVME_CSS_IOCS = 6,
    NVME_CSS_ADMIN = 7,

    /* CSTS: base 3.1.3.6 */
    NVME_CSTS_RDY = 1,
    NVME_CSTS_CFS = 2,
    NVME_CSTS_SHST_SHIFT = 2,
    NVME_CSTS_NSSRO = 0x10,
    NVME_SHST_OCCURRING = 1,
    NVME_SHST_COMPLETE = 2,

    NVME_SQE_SHIFT = 6,
    NVME_CQE_SHIFT = 4,
};
#define NVME_NSSR_KEY 0x4e564d65u       /* "NVMe" */

#endif
