/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a queue (base 3.3.3): in one piece, or a page for each PRP entry. */
#include "qemu/osdep.h"
#include "hw/nvme/core.h"

static uint64_t ring_bytes(const NvmeRing *ring)
{
    return (uint64_t)ring->entries << ring->shift;
}

/* What is in pieces goes by requests, which is right anyway and fast enough. */
bool nvme_ring_pin(NvmeCtrl *n, NvmeRing *ring)
{
    if (ring->host) {
        return true;
    }
    if (ring->pages || !nvme_dma_pin(n, ring->addr, ring_bytes(ring), ring->dir, &ring->pin)) {
        return false;
    }
    if (ring->pin.len < ring_bytes(ring)) {
        nvme_dma_unpin(&ring->pin);
        return false;
    }
    ring->host = ring->pin.host;
    return true;
}

void nvme_ring_unpin(NvmeRing *ring)
{
    if (ring->host) {
        ring->host = NULL;
        nvme_dma_unpin(&ring->pin);
    }
}

void nvme_ring_revoke(NvmeRing *ring, uint64_t first, uint64_t last)
{
    if (ring->host && nvme_overlap(first, last, ring->addr, ring_bytes(ring))) {
        nvme_ring_unpin(ring);
    }
}

void nvme_ring_cleanup(NvmeRing *ring)
{
    nvme_ring_unpin(ring);
    g_clear_pointer(&ring->pages, g_free);
}

uint64_t nvme_ring_at(const NvmeRing *ring, uint32_t index, uint32_t *count)
{
    uint32_t per_page = ring->page_size >> ring->shift;

    *count = MIN(*count, ring->entries - index);
    if (!ring->pages) {
        return ring->addr + ((uint64_t)index << ring->shift);
    }
    *count = MIN(*count, per_page - index % per_page);
    return ring->pages[index / per_page] + ((uint64_t)(index % per_page) << ring->shift);
}
