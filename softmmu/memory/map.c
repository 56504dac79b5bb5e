/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host pointers to guest memory. RAM and mapped client memory are used in
 * place. Everything else is bounced through a buffer that is filled before
 * (device reads) or written back at unmap (device writes); how many bytes may
 * be bounced at a time is bounded for each address space.
 *
 * What was handed out is kept in a table by pointer, so that unmap knows what
 * it gets back. Two maps of the same place share an entry.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/range.h"
#include "internal.h"

typedef struct Mapping {
    void *host;
    MemoryRegion *mr; /* NULL: bounced; else holds a reference */
    hwaddr addr;      /* for writing back */
    hwaddr len;
    unsigned uses;
    bool provider; /* of a DMA region: tell it about the unmap */
} Mapping;

static void table_add(AddressSpace *as, const Mapping *fresh)
{
    Mapping *known;

    qemu_mutex_lock(&as->lock);
    if (!as->maps) {
        as->maps = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    }
    known = g_hash_table_lookup(as->maps, fresh->host);
    if (!known) {
        known = g_memdup2(fresh, sizeof(*fresh));
        g_hash_table_insert(as->maps, known->host, known);
    }
    known->uses++;
    qemu_mutex_unlock(&as->lock);
}

/* Copies out the entry; false when the pointer was never handed out. */
static bool table_take(AddressSpace *as, void *host, Mapping *out)
{
    Mapping *known;

    qemu_mutex_lock(&as->lock);
    known = as->maps ? g_hash_table_lookup(as->maps, host) : NULL;
    if (known) {
        *out = *known;
        if (!--known->uses) {
            g_hash_table_remove(as->maps, host);
        }
    }
    qemu_mutex_unlock(&as->lock);
    return known != NULL;
}

static hwaddr bounce_reserve(AddressSpace *as, hwaddr len)
{
    hwaddr got;

    qemu_mutex_lock(&as->lock);
    got = MIN(len, as->max_bounce_buffer_size - MIN(as->max_bounce_buffer_size, as->bounce_bytes));
    as->bounce_bytes += got;
    as->bounces += got > 0;
    as->bounce_stalls += !got && len;
    qemu_mutex_unlock(&as->lock);
    return got;
}

void address_space_bounce_counts(AddressSpace *as, uint64_t *bounces, uint64_t *stalls)
{
    qemu_mutex_lock(&as->lock);
    *bounces = as->bounces;
    *stalls = as->bounce_stalls;
    qemu_mutex_unlock(&as->lock);
}

/* Wakes everybody who was refused; each of them tries once. */
static void bounce_release(AddressSpace *as, hwaddr len)
{
    AddressSpaceMapClient *client;

    qemu_mutex_lock(&as->lock);
    as->bounce_bytes -= len;
    while ((client = QLIST_FIRST(&as->map_clients))) {
        QLIST_REMOVE(client, link);
        qemu_bh_schedule(client->bh);
        g_free(client);
    }
    qemu_mutex_unlock(&as->lock);
}

static void *map_bounce(AddressSpace *as, const FlatView *view, hwaddr addr, hwaddr *plen,
                        bool is_write, MemTxAttrs attrs)
{
    Mapping fresh = { .addr = addr, .len = bounce_reserve(as, *plen) };

    *plen = fresh.len;
    if (!fresh.len) {
        return NULL;
    }
    fresh.host = g_malloc0(fresh.len);
    if (!is_write
        && flatview_rw(as, view, addr, attrs, fresh.host, fresh.len, false) != MEMTX_OK) {
        g_free(fresh.host);
        bounce_release(as, fresh.len);
        *plen = 0;
        return NULL;
    }
    table_add(as, &fresh);
    return fresh.host;
}

static void *map_in_place(const FlatRange *r, hwaddr offset, hwaddr *plen, bool is_write,
                          MemTxAttrs attrs)
{
    MemoryRegion *mr = r->mr;

    if (mr->kind == MR_DMA) {
        return mr->dma_ops->map ? mr->dma_ops->map(mr->opaque, offset, plen, is_write, attrs)
                                : NULL;
    }
    if (is_write ? memory_region_direct_write(mr, r->readonly) : memory_region_direct_read(mr)) {
        return mr->ram_block->host + offset;
    }
    return NULL;
}

static void *map_in_view(AddressSpace *as, FlatView *view, hwaddr addr, hwaddr *plen,
                         bool is_write, MemTxAttrs attrs)
{
    const FlatRange *r = NULL;
    Mapping fresh = { .addr = addr };
    hwaddr run = 0;

    if (range_fits(addr, *plen)) {
        r = flatview_find(view, addr, *plen, &run);
    }
    if (!r || (is_write && r->readonly)) {
        *plen = 0;
        address_space_add_fault(as, MEMTX_DECODE_ERROR);
        return NULL;
    }
    *plen = run;
    fresh.host = map_in_place(r, r->offset + (addr - r->first), plen, is_write, attrs);
    if (!fresh.host) {
        *plen = run;
        return map_bounce(as, view, addr, plen, is_write, attrs);
    }
    fresh.mr = r->mr;
    fresh.len = *plen;
    fresh.provider = r->mr->kind == MR_DMA;
    memory_region_ref(fresh.mr); /* one for each use */
    table_add(as, &fresh);
    return fresh.host;
}

void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *plen, bool is_write,
                        MemTxAttrs attrs)
{
    ViewHold hold = address_space_hold_view(as);
    void *host = map_in_view(as, hold.view, addr, plen, is_write, attrs);

    address_space_release_view(as, hold);
    return host;
}

static void unmap_bounce(AddressSpace *as, const Mapping *m, bool is_write, hwaddr access_len)
{
    hwaddr len = MIN(access_len, m->len);

    if (is_write && len) {
        address_space_rw(as, m->addr, MEMTXATTRS_UNSPECIFIED, m->host, len, true);
    }
    g_free(m->host);
    bounce_release(as, m->len);
}

void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len, bool is_write,
                         hwaddr access_len)
{
    Mapping m;
    bool known = table_take(as, buffer, &m);

    g_assert(known); /* the pointer comes from the model, not from its client */
    if (!m.mr) {
        unmap_bounce(as, &m, is_write, access_len);
        return;
    }
    if (m.provider && m.mr->dma_ops->unmap) {
        m.mr->dma_ops->unmap(m.mr->opaque, buffer, len, is_write, access_len);
    }
    memory_region_unref(m.mr);
}

void address_space_register_map_client(AddressSpace *as, QEMUBH *bh)
{
    AddressSpaceMapClient *client = g_new0(AddressSpaceMapClient, 1);

    client->bh = bh;
    qemu_mutex_lock(&as->lock);
    QLIST_INSERT_HEAD(&as->map_clients, client, link);
    if (as->bounce_bytes < as->max_bounce_buffer_size) {
        QLIST_REMOVE(client, link);
        qemu_bh_schedule(bh);
        g_free(client);
    }
    qemu_mutex_unlock(&as->lock);
}

void address_space_unregister_map_client(AddressSpace *as, QEMUBH *bh)
{
    AddressSpaceMapClient *client;
    AddressSpaceMapClient *next;

    qemu_mutex_lock(&as->lock);
    QLIST_FOREACH_SAFE(client, &as->map_clients, link, next) {
        if (client->bh == bh) {
            QLIST_REMOVE(client, link);
            g_free(client);
        }
    }
    qemu_mutex_unlock(&as->lock);
}
