/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copy: NVM command set 3.2.2. The source ranges, one after the other, a buffer of
 * blocks at a time: the source's lock, read, check; the destination's lock, protect,
 * write. Never both locks at once, so two copies cannot wait for each other.
 *
 * A source that overlaps its own destination is copied from the end that is not
 * overwritten first.
 */
#include "qemu/osdep.h"
#include "hw/nvme/chunk.h"

/* Source range entries: figures 38 and 39, formats 0h and 1h. */
typedef struct Format0 {
    uint8_t reserved[8];
    uint64_t slba;
    uint16_t nlb;               /* 0's based */
    uint8_t reserved18[6];
    uint32_t reftag;
    uint16_t apptag, appmask;
} QEMU_PACKED Format0;
QEMU_BUILD_BUG_ON(sizeof(Format0) != 32);

typedef struct Format1 {
    uint8_t reserved[8];
    uint64_t slba;
    uint16_t nlb;
    uint8_t reserved18[8];
    uint8_t tags[10];           /* storage and reference tag, big endian */
    uint16_t apptag, appmask;
} QEMU_PACKED Format1;
QEMU_BUILD_BUG_ON(sizeof(Format1) != 40);

typedef struct Source {
    uint64_t slba;
    uint32_t nlb;
    NvmePiTags tags;
} Source;

static uint32_t cdw12(const NvmeRequest *req)
{
    return le32_to_cpu(req->cmd.cdw12);
}
static uint32_t count_of(const NvmeRequest *req)
{
    return (cdw12(req) & 0xff) + 1;
}
static uint8_t format_of(const NvmeRequest *req)
{
    return cdw12(req) >> 8 & 0xf;
}
static uint8_t prinfo_read(const NvmeRequest *req)
{
    return cdw12(req) >> 12 & 0xf;
}

/* From the controller's own copy of the ranges: read once. */
static Source source_at(const NvmeTask *t, uint32_t i)
{
    const void *ranges = t->req->data.iov->iov_base;
    const Format0 *r0 = (const Format0 *)ranges + i;
    const Format1 *r1 = (const Format1 *)ranges + i;
    uint8_t prinfo = prinfo_read(t->req);

    if (format_of(t->req) == 0) {
        return (Source) {
            le64_to_cpu(r0->slba), le16_to_cpu(r0->nlb) + 1u,
            { prinfo, le16_to_cpu(r0->apptag), le16_to_cpu(r0->appmask),
              le32_to_cpu(r0->reftag) },
        };
    }
    return (Source) {
        le64_to_cpu(r1->slba), le16_to_cpu(r1->nlb) + 1u,
        { prinfo, le16_to_cpu(r1->apptag), le16_to_cpu(r1->appmask),
          (uint64_t)lduw_be_p(r1->tags + 4) << 32 | ldl_be_p(r1->tags + 6) },
    };
}

/* ---- before anything is copied ---- */

static uint16_t step_map_ranges(NvmeTask *t)
{
    size_t size = format_of(t->req) == 0 ? sizeof(Format0) : sizeof(Format1);

    return nvme_map_data(t->req, count_of(t->req) * size, NVME_DATA_IN | NVME_DATA_PRIVATE,
                         nvme_task_next);
}

static uint16_t check_source(const NvmeTask *t, const Source *source)
{
    NvmeNamespace *ns = t->req->ns;
    uint16_t status = nvme_check_range(ns, source->slba, source->nlb);

    if (source->nlb > ns->params.mssrl) {
        return NVME_CMD_SIZE_LIMIT_EXCEEDED | NVME_DNR;
    }
    if (!status && t->chunk.pi.type) {
        status = nvme_pi_check_tags(&t->chunk.pi, &source->tags, source->slba);
    }
    return status ? status : nvme_check_readable(ns, source->slba, source->nlb);
}

/* All of it before anything is copied: a zone takes it whole, or not at all. */
static uint16_t hold_target(NvmeTask *t, uint64_t total)
{
    const NvmeZns *zns = t->req->ns->zns;
    uint64_t slba = nvme_slba(t->req);

    return !zns ? NVME_SUCCESS
                : nvme_zns_hold(t, nvme_zone_of(zns, slba), slba % zns->zone_size, total);
}

static uint16_t step_check_ranges(NvmeTask *t)
{
    NvmeRequest *req = t->req;
    uint64_t total = 0;
    uint16_t status;

    for (uint32_t i = 0; i < count_of(req); i++) {
        Source source = source_at(t, i);

        status = check_source(t, &source);
        if (status) {
            req->dw0 = i;
            return status;
        }
        total += source.nlb;
    }
    if (total > req->ns->params.mcl) {
        return NVME_CMD_SIZE_LIMIT_EXCEEDED | NVME_DNR;
    }
    status = nvme_check_range(req->ns, nvme_slba(req), total);
    if (!status) {
        status = nvme_check_healable(req->ns, nvme_slba(req), total);
    }
    return status ? status : hold_target(t, total);
}

