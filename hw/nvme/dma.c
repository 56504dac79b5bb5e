/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the controller reaches host memory, and how it learns that it does not
 * any more: bus mastering went off, the client left, or took a range back. Then
 * every pin in the range is let go before the client gets its answer.
 */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"

typedef struct NvmeDma {
    NvmeCtrl *ctrl;
    MemoryListener listener;
    MemoryRegionDMANotifier notifier;
    bool reachable;
    bool lost;                  /* in the change of the space that is being told */
} NvmeDma;

bool nvme_dma_reachable(NvmeCtrl *n)
{
    return n->dma->reachable;
}

static void lost_range(MemoryRegionDMANotifier *notifier, hwaddr first, hwaddr last)
{
    nvme_queues_revoke(container_of(notifier, NvmeDma, notifier)->ctrl, first, last);
}

static void space_lost(MemoryListener *listener, MemoryRegionSection *section)
{
    container_of(listener, NvmeDma, listener)->lost = true;
}

/* The notifier hangs on the region that was there when it was added. */
static void space_changed(MemoryListener *listener)
{
    NvmeDma *dma = container_of(listener, NvmeDma, listener);
    PCIDevice *pci = PCI_DEVICE(dma->ctrl);

    QLIST_SAFE_REMOVE(&dma->notifier, next);
    dma->reachable = pci->is_master && pci->dma_region;
    if (dma->lost) {
        dma->lost = false;
        nvme_queues_revoke(dma->ctrl, 0, UINT64_MAX);
    }
    if (dma->reachable) {
        dma_add_revoke_notifier(pci_get_address_space(pci), &dma->notifier);
        nvme_queues_kick(dma->ctrl);
    }
}

void nvme_dma_new(NvmeCtrl *n)
{
    AddressSpace *as = pci_get_address_space(PCI_DEVICE(n));

    n->dma = g_new0(NvmeDma, 1);
    n->dma->ctrl = n;
    n->dma->notifier.revoke = lost_range;
    n->dma->listener = (MemoryListener) {
        .region_del = space_lost, .commit = space_changed, .name = "nvme",
    };
    memory_listener_register(&n->dma->listener, as);
}

void nvme_dma_free(NvmeCtrl *n)
{
    if (n->dma) {
        memory_listener_unregister(&n->dma->listener);
        QLIST_SAFE_REMOVE(&n->dma->notifier, next);
        g_clear_pointer(&n->dma, g_free);
    }
}

/* A pin of our own memory holds nothing: it has no region. */
bool nvme_dma_pin(NvmeCtrl *n, uint64_t addr, uint64_t len, DMADirection dir, DMAPin *pin)
{
    if (unlikely(n->cmb)) {
        pin->len = len;
        pin->mr = NULL;
        pin->host = nvme_cmb_at(n, addr, &pin->len);
        if (pin->host) {
            return true;
        }
    }
    return dma_memory_pin(pci_get_address_space(PCI_DEVICE(n)), addr, len, dir,
                          MEMTXATTRS_UNSPECIFIED, pin);
}

bool nvme_dma_unpin(DMAPin *pin)
{
    return !pin->mr || dma_memory_unpin(pin);
}

static bool rw_own(NvmeCtrl *n, uint64_t addr, void *buf, uint64_t len, DMADirection dir)
{
    uint64_t fits = len;
    void *host = nvme_cmb_at(n, addr, &fits);

    if (!host || fits < len) {
        return false;
    }
    if (dir == DMA_DIRECTION_TO_DEVICE) {
        memcpy(buf, host, len);
    } else {
        memcpy(host, buf, len);
    }
    return true;
}

DMARequest *nvme_dma_rw(NvmeCtrl *n, uint64_t addr, void *buf, uint64_t len, DMADirection dir,
                        MemoryRegionDMADone *done, void *opaque)
{
    if (unlikely(n->cmb) && rw_own(n, addr, buf, len, dir)) {
        done(opaque, MEMTX_OK);
        return NULL;
    }
    return pci_dma_rw_async(PCI_DEVICE(n), addr, buf, len, dir, done, opaque);
}
