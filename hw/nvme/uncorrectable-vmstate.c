/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Write Uncorrectable has marked, on its way to another process: vmstate.h. */
#include "qemu/osdep.h"
#include "hw/nvme/io.h"
#include "hw/nvme/vmstate.h"

void nvme_bad_save(NvmeCtrl *n, NvmeSaved *s)
{
    GArray *ranges = g_array_new(false, false, sizeof(NvmeSavedBad));

    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        NvmeNamespace *ns = n->namespaces[nsid];
        IntervalTreeNode *node = ns ? interval_tree_first(&ns->io->bad) : NULL;

        for (; node; node = interval_tree_next(node)) {
            NvmeSavedBad range = { nsid, node->start, node->last };

            g_array_append_val(ranges, range);
        }
    }
    s->nbad = ranges->len;
    s->bad = (NvmeSavedBad *)g_array_free(ranges, false);
}

static void forget(NvmeCtrl *n)
{
    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        if (n->namespaces[nsid]) {
            nvme_bad_clear(&n->namespaces[nsid]->io->bad);
        }
    }
}

static bool restore_one(NvmeCtrl *n, const NvmeSavedBad *range)
{
    NvmeNamespace *ns = range->nsid <= NVME_MAX_NAMESPACES ? n->namespaces[range->nsid] : NULL;

    return ns && range->first <= range->last && range->last < ns->nsze &&
           nvme_bad_restore_range(&ns->io->bad, range->first, range->last);
}

bool nvme_bad_restore(NvmeCtrl *n, const NvmeSaved *s)
{
    forget(n);
    for (int32_t i = 0; i < s->nbad; i++) {
        if (!restore_one(n, &s->bad[i])) {
            forget(n);
            return false;
        }
    }
    return true;
}
