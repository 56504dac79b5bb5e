/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pi.h. The 16-bit guard is the CRC of T10 DIF, which ISA-L computes. */
#include "qemu/osdep.h"
#include "hw/nvme/pi.h"

#include <isa-l/crc.h>

typedef struct Tuple {
    uint64_t guard;
    uint16_t apptag;
    uint64_t reftag;
} Tuple;

NvmePiLayout nvme_pi_layout(const NvmeNamespace *ns)
{
    NvmePiLayout pi = {
        .type = ns->dps & 7, .ms = ns->ms, .block = 1u << ns->lbads,
    };

    if (pi.type) {
        pi.wide = ns->params.pif == 1;
        pi.size = pi.wide ? 16 : 8;
        g_assert(pi.size <= pi.ms);     /* Format NVM refuses other formats */
        pi.offset = ns->dps & 8 ? 0 : pi.ms - pi.size;
    }
    return pi;
}

static uint64_t reftag_mask(const NvmePiLayout *pi)
{
    return pi->wide ? (1ull << 48) - 1 : UINT32_MAX;
}

NvmePiTags nvme_pi_tags(const NvmeRequest *req, const NvmePiLayout *pi)
{
    uint32_t tags = le32_to_cpu(req->cmd.cdw15);
    uint64_t high = le32_to_cpu(req->cmd.cdw3);

    return (NvmePiTags) {
        .prinfo = le32_to_cpu(req->cmd.cdw12) >> 26 & 0xf,
        .apptag = tags, .appmask = tags >> 16,
        .reftag = (high << 32 | le32_to_cpu(req->cmd.cdw14)) & reftag_mask(pi),
    };
}

uint16_t nvme_pi_check_tags(const NvmePiLayout *pi, const NvmePiTags *tags, uint64_t slba)
{
    bool tied = pi->type == 1 && tags->reftag != (slba & reftag_mask(pi));

    if ((tags->prinfo & NVME_PRCHK_REF) && (tied || pi->type == 3)) {
        return NVME_INVALID_PROTECTION_INFO | NVME_DNR;
    }
    return NVME_SUCCESS;
}

static uint64_t guard_of(const NvmePiLayout *pi, const uint8_t *data, const uint8_t *meta)
{
    uint64_t crc;

    if (pi->wide) {
        crc = nvme_crc64(~0ull, data, pi->block);
        return ~nvme_crc64(crc, meta, pi->offset);
    }
    crc = crc16_t10dif(0, data, pi->block);
    return pi->offset ? crc16_t10dif(crc, meta, pi->offset) : crc;
}

static Tuple get_tuple(const NvmePiLayout *pi, const uint8_t *p)
{
    if (pi->wide) {
        return (Tuple) { ldq_be_p(p), lduw_be_p(p + 8), ldq_be_p(p + 8) & reftag_mask(pi) };
    }
    return (Tuple) { lduw_be_p(p), lduw_be_p(p + 2), ldl_be_p(p + 4) & UINT32_MAX };
}

static void put_tuple(const NvmePiLayout *pi, uint8_t *p, Tuple tuple)
{
    if (pi->wide) {
        stq_be_p(p, tuple.guard);
        stq_be_p(p + 8, (uint64_t)tuple.apptag << 48 | tuple.reftag);
    } else {
        stw_be_p(p, tuple.guard);
        stw_be_p(p + 2, tuple.apptag);
        stl_be_p(p + 4, tuple.reftag);
    }
}

void nvme_pi_shift(const NvmePiLayout *pi, NvmePiTags *tags, uint64_t by)
{
    if (pi->type != 3) {
        tags->reftag = (tags->reftag + by) & reftag_mask(pi);
    }
}

static void next_block(const NvmePiLayout *pi, NvmePiTags *tags)
{
    nvme_pi_shift(pi, tags, 1);
}

void nvme_pi_shift_tuples(const NvmePiLayout *pi, uint8_t *meta, uint32_t n, uint64_t by)
{
    for (uint32_t i = 0; i < n; i++, meta += pi->ms) {
        Tuple tuple = get_tuple(pi, meta + pi->offset);

        tuple.reftag = (tuple.reftag + by) & reftag_mask(pi);
        put_tuple(pi, meta + pi->offset, tuple);
    }
}

void nvme_pi_generate(const NvmePiLayout *pi, NvmePiTags *tags, const uint8_t *data,
                      uint8_t *meta, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++, data += pi->block, meta += pi->ms) {
        put_tuple(pi, meta + pi->offset,
                  (Tuple) { guard_of(pi, data, meta), tags->apptag, tags->reftag });
        next_block(pi, tags);
    }
}

/* An application tag of all ones disables the checks; in type 3 with the reference tag only. */
static bool is_escape(const NvmePiLayout *pi, const Tuple *tuple)
{
    return tuple->apptag == 0xffff && (pi->type != 3 || tuple->reftag == reftag_mask(pi));
}

static uint16_t check_block(const NvmePiLayout *pi, const NvmePiTags *tags, const uint8_t *data,
                            const uint8_t *meta)
{
    Tuple tuple = get_tuple(pi, meta + pi->offset);

    if (is_escape(pi, &tuple)) {
        return NVME_SUCCESS;
    }
    if ((tags->prinfo & NVME_PRCHK_GUARD) && tuple.guard != guard_of(pi, data, meta)) {
        return NVME_GUARD_CHECK_ERROR;
    }
    if ((tags->prinfo & NVME_PRCHK_APP) && ((tuple.apptag ^ tags->apptag) & tags->appmask)) {
        return NVME_APPTAG_CHECK_ERROR;
    }
    if ((tags->prinfo & NVME_PRCHK_REF) && tuple.reftag != tags->reftag) {
        return NVME_REFTAG_CHECK_ERROR;
    }
    return NVME_SUCCESS;
}

uint16_t nvme_pi_check(const NvmePiLayout *pi, NvmePiTags *tags, const uint8_t *data,
                       const uint8_t *meta, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++, data += pi->block, meta += pi->ms) {
        uint16_t status = check_block(pi, tags, data, meta);

        if (status) {
            return status;
        }
        next_block(pi, tags);
    }
    return NVME_SUCCESS;
}

void nvme_pi_invert(const NvmePiLayout *pi, uint8_t *meta, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++, meta += pi->ms) {
        for (unsigned at = 0; at < pi->size; at += 8) {
            uint8_t *p = meta + pi->offset + at;

            stq_le_p(p, ~ldq_le_p(p));
        }
    }
}
