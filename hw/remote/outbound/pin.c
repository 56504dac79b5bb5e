/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins (sysemu/dma.h): pointers into mapped client memory, counted in their
 * region and nowhere else. Whoever pins holds the context's lock, so the count
 * needs neither space->lock nor a list: the region is in the token. It is not
 * freed while it is pinned, and neither are the mappings that it has had, nor
 * the space: references to its owner would cost as much as all the rest.
 */
#include "qemu/osdep.h"
#include "outbound/iova-internal.h"

void *iova_pin(void *opaque, hwaddr addr, hwaddr *plen, bool is_write, void *token[2])
{
    IOVASpace *space = opaque;
    IOVARegion *r = space->hits[0];

    if (unlikely(!iova_region_has(r, addr))) {
        r = iova_region_find_cached(space, addr);
    }
    if (!r || r->kind != IOVA_MAPPED || !(is_write ? r->writable : r->readable) ||
        sigbus_window_torn(r->mapping->window)) {
        return NULL;
    }
    if (*plen - 1 > r->last - addr) {
        *plen = r->last - addr + 1;     /* less than *plen: no overflow */
    }
    iova_count_bytes(&space->stats.direct_bytes, *plen);
    r->pins++;
    space->pins++;
    token[0] = r;
    token[1] = r->mapping;
    return r->host + (addr - r->first);
}

bool iova_unpin(void *opaque, void *const token[2])
{
    IOVASpace *space = opaque;
    IOVARegion *r = token[0];
    ClientMapping *m = token[1];
    /* Another mapping than then: the old one has lost pages, perhaps these. */
    bool ok = !r->detached && r->mapping == m && !m->lost && !sigbus_window_torn(m->window);

    if (--r->pins == 0 && r->dying) {
        iova_drain_region_idle(space);
    }
    if (--space->pins == 0 && space->abandoned) {
        iova_space_free_now(space);
    }
    return ok;
}