/* ---- a buffer of blocks after the other ---- */

static bool backwards(const Source *source, uint64_t target)
{
    return target > source->slba && target - source->slba < source->nlb;
}

/* Where in the range the next blocks are that are to be copied. */
static uint32_t position(NvmeTask *t, const Source *source, uint64_t target)
{
    t->chunk.left = source->nlb - t->done;
    nvme_chunk_size(t);
    return backwards(source, target) ? t->chunk.left - t->chunk.n : t->done;
}

static NvmePiTags tags_at(const NvmePiLayout *pi, NvmePiTags tags, uint64_t blocks)
{
    nvme_pi_shift(pi, &tags, blocks);
    return tags;
}

/* The chunk becomes the next one of the source; aim() makes it that of the destination. */
static uint16_t step_source(NvmeTask *t)
{
    Source source = source_at(t, t->index);
    uint32_t at = position(t, &source, nvme_slba(t->req) + t->done_before);

    t->loop = t->step - 1;
    t->req->dw0 = t->index;
    t->chunk.lba = source.slba + at;
    t->chunk.tags = tags_at(&t->chunk.pi, source.tags, at);
    return nvme_task_lock(t, t->chunk.lba, t->chunk.n, false, false);
}

/* The host may have marked it while another part was copied. */
static uint16_t step_still_readable(NvmeTask *t)
{
    return nvme_check_readable(t->req->ns, t->chunk.lba, t->chunk.n);
}

static uint16_t step_target(NvmeTask *t)
{
    Source source = source_at(t, t->index);
    uint64_t target = nvme_slba(t->req) + t->done_before;
    uint32_t at = position(t, &source, target);
    NvmeChunk *c = &t->chunk;

    nvme_task_unlock(t);
    c->lba = target + at;
    c->tags = tags_at(&c->pi, nvme_pi_tags(t->req, &c->pi), t->done_before + at);
    return nvme_task_lock(t, c->lba, c->n, true, false);
}

static uint16_t step_copied(NvmeTask *t)
{
    NvmeChunk *c = &t->chunk;
    Source source = source_at(t, t->index);

    nvme_bad_heal(&t->req->ns->io->bad, c->lba, c->lba + (c->n - 1));
    nvme_task_unlock(t);
    t->done += c->n;
    if (t->done == source.nlb) {
        t->done_before += t->done;
        t->done = 0;
        t->index++;
    }
    if (t->index < count_of(t->req)) {
        t->step = t->loop;
    } else {
        t->req->dw0 = 0;
    }
    return NVME_SUCCESS;
}

/* Between two buffers the zone may have been reset, or finished. */
static uint16_t step_still_mine(NvmeTask *t)
{
    return t->hold.zone && t->hold.epoch != t->hold.zone->epoch
           ? NVME_ZONE_INVALID_WRITE | NVME_DNR : NVME_SUCCESS;
}

static NvmeStep *const copy[] = {
    step_map_ranges, step_check_ranges, nvme_step_copy_buffer,
    step_source, step_still_readable, nvme_step_read_data, nvme_step_read_meta, nvme_step_check,
    step_target, step_still_mine, nvme_step_protect, nvme_step_write_data, nvme_step_write_meta,
    step_copied, nvme_step_zone_end, NULL,
};

/* ---- the command ---- */

static uint16_t check(const NvmeRequest *req, const NvmePiLayout *pi, const NvmePiTags *write)
{
    uint8_t format = format_of(req);
    uint8_t read = prinfo_read(req);

    if (format > 1 || (req->cmd.cdw12 & cpu_to_le32(NVME_CDW12_DTYPE))) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (count_of(req) > req->ns->params.msrc + 1u) {
        return NVME_CMD_SIZE_LIMIT_EXCEEDED | NVME_DNR;
    }
    if (!pi->type) {
        return NVME_SUCCESS;
    }
    if (format != pi->wide) {
        return NVME_INVALID_FORMAT | NVME_DNR;
    }
    if ((read ^ write->prinfo) & NVME_PRACT) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    return nvme_pi_check_tags(pi, write, nvme_slba(req));
}

uint16_t nvme_copy(NvmeRequest *req)
{
    NvmePiLayout pi = nvme_pi_layout(req->ns);
    NvmePiTags tags = nvme_pi_tags(req, &pi);
    uint16_t status = check(req, &pi, &tags);
    NvmeTask *t;

    if (status) {
        return status;
    }
    t = nvme_task_new(req, copy);
    t->chunk.pi = pi;
    return nvme_task_start(t);
}
