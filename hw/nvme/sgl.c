/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scatter gather lists (base 4.1.2): data blocks, bit buckets, segments and last
 * segments. A segment is copied once and then walked. How many descriptors one command may
 * have is bounded, so lists that point at each other end.
 */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"

enum {
    SGL_DATA_BLOCK = 0,
    SGL_BIT_BUCKET = 1,
    SGL_SEGMENT = 2,
    SGL_LAST_SEGMENT = 3,
};

/* Figure 107: type in 7:4 of the last byte, subtype (0: an address) in 3:0. */
typedef struct SglDescriptor {
    uint64_t addr;
    uint32_t len;
    uint8_t reserved[3];
    uint8_t kind;
} QEMU_PACKED SglDescriptor;
QEMU_BUILD_BUG_ON(sizeof(SglDescriptor) != 16);

static NvmeXferStep walk_segment;

static uint16_t bad(uint16_t status)
{
    return status | NVME_DNR;
}

static bool is_meta(const NvmeXfer *x)
{
    return x->data == &x->req->meta;
}

static uint16_t length_invalid(const NvmeXfer *x)
{
    return bad(is_meta(x) ? NVME_META_SGL_LENGTH_INVALID : NVME_DATA_SGL_LENGTH_INVALID);
}

/* What a block has beyond the command's length is not used: SGLS says that this is legal. */
static uint16_t add_block(NvmeXfer *x, const SglDescriptor *d)
{
    uint64_t addr = le64_to_cpu(d->addr);
    uint64_t len = MIN(le32_to_cpu(d->len), x->walk.left);

    if (len && addr > UINT64_MAX - (len - 1)) {
        return NVME_DATA_TRANSFER_ERROR;
    }
    if (len) {
        nvme_xfer_add(x, addr, len, false);
    }
    return NVME_SUCCESS;
}

/* Of what the host sends nothing falls into a bucket: its length counts as 0. */
static uint16_t add_bucket(NvmeXfer *x, const SglDescriptor *d)
{
    uint64_t len = MIN(le32_to_cpu(d->len), x->walk.left);

    if (x->how & NVME_DATA_OUT && len) {
        nvme_xfer_add(x, 0, len, true);
    }
    return NVME_SUCCESS;
}

static uint16_t read_segment(NvmeXfer *x, const SglDescriptor *d, bool last)
{
    uint32_t len = le32_to_cpu(d->len);

    if (!len || len % sizeof(*d)) {
        return bad(NVME_INVALID_SGL_SEGMENT);
    }
    if (len / sizeof(*d) > NVME_SGL_DESCRIPTORS - x->walk.seen) {
        return bad(NVME_INVALID_SGL_COUNT);
    }
    x->walk.seen += len / sizeof(*d);
    x->walk.last = last;
    x->step = walk_segment;
    return nvme_xfer_read_list(x, le64_to_cpu(d->addr), len);
}

/* A subtype other than 0 is for fabrics; keyed and transport blocks (types 4 and 5) too. */
static uint16_t take(NvmeXfer *x, const SglDescriptor *d)
{
    switch (d->kind) {
    case SGL_DATA_BLOCK << 4:
        return add_block(x, d);
    case SGL_BIT_BUCKET << 4:
        return add_bucket(x, d);
    default:
        return bad(NVME_SGL_TYPE_INVALID);
    }
}

static bool is_segment(const SglDescriptor *d)
{
    return d->kind == SGL_SEGMENT << 4 || d->kind == SGL_LAST_SEGMENT << 4;
}

static uint16_t walk_over(NvmeXfer *x)
{
    if (x->walk.left) {
        return length_invalid(x);
    }
    x->step = nvme_xfer_place;
    return NVME_SUCCESS;
}

/* Only the last descriptor of a segment may lead to another one, and a last segment has none. */
static uint16_t walk_segment(NvmeXfer *x)
{
    const SglDescriptor *d = (const SglDescriptor *)x->walk.list;
    uint32_t count = x->walk.len / sizeof(*d);

    if (x->failed) {
        return NVME_DATA_TRANSFER_ERROR;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint16_t status;

        if (is_segment(&d[i])) {
            SglDescriptor next = d[i];

            return x->walk.last || i != count - 1
                   ? bad(NVME_INVALID_SGL_SEGMENT)
                   : read_segment(x, &next, next.kind == SGL_LAST_SEGMENT << 4);
        }
        status = take(x, &d[i]);
        if (status) {
            return status;
        }
    }
    return x->walk.last ? walk_over(x) : bad(NVME_INVALID_SGL_SEGMENT);
}

/* The one descriptor in the command is all, or leads to the first segment. */
static uint16_t walk_from(NvmeXfer *x, const SglDescriptor *d)
{
    uint16_t status;

    if (is_segment(d)) {
        return read_segment(x, d, d->kind == SGL_LAST_SEGMENT << 4);
    }
    status = take(x, d);
    return status ? status : walk_over(x);
}

uint16_t nvme_sgl_walk(NvmeXfer *x)
{
    SglDescriptor d;

    memcpy(&d, x->req->cmd.dptr, sizeof(d));
    return walk_from(x, &d);
}

/* ---- metadata: base 3.3.3.1, MPTR ---- */

static uint16_t meta_segment(NvmeXfer *x)
{
    SglDescriptor d;

    if (x->failed) {
        return NVME_DATA_TRANSFER_ERROR;
    }
    memcpy(&d, x->walk.list, sizeof(d));
    return walk_from(x, &d);
}

uint16_t nvme_meta_walk(NvmeXfer *x)
{
    uint64_t mptr = le64_to_cpu(x->req->cmd.mptr);

    if (nvme_psdt(&x->req->cmd) == NVME_PSDT_SGL_MPTR_SGL) {
        if (mptr & 7) {
            return bad(NVME_INVALID_FIELD);
        }
        x->step = meta_segment;
        return nvme_xfer_read_list(x, mptr, sizeof(SglDescriptor));
    }
    if (mptr & 3) {
        return bad(NVME_INVALID_FIELD);
    }
    if (mptr > UINT64_MAX - (x->walk.left - 1)) {
        return NVME_DATA_TRANSFER_ERROR;
    }
    nvme_xfer_add(x, mptr, x->walk.left, false);
    x->step = nvme_xfer_place;
    return NVME_SUCCESS;
}
