/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is particular to zones of a namespace (4.1.5.1) and of a controller (4.1.5.2). */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"
#include "hw/nvme/zns.h"

/* ZOC and ZAI are 0: capacities do not vary, and nothing happens to zones by itself. */
enum { NS_OZCS = 2, NS_MAR = 4, NS_MOR = 8, NS_LBAFE0 = 2816, LBAFE = 16, LBAFE_ZDES = 8 };
enum { OZCS_READ_ACROSS_BOUNDARIES = 1 };

/* 0's based; all ones: no limit. */
static void put_limit(uint8_t *page, size_t offset, uint32_t limit)
{
    nvme_put(page, offset, 4, limit - 1u);
}

void nvme_zns_fill_ns(const NvmeNamespace *ns, uint8_t *page)
{
    const NvmeZns *zns = ns->zns;

    nvme_put(page, NS_OZCS, 2, ns->params.cross_zone_read ? OZCS_READ_ACROSS_BOUNDARIES : 0);
    put_limit(page, NS_MAR, zns->max_active);
    put_limit(page, NS_MOR, zns->max_open);
    for (unsigned i = 0; i < nvme_ns_formats(ns); i++) {
        uint8_t *lbafe = page + NS_LBAFE0 + LBAFE * i;

        nvme_put(lbafe, 0, 8, nvme_zns_blocks(ns, i));
        nvme_put(lbafe, LBAFE_ZDES, 1, zns->extension_size / NVME_ZONE_EXTENSION_UNIT);
    }
}

/* ZASL, as MDTS; 0: it is the same. */
void nvme_zns_fill_ctrl(const NvmeCtrl *n, uint8_t *page)
{
    nvme_put(page, 0, 1, n->params.zasl);
}
