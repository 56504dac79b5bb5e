/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be read of a zoned namespace, and what is there where nothing was written. */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

/* The blocks of one zone that are in [lba, lba + nlb). */
static uint32_t in_zone(const NvmeZns *zns, uint64_t lba, uint32_t nlb)
{
    return MIN(nlb, zns->zone_size - lba % zns->zone_size);
}

uint16_t nvme_zns_check_read(const NvmeNamespace *ns, uint64_t slba, uint32_t nlb)
{
    const NvmeZns *zns = ns->zns;

    if (in_zone(zns, slba, nlb) < nlb && !ns->params.cross_zone_read) {
        return NVME_ZONE_BOUNDARY_ERROR | NVME_DNR;
    }
    while (nlb) {
        uint32_t n = in_zone(zns, slba, nlb);

        if (nvme_zone_of(zns, slba)->state == NVME_ZONE_OFFLINE) {
            return NVME_ZONE_IS_OFFLINE | NVME_DNR;
        }
        slba += n;
        nlb -= n;
    }
    return NVME_SUCCESS;
}

bool nvme_zns_is_settled(const NvmeNamespace *ns, uint64_t slba, uint32_t nlb)
{
    const NvmeZns *zns = ns->zns;

    while (nlb) {
        uint32_t n = in_zone(zns, slba, nlb);

        if (nvme_zone_of(zns, slba)->settled < slba % zns->zone_size + n) {
            return false;
        }
        slba += n;
        nlb -= n;
    }
    return true;
}

/* Metadata of zeroes: a tuple that was never written, for tuples lie inverted (pi.h). */
static void zero(NvmeTask *t, uint32_t from, uint32_t to)
{
    const NvmeNamespace *ns = t->req->ns;

    memset(t->buffer->data + ((size_t)from << ns->lbads), 0, (size_t)(to - from) << ns->lbads);
    memset(t->buffer->meta + (size_t)from * ns->ms, 0, (size_t)(to - from) * ns->ms);
}

void nvme_zns_mask(NvmeTask *t)
{
    const NvmeZns *zns = t->req->ns->zns;
    uint32_t n;

    for (uint32_t i = 0; i < t->chunk.n; i += n) {
        uint64_t lba = t->chunk.lba + i;
        uint32_t at = lba % zns->zone_size;
        uint32_t written = nvme_zone_written(nvme_zone_of(zns, lba));

        n = in_zone(zns, lba, t->chunk.n - i);
        if (written < at + n) {
            zero(t, i + (written > at ? written - at : 0), i + n);
        }
    }
}
