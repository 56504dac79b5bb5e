/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LBA formats (NVM command set 5.4) and how blocks lie on the medium: the data of
 * all blocks first, then the metadata of all blocks, so that data is aligned
 * whatever the metadata is.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qapi/error.h"
#include "hw/nvme/admin.h"
#include "hw/nvme/zns.h"

static const NvmeLbaFormat formats[] = {
    { 0, 9 }, { 8, 9 }, { 16, 9 }, { 64, 9 },
    { 0, 12 }, { 8, 12 }, { 16, 12 }, { 64, 12 },
};

enum { LBADS_MAX = 16, MS_MAX = 128, PI_BYTES = 8, PI64_BYTES = 16 };

static NvmeLbaFormat wanted_format(const NvmeNamespace *ns)
{
    return (NvmeLbaFormat) { ns->params.ms, ctz32(ns->blkconf.logical_block_size) };
}

static unsigned find_format(NvmeLbaFormat want)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(formats); i++) {
        if (formats[i].ms == want.ms && formats[i].lbads == want.lbads) {
            break;
        }
    }
    return i;
}

/* What the user wishes and the list lacks comes behind it. */
unsigned nvme_ns_formats(const NvmeNamespace *ns)
{
    unsigned count = ARRAY_SIZE(formats);

    return ns && find_format(wanted_format(ns)) == count ? count + 1 : count;
}

NvmeLbaFormat nvme_ns_format(const NvmeNamespace *ns, unsigned index)
{
    return index < ARRAY_SIZE(formats) ? formats[index] : wanted_format(ns);
}

static uint64_t blocks_on_medium(const NvmeNamespace *ns, unsigned index)
{
    NvmeLbaFormat format = nvme_ns_format(ns, index);

    return ns->medium / ((1ULL << format.lbads) + format.ms);
}

uint64_t nvme_ns_blocks(const NvmeNamespace *ns, unsigned index)
{
    uint64_t blocks = blocks_on_medium(ns, index);

    return ns->created ? MIN(blocks, ns->created >> nvme_ns_format(ns, index).lbads) : blocks;
}

unsigned nvme_pi_bytes(const NvmeNamespace *ns)
{
    return ns && ns->params.pif ? PI64_BYTES : PI_BYTES;
}

bool nvme_protection_fits(const NvmeNamespace *ns, unsigned index, uint8_t dps)
{
    unsigned type = dps & 7;

    return !type || (type <= 3 && nvme_ns_format(ns, index).ms >= nvme_pi_bytes(ns));
}

static bool check_protection(const NvmeNsParams *p, unsigned need, Error **errp)
{
    if (p->pi > 3) {
        error_setg(errp, "property 'pi' of nvme-ns must be 0 to 3, not %u", p->pi);
    } else if (p->pif > 1) {
        error_setg(errp, "property 'pif' of nvme-ns must be 0 (16 bit guard) or 1 (64 bit guard), "
                   "not %u", p->pif);
    } else if (p->pi && p->ms < need) {
        error_setg(errp, "property 'pi' of nvme-ns needs %u bytes of metadata: set ms=%u or more",
                   need, need);
    } else {
        return true;
    }
    return false;
}

/* NVM command set 4.1.5.1: MCL is not below MSSRL, which is at least 1 as Copy is there. */
static bool check_copy_limits(const NvmeNsParams *p, Error **errp)
{
    if (p->mssrl && p->mcl >= p->mssrl) {
        return true;
    }
    error_setg(errp, "property 'mssrl' of nvme-ns must be 1 to mcl=%u, not %u", p->mcl, p->mssrl);
    return false;
}

static bool check_format(const NvmeNamespace *ns, Error **errp)
{
    const NvmeNsParams *p = &ns->params;

    if (ctz32(ns->blkconf.logical_block_size) > LBADS_MAX) {
        error_setg(errp, "property 'logical_block_size' of nvme-ns must be at most %u, not %u",
                   1u << LBADS_MAX, ns->blkconf.logical_block_size);
    } else if (p->ms > MS_MAX) {
        error_setg(errp, "property 'ms' of nvme-ns must be at most %u, not %u", MS_MAX, p->ms);
    } else if (p->mset > 1 || p->pil > 1) {
        error_setg(errp, "property '%s' of nvme-ns must be 0 or 1, not %u",
                   p->mset > 1 ? "mset" : "pil", p->mset > 1 ? p->mset : p->pil);
    } else {
        return check_protection(p, nvme_pi_bytes(ns), errp) && check_copy_limits(p, errp);
    }
    return false;
}

bool nvme_ns_first_format(NvmeNamespace *ns, Error **errp)
{
    const NvmeNsParams *p = &ns->params;

    if (!check_format(ns, errp)) {
        return false;
    }
    nvme_ns_set_format(ns, find_format(wanted_format(ns)), p->mset, p->pi | p->pil << 3);
    return true;
}

void nvme_ns_set_format(NvmeNamespace *ns, unsigned index, bool extended, uint8_t dps)
{
    NvmeLbaFormat format = nvme_ns_format(ns, index);

    ns->lbaf = index;
    ns->lbads = format.lbads;
    ns->ms = format.ms;
    ns->extended = extended && format.ms;
    ns->dps = dps & 7 ? dps : 0;
}

bool nvme_ns_layout(NvmeNamespace *ns)
{
    uint64_t blocks = nvme_ns_blocks(ns, ns->lbaf);

    if (!blocks) {
        return false;
    }
    ns->nsze = blocks;
    ns->moff = blocks_on_medium(ns, ns->lbaf) << ns->lbads;
    return !ns->params.zoned || nvme_zns_layout(ns);
}
