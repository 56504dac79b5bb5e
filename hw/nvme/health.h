/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a controller remembers of its own life: health.c and log-error.c. Locking as in nvme.h. */
#ifndef HW_NVME_HEALTH_H
#define HW_NVME_HEALTH_H

#include "hw/nvme/admin.h"

typedef struct NvmeErrorEntry {
    uint64_t count;                     /* 0: no entry; else which error of its life */
    uint64_t lba;
    uint32_t nsid;
    uint16_t sqid, cid;                 /* FFFFh: not of a command */
    uint16_t status;                    /* without phase */
} NvmeErrorEntry;

struct NvmeHealth {
    uint8_t critical_warning;
    uint64_t power_cycles, unsafe_shutdowns;
    uint64_t powered_before;            /* ms, before powered_since (ms of virtual time) */
    int64_t powered_since;
    uint64_t errors;                    /* entries ever made in the log */
    uint32_t next;                      /* where the next one goes */
    NvmeErrorEntry log[NVME_ELPE + 1];
};

#endif
