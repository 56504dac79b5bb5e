/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * End-to-end data protection: NVM command set 5.2. A tuple in the metadata of
 * each block: guard (a CRC over the block), application tag, reference tag; big
 * endian. 8 bytes with a 16-bit guard, 16 bytes with a 64-bit guard.
 *
 * Works on the controller's own copies only: what was checked is what is used.
 */
#ifndef HW_NVME_PI_H
#define HW_NVME_PI_H

#include "hw/nvme/nvme.h"

/* PRINFO: NVM command set figure 11 (section "Protection Information Field"). */
enum {
    NVME_PRCHK_REF = 1,
    NVME_PRCHK_APP = 2,
    NVME_PRCHK_GUARD = 4,
    NVME_PRACT = 8,
};

/* Where the tuple of a format lies, and what kind it is. */
typedef struct NvmePiLayout {
    uint8_t type;               /* 1 to 3; 0: no protection */
    bool wide;                  /* the 64-bit guard */
    uint8_t size;               /* bytes of the tuple; 0 without protection */
    uint16_t offset;            /* of the tuple in the metadata of a block */
    uint16_t ms;
    uint32_t block;             /* bytes of data in a block */
} NvmePiLayout;

/* What a command says of the tuples. The reference tag is that of the next block. */
typedef struct NvmePiTags {
    uint8_t prinfo;
    uint16_t apptag, appmask;
    uint64_t reftag;
} NvmePiTags;

NvmePiLayout nvme_pi_layout(const NvmeNamespace *ns);
/* From PRINFO in CDW12, and CDW3, CDW14, CDW15 of commands that have them there. */
NvmePiTags nvme_pi_tags(const NvmeRequest *req, const NvmePiLayout *pi);
/* Type 1 ties the reference tag to the block's address, type 3 has none to check. */
uint16_t nvme_pi_check_tags(const NvmePiLayout *pi, const NvmePiTags *tags, uint64_t slba);
/* The controller inserts and strips all of the metadata: none of it is the host's. */
static inline bool nvme_pi_hides_meta(const NvmePiLayout *pi, uint8_t prinfo)
{
    return pi->type && (prinfo & NVME_PRACT) && pi->ms == pi->size;
}

/* The reference tag of a block that lies `by` blocks further; of n tuples at meta. */
void nvme_pi_shift(const NvmePiLayout *pi, NvmePiTags *tags, uint64_t by);
void nvme_pi_shift_tuples(const NvmePiLayout *pi, uint8_t *meta, uint32_t n, uint64_t by);
/* n blocks at data, their metadata at meta. Both move the reference tag on. */
void nvme_pi_generate(const NvmePiLayout *pi, NvmePiTags *tags, const uint8_t *data,
                      uint8_t *meta, uint32_t n);
uint16_t nvme_pi_check(const NvmePiLayout *pi, NvmePiTags *tags, const uint8_t *data,
                       const uint8_t *meta, uint32_t n);
/*
 * Tuples lie on the medium with all their bits inverted: then a hole, which reads
 * as zeroes, is a block whose tuple is all ones, which is what a deallocated block
 * has to show (3.2.3.2.1) and what disables the checks.
 */
void nvme_pi_invert(const NvmePiLayout *pi, uint8_t *meta, uint32_t n);

/* CRC-64/NVME: reflected, polynomial ad93d23594c93659h, all ones before and after. */
uint64_t nvme_crc64(uint64_t crc, const void *buf, size_t length);

#endif
