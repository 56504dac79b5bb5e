/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespaces made new: zeroes all over the medium, then another format. Used by
 * Format NVM and by the creation of a namespace. Locking as in nvme.h.
 */
#ifndef HW_NVME_FORMAT_H
#define HW_NVME_FORMAT_H

#include "hw/nvme/admin.h"

typedef struct NvmeFormat NvmeFormat;
/* All are done, or there was an error: the answer is the command's. */
typedef uint16_t NvmeFormatted(NvmeRequest *req, uint16_t status);

struct NvmeFormat {
    uint8_t lbaf, dps;
    bool extended;
    GPtrArray *todo;                    /* of NvmeNamespace; the last one is under way */
    uint64_t done;                      /* bytes of it that are zeroes */
    uint64_t created;                   /* bytes of one that is being created; 0: as it was */
    NvmeFormatted *formatted;
    QEMUBH *bh;
    bool pending;                       /* the command has answered NVME_PENDING */
};

/* Whether ns can have that format with that DPS (Identify Namespace). */
uint16_t nvme_format_check(const NvmeNamespace *ns, unsigned lbaf, uint8_t dps);
NvmeFormat *nvme_format_new(unsigned lbaf, bool extended, uint8_t dps, NvmeFormatted *formatted);
/* Marks it busy and takes back what is under way there. */
void nvme_format_add(NvmeFormat *format, NvmeNamespace *ns);
/* For a handler to return with; takes the format. */
uint16_t nvme_format_run(NvmeRequest *req, NvmeFormat *format);
/* ns goes: the command that formats it ends with an error. */
void nvme_format_stop(NvmeNamespace *ns);

#endif
